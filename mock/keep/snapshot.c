/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/snapshot.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/mock.h"
#include "mock/outbox.h"
#include "mock/state.h"

#include <stdlib.h>

/* ---- what goes on with a resource ---- */

static void take_events(struct snapshot *snapshot, struct snap_resource *snap,
                        const struct live *live)
{
    struct arena *arena = snapshot->arena;
    snap->events_dropped = live->log.dropped;
    snap->event_count = live->log.count;
    snap->events = arena_take(arena, (live->log.count + 1) * sizeof *snap->events);
    for (size_t i = 0; i < live->log.count; i++) {
        const struct happening *happening = &live->log.items[i];
        snap->events[i] = (struct snap_event){
            .name = arena_strdup(arena, happening->name),
            .kind = happening->kind,
            .view = text_ref(happening->view),
            .hidden = text_ref(happening->hidden),
            .data = text_ref(happening->data),
            .at = happening->at,
        };
    }
}

static void take_timers(struct snapshot *snapshot, struct snap_resource *snap,
                        const struct live *live)
{
    struct arena *arena = snapshot->arena;
    snap->timers = arena_take(arena, (live->timers.count + 1) * sizeof *snap->timers);
    for (size_t i = 0; i < live->timers.count; i++) {
        const struct armed_timer *armed = live->timers.items[i];
        if (!armed->event && !armed->key)
            continue; /* as if it had never been armed */
        snap->timers[snap->timer_count++] = (struct snap_timer){
            .timer = armed->timer,
            .item = armed->item,
            .key = arena_strdup(arena, armed->key),
            .due = armed->due,
            .sequence = armed->event ? queue_event_sequence(armed->event) : 0,
        };
    }
}

static bool take_resource(struct snapshot *snapshot, const struct resource *resource);

static void take_names(struct snapshot *snapshot, struct snap_outcome *snap, const struct env *env)
{
    snap->name_count = env->count;
    snap->names = arena_take(snapshot->arena, (env->count + 1) * sizeof *snap->names);
    for (size_t i = 0; i < env->count; i++) {
        const struct bound *bound = &env->items[i];
        snap->names[i] = (struct snap_name){bound->name, bound->resource ? NULL : bound->value,
                                            bound->resource ? bound->resource->serial : 0};
        if (bound->resource && bound->resource->is_deleted &&
            !take_resource(snapshot, bound->resource))
            snap->names[i].serial = 0;
    }
}

static size_t place_in_queue(const struct world_state *state, const struct playing *playing)
{
    for (size_t i = 0; playing->queue && i < state->queued.count; i++)
        if (state->queued.items[i] == playing)
            return i + 1;
    return 0;
}

static struct snap_outcome *take_outcome(struct snapshot *snapshot, struct playing *playing)
{
    struct snap_outcome *snap = arena_alloc(snapshot->arena, sizeof *snap);
    const struct stepper *stepper = &playing->stepper;
    snap->playing = playing_ref(playing);
    snap->status = playing->status;
    if (playing->status == PLAYING_DUE && playing->event) {
        snap->due = queue_event_due(playing->event);
        snap->sequence = queue_event_sequence(playing->event);
    }
    snap->signal = playing->status == PLAYING_SIGNAL ? playing->signal : NULL;
    snap->drawn = playing->drawn;
    snap->queued = place_in_queue(state_of(playing->world), playing);
    snap->request = playing->request;
    snap->frame_count = stepper->frames.count;
    snap->frames = arena_copy(snapshot->arena, stepper->frames.items,
                              stepper->frames.count * sizeof *snap->frames);
    take_names(snapshot, snap, playing->env);
    return snap;
}

/* ---- resources ---- */

/* False: its kind is no more, and it neither. */
static bool take_resource(struct snapshot *snapshot, const struct resource *resource)
{
    struct arena *arena = snapshot->arena;
    const struct played *played = state_played_of_kind(snapshot->world, resource->kind);
    const struct live *live = live_find(resource);
    if (!played)
        return false;
    struct snap_resource snap = {
        .serial = resource->serial,
        .born = resource->born,
        .entered = resource->entered,
        .view = text_ref(resource->view),
        .hidden = text_ref(resource->hidden),
        .id = arena_strdup(arena, resource->id),
        .owner = arena_strdup(arena, resource_owner(resource)),
        .kind = played_at(played, resource->kind),
        .version = resource->version,
        .moves_dropped = resource->moves.dropped,
        .state = resource->state,
        .is_deleted = resource->is_deleted,
        .move_count = resource->moves.count,
        .moves = arena_copy(arena, resource->moves.items,
                            resource->moves.count * sizeof(struct move_record)),
    };
    if (live && !resource->is_deleted) {
        take_events(snapshot, &snap, live);
        take_timers(snapshot, &snap, live);
        if (live->playing)
            snap.outcome = take_outcome(snapshot, live->playing);
    }
    vec_push(snapshot, snap);
    return true;
}

static int compare_serials(const void *a, const void *b)
{
    uint64_t one = ((const struct snap_resource *)a)->serial;
    uint64_t other = ((const struct snap_resource *)b)->serial;
    return (one > other) - (one < other);
}

static void release_resource(struct snap_resource *snap)
{
    text_unref(snap->view);
    text_unref(snap->hidden);
    for (size_t i = 0; i < snap->event_count; i++) {
        text_unref(snap->events[i].view);
        text_unref(snap->events[i].hidden);
        text_unref(snap->events[i].data);
    }
    if (snap->outcome)
        playing_unref(snap->outcome->playing);
}

void snapshot_sort(struct snapshot *snapshot)
{
    size_t kept = 0;
    if (snapshot->count)
        qsort(snapshot->items, snapshot->count, sizeof *snapshot->items, compare_serials);
    for (size_t i = 0; i < snapshot->count; i++) {
        if (kept && snapshot->items[kept - 1].serial == snapshot->items[i].serial)
            release_resource(&snapshot->items[i]);
        else
            snapshot->items[kept++] = snapshot->items[i];
    }
    snapshot->count = kept;
}

/* ---- the rest of a world ---- */

static void take_calls(struct snapshot *snapshot)
{
    struct arena *arena = snapshot->arena;
    const struct delivery *delivery = state_of(snapshot->world)->oldest_call;
    struct {
        VEC(struct snap_call);
    } calls = {0};
    for (; delivery; delivery = delivery->younger) {
        struct snap_call call = {
            .played = delivery->played,
            .webhook = delivery->webhook,
            .serial = delivery->resource->serial,
            .url = arena_strdup(arena, delivery->url),
            .method = arena_strdup(arena, delivery->method),
            .body = arena_strdup(arena, delivery->body),
            .header_count = delivery->header_count,
            .tried = delivery->settled,
            .number = delivery->number,
        };
        call.headers = arena_take(arena, (delivery->header_count + 1) * sizeof *call.headers);
        for (size_t i = 0; i < delivery->header_count; i++)
            call.headers[i] = (struct http_header){arena_strdup(arena, delivery->headers[i].name),
                                                   arena_strdup(arena, delivery->headers[i].value)};
        if (delivery->event) {
            call.due = queue_event_due(delivery->event);
            call.sequence = queue_event_sequence(delivery->event);
        }
        if (!delivery->resource->is_deleted || take_resource(snapshot, delivery->resource))
            vec_push_arena(arena, &calls, call);
    }
    snapshot->calls = calls.items;
    snapshot->call_count = calls.count;
}

static void take_forced(struct snapshot *snapshot)
{
    const struct world_state *state = state_of(snapshot->world);
    snapshot->forced =
        arena_alloc(snapshot->arena, (state->forced.count + 1) * sizeof *snapshot->forced);
    for (size_t i = 0; i < state->forced.count; i++) {
        const struct forced *forced = &state->forced.items[i];
        if (forced->times >= 0) /* else it is used up */
            snapshot->forced[snapshot->forced_count++] = (struct snap_forced){
                forced->outcome,
                state_played_of_outcome(snapshot->world, forced->outcome)->provider->name,
                forced->times};
    }
}

static void take_providers(struct snapshot *snapshot)
{
    const struct mock *mock = state_of(snapshot->world)->mock;
    size_t count = 0;
    snapshot->providers =
        arena_alloc(snapshot->arena, (mock->played_count + 1) * sizeof *snapshot->providers);
    for (size_t i = 0; i < mock->played_count; i++)
        if (state_unit(snapshot->world, i))
            snapshot->providers[count++] = state_unit(snapshot->world, i)->provider->name;
}

static void take_resources(struct snapshot *snapshot)
{
    const struct store *store = snapshot->world->store;
    size_t count = 0;
    for (size_t kind = 0; kind < store_kind_count(store); kind++)
        count += store_count(store, (unsigned)kind);
    while (snapshot->cap < count) /* once and for all */
        snapshot->items =
            vec_grow(snapshot->items, &snapshot->cap, snapshot->cap, sizeof *snapshot->items);
    for (size_t kind = 0; kind < store_kind_count(store); kind++) {
        struct resource *const *rows = store_rows(store, (unsigned)kind, &count);
        for (size_t i = 0; i < count; i++)
            take_resource(snapshot, rows[i]);
    }
    snapshot->causes = store_causes(store, snapshot->arena, &snapshot->cause_count);
}

struct snapshot *snapshot_take(struct world *world)
{
    struct arena *arena = arena_new();
    struct snapshot *snapshot = arena_alloc(arena, sizeof *snapshot);
    *snapshot = (struct snapshot){
        .arena = arena,
        .world = world_ref(world),
        .seed = world->seed,
        .mode = world->clock.settings.mode,
        .is_frozen = world->clock.is_frozen,
        .is_untouched =
            !state_of(world)->is_kept && state_of(world)->seeded == store_sequence(world->store),
        .now = world->clock.is_frozen ? clock_now(&world->clock) : world_now(world),
        .participants = world->parking.participants,
        .serial = store_serial(world->store),
        .events = queue_sequence(world->queue),
        .requests = journal_last(world->journal),
        .sequence = store_sequence(world->store),
        .counter = state_of(world)->counter,
        .draws = draws_copy(world->draws),
    };
    take_providers(snapshot);
    take_resources(snapshot);
    take_calls(snapshot);
    take_forced(snapshot);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (size_t i = 0; i < snapshot->count; i++)
        release_resource(&snapshot->items[i]);
    vec_release(snapshot->items);
    draws_free(snapshot->draws);
    world_unref(snapshot->world);
    arena_free(snapshot->arena);
}
