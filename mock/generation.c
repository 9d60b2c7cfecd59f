/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/generation.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/template.h"
#include "mock/body.h"
#include "mock/change.h"
#include "mock/change_parts.h"
#include "mock/loading.h"
#include "mock/past.h"
#include "mock/timers.h"
#include "mock/world/scan.h"

#include <string.h>

/* ---- states that are no more ---- */

static bool keep_state(struct arena *arena, struct machine *machine, const struct state *old,
                       state_set bit_open, state_set bit_waits)
{
    if (machine->state_count == STATES_MAX)
        return false;
    struct state *states = arena_alloc(arena, (machine->state_count + 1) * sizeof *states);
    state_set *reach = arena_alloc(arena, (machine->state_count + 1) * sizeof *reach);
    memcpy(states, machine->states, machine->state_count * sizeof *states);
    memcpy(reach, machine->reach_one, machine->state_count * sizeof *reach);
    size_t place = machine->state_count++;
    states[place] = (struct state){
        .name = arena_strdup(arena, old->name),
        .label = arena_printf(arena, "%s=%s", machine->name, old->name),
        .value = old->value ? tree_copy(arena, old->value) : NULL,
        .terminal = old->terminal,
        .waits = old->waits,
        .is_gone = true,
        .place = machine->place,
    };
    machine->states = states;
    machine->reach_one = reach;
    machine->present |= STATE_BIT(place);
    machine->open |= bit_open ? STATE_BIT(place) : 0;
    machine->terminal |= old->terminal ? STATE_BIT(place) : 0;
    machine->waits |= bit_waits ? STATE_BIT(place) : 0;
    return true;
}

static void keep_states(struct arena *arena, const struct machine *from, struct machine *machine,
                        struct findings *findings)
{
    for (size_t i = 0; i < from->state_count; i++) {
        if (machine_state(machine, from->states[i].name) != STATE_NONE)
            continue;
        if (keep_state(arena, machine, &from->states[i], from->open & STATE_BIT(i),
                       from->waits & STATE_BIT(i)))
            continue;
        findings_add(findings, machine->place,
                     "'%s' has had more than %d different states since the program began: start it "
                     "again",
                     machine->name, STATES_MAX - 1);
        return;
    }
}

void generation_keep_states(struct arena *arena, const struct played *before,
                            const struct provider *provider, struct findings *findings)
{
    for (size_t i = 0; i < provider->kind_count; i++) {
        const struct kind *old = NULL; /* the last that there was */
        for (const struct played *played = before; played && !old; played = played->before)
            old = provider_kind(played->provider, provider->kinds[i].name);
        /* nobody else has it yet */
        if (old)
            keep_states(arena, old->machine, (struct machine *)provider->kinds[i].machine,
                        findings);
    }
}

/* ---- each resource of a kind ---- */

static void each(struct world *world, const struct played *played, const struct kind_play *kind,
                 void (*visit)(struct world *world, const struct played *played,
                               struct resource *resource))
{
    struct scan scan = {.limit = SIZE_MAX};
    struct scan_result result;
    scan_run(store_index(world->store, kind->index), &scan, &result);
    for (size_t i = 0; i < result.count; i++)
        store_hold(result.rows[i]);
    for (size_t i = 0; i < result.count; i++) {
        if (!result.rows[i]->is_deleted)
            visit(world, played, result.rows[i]);
        store_drop(world->store, result.rows[i]);
    }
    scan_release(&result);
}

/* Nothing follows from it: no webhook, no derived state. */
static void take_away(struct world *world, const struct played *played, struct resource *resource)
{
    static const struct move_cause cause = {.kind = CAUSE_RELOAD};
    struct live *live = live_find(resource);
    (void)played;
    if (live) {
        outcome_release(live);
        timers_disarm(NULL, resource);
    }
    store_delete(world->store, resource, world_now(world), &cause);
    world_notify(world, resource->serial);
}

/* ---- as the new kind has them ---- */

struct filling {
    struct world *world;
    const struct kind_play *kind;
    struct arena *arena;
    struct play play;
};

static void fill(struct resource *resource, struct resource_data *data, void *how)
{
    struct filling *filling = how;
    struct play *play = &filling->play;
    const struct kind *kind = filling->kind->kind;
    arena_reset(filling->arena);
    play_begin(play, filling->world, filling->kind->played, filling->arena,
               draw_hash_text(filling->world->seed, resource->id));
    cJSON *tree = tree_copy(filling->arena, play_tree(play, resource));
    if (cJSON_IsObject(tree))
        change_set_state(play, kind, tree, resource->state);
    body_data(play, filling->kind, tree, data);
}

static void filled(struct resource_data *data, void *how)
{
    struct filling *filling = how;
    body_release(data);
    play_end(&filling->play);
}

static void reshape(struct world *world, const struct played *from, const struct kind_play *kind)
{
    const struct kind_play *old = from ? played_kind(from, kind->kind) : NULL;
    uint8_t states[STATES_MAX] = {0};
    struct filling filling = {.world = world, .kind = kind, .arena = arena_new()};
    for (size_t i = 0; old && i < old->kind->machine->state_count; i++) {
        int state = machine_state(kind->kind->machine, old->kind->machine->states[i].name);
        states[i] = state == STATE_NONE ? STATE_ABSENT : (uint8_t)state; /* all were kept */
    }
    store_reshape(world->store, kind->index,
                  &(struct reshaping){
                      .shape = &kind->played->shapes[kind->kind->index],
                      .states = states,
                      .fill = fill,
                      .filled = filled,
                      .data = &filling,
                  });
    arena_free(filling.arena);
}

/* Places of other providers' kinds stay empty until these are asked for. */
void generation_make_places(struct world *world, const struct played *played)
{
    static const struct order_shape by_birth = {.column = ORDER_BY_BIRTH};
    static const struct kind_shape empty = {
        .name = "", .state_count = 1, .orders = &by_birth, .order_count = 1};
    while (store_kind_count(world->store) < played->index_count)
        store_add_kinds(world->store, &empty, 1);
}

/* ---- what goes on with them ---- */

static void renew_live(struct world *world, const struct played *played, struct resource *resource)
{
    const struct kind_play *kind = played_at(played, resource->kind);
    struct live *live = live_find(resource);
    if (live) {
        if (live->playing)
            live->playing->played = played;
        struct happening *happening;
        vec_foreach (happening, &live->log) {
            struct kind_play *now = played_kind(played, happening->kind->kind);
            happening->kind = now ? now : happening->kind;
        }
        timers_renew(live, kind->kind);
    }
    if (!kind->kind->timer_count)
        return;
    struct arena *arena = arena_new();
    struct play play;
    play_begin(&play, world, played, arena, draw_hash_text(world->seed, resource->id));
    timers_arm(&play, resource, false);
    play_end(&play);
    arena_free(arena);
}

static void renew_forced(struct world *world, const struct played *from)
{
    struct world_state *state = state_of(world);
    size_t kept = 0;
    for (size_t i = 0; i < state->forced.count; i++) {
        struct forced forced = state->forced.items[i];
        if (provider_kind(from->provider, forced.outcome->kind->name) == forced.outcome->kind)
            forced.outcome = state_outcome_now(world, forced.outcome);
        if (forced.outcome)
            state->forced.items[kept++] = forced;
    }
    state->forced.count = kept;
}

static void seed(struct world *world, const struct played *played)
{
    struct arena *arena = arena_new();
    struct play play;
    uint64_t key = draw_hash_text(draw_hash_text(world->seed, world->name), "seed");
    play_begin(&play, world, played, arena, draw_hash_text(key, played->provider->name));
    play.cause.name = "seed";
    play_bind(&play, "principal",
              template_eval(played->provider->service.auth.principal, &play.eval));
    for (size_t i = 0; i < played->provider->seed_count; i++)
        change_seed(&play, &played->provider->seeds[i]);
    play_end(&play);
    arena_free(arena);
}

/* ---- moving on ---- */

static void take_over(struct world *world, const struct played *from, const struct played *to,
                      bool is_untouched)
{
    for (size_t i = 0; from && i < from->provider->kind_count; i++)
        if (is_untouched || !played_kind(to, from->kinds[i].kind))
            each(world, from, &from->kinds[i], take_away);
    generation_make_places(world, to);
    for (size_t i = 0; i < to->provider->kind_count; i++)
        reshape(world, from, &to->kinds[i]);
}

void generation_adopt(struct world *world, const struct played *played)
{
    struct world_state *state = state_of(world);
    while (state->units.count <= played->index)
        vec_push(&state->units, NULL);
    take_over(world, NULL, played, false);
    state->units.items[played->index] = played;
    if (played->index < SLOTS_MAX)
        world->furnished |= UINT64_C(1) << played->index;
}

bool generation_enter(struct world *world, const struct played *played)
{
    struct world_state *state = state_of(world);
    while (state->units.count <= played->index)
        vec_push(&state->units, NULL);
    const struct played *from = state->units.items[played->index];
    if (from == played)
        return true;
    if (from && from->generation > played->generation)
        return false;
    bool is_untouched =
        store_sequence(world->store) == state->seeded && !state->is_kept && !world->parking.parked;
    take_over(world, from, played, is_untouched);
    state->units.items[played->index] = played;
    if (from) {
        renew_forced(world, from);
        past_release(world); /* its states are numbered as they were */
        for (size_t i = 0; i < played->provider->kind_count; i++)
            each(world, played, &played->kinds[i], renew_live);
    }
    if (!from || is_untouched)
        seed(world, played);
    if (is_untouched)
        state->seeded = store_sequence(world->store);
    if (played->index < SLOTS_MAX)
        world->furnished |= UINT64_C(1) << played->index;
    if (from)
        parking_wake_all(world, WAKE_CHANGE); /* each looks again, at what is there now */
    return true;
}
