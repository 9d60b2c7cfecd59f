/* SPDX-License-Identifier: Apache-2.0 */
/* States, sets of states, moves. Rows are in decide.c and judge.c. */
#include "core/lifecycle/machine.h"

#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/data/pointer.h"
#include "core/expr/match.h"

int machine_state(const struct machine *machine, const char *name)
{
    size_t i;

    for (i = 0; i < machine->state_count; i++)
        if (text_is(machine->states[i].name, name))
            return (int)i;
    return STATE_NONE;
}

state_set machine_states_named(const struct machine *machine, const char *name)
{
    int state = machine_state(machine, name);

    if (state != STATE_NONE)
        return STATE_BIT(state);
    if (text_is(name, "open"))
        return machine->open;
    if (text_is(name, "terminal"))
        return machine->terminal;
    if (text_is(name, "waits"))
        return machine->waits;
    return text_is(name, "present") ? machine->present : 0;
}

/* A state and those after it that look the same. */
static state_set with_twins(const struct machine *machine, size_t first)
{
    state_set set = STATE_BIT(first);
    size_t i;

    for (i = first + 1; i < machine->state_count; i++)
        if (machine->states[i].twin == (int)first)
            set |= STATE_BIT(i);
    return set;
}

/* The states with that wire value: refined ones until one is certain, then the plain one. */
static state_set states_with_value(const struct machine *machine, const cJSON *shown,
                                   const cJSON *value, struct eval *eval)
{
    state_set set = 0;
    size_t i;

    for (i = 1; i < machine->state_count; i++) {
        const struct state *state = &machine->states[i];
        enum truth fits;

        if (!state->where || !tree_equal(state->value, shown))
            continue;
        fits = match_eval(state->where, value, eval);
        if (fits != TRUTH_FALSE)
            set |= with_twins(machine, i);
        if (fits == TRUTH_TRUE)
            return set;
    }
    for (i = 1; i < machine->state_count; i++)
        if (!machine->states[i].where && tree_equal(machine->states[i].value, shown))
            return set | STATE_BIT(i);
    return set;
}

static bool has_refined_states(const struct machine *machine)
{
    size_t i;

    for (i = 1; i < machine->state_count; i++)
        if (machine->states[i].where)
            return true;
    return false;
}

state_set machine_states_of(const struct machine *machine, const cJSON *value, const char *state_at,
                            bool partial)
{
    struct eval eval = {0};
    cJSON *seen;
    const cJSON *shown;
    state_set set;

    if (!value)
        return STATE_BIT(STATE_ABSENT);
    if (!state_at)
        state_at = machine->state_at;
    if (machine->is_stateless)
        return machine->present;
    shown = state_at ? seen_pointer(value, state_at) : NULL;
    if (!shown || expr_is_unknown(shown))
        return partial || !state_at || expr_is_unknown(shown) ? machine->present : 0;
    if (!has_refined_states(machine))
        return states_with_value(machine, shown, value, &eval);
    eval.arena = arena_new();
    if (partial && cJSON_IsObject(value)) {
        seen = tree_copy(eval.arena, value);
        unknown_mark_partial(seen);
        value = seen;
        shown = seen_pointer(value, state_at);
    }
    set = states_with_value(machine, shown, value, &eval);
    arena_free(eval.arena);
    return set;
}

int machine_state_of(const struct machine *machine, const cJSON *value)
{
    return state_set_first(machine_states_of(machine, value, NULL, false));
}

int state_set_first(state_set set)
{
    int i;

    for (i = 0; i < STATES_MAX; i++)
        if (set & STATE_BIT(i))
            return i;
    return STATE_NONE;
}

size_t state_set_count(state_set set)
{
    size_t count = 0;

    for (; set; set &= set - 1)
        count++;
    return count;
}

const char *state_set_text(struct arena *arena, const struct machine *machine, state_set set)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    size_t left, i;
    const char *copy;

    if (machine->state_count < STATES_MAX)
        set &= STATE_BIT(machine->state_count) - 1;
    left = state_set_count(set);
    if (!left)
        return "no state";
    for (i = 1; i <= machine->state_count; i++) { /* absent last */
        size_t state = i % machine->state_count;

        if (!(set & STATE_BIT(state)))
            continue;
        if (text.len)
            strbuf_adds(&text, left == 1 ? " or " : ", ");
        strbuf_adds(&text, machine->states[state].name);
        left--;
    }
    copy = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return copy;
}

/* ---- moves ---- */

state_set machine_step(const struct machine *machine, state_set set)
{
    state_set next = 0;
    size_t i;

    for (i = 0; i < machine->state_count; i++)
        if (set & STATE_BIT(i))
            next |= machine->reach_one[i];
    return next;
}

state_set machine_closure(const struct machine *machine, state_set set)
{
    state_set before;

    do {
        before = set;
        set |= machine_step(machine, set);
    } while (set != before);
    return set;
}

state_set machine_forced(const struct machine *machine, state_set set)
{
    state_set before;
    size_t i;

    do {
        before = set;
        for (i = 0; i < machine->always_count; i++)
            if (machine->always[i].tests.in & set)
                set |= machine->always[i].to_any;
    } while (set != before);
    return set;
}

const char *machine_path(struct arena *arena, const struct machine *machine, int from, int to)
{
    int back[STATES_MAX], queue[STATES_MAX + 1], head = 0, tail = 0;
    state_set seen = STATE_BIT(from);
    const char *text;
    int state, i;

    if (from == to)
        return arena_strdup(arena, machine->states[from].name);
    for (queue[tail++] = from; head < tail && !(seen & STATE_BIT(to)); head++)
        for (i = 0; i < (int)machine->state_count; i++)
            if ((machine->reach_one[queue[head]] & STATE_BIT(i)) && !(seen & STATE_BIT(i))) {
                seen |= STATE_BIT(i);
                back[i] = queue[head];
                queue[tail++] = i;
            }
    if (!(seen & STATE_BIT(to)))
        return NULL;
    text = machine->states[to].name;
    for (state = to; state != from;) {
        state = back[state];
        text = arena_printf(arena, "%s -> %s", machine->states[state].name, text);
    }
    return text;
}

bool machine_move_source(const struct machine *machine, int from, int to, enum source *source)
{
    size_t i;

    for (i = 0; i < machine->move_count; i++)
        if (machine->moves[i].from == from && machine->moves[i].to == to) {
            *source = machine->moves[i].source;
            return true;
        }
    return false;
}
