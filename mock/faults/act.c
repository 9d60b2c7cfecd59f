/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/act.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "mock/admin/admin.h"
#include "mock/decide.h"
#include "mock/faults/check.h"
#include "mock/mock.h"
#include "mock/pipeline.h"
#include "mock/problem.h"
#include "mock/refuse.h"
#include "mock/respond.h"
#include "mock/state.h"

/* Those of streams wait until the answer turns out to be one. */
enum { AT_THE_STAGE = 1u << FAULT_OF_LIFECYCLE | 1u << FAULT_OF_WIRE | 1u << FAULT_OF_BODY };

/* ---- choosing ---- */

/* By what was asked and how often, never by when; the same for all faults of the exchange. */
static uint64_t draw_key(void *data)
{
    struct exchange *exchange = data;
    const struct http_request *request = exchange->request;
    struct world *world = exchange->world;
    if (exchange->fault_key)
        return exchange->fault_key;
    uint64_t key = draw_hash_text(draw_hash_text(2, request->method), exchange->target);
    key = draw_hash(key, request->body, request->body_len);
    if (!exchange->in_world)
        world_lock(world);
    uint32_t seen = draws_seen(world->draws, key);
    if (!exchange->in_world)
        world_unlock(world);
    exchange->fault_key = draws_key(world->seed, world->name, key, seen, DRAW_FAULTS) | 1;
    return exchange->fault_key;
}

static void note_states(const struct exchange *exchange, struct fault_subject *subject)
{
    const char **states =
        arena_alloc(exchange->arena, (exchange->taking_count + 1) * sizeof *states);
    for (size_t i = 0; i < exchange->taking_count; i++) {
        const struct taking *taking = &exchange->takings[i];
        const struct machine *machine = taking->participant->machine;
        if (taking->id)
            states[subject->state_count++] =
                machine->states[taking->resource ? taking->resource->state : STATE_ABSENT].name;
    }
    subject->states = states;
}

/* As the resources are that the request names when it comes in: a look in a play of its own. */
static void look_at_states(struct exchange *exchange, struct fault_subject *subject)
{
    world_begin(exchange->world);
    play_begin(&exchange->play, exchange->world, exchange->played, exchange->arena, 0);
    exchange->play.exchange = exchange;
    decide_participants(exchange);
    note_states(exchange, subject);
    exchange->taking_count = 0;
    play_end(&exchange->play);
    exchange->play = (struct play){0};
    world_unlock(exchange->world);
    world_end(exchange->world);
}

static struct fault_subject subject_of(struct exchange *exchange)
{
    return (struct fault_subject){
        .provider = exchange->played->provider->name,
        .operation = exchange->operation->name,
        .method = exchange->request->method,
        .path = arena_strndup(exchange->arena, exchange->path.ptr, exchange->path.len),
        .session = exchange->session,
        .request = exchange->request,
        .key = draw_key,
        .key_data = exchange,
    };
}

static void add_hits(struct exchange *exchange, const struct fault_hit *hits, size_t count)
{
    struct fault_hit *all =
        arena_alloc(exchange->arena, (exchange->fault_count + count + 1) * sizeof *all);
    if (exchange->fault_count)
        memcpy(all, exchange->faults, exchange->fault_count * sizeof *all);
    if (count)
        memcpy(all + exchange->fault_count, hits, count * sizeof *all);
    exchange->faults = all;
    exchange->fault_count += count;
}

static void choose(struct exchange *exchange, struct fault_set *set)
{
    struct fault_subject subject = subject_of(exchange);
    if (fault_set_asks_states(set))
        look_at_states(exchange, &subject);
    subject.world_now = world_ask_now(exchange->world);
    draw_key(exchange); /* now: the set's lock is taken within the world's, never the other way */
    exchange->fault_count =
        fault_set_choose(set, &subject, AT_THE_STAGE, exchange->arena, &exchange->faults);
}

/* Those that change or send whole bodies have none to change. */
static void withdraw_of_bodies(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->fault_count; i++) {
        const struct fault_kind *kind = exchange->faults[i].fault->kind;
        if ((kind->change || kind->send) && !kind->before && !kind->instead &&
            kind->group != FAULT_OF_STREAM)
            fault_withdraw(&exchange->faults[i], "the answer is a stream");
    }
}

void faults_choose_stream(struct exchange *exchange)
{
    struct fault_set *set = &state_of(exchange->world)->faults;
    struct fault_hit *hits;
    withdraw_of_bodies(exchange);
    if (!atomic_load_explicit(&set->count, memory_order_relaxed))
        return;
    struct fault_subject subject = subject_of(exchange);
    note_states(exchange, &subject);
    subject.world_now = world_now(exchange->world);
    size_t count = fault_set_choose(set, &subject, 1u << FAULT_OF_STREAM, exchange->arena, &hits);
    add_hits(exchange, hits, count);
}

static void unref_plan(void *data)
{
    fault_plan_unref(data);
}

static void add_of_header(struct exchange *exchange, struct fault_plan *plan)
{
    struct fault_hit *hits = arena_alloc(exchange->arena, (plan->count + 1) * sizeof *hits);
    for (size_t i = 0; i < plan->count; i++)
        hits[i] = (struct fault_hit){.fault = &plan->faults[i], .key = draw_key(exchange) + i};
    arena_defer(exchange->arena, unref_plan, plan);
    add_hits(exchange, hits, plan->count);
}

static const char *name_of_it(void *data, size_t index)
{
    (void)index;
    return ((const struct provider *)data)->name;
}

static const struct provider *get_it(void *data, size_t index)
{
    (void)index;
    return data;
}

/* Names that the service does not have, as for a plan; the first of them in `err`. */
static int check_header(struct exchange *exchange, const struct fault_plan *plan, struct error *err)
{
    union {
        const struct provider *provider;
        void *data;
    } it = {exchange->played->provider};
    const struct fault_providers providers = {1, name_of_it, get_it, it.data};
    struct findings findings = {0};
    fault_plan_check(plan, &providers, &findings);
    if (findings.count)
        fail(err, ERROR_INVALID, "%s", findings.items[0].text);
    findings_release(&findings);
    return err->kind ? -1 : 0;
}

/* False: it was wrong, and answered. */
static bool read_header(struct exchange *exchange)
{
    const char *header = http_request_header(exchange->request, "X-Dryrun-Fault");
    struct error err;
    if (!header || !admin_may_steer(exchange))
        return !header;
    error_clear(&err);
    struct fault_plan *plan = fault_plan_of_header(header, &err);
    if (plan && !check_header(exchange, plan, &err)) {
        add_of_header(exchange, plan);
        return true;
    }
    fault_plan_unref(plan);
    problem_answer(exchange, 400, err.text, NULL);
    return false;
}

bool faults_begin(struct exchange *exchange)
{
    struct fault_set *set = &state_of(exchange->world)->faults;
    if (atomic_load_explicit(&set->count, memory_order_relaxed))
        choose(exchange, set);
    if (!read_header(exchange))
        return true;
    for (size_t i = 0; i < exchange->fault_count; i++) {
        struct fault_hit *hit = &exchange->faults[i];
        const struct fault_kind *kind = hit->fault->kind;
        hit->has_had_turn = true;
        if (kind->before && kind->before(exchange, hit))
            return true;
        if (!kind->instead || fault_is_applied(hit))
            continue;
        fault_unanswered(exchange);
        kind->instead(exchange, hit);
        return true;
    }
    return false;
}

/* ---- the answer ---- */

struct text *faults_change(struct exchange *exchange, struct text *body)
{
    for (size_t i = 0; i < exchange->fault_count; i++) {
        const struct fault_kind *kind = exchange->faults[i].fault->kind;
        if (kind->change && !exchange->faults[i].is_idle)
            body = kind->change(exchange, &exchange->faults[i], body);
    }
    return body;
}

bool faults_send(struct exchange *exchange, struct http_response *response)
{
    for (size_t i = 0; i < exchange->fault_count; i++) {
        struct fault_hit *hit = &exchange->faults[i];
        const struct fault_kind *kind = hit->fault->kind;
        if (hit->is_idle)
            continue;
        if (kind->send && kind->send(exchange, hit, response))
            return true;
        if (!kind->instead)
            continue;
        kind->instead(exchange, hit);
        return true;
    }
    return false;
}

size_t faults_told(const struct exchange *exchange, const char *const **told)
{
    const char **texts = arena_alloc(exchange->arena, (exchange->fault_count + 1) * sizeof *texts);
    size_t count = 0;
    for (size_t i = 0; i < exchange->fault_count; i++) {
        const struct fault_hit *hit = &exchange->faults[i];
        const char *name = hit->fault->kind->name;
        if (!hit->is_idle)
            texts[count++] =
                hit->note ? arena_printf(exchange->arena, "%s; %s", name, hit->note) : name;
    }
    *told = texts;
    return count;
}

/* ---- for rows ---- */

static bool wait_for_wake(void *data, int fd)
{
    return http_exchange_wait(data, fd, -1) == HTTP_WOKEN;
}

/* Behind the answer the exchange still counts where time is granted: it must not count twice. */
static bool counts_already(const struct exchange *exchange)
{
    return exchange->in_world && exchange->world->clock.settings.mode == MODE_VIRTUAL;
}

static bool park_until(struct exchange *exchange, nanos length)
{
    struct world *world = exchange->world;
    struct park_terms terms = {
        .watch = WATCH_NOTHING,
        .wait = wait_for_wake,
        .wait_data = exchange->http,
    };
    if (__builtin_add_overflow(world_now(world), length, &terms.until))
        terms.until = HORIZON_NONE - 1;
    return world_park(world, &terms) == WAKE_TIME;
}

static bool wait_on_wire(struct exchange *exchange, nanos length)
{
    const nanos until = instant_monotonic_now() + length;
    enum http_wake wake = HTTP_TIMED_OUT;
    for (nanos left = length; left > 0 && wake == HTTP_TIMED_OUT;
         left = until - instant_monotonic_now()) {
        nanos ms = (left + NANOS_PER_MS - 1) / NANOS_PER_MS;
        wake = http_exchange_wait(exchange->http, -1, ms > INT32_MAX ? INT32_MAX : (int)ms);
    }
    return wake == HTTP_TIMED_OUT;
}

bool fault_pause(struct exchange *exchange, const struct fault_hit *hit, nanos length)
{
    bool is_over = true;
    if (length <= 0)
        return true;
    if (http_park_begin(exchange->http)) {
        exchange->remark = "no place is left to wait in (--threads): the connection was closed";
        return false;
    }
    bool counts = counts_already(exchange);
    if (counts)
        world_lock(exchange->world);
    else
        world_begin(exchange->world);
    if (hit->fault->is_of_world_time)
        is_over = park_until(exchange, length);
    world_unlock(exchange->world);
    if (!hit->fault->is_of_world_time)
        is_over = wait_on_wire(exchange, length);
    if (!counts)
        world_end(exchange->world);
    http_park_end(exchange->http);
    return is_over;
}

bool fault_pause_in_play(struct exchange *exchange, const struct fault_hit *hit, nanos length)
{
    bool is_over;
    if (hit->fault->is_of_world_time) {
        is_over = park_until(exchange, length);
    } else {
        world_unlock(exchange->world);
        is_over = wait_on_wire(exchange, length);
        world_lock(exchange->world);
    }
    play_renew(&exchange->play);
    exchange->play.eval.now = world_now(exchange->world);
    return is_over && !world_is_closed(exchange->world);
}

struct text *fault_needs_body(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    (void)exchange;
    if (!body || !body->len)
        fault_withdraw(hit, "the answer has no body");
    return body;
}

bool fault_is_applied(const struct fault_hit *hit)
{
    return fault_integer(hit, "effect") == CHOSEN_APPLIED;
}

/* ---- errors of the service, and none ---- */

/* In a play. What the row has put into headers before stays, whatever the service would say. */
static void word(struct exchange *exchange, const char *named, int status, const char *message)
{
    const cJSON *own = exchange->headers ? tree_copy(exchange->arena, exchange->headers) : NULL;
    const cJSON *header;
    const struct refusal *refusal =
        named ? lifecycle_refusal(exchange->played->provider->lifecycle, named) : NULL;
    if (!status && !refusal)
        status = 503;
    if (!message)
        message = http_reason(status ? status : refusal->status);
    if (refusal)
        refuse_named(exchange, refusal, status, message);
    else
        refuse_status(exchange, status, message);
    cJSON_ArrayForEach (header, own)
        exchange_header(exchange, header->string, header->valuestring);
}

void fault_refuse(struct exchange *exchange, const char *named, int status, const char *message)
{
    if (!pipeline_enter(exchange))
        return;
    word(exchange, named, status, message);
    respond(exchange);
}

struct text *fault_reword(struct exchange *exchange, struct text *body, const char *named,
                          int status, const char *message)
{
    text_unref(body);
    text_unref(exchange->reply_text);
    exchange->reply_text = NULL;
    exchange_drop_items(exchange);
    world_lock(exchange->world);
    play_begin(&exchange->play, exchange->world, state_unit_of(exchange->world, exchange->played),
               exchange->arena, 0);
    word(exchange, named, status, message);
    play_end(&exchange->play);
    world_unlock(exchange->world);
    return exchange_body(exchange);
}

void fault_respond(struct exchange *exchange)
{
    world_begin(exchange->world); /* whoever waits for requests looks again at its end */
    world_unlock(exchange->world);
    respond(exchange);
    world_end(exchange->world);
}

void fault_unanswered(struct exchange *exchange)
{
    exchange->answered = true;
    exchange->status = 0;
    fault_respond(exchange);
}

void fault_leave(struct exchange *exchange)
{
    if (!exchange->answered && !exchange->in_world)
        fault_unanswered(exchange);
    http_close_quietly(exchange->http);
}

void fault_send_last(struct exchange *exchange, const struct strbuf *bytes)
{
    exchange_over(exchange);
    http_raw_write(exchange->http, bytes->buf, bytes->len);
}
