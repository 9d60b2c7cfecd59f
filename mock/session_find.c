/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/session_find.h"

#include "core/base/draw.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/percent.h"
#include "core/net/digest.h"
#include "core/net/url.h"
#include "mock/generation.h"
#include "mock/loading.h"
#include "mock/mock.h"
#include "mock/problem.h"
#include "mock/refuse.h"
#include "mock/respond.h"
#include "mock/route.h"

#include <limits.h>
#include <stdlib.h>
#include <strings.h>

/* ---- the end of a credential ---- */

/* What follows the last '~', when it can be a name. */
static const char *suffix_of(struct arena *arena, const char *credential)
{
    const char *tilde = credential ? strrchr(credential, '~') : NULL;
    return tilde && tilde[1] && session_name_is_valid(tilde + 1) ? arena_strdup(arena, tilde + 1)
                                                                 : NULL;
}

/* Of Basic (RFC 7617) it is the end of the password. */
static const char *suffix_of_basic(struct arena *arena, const char *value)
{
    struct strbuf plain = STRBUF_INIT(LIMIT_MESSAGE);
    const char *name = NULL;
    value += strspn(value, " ");
    if (!base64_decode(&plain, value, strlen(value)))
        name = suffix_of(arena, plain.buf);
    strbuf_release(&plain);
    return name;
}

static const char *of_header(struct exchange *exchange, const char *header)
{
    static const char basic[] = "Basic ";
    const char *value = http_request_header(exchange->request, header);
    if (value && strncasecmp(value, basic, strlen(basic)) == 0)
        return suffix_of_basic(exchange->arena, value + strlen(basic));
    return suffix_of(exchange->arena, value);
}

static const char *of_query(struct exchange *exchange, const char *name)
{
    struct url_pairs pairs;
    if (!exchange->request->query ||
        url_split_query(exchange->arena, exchange->request->query, &pairs, NULL))
        return NULL;
    const struct str *value = url_find(&pairs, name);
    return value
               ? suffix_of(exchange->arena, arena_strndup(exchange->arena, value->ptr, value->len))
               : NULL;
}

/* "a=1; b=2" (RFC 6265 section 4.2.1). */
static const char *of_cookie(struct exchange *exchange, const char *name)
{
    const char *at = http_request_header(exchange->request, "Cookie");
    const size_t len = strlen(name);
    while (at && *at) {
        at += strspn(at, "; ");
        size_t pair = strcspn(at, ";");
        if (pair > len && memcmp(at, name, len) == 0 && at[len] == '=')
            return suffix_of(exchange->arena,
                             arena_strndup(exchange->arena, at + len + 1, pair - len - 1));
        at += pair;
    }
    return NULL;
}

static const char *of_accepted(struct exchange *exchange, const struct credential *accept)
{
    if (accept->header)
        return of_header(exchange, accept->header);
    if (accept->query)
        return of_query(exchange, accept->query);
    return accept->cookie ? of_cookie(exchange, accept->cookie) : NULL;
}

static const char *of_scheme(struct exchange *exchange, const struct security_scheme *scheme)
{
    if (!text_is(scheme->type, "apiKey"))
        return NULL; /* they are in Authorization */
    if (scheme->in == IN_HEADER)
        return of_header(exchange, scheme->parameter_name);
    return scheme->in == IN_QUERY ? of_query(exchange, scheme->parameter_name)
                                  : of_cookie(exchange, scheme->parameter_name);
}

/* Where the service and its document say that credentials are. */
static const char *of_service(struct exchange *exchange)
{
    const struct provider *provider = exchange->played ? exchange->played->provider : NULL;
    const char *name = NULL;
    const struct security_scheme *scheme;
    for (size_t i = 0; provider && !name && i < provider->service.auth.accept_count; i++)
        name = of_accepted(exchange, &provider->service.auth.accept[i]);
    if (provider && !name)
        vec_foreach (scheme, &provider->contract->security_schemes)
            if (!name)
                name = of_scheme(exchange, scheme);
    return name;
}

static bool is_admin(const struct exchange *exchange)
{
    return !exchange->is_routed && str_is(path_segment(exchange->path), "__admin");
}

static const char *of_credential(struct exchange *exchange)
{
    static const char *const usual[] = {"Authorization", "x-api-key", "api-key"};
    const char *name = NULL;
    for (size_t i = 0; !name && i < sizeof usual / sizeof *usual; i++)
        name = of_header(exchange, usual[i]);
    if (name || is_admin(exchange))
        return name;
    route_find(exchange);
    return of_service(exchange);
}

/* ---- refusing ---- */

/* Seconds until a session may expire and make room, at least one. */
void session_tell_when(struct exchange *exchange)
{
    nanos at = sessions_next_expiry(exchange->mock->sessions);
    if (at == INT64_MAX)
        return;
    nanos left = at - instant_monotonic_now();
    left = left > 0 ? (left + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND : 1;
    exchange_header(exchange, "Retry-After",
                    arena_printf(exchange->arena, "%lld", (long long)left));
}

/* As the tool itself says it. */
static void refuse_plainly(struct exchange *exchange, int status, const char *message)
{
    cJSON *members = tree_object(exchange->arena);
    if (status == 507)
        session_tell_when(exchange);
    tree_set_string(exchange->arena, members, "detail", message);
    exchange->remark = message;
    problem_answer(exchange, status,
                   status == 404   ? "there is no such session"
                   : status == 507 ? "there is no room for another session"
                   : status == 503 ? "the server stops"
                                   : "the session's name or its participants are wrong",
                   members);
}

/* The service's own words need a world: one that nobody else ever sees. */
static void refuse_as_service(struct exchange *exchange, int status, const char *message)
{
    struct world *world = exchange->world = mock_scratch_world(exchange->mock, exchange->session);
    if (status == 507)
        session_tell_when(exchange);
    generation_make_places(world, exchange->played);
    world_begin(world);
    exchange->in_world = true;
    play_begin(&exchange->play, world, exchange->played, exchange->arena,
               draw_hash_text(1, exchange->target));
    exchange->play.exchange = exchange;
    refuse_failure(exchange, status == 507 ? FAILURE_CRASH : FAILURE_BUSY, status, NULL, message);
    respond(exchange);
}

int session_status(const struct error *err)
{
    switch (err->kind) {
    case ERROR_TOO_LARGE:
        return 507; /* RFC 4918 section 11.5 */
    case ERROR_CONFLICT:
        return 503;
    default:
        return error_row(err->kind)->http_status;
    }
}

/* What is wrong with a name is told by the tool itself: no service has such an error. */
static void refuse_session(struct exchange *exchange, const struct error *err)
{
    int status = session_status(err);
    const char *message = arena_strdup(exchange->arena, err->text);
    if (status == 507 && sessions_refused(exchange->mock->sessions) == 1)
        log_line(LEVEL_WARNING, "session '%s': %s", exchange->session, message);
    bool is_of_service = !is_admin(exchange) && status >= 500;
    if (is_of_service)
        route_find(exchange);
    if (is_of_service && exchange->played && !exchange->played->failure)
        refuse_as_service(exchange, status, message);
    else
        refuse_plainly(exchange, status, message);
}

/* ---- naming ---- */

/* False: two were named. */
static bool name_session(struct exchange *exchange)
{
    struct str segment = path_segment(exchange->path);
    bool may_name = segment.len && (*segment.ptr == '~' || *segment.ptr == '%');
    const char *name = may_name ? percent_decode(exchange->arena, segment, false) : "";
    const char *header = http_request_header(exchange->request, "X-Dryrun-Session");
    if (name[0] == '~') {
        exchange->session = name + 1;
        exchange->session_by_path = true;
        exchange->path = path_behind(exchange->path, segment);
        if (!exchange->path.len)
            exchange->path = STR_LITERAL("/");
        return !header || text_is(header, exchange->session);
    }
    const char *named = header ? header : of_credential(exchange);
    exchange->session = named ? named : "";
    return true;
}

/* How many clients a session that this request makes has; 0 = as for all. -1 and `err`. */
static int read_participants(const struct exchange *exchange, unsigned *participants,
                             struct error *err)
{
    const char *text = http_request_header(exchange->request, "X-Dryrun-Participants");
    char *end = NULL;
    *participants = 0;
    if (!text)
        return 0;
    long number = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : 0;
    if (!end || *end || number < 1 || number > INT_MAX)
        return fail(err, ERROR_INVALID,
                    "X-Dryrun-Participants is a whole number from 1 on, not '%.80s'", text);
    *participants = (unsigned)number;
    return 0;
}

/* Sessions can be declared and listed from one that nobody has declared. */
static bool is_about_sessions(const struct exchange *exchange)
{
    struct str rest = path_behind(exchange->path, path_segment(exchange->path));
    return is_admin(exchange) && str_is(path_segment(rest), "sessions");
}

bool session_find(struct exchange *exchange)
{
    struct error err;
    unsigned participants;
    error_clear(&err);
    if (!name_session(exchange)) {
        refuse_plainly(exchange, 400, "the path and X-Dryrun-Session name two sessions");
        return false;
    }
    struct sessions *sessions = exchange->mock->sessions;
    if (!read_participants(exchange, &participants, &err)) {
        exchange->world = sessions_enter(sessions, exchange->session, participants, &err);
        if (!exchange->world && err.kind == ERROR_NOT_FOUND && is_about_sessions(exchange))
            exchange->world = sessions_enter(sessions, exchange->session = "", 0, &err);
    }
    if (exchange->world)
        return true;
    refuse_session(exchange, &err);
    return false;
}
