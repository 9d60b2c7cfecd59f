/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Belief sets over recorded exchanges. One exchange: rules, then the rows of every machine that
 * takes part, against the answer; what was asked for, done to the beliefs; then what the answer
 * shows. docs/JUDGE.md says it for people.
 */
#include "runner/monitor/monitor.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/pointer.h"
#include "runner/monitor/parts.h"

#include <stdio.h>

static void release_maps(void *data)
{
    struct monitor *monitor = data;

    arena_free(monitor->scratch);
    walks_free(monitor->walks);
    map_free(monitor->streams);
    map_free(monitor->links);
    map_free(monitor->paths);
    map_free(monitor->heard);
    map_free(monitor->announced);
}

struct monitor *monitor_new(struct arena *arena, const struct provider *provider,
                            const struct monitor_options *options)
{
    struct monitor *monitor = arena_alloc(arena, sizeof *monitor);

    monitor->arena = arena;
    monitor->scratch = arena_new();
    monitor->provider = provider;
    monitor->beliefs = beliefs_new(arena, provider->lifecycle);
    monitor->coverage =
        options && options->coverage ? options->coverage : coverage_new(arena, provider);
    monitor->is_virtual = options && options->is_virtual;
    monitor->walks = map_new();
    monitor->streams = map_new();
    monitor->links = map_new();
    monitor->paths = map_new();
    monitor->is_alone = options && options->is_alone;
    monitor->is_dim =
        arena_alloc(arena, (provider->lifecycle->machine_count + 1) * sizeof *monitor->is_dim);
    monitor->heard = map_new();
    monitor->announced = map_new();
    arena_defer(arena, release_maps, monitor);
    return monitor;
}

bool is_safe(const struct seen *seen)
{
    return text_is(seen->method, "GET") || text_is(seen->method, "HEAD") ||
           text_is(seen->method, "OPTIONS");
}

/* ---- coverage ---- */

static void meet_exchange(struct looking *looking)
{
    struct coverage *coverage = looking->monitor->coverage;
    const char *name = looking->seen->operation->name;

    char digits[TEXT_DIGITS];
    const char *status = text_of_number((uint64_t)looking->answer.status, digits);

    coverage_meet(coverage, COVERAGE_OPERATIONS, name);
    coverage_meet(coverage, COVERAGE_ANSWERS, name, " ", status);
}

static void meet_move(struct looking *looking, const struct machine *machine, state_set from,
                      state_set to)
{
    if (state_set_count(from) == 1 && state_set_count(to) == 1 && from != to)
        coverage_meet(looking->monitor->coverage, COVERAGE_MOVES, machine->name, " ",
                      machine->states[state_set_first(from)].name, " -> ",
                      machine->states[state_set_first(to)].name);
}

/* A cell is met when the state is certain. */
static void meet_cell(struct looking *looking, const struct taking *taking)
{
    const struct machine *machine = taking->participant->machine;
    state_set was = taking->before & taking->states;

    if (state_set_count(was) != 1)
        return;
    coverage_meet(looking->monitor->coverage, COVERAGE_CELLS, machine->name, " ",
                  looking->seen->operation->name, " ", machine->states[state_set_first(was)].name);
    if (looking->answer.status < 400)
        meet_move(looking, machine, was, taking->after);
}

/* ---- refusals ---- */

static bool refuses_for_certain(const struct taking *taking)
{
    for (size_t i = 0; i < STATES_MAX; i++)
        if (taking->states & STATE_BIT(i) && (!taking->expected[i] || !taking->expected[i]->error))
            return false;
    return true;
}

/* A resource may be hidden by another that the path names: it is looked for under its owner. */
static bool is_foreign(struct looking *looking)
{
    size_t named = 0;

    for (size_t i = 0; i < looking->taking_count; i++)
        named += looking->takings[i].participant->by_path;
    if (named < 2)
        return false;
    for (size_t i = 0; i < looking->taking_count; i++) {
        const struct taking *child = &looking->takings[i];
        const struct machine *machine = child->participant->machine;

        for (size_t j = 0; child->belief && j < machine->link_count; j++)
            for (size_t k = 0; k < looking->taking_count; k++) {
                const struct belief *owner = looking->takings[k].belief;
                const cJSON *at = belief_last(child->belief, machine->links[j].at);

                if (owner && owner->machine->index == machine->links[j].machine &&
                    owner != child->belief)
                    return !text_is(tree_text(at), owner->id) || expr_is_unknown(at);
            }
    }
    return true;
}

static bool is_missing_status(struct looking *looking)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;

    for (size_t i = 0; i < looking->taking_count; i++) {
        const struct machine *machine = looking->takings[i].participant->machine;
        const struct refusal *missing = machine->missing ? machine->missing : lifecycle->missing;

        if (missing && missing->status == looking->answer.status)
            return true;
    }
    return false;
}

/* Some row, rule or `missing` of this operation has the status: the contract speaks of it. */
static bool is_spoken_of(struct looking *looking)
{
    const struct provider_operation *operation = looking->seen->operation;
    int status = looking->answer.status;

    for (size_t i = 0; i < operation->rule_count; i++) {
        const struct row *row = &operation->rules[i]->row;

        if (row->error && (row->status ? row->status : row->error->status) == status)
            return true;
    }
    for (size_t i = 0; i < operation->participant_count; i++)
        for (size_t j = 0; j < operation->participants[i].rows.count; j++) {
            const struct row *row = operation->participants[i].rows.items[j];

            if (row->error && (row->status ? row->status : row->error->status) == status)
                return true;
        }
    return is_missing_status(looking);
}

static void say_refusal(struct looking *looking, const struct row *rule)
{
    struct taking *blamed = NULL;

    if (rule) {
        say_rule(looking, rule);
        return;
    }
    for (size_t i = 0; i < looking->taking_count && !blamed; i++)
        if (refuses_for_certain(&looking->takings[i]))
            blamed = &looking->takings[i];
    if (!blamed && looking->taking_count)
        blamed = &looking->takings[looking->taking_count - 1];
    if (!blamed) {
        say_unexplained(looking);
        return;
    }
    say_rows(looking, blamed);
    if (blamed->belief)
        belief_forget(blamed->belief);
}

/* Explained by one machine alone: then it was in a state that refuses so. Where several explain it,
 * and their states were certain before, each cell is met all the same. */
static void learn_from_refusal(struct looking *looking)
{
    struct taking *only = NULL;
    size_t explaining = 0;

    for (size_t i = 0; i < looking->taking_count; i++) {
        struct taking *taking = &looking->takings[i];

        if (!taking->after)
            continue;
        if (state_set_count(taking->states) == 1)
            meet_cell(looking, taking);
        only = taking;
        explaining++;
    }
    if (explaining != 1 || !only->belief || (only->by_missing && is_foreign(looking)))
        return;
    if (state_set_count(only->states) != 1)
        meet_cell(looking, only);
    if (only->before == STATE_BIT(STATE_ABSENT)) /* it went by itself, and this tells */
        meet_move(looking, only->belief->machine, only->belief->states, only->before);
    belief_tell(looking->monitor->beliefs, only->belief, only->before, &looking->before,
                looking->seen);
}

static void judge_refusal(struct looking *looking)
{
    bool by_rule, is_certain = false, is_explained;
    const struct row *rule;

    if (!request_is_valid(looking))
        return;
    rule = judge_rules(looking, &by_rule);
    is_explained = by_rule;
    for (size_t i = 0; i < looking->taking_count && !rule; i++) {
        judge_taking(looking, &looking->takings[i]);
        is_explained |= looking->takings[i].after != 0;
        is_certain |= refuses_for_certain(&looking->takings[i]);
    }
    if (is_explained) {
        if (!by_rule)
            learn_from_refusal(looking);
        return;
    }
    if (!rule && is_missing_status(looking) && is_foreign(looking))
        return;
    if (!rule && !is_certain && !is_spoken_of(looking) && looking->seen->is_documented)
        return;
    say_refusal(looking, rule);
}

/* ---- successes ---- */

static void take(struct looking *looking, struct taking *taking)
{
    struct belief *belief = taking->belief;
    bool moves = taking->row && (taking->row->to != STATE_NONE || taking->row->to_template);
    const struct seen *told = belief->last;
    const struct row *row = belief->row;

    meet_cell(looking, taking);
    takes_note(looking, belief);
    belief->is_touched |= !is_safe(looking->seen);
    if (!moves && taking->after == taking->states)
        return;
    if (moves) /* derived states are settled before the answer is made */
        taking->after = machine_forced(belief->machine, taking->after);
    belief_tell(looking->monitor->beliefs, belief, taking->after, &looking->before, looking->seen);
    belief->row = moves ? taking->row : NULL;
    if (!moves && taking->by_row && taking->row) { /* what was known came from before */
        seen_refer(&belief->last, told);
        belief->row = row;
    }
}

static void judge_success(struct looking *looking, state_set *born, const struct row **born_by)
{
    bool by_rule;
    const struct row *rule = judge_rules(looking, &by_rule);

    if (rule)
        say_rule(looking, rule);
    for (size_t i = 0; i < looking->taking_count; i++) {
        judge_taking(looking, &looking->takings[i]);
        if (!looking->takings[i].after)
            say_rows(looking, &looking->takings[i]);
    }
    see_outcomes(looking);
    apply_each(looking, true);
    for (size_t i = 0; i < looking->taking_count; i++) {
        struct taking *taking = &looking->takings[i];
        int machine = taking->participant->machine->index;

        if (taking->belief && taking->after) {
            take(looking, taking);
        } else if (taking->belief) {
            belief_forget(taking->belief);
        } else {
            meet_cell(looking, taking);
            born[machine] = taking->after & ~STATE_BIT(STATE_ABSENT);
            born_by[machine] = taking->row;
        }
    }
}

/* ---- no answer to rely on ---- */

/* It may have been done or not. */
static void keep_both(struct looking *looking)
{
    struct beliefs *beliefs = looking->monitor->beliefs;

    if (is_safe(looking->seen))
        return;
    for (size_t i = 0; i < looking->taking_count; i++) {
        const struct taking *taking = &looking->takings[i];
        state_set both = taking->states;

        if (!taking->belief)
            continue;
        for (size_t j = 0; j < taking->participant->rows.count; j++) {
            const struct row *row = taking->participant->rows.items[j];

            if (!row->each && !row->error && row->tests.in & taking->states)
                both |= row->to_any;
        }
        belief_tell(beliefs, taking->belief, both, &looking->before, looking->seen);
        taking->belief->is_touched = true;
    }
    apply_each(looking, false);
    looking->monitor->changes++;
}

static void judge(struct looking *looking)
{
    size_t machines = looking->monitor->provider->lifecycle->machine_count + 1;
    state_set *born = arena_alloc(looking->arena, machines * sizeof *born);
    const struct row **born_by = arena_alloc(looking->arena, machines * sizeof(struct row *));
    int status = looking->answer.status;

    if (status < 200 || status == 401 || status == 429)
        return;
    find_takings(looking);
    if (status >= 500 || looking->seen->is_doubtful) {
        keep_both(looking);
        return;
    }
    if (status >= 400) {
        judge_refusal(looking);
        return;
    }
    judge_success(looking, born, born_by);
    see_all(looking, born, born_by);
    if (!is_safe(looking->seen))
        looking->monitor->changes++;
}

void monitor_see(struct monitor *monitor, const struct seen *seen, struct verdicts *out)
{
    struct looking looking;

    if (!seen->response)
        return;
    looking_init(&looking, monitor, seen, out);
    if (!see_link(&looking) && seen->operation) {
        meet_exchange(&looking);
        see_credential(&looking);
        judge(&looking);
    }
    if (seen->answered_order > monitor->last_answered)
        monitor->last_answered = seen->answered_order;
    arena_reset(looking.arena);
}

void monitor_disturb(struct monitor *monitor)
{
    monitor->changes++;
}
