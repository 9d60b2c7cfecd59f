/* SPDX-License-Identifier: Apache-2.0 */
/* One request, stage by stage. A stage answers (and ends it) or lets the next one look. */
#include "mock/pipeline.h"

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "mock/admin/admin.h"
#include "mock/admin/dashboard.h"
#include "mock/answer.h"
#include "mock/auth.h"
#include "mock/faults/act.h"
#include "mock/mock.h"
#include "mock/problem.h"
#include "mock/refuse.h"
#include "mock/respond.h"
#include "mock/route.h"
#include "mock/session_find.h"
#include "mock/shown.h"
#include "mock/upload.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

/* ---- session, admin ---- */

static enum stage_result session_stage(struct exchange *exchange)
{
    if (!session_find(exchange))
        return STAGE_ANSWERED;
    exchange_under_way(exchange);
    return STAGE_NEXT;
}

static enum stage_result admin_stage(struct exchange *exchange)
{
    struct str segment = path_segment(exchange->path);
    if (dashboard_redirect(exchange))
        return STAGE_ANSWERED;
    if (exchange->is_routed || !str_is(segment, "__admin"))
        return STAGE_NEXT;
    exchange->path = path_behind(exchange->path, segment);
    admin_handle(exchange);
    return STAGE_ANSWERED;
}

/* ---- auth, fault, validate ---- */

static void check_request(struct exchange *exchange)
{
    const struct http_request *request = exchange->request;
    struct header_field *fields =
        arena_alloc(exchange->arena, (request->header_count + 1) * sizeof *fields);
    for (size_t i = 0; i < request->header_count; i++)
        fields[i] = (struct header_field){request->headers[i].name, request->headers[i].value};
    struct raw_request raw = {
        .query = str_from(request->query),
        .headers = {fields, request->header_count},
        .body = {request->body, request->body_len},
    };
    request_check(exchange->arena, exchange->operation->operation, &exchange->match, &raw,
                  &(struct request_options){.described_headers_only = true}, &exchange->checked);
}

static enum stage_result auth_stage(struct exchange *exchange)
{
    check_request(exchange);
    const char *wanted = auth_check(exchange);
    if (!wanted)
        return STAGE_NEXT;
    return pipeline_refuse(exchange, FAILURE_UNAUTHORIZED, 0, NULL, wanted);
}

static enum stage_result fault_stage(struct exchange *exchange)
{
    return faults_begin(exchange) ? STAGE_ANSWERED : STAGE_NEXT;
}

static enum stage_result validate_stage(struct exchange *exchange)
{
    const struct checked_request *checked = &exchange->checked;
    enum validate_mode mode = exchange->mock->options.validate;
    if (!checked->problems.count || mode == VALIDATE_OFF)
        return STAGE_NEXT;
    if (mode == VALIDATE_WARN) {
        struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
        problems_list(&checked->problems, &text);
        exchange->remark = arena_strndup(exchange->arena, text.buf, text.len);
        strbuf_release(&text);
        return STAGE_NEXT;
    }
    enum failure failure = checked->unsupported_media ? FAILURE_UNSUPPORTED_MEDIA : FAILURE_INVALID;
    return pipeline_refuse(exchange, failure, 0, &checked->problems, NULL);
}

/* ---- rule, effect, respond ---- */

/* A plain name may be one of several kinds': it is meant for whatever the request starts. */
static enum stage_result read_forced(struct exchange *exchange)
{
    const char *header = http_request_header(exchange->request, "X-Dryrun-Outcome");
    const struct provider *provider = exchange->played->provider;
    const struct outcome *found;
    struct error err;
    if (!header)
        return STAGE_NEXT;
    error_clear(&err);
    if (!admin_may_steer(exchange))
        return STAGE_ANSWERED;
    if (provider_outcome_named(provider, header, &found, &err)) {
        problem_answer(exchange, 400, err.text, NULL);
        return STAGE_ANSWERED;
    }
    exchange->forced =
        arena_alloc(exchange->arena, provider->kind_count * sizeof *exchange->forced);
    exchange->forced[exchange->forced_count++] = found;
    for (size_t i = 0; !strchr(header, '=') && i < provider->kind_count; i++) {
        const struct outcome *other = kind_outcome(&provider->kinds[i], found->name);
        if (other && other != found)
            exchange->forced[exchange->forced_count++] = other;
    }
    return STAGE_NEXT;
}

static bool answers_example(const struct exchange *exchange, const struct refused *refused)
{
    return exchange->mock->options.unknown_ids == UNKNOWN_IDS_EXAMPLE && !refused->row &&
           refused->taking && !refused->taking->resource;
}

/* Looking and deleting is always possible. */
static bool may_grow(const char *method)
{
    static const char *const harmless[] = {"GET", "HEAD", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (text_is(method, harmless[i]))
            return false;
    return true;
}

/* Before anything has changed: a request is played whole or not at all. */
static bool refuse_full(struct exchange *exchange)
{
    struct error err;
    error_clear(&err);
    if (!may_grow(exchange->request->method) ||
        !world_may_take(exchange->world, 2 * exchange->request->body_len + BUDGET_GRAIN, &err))
        return false;
    if (!atomic_exchange(&exchange->world->is_told_full, true))
        log_line(LEVEL_WARNING, "session '%s': %s", exchange->session, err.text);
    session_tell_when(exchange);
    pipeline_refuse(exchange, FAILURE_CRASH, 507, NULL, arena_strdup(exchange->arena, err.text));
    return true;
}

static enum stage_result rule_stage(struct exchange *exchange)
{
    struct refused refused;
    if (read_forced(exchange) == STAGE_ANSWERED || refuse_full(exchange))
        return STAGE_ANSWERED;
    /* what makes something mostly draws its id: not while others wait for the world */
    if (exchange->operation->is_played && may_grow(exchange->request->method))
        exchange->hash = pipeline_hash(exchange);
    if (!pipeline_enter_operation(exchange))
        return STAGE_ANSWERED;
    exchange->play.cause = (struct move_cause){CAUSE_OPERATION, exchange->operation->name, NULL,
                                               (uint32_t)exchange->number};
    upload_bind(exchange);
    if (decide(exchange, &refused))
        return STAGE_NEXT;
    if (answers_example(exchange, &refused))
        answer_example(exchange);
    else
        refuse(exchange, &refused);
    respond(exchange);
    return STAGE_ANSWERED;
}

static enum stage_result effect_stage(struct exchange *exchange)
{
    if (exchange->operation->is_played)
        answer(exchange);
    else
        shown_answer(exchange);
    if (exchange->is_handed_over)
        world_unlock(exchange->world);
    else
        respond(exchange);
    return STAGE_ANSWERED;
}

void pipeline_end(struct exchange *exchange)
{
    respond(exchange);
    exchange_over(exchange);
    sessions_leave(exchange->world);
}

static const struct stage {
    const char *name;
    enum stage_result (*run)(struct exchange *exchange);
} stages[] = {
    {"session", session_stage}, {"admin", admin_stage},   {"route", pipeline_route},
    {"auth", auth_stage},       {"fault", fault_stage},   {"validate", validate_stage},
    {"rule", rule_stage},       {"effect", effect_stage},
};

enum { START_ROUNDS_MAX = 1000 }; /* of a millisecond: a start that fails must not wait for us */

/* The first client may come before the start of the server has come back to mock_listen. */
static void wait_for_start(struct mock *mock)
{
    const struct timespec pause = {.tv_nsec = NANOS_PER_MS};
    for (int i = 0; i < START_ROUNDS_MAX && !atomic_load(&mock->is_listening); i++)
        nanosleep(&pause, NULL);
}

/* False: once more, with the number that it has. */
static bool handle(struct http_exchange *http, struct mock *mock, uint64_t *number)
{
    const struct http_request *request = http_exchange_request(http);
    struct arena *arena = http_exchange_arena(http);
    /* Not on the stack, which is another one for each connection: the arena is still in the cache.
     */
    struct exchange *exchange = arena_take(arena, sizeof *exchange);
    memset(exchange, 0, offsetof(struct exchange, play)); /* play_begin does the rest */
    exchange->mock = mock;
    exchange->number = *number;
    exchange->http = http;
    exchange->request = request;
    exchange->arena = arena;
    exchange->session = "";
    exchange->path = str_from(request->path);
    exchange->came = instant_real_now();
    exchange->status = 500;
    const char *const target[] = {request->path, "?", request->query};
    exchange->target = request->query ? arena_join(exchange->arena, target, 3) : request->path;
    exchange->answered_at = exchange->came;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (stages[i].run(exchange) == STAGE_ANSWERED)
            break;
    if (exchange->is_handed_over)
        return true;
    exchange_over(exchange);
    sessions_leave(exchange->world);
    *number = exchange->number;
    return !exchange->is_stale;
}

void mock_handle(struct http_exchange *http, void *data)
{
    uint64_t number = 0;
    wait_for_start(data);
    while (!handle(http, data, &number))
        continue;
}
