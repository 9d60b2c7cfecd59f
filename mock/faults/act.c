/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/act.h"

#include "core/base/draw.h"
#include "mock/admin/admin.h"
#include "mock/decide.h"
#include "mock/faults/check.h"
#include "mock/mock.h"
#include "mock/problem.h"
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
