/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/target.h"

#include "core/base/str.h"
#include "core/contract/router.h"
#include "core/data/json.h"
#include "core/provider/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { ASK_MS = 10000 };

static void make_router(struct arena *arena, const struct provider *provider, struct target *out)
{
    struct findings ignored = {0}; /* said when the provider was loaded */
    out->provider = provider;
    out->router = router_new(arena);
    router_add_contract(out->router, provider->contract, NULL, 0, &ignored);
    findings_release(&ignored);
}

void target_of_mock(struct arena *arena, const char *origin, const char *base, bool is_virtual,
                    const struct provider *provider, struct target *out)
{
    *out = (struct target){.base = arena_strdup(arena, base),
                           .origin = arena_strdup(arena, origin),
                           .is_mock = true,
                           .is_virtual = is_virtual};
    make_router(arena, provider, out);
}

void target_of_tape(struct arena *arena, const char *base, const struct provider *provider,
                    struct target *out)
{
    *out = (struct target){.base = arena_strdup(arena, base)};
    make_router(arena, provider, out);
}

/* The path of a URL, without a slash at its end; "" when it has none. */
static const char *path_of(struct arena *arena, const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = strchr(host ? host + 3 : url, '/');
    size_t len = path ? strlen(path) : 0;
    while (len && path[len - 1] == '/')
        len--;
    return len ? arena_strndup(arena, path, len) : "";
}

static void read_version(struct arena *arena, const struct http_reply *reply, struct target *out)
{
    struct error err;
    const cJSON *body = json_parse(arena, reply->body.buf, reply->body.len, NULL, &err);
    if (reply->status != 200 || !text_is(tree_get_text(body, "name"), "dryrun"))
        return;
    out->is_mock = true;
    out->is_virtual = text_is(tree_get_text(body, "clock"), "virtual");
}

/* Where a mock of ours has the provider; variables of the server's path get some value. */
static const char *base_of_mock(struct arena *arena, const char *origin,
                                const struct provider *provider)
{
    const struct contract *contract = provider->contract;
    struct strbuf base = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_addf(&base, "%s/%s", origin, provider->name);
    if (contract->servers.count)
        service_fill_mount(path_of(arena, contract->servers.items[0]), &base);
    const char *text = arena_strndup(arena, base.buf, base.len);
    strbuf_release(&base);
    return text;
}

int target_find(struct arena *arena, struct http_client *client, const struct target_sought *sought,
                struct target *out, struct error *err)
{
    const char *url = sought->url, *path = path_of(arena, url);
    size_t len = strlen(url);
    struct http_reply reply;
    nanos limit = ASK_MS * NANOS_PER_MS;
    int result = 0;
    if (sought->timeout > 0 && sought->timeout < limit)
        limit = sought->timeout;
    struct http_call call = {.method = "GET",
                             .total_ms = (int)((limit + NANOS_PER_MS - 1) / NANOS_PER_MS)};
    while (len && url[len - 1] == '/')
        len--;
    *out = (struct target){.base = arena_strndup(arena, url, len)};
    out->origin = arena_strndup(arena, url, len - strlen(path));
    call.url = arena_printf(arena, "%s/__admin/version", out->origin);
    http_reply_init(&reply);
    if (http_client_call(client, &call, &reply) == 0)
        read_version(arena, &reply, out);
    else if (reply.failure == HTTP_FAILURE_UNREACHABLE || reply.failure == HTTP_FAILURE_TLS ||
             reply.failure == HTTP_FAILURE_INVALID)
        result = fail(err, ERROR_UNREACHABLE, "'%s' %s: %s%s", url,
                      reply.failure == HTTP_FAILURE_TLS ? "cannot be trusted" : "cannot be reached",
                      reply.reason,
                      reply.failure == HTTP_FAILURE_TLS ? " (--ca FILE names whom to trust)" : "");
    http_reply_release(&reply);
    if (out->is_mock && !*path)
        out->base = base_of_mock(arena, out->origin, sought->provider);
    if (!out->is_mock)
        out->origin = NULL;
    make_router(arena, sought->provider, out);
    return result;
}

static int sleep_really(nanos duration)
{
    struct timespec left = {(time_t)(duration / NANOS_PER_SECOND),
                            (long)(duration % NANOS_PER_SECOND)};
    while (nanosleep(&left, &left))
        continue;
    return 0;
}

/* The detail of problem+json, or whatever was answered. */
static const char *problem_text(struct arena *arena, const struct http_reply *reply)
{
    struct error err;
    const cJSON *problem = json_parse(arena, reply->body.buf, reply->body.len, NULL, &err);
    const char *detail = tree_get_text(problem, "detail");
    return detail ? detail : reply->body.buf;
}

struct asked {
    const char *path, *body;
    const char *what; /* for error texts */
};

/* A call of the mock's admin API for a session. */
static int ask_admin(const struct target *target, struct http_client *client, const char *session,
                     const struct asked *asked, struct error *err)
{
    struct arena *arena = arena_new();
    struct http_header headers[] = {{"Content-Type", "application/json"},
                                    {"X-Dryrun-Session", session}};
    struct http_call call = {.method = "POST",
                             .url =
                                 arena_printf(arena, "%s/__admin%s", target->origin, asked->path),
                             .headers = headers,
                             .header_count = session ? 2 : 1,
                             .body = asked->body,
                             .body_len = strlen(asked->body)};
    struct http_reply reply;
    http_reply_init(&reply);
    int result = http_client_call(client, &call, &reply);
    if (result)
        fail(err, ERROR_UNREACHABLE, "%s: %s", asked->what, reply.reason);
    else if (reply.status < 200 || reply.status > 299)
        result = fail(err, ERROR_INVALID, "%s was answered with %d: %.200s", asked->what,
                      reply.status, problem_text(arena, &reply));
    http_reply_release(&reply);
    arena_free(arena);
    return result;
}

int target_sleep(const struct target *target, struct http_client *client, const char *session,
                 nanos duration, struct error *err)
{
    char body[64];
    if (!target->is_virtual)
        return sleep_really(duration);
    snprintf(body, sizeof body, "{\"for\":\"%" PRId64 "ns\"}", duration);
    return ask_admin(target, client, session,
                     &(struct asked){"/clock/sleep", body, "the mock's clock"}, err);
}

int target_signal(const struct target *target, struct http_client *client, const char *session,
                  const char *body, struct error *err)
{
    return ask_admin(target, client, session,
                     &(struct asked){"/outcomes/signal", body, "the signal"}, err);
}

void target_forget_session(const struct target *target, struct http_client *client,
                           const char *session)
{
    struct arena *arena = arena_new();
    struct http_call call = {.method = "DELETE", .total_ms = ASK_MS};
    struct http_reply reply;
    call.url = arena_printf(arena, "%s/__admin/sessions/%s", target->origin, session);
    http_reply_init(&reply);
    http_client_call(client, &call, &reply);
    http_reply_release(&reply);
    arena_free(arena);
}

bool target_credential(const struct operation *operation, struct http_header *out)
{
    const struct security_requirement *either = operation->security.items;
    if (!operation->security.count || !either->count)
        return false;
    const struct security_scheme *scheme = either->items[0].scheme;
    *out = (struct http_header){"Authorization", "Bearer dryrun"};
    if (text_is(scheme->type, "apiKey")) {
        if (scheme->in != IN_HEADER)
            return false;
        *out = (struct http_header){scheme->parameter_name, "dryrun"};
    } else if (scheme->scheme && text_is_any_case(scheme->scheme, "basic")) {
        out->value = "Basic ZHJ5cnVuOmRyeXJ1bg=="; /* dryrun:dryrun */
    }
    return true;
}
