/* SPDX-License-Identifier: Apache-2.0 */
/* Beliefs by machine and id, and sets of states under moves. Members are in belief_members.c. */
#include "runner/monitor/belief.h"

#include "core/base/map.h"
#include "core/base/str.h"
#include "runner/memory.h"

struct beliefs {
    struct arena *arena;
    const struct lifecycle *lifecycle;
    struct map **by_id; /* by machine */
    state_set **acted;  /* by machine and state: where requests may take it; NULL until asked */
    struct {
        VEC(struct belief *);
    } all;
};

static void release_maps(void *data)
{
    struct beliefs *beliefs = data;

    for (size_t i = 0; i < beliefs->lifecycle->machine_count; i++)
        map_free(beliefs->by_id[i]);
}

/* What one row may do to resources of `machine`. */
static void add_action(state_set *acted, const struct machine *of, const struct row *row,
                       const struct machine *machine)
{
    state_set from = row->each ? row->each->in : row->tests.in;

    if ((row->each ? row->each->machine : of->index) != machine->index || row->error)
        return;
    for (size_t i = 0; i < machine->state_count; i++)
        if (from & STATE_BIT(i))
            acted[i] |= row->to_any;
}

static const state_set *actions_of(const struct beliefs *beliefs, const struct machine *machine)
{
    const struct lifecycle *lifecycle = beliefs->lifecycle;
    state_set *acted = beliefs->acted[machine->index];

    if (acted)
        return acted;
    acted = beliefs->acted[machine->index] =
        arena_alloc(beliefs->arena, STATES_MAX * sizeof *acted);
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *of = &lifecycle->machines[i];

        for (size_t j = 0; j < of->block_count; j++)
            for (size_t k = 0; k < of->blocks[j].rows.count; k++)
                add_action(acted, of, &of->blocks[j].rows.items[k], machine);
    }
    return acted;
}

struct beliefs *beliefs_new(struct arena *arena, const struct lifecycle *lifecycle)
{
    struct beliefs *beliefs = arena_alloc(arena, sizeof *beliefs);
    size_t count = lifecycle->machine_count + 1;

    beliefs->arena = arena;
    beliefs->lifecycle = lifecycle;
    beliefs->by_id = arena_alloc(arena, count * sizeof(struct map *));
    beliefs->acted = arena_alloc(arena, count * sizeof(state_set *));
    for (size_t i = 0; i < lifecycle->machine_count; i++)
        beliefs->by_id[i] = map_new();
    arena_defer(arena, release_maps, beliefs);
    return beliefs;
}

struct belief *beliefs_find(const struct beliefs *beliefs, const struct machine *machine,
                            const char *id)
{
    return map_get(beliefs->by_id[machine->index], id);
}

struct belief *beliefs_get(struct beliefs *beliefs, const struct machine *machine, const char *id)
{
    struct belief *belief = beliefs_find(beliefs, machine, id);

    if (belief)
        return belief;
    belief = arena_alloc(beliefs->arena, sizeof *belief);
    belief->machine = machine;
    belief->id = arena_strdup(beliefs->arena, id);
    belief_forget(belief);
    map_put(beliefs->by_id[machine->index], id, belief);
    vec_push_arena(beliefs->arena, &beliefs->all, belief);
    return belief;
}

size_t beliefs_count(const struct beliefs *beliefs)
{
    return beliefs->all.count;
}

struct belief *beliefs_at(const struct beliefs *beliefs, size_t index)
{
    return beliefs->all.items[index];
}

/* ---- sets ---- */

state_set machine_every_state(const struct machine *machine)
{
    return machine->present | STATE_BIT(STATE_ABSENT);
}

state_set belief_closure(const struct machine *machine, state_set set)
{
    state_set before;

    do {
        before = set;
        set = machine_forced(machine, machine_closure(machine, set));
    } while (set != before);
    return set;
}

state_set belief_step(const struct machine *machine, state_set set)
{
    return machine_forced(machine, set | machine_step(machine, set));
}

state_set beliefs_acted(const struct beliefs *beliefs, const struct machine *machine, state_set set)
{
    const state_set *acted = actions_of(beliefs, machine);
    state_set before;

    do {
        before = set;
        for (size_t i = 0; i < machine->state_count; i++)
            if (set & STATE_BIT(i))
                set |= acted[i];
        set = belief_closure(machine, set);
    } while (set != before);
    return set;
}

state_set beliefs_lived(const struct beliefs *beliefs, const struct machine *machine, state_set set)
{
    const state_set *acted = actions_of(beliefs, machine);
    const state_set gone = STATE_BIT(STATE_ABSENT);
    state_set before, has_died = 0;

    do {
        before = set;
        for (size_t i = 1; i < machine->state_count; i++)
            if (set & STATE_BIT(i))
                set |= acted[i];
        has_died |= set & gone;
        set = belief_closure(machine, set & ~gone);
    } while (set != (before & ~gone));
    return set | has_died;
}

static bool is_still(const struct moment *moment, nanos at, uint64_t changes)
{
    return moment->is_virtual && !moment->is_loose && moment->at == at &&
           moment->changes == changes;
}

state_set belief_states(const struct beliefs *beliefs, const struct belief *belief,
                        const struct moment *moment)
{
    if (moment->is_loose)
        return beliefs_acted(beliefs, belief->machine, belief->states | belief->earlier);
    if (is_still(moment, belief->at, belief->changes))
        return belief->states;
    return belief_closure(belief->machine, belief->states);
}

void belief_tell(const struct beliefs *beliefs, struct belief *belief, state_set states,
                 const struct moment *moment, const struct seen *who)
{
    if (moment->is_loose) {
        belief->earlier |= belief->states;
        states |= beliefs_acted(beliefs, belief->machine, belief->states | belief->earlier);
    } else {
        belief->earlier = belief->states;
    }
    belief->states = states;
    belief->untold = 0;
    belief->at = moment->at;
    belief->changes = moment->changes;
    if (belief->last != who)
        belief->row = NULL;
    seen_refer(&belief->last, who);
    if (states & STATE_BIT(STATE_ABSENT))
        belief->since = 0;
    if (states == STATE_BIT(STATE_ABSENT)) {
        belief->value = NULL;
        seen_refer(&belief->value_by, NULL);
        belief->given = NULL;
    }
}

void belief_forget(struct belief *belief)
{
    belief->states = belief->earlier = machine_every_state(belief->machine);
    belief->is_touched = true;
    belief->since = 0;
    belief->untold = 0;
    belief->given = NULL;
    belief->changes = UINT64_MAX;
    belief->value_changes = UINT64_MAX;
}
