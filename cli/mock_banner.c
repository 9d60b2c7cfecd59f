/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mock_banner.h"

#include "cli/mock_start.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/base/terminal.h"
#include "core/contract/openapi.h"
#include "core/contract/percent.h"
#include "core/expr/template.h"
#include "core/schema/schema.h"
#include "mock/loading.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CREDENTIALS_SHOWN = 4 };

struct banner {
    const struct mock *mock;
    const struct mock_settings *settings;
    const char *bold, *dim, *plain;
    char origin[256];
};

/* ---- a request that works ---- */

/* What a required query parameter is when nobody knows better; NULL. */
static const cJSON *usual_value(const struct parameter *parameter)
{
    const cJSON *example = tree_get(parameter->node, "example");
    if (parameter->in != IN_QUERY)
        return NULL;
    return example ? example : parameter->initial;
}

/* Whether an empty object will do as a body. */
static bool takes_empty_object(const struct operation *operation)
{
    const struct media_type *media =
        media_types_find(&operation->body->content, "application/json");
    struct arena *arena = arena_new();
    bool takes =
        media && (!media->schema || schema_valid(media->schema, tree_object(arena), NULL, arena));
    arena_free(arena);
    return takes;
}

/* Nothing that the document does not say itself. */
static bool needs_nothing(const struct operation *operation)
{
    const struct parameter *parameter;
    if (operation->body && operation->body->required && !takes_empty_object(operation))
        return false;
    vec_foreach (parameter, &operation->parameters)
        if (parameter->required && !usual_value(parameter))
            return false;
    return true;
}

static bool is_list(const struct provider_operation *operation)
{
    const struct answers *answers = &operation->service.answers;
    return answers->count && answers->items[0].kind == ANSWER_LIST;
}

/* A list before anything else, and what is only looked at before what does something. */
static int rank(const struct provider_operation *operation)
{
    return (is_list(operation) ? 2 : 0) + (text_is(operation->operation->method, "GET") ? 1 : 0);
}

/* The best that needs to be told nothing; NULL. */
static const struct provider_operation *find_example(const struct provider *provider)
{
    const struct provider_operation *best = NULL;
    for (size_t i = 0; i < provider->operation_count; i++) {
        const struct provider_operation *row = &provider->operations[i];
        if (row->is_played != provider->is_bare && needs_nothing(row->operation) &&
            (!best || rank(row) > rank(best)))
            best = row;
    }
    return best;
}

static void add_mount(const struct service *service, struct strbuf *out)
{
    const char *mount = service->mounts[0].at;
    for (size_t i = 0; i < service->mount_count; i++)
        if (!strchr(service->mounts[i].at, '{')) {
            mount = service->mounts[i].at;
            break;
        }
    service_fill_mount(mount, out);
}

/* What goes along; of a document alone what its first requirement asks for. */
struct wanted_credentials {
    struct credential items[CREDENTIALS_SHOWN];
    size_t count;
};

static struct credential credential_of(const struct security_scheme *scheme)
{
    const char *name = scheme->parameter_name;
    if (!text_is(scheme->type, "apiKey"))
        return (struct credential){.scheme = scheme->scheme ? scheme->scheme : "bearer"};
    return (struct credential){.header = scheme->in == IN_HEADER ? name : NULL,
                               .query = scheme->in == IN_QUERY ? name : NULL,
                               .cookie = scheme->in == IN_COOKIE ? name : NULL};
}

static struct wanted_credentials find_credentials(const struct operation *operation,
                                                  const struct auth *auth)
{
    struct wanted_credentials wanted = {.count = 0};
    const struct security_need *need;
    if (operation->anonymous)
        return wanted;
    if (auth->required && auth->accept_count)
        wanted.items[wanted.count++] = auth->accept[0];
    else if (auth->by_contract && operation->security.count)
        vec_foreach (need, &operation->security.items[0])
            if (wanted.count < CREDENTIALS_SHOWN && !text_is(need->scheme->type, "mutualTLS"))
                wanted.items[wanted.count++] = credential_of(need->scheme);
    return wanted;
}

static void add_credential(const struct credential *credential, struct strbuf *out)
{
    if (credential->scheme && text_is_any_case(credential->scheme, "basic"))
        strbuf_adds(out, " -u demo:demo");
    else if (credential->scheme)
        strbuf_adds(out, " -H 'Authorization: Bearer demo'");
    else if (credential->header)
        strbuf_addf(out, " -H '%s: demo'", credential->header);
    else if (credential->cookie)
        strbuf_addf(out, " -b %s=demo", credential->cookie);
}

static void add_query(struct arena *arena, const struct operation *operation,
                      const struct wanted_credentials *credentials, struct strbuf *out)
{
    const struct parameter *parameter;
    char separator = '?';
    for (size_t i = 0; i < credentials->count; i++)
        if (credentials->items[i].query) {
            strbuf_addf(out, "%c%s=demo", separator, credentials->items[i].query);
            separator = '&';
        }
    vec_foreach (parameter, &operation->parameters) {
        if (!parameter->required)
            continue;
        strbuf_addf(out, "%c%s=", separator, parameter->name);
        percent_encode(str_from(value_text(arena, usual_value(parameter))), PERCENT_UNRESERVED,
                       out);
        separator = '&';
    }
}

static void add_curl(const struct banner *banner, struct strbuf *out)
{
    strbuf_adds(out, "curl -s");
    if (banner->settings->made_certificate)
        strbuf_addf(out, " --cacert '%s'", banner->settings->mock.http.cert_file);
}

/* False: the provider has no request that needs nothing. */
static bool print_example(const struct banner *banner, const struct provider *provider)
{
    struct strbuf line = STRBUF_INIT(LIMIT_MESSAGE);
    const struct provider_operation *operation = find_example(provider);
    if (!operation)
        return false;
    const struct wanted_credentials credentials =
        find_credentials(operation->operation, &provider->service.auth);
    add_curl(banner, &line);
    if (!text_is(operation->operation->method, "GET"))
        strbuf_addf(&line, " -X %s", operation->operation->method);
    for (size_t i = 0; i < credentials.count; i++)
        add_credential(&credentials.items[i], &line);
    if (operation->operation->body && operation->operation->body->required)
        strbuf_adds(&line, " -H 'Content-Type: application/json' -d '{}'");
    strbuf_addf(&line, " '%s/%s", banner->origin, provider->name);
    add_mount(&provider->service, &line);
    strbuf_adds(&line, operation->operation->path);
    struct arena *arena = arena_new();
    add_query(arena, operation->operation, &credentials, &line);
    arena_free(arena);
    printf("  %s'\n", line.buf);
    strbuf_release(&line);
    return true;
}

static void print_admin_example(const struct banner *banner)
{
    struct strbuf line = STRBUF_INIT(LIMIT_MESSAGE);
    add_curl(banner, &line);
    if (banner->settings->mock.admin_token)
        strbuf_addf(&line, " -H 'X-Dryrun-Admin-Token: %s'",
                    banner->settings->made_token ? banner->settings->mock.admin_token : "TOKEN");
    printf("  %s '%s/__admin/requests'\n", line.buf, banner->origin);
    strbuf_release(&line);
}

/* ---- the whole ---- */

static void print_clock(const struct clock_settings *clock)
{
    char epoch[INSTANT_TEXT], step[INSTANT_TEXT];
    instant_rfc3339(clock->epoch, 0, epoch);
    duration_iso8601(clock->step, step);
    if (clock->mode == MODE_SCALED)
        printf("scaled:%" PRId64, clock->scale);
    else if (clock->mode == MODE_REAL)
        fputs("real", stdout);
    else if (clock->step)
        printf("virtual from %s, %s a request", epoch, step);
    else
        printf("virtual from %s", epoch);
}

static struct banner start_banner(const struct mock *mock, const struct mock_settings *settings)
{
    bool in_colour = terminal_colour(STDOUT_FILENO);
    struct banner banner = {mock,
                            settings,
                            in_colour ? "\033[1m" : "",
                            in_colour ? "\033[2m" : "",
                            in_colour ? "\033[0m" : "",
                            ""};
    mock_origin(mock, settings, banner.origin, sizeof banner.origin);
    return banner;
}

/* Their addresses are the mock's but for the port; the file is what to trust to see this fault. */
static void print_tls_faults(const struct mock *mock)
{
    for (size_t i = 0; i < mock->tls.count; i++) {
        const struct tls_listener *listener = &mock->tls.items[i];
        printf("  %-16s https%s", listener->fault->name,
               strchr(http_server_url(listener->server), ':'));
        printf(listener->trust ? " (trust %s)\n" : "\n", listener->trust);
    }
}

void mock_banner(const struct mock *mock, const struct mock_settings *settings)
{
    struct banner banner = start_banner(mock, settings);
    printf("%sdryrun mock%s listens\n", banner.bold, banner.plain);
    for (size_t i = 0; i < mock->played_count; i++)
        printf("  %-16s %s%s/%s%s\n", mock->played[i]->provider->name, banner.bold, banner.origin,
               mock->played[i]->provider->name, banner.plain);
    printf("  %-16s %s/__admin\n", "admin", banner.origin);
    printf("  %-16s %" PRIu64 "\n", "seed", settings->mock.seed);
    printf("  %-16s ", "clock");
    print_clock(&settings->mock.clock);
    putchar('\n');
    if (settings->made_token)
        printf("  %-16s %s\n", "admin token", settings->mock.admin_token);
    if (settings->made_certificate)
        printf("  %-16s %s\n", "trust", settings->mock.http.cert_file);
    print_tls_faults(mock);
    fflush(stdout);
}

void mock_banner_try(struct mock *mock, const struct mock_settings *settings)
{
    struct banner banner = start_banner(mock, settings);
    printf("%stry%s\n", banner.dim, banner.plain);
    for (size_t i = 0; i < mock->played_count; i++)
        if (print_example(&banner, loading_get(mock, i)->provider))
            break;
    print_admin_example(&banner);
    printf("or open %s/ in a browser\n", banner.origin);
    fflush(stdout);
}
