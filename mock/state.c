/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/state.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/exchange.h"
#include "mock/mock.h"
#include "mock/world/scan.h"

struct world_state *state_new(struct mock *mock)
{
    struct world_state *state = mem_alloc(sizeof *state);
    state->mock = mock;
    fault_set_init(&state->faults);
    return state;
}

/* Outcomes and timers hold events and resources: they go while queue and store are still there. */
static void release_live(struct world *world)
{
    for (size_t kind = 0; kind < store_kind_count(world->store); kind++) {
        struct scan scan = {.limit = SIZE_MAX};
        struct scan_result result;
        scan_run(store_index(world->store, (unsigned)kind), &scan, &result);
        for (size_t i = 0; i < result.count; i++) {
            struct live *live = live_find(result.rows[i]);
            result.rows[i]->outcome = NULL;
            if (live)
                live_release(live);
        }
        scan_release(&result);
    }
}

void state_free(struct world *world)
{
    struct world_state *state = world->data;
    if (!state)
        return;
    past_release(world);
    release_live(world);
    world->data = NULL;
    vec_free(&state->queued);
    vec_free(&state->forced);
    fault_set_release(&state->faults);
    vec_free(&state->units);
    arena_free(state->names);
    mem_free(state);
}

struct world_state *state_of(const struct world *world)
{
    return world->data;
}

int64_t state_count_up(struct world *world)
{
    return ++state_of(world)->counter;
}

const struct played *state_played_of_kind(const struct world *world, unsigned kind)
{
    const struct world_state *state = state_of(world);
    for (size_t i = 0; i < state->units.count; i++)
        if (state->units.items[i] && played_at(state->units.items[i], kind))
            return state->units.items[i];
    return NULL;
}

const struct played *state_unit(const struct world *world, size_t index)
{
    const struct world_state *state = state_of(world);
    return index < state->units.count ? state->units.items[index] : NULL;
}

const struct played *state_unit_of(const struct world *world, const struct played *played)
{
    const struct played *now = state_unit(world, played->index);
    return now ? now : played;
}

static bool has_kind(const struct provider *provider, const struct kind *kind)
{
    return provider_kind(provider, kind->name) == kind;
}

const struct played *state_played_of_outcome(const struct world *world,
                                             const struct outcome *outcome)
{
    const struct mock *mock = state_of(world)->mock;
    for (size_t i = 0; i < mock->played_count; i++)
        for (const struct played *played = mock->played[i]; played; played = played->before)
            if (has_kind(played->provider, outcome->kind))
                return played;
    return mock->played[0];
}

const struct outcome *state_outcome_now(const struct world *world, const struct outcome *outcome)
{
    const struct played *now = state_unit_of(world, state_played_of_outcome(world, outcome));
    const struct kind *kind = provider_kind(now->provider, outcome->kind->name);
    return kind ? kind_outcome(kind, outcome->name) : NULL;
}

const struct outcome *state_forced_outcome(struct play *play, const struct kind *kind)
{
    const struct outcome *outcome = exchange_forced_outcome(play->exchange, kind);
    struct world_state *state = state_of(play->world);
    for (size_t i = 0; !outcome && i < state->forced.count; i++) {
        struct forced *forced = &state->forced.items[i];
        if (forced->outcome->kind != kind || forced->times < 0)
            continue;
        outcome = forced->outcome;
        if (forced->times && --forced->times == 0)
            forced->times = -1; /* used up */
    }
    return outcome ? outcome : mock_forced_outcome(play->mock, play->played, kind);
}

void state_force(struct world *world, const struct outcome *outcome, int64_t times)
{
    struct world_state *state = state_of(world);
    size_t kept = 0, place;
    outcome = state_outcome_now(world, outcome);
    if (!outcome)
        return;
    for (size_t i = 0; i < state->forced.count; i++) {
        const struct forced *old = &state->forced.items[i];
        if (old->times >= 0 && (times || old->outcome->kind != outcome->kind))
            state->forced.items[kept++] = *old;
    }
    state->forced.count = kept;
    vec_push(&state->forced, ((struct forced){outcome, times}));
    for (place = kept; times && place > 0; place--) {
        struct forced *before = &state->forced.items[place - 1];
        if (before->times || before->outcome->kind != outcome->kind)
            break;
        state->forced.items[place] = *before;
        before->outcome = outcome;
        before->times = times;
    }
}

/* ---- outcomes that run one after the other ---- */

bool state_playing_add(struct world *world, struct playing *playing)
{
    struct world_state *state = state_of(world);
    bool waits = false;
    if (!playing->queue)
        return false;
    for (size_t i = 0; i < state->queued.count; i++)
        waits |= text_is(state->queued.items[i]->queue, playing->queue) &&
                 state->queued.items[i]->status != PLAYING_HALTED;
    vec_push(&state->queued, playing);
    return waits;
}

void state_playing_remove(struct world *world, struct playing *playing)
{
    struct world_state *state = state_of(world);
    for (size_t i = 0; state && i < state->queued.count; i++) {
        if (state->queued.items[i] != playing)
            continue;
        memmove(&state->queued.items[i], &state->queued.items[i + 1],
                (state->queued.count - i - 1) * sizeof(struct playing *));
        state->queued.count--;
        return;
    }
}

const struct playing *state_playing_ahead(struct world *world, const struct playing *playing)
{
    struct world_state *state = state_of(world);
    for (size_t i = 0; playing->queue && state && i < state->queued.count; i++) {
        const struct playing *other = state->queued.items[i];
        if (other != playing && other->status == PLAYING_DUE &&
            text_is(other->queue, playing->queue))
            return other;
    }
    return NULL;
}

struct playing *state_playing_next(struct world *world, struct playing *playing)
{
    struct world_state *state = state_of(world);
    for (size_t i = 0; playing->queue && state && i < state->queued.count; i++) {
        struct playing *other = state->queued.items[i];
        if (other != playing && other->status == PLAYING_QUEUED &&
            text_is(other->queue, playing->queue))
            return other;
    }
    return NULL;
}

void state_each_playing(struct world *world, void (*visit)(struct playing *playing, void *data),
                        void *data)
{
    for (size_t kind = 0; kind < store_kind_count(world->store); kind++) {
        struct scan scan = {.limit = SIZE_MAX};
        struct scan_result result;
        scan_run(store_index(world->store, (unsigned)kind), &scan, &result);
        for (size_t i = 0; i < result.count; i++) {
            struct live *live = live_find(result.rows[i]);
            if (live && live->playing)
                visit(live->playing, data);
        }
        scan_release(&result);
    }
}
