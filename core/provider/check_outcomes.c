/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outcomes walked with the set of states that their owner may be in: a `to` that no state of the
 * set may move to is an illegal move. Loops are walked until the set no longer grows.
 */
#include "core/provider/build.h"

#include "core/base/str.h"

enum { WALK_DEPTH_MAX = 40 };

struct walk {
    struct builder *builder;
    const struct kind *kind; /* the owner's */
    bool quiet;              /* looking for the end of a loop */
    unsigned depth;
};

static state_set walk_steps(struct walk *walk, const struct steps *steps, state_set set);

/* An outcome that halts goes on when an operation takes its resource to an open state. Where none
 * does, what a timer or the service does next is taken. */
static state_set after_wait(const struct machine *machine, int state)
{
    state_set set = 0;
    size_t i, j;

    for (i = 0; i < machine->block_count; i++)
        for (j = 0; j < machine->blocks[i].rows.count; j++)
            if (machine->blocks[i].rows.items[j].tests.in & STATE_BIT(state))
                set |= machine->blocks[i].rows.items[j].to_any;
    set &= machine->open & ~STATE_BIT(state);
    return set ? set : STATE_BIT(state) | machine->reach_one[state];
}

static bool is_owner(const struct walk *walk, const struct step *step)
{
    if (!step->subject)
        return true;
    return step->subject_text && *step->subject_text == '$' &&
           (text_is(step->subject_text + 1, walk->kind->name) ||
            text_is(step->subject_text + 1, walk->kind->machine->name));
}

static state_set walk_move(struct walk *walk, const struct step *step, state_set set)
{
    const struct target_state *target = &step->change.to;
    const struct machine *machine = walk->kind->machine;
    int to = target->name ? machine_state(machine, target->name) : STATE_NONE;
    state_set legal = 0;
    size_t i;

    if (!is_owner(walk, step) || (!target->name && !target->value))
        return set;
    if (to == STATE_NONE)
        return target->value ? machine->present : set;
    for (i = 0; i < machine->state_count; i++)
        if ((set & STATE_BIT(i)) &&
            (i == (size_t)to || (machine->reach_one[i] & STATE_BIT(to)) || to == STATE_ABSENT))
            legal |= STATE_BIT(i);
    if (!legal && set && !walk->quiet)
        findings_add(walk->builder->findings, step->place,
                     "illegal move: '%s' is in %s here, and no move leads from there to '%s'",
                     machine->name, state_set_text(walk->builder->arena, machine, set),
                     machine->states[to].name);
    return machine->states[to].waits ? after_wait(machine, to) : STATE_BIT(to);
}

static state_set walk_loop(struct walk *walk, const struct steps *steps, state_set set)
{
    bool quiet = walk->quiet;
    state_set before;

    walk->quiet = true;
    do {
        before = set;
        set |= walk_steps(walk, steps, set);
    } while (set != before);
    walk->quiet = quiet;
    if (!quiet)
        walk_steps(walk, steps, set);
    return set;
}

static state_set walk_step(struct walk *walk, const struct step *step, state_set set)
{
    switch (step->verb) {
    case VERB_CHANGE:
        return walk_move(walk, step, set);
    case VERB_DO:
        if (!is_owner(walk, step))
            return set;
        return walk_steps(walk, step->run.script ? &step->run.script->steps : &step->run.steps,
                          set);
    case VERB_EACH:
        return walk_loop(walk, &step->each.steps, set);
    case VERB_REPEAT:
        return walk_loop(walk, &step->repeat.steps, set);
    default:
        return set;
    }
}

static state_set walk_steps(struct walk *walk, const struct steps *steps, state_set set)
{
    size_t i;

    if (walk->depth == WALK_DEPTH_MAX) {
        if (!walk->quiet)
            findings_add(walk->builder->findings,
                         steps->count ? steps->items[0].place : walk->kind->place,
                         "scripts call one another without end");
        return set;
    }
    walk->depth++;
    for (i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];
        state_set done = walk_step(walk, step, set);

        if (step->otherwise.count)
            done |= walk_steps(walk, &step->otherwise, set);
        else if (step->when || step->unless)
            done |= set;
        set = done;
    }
    walk->depth--;
    return set;
}

/* ---- names of outcomes that steps start ---- */

static void check_start(struct builder *builder, const struct kind *kind, const struct start *start,
                        struct place place)
{
    const char *names[64], *near;
    size_t i, j, count = 0;

    if (!start->name || text_is(start->name, "choose"))
        return;
    for (i = 0; i < builder->provider->kind_count; i++)
        for (j = 0; (!kind || kind == &builder->kinds[i]) && j < builder->kinds[i].outcomes.count;
             j++) {
            if (text_is(builder->kinds[i].outcomes.items[j].name, start->name))
                return;
            if (count < sizeof names / sizeof *names)
                names[count++] = builder->kinds[i].outcomes.items[j].name;
        }
    near = text_nearest_of(start->name, names, count);
    if (near)
        findings_add(builder->findings, place, "unknown outcome '%s' (did you mean '%s'?)",
                     start->name, near);
    else
        findings_add(builder->findings, place, "unknown outcome '%s'", start->name);
}

static void check_starts(struct builder *builder, const struct steps *steps)
{
    size_t i;

    for (i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];

        if (step->verb == VERB_CREATE)
            check_start(builder, step->create.kind, &step->create.start, step->place);
        if (step->verb == VERB_START)
            check_start(builder, NULL, &step->start, step->place);
        if (step->verb == VERB_EACH)
            check_starts(builder, &step->each.steps);
        if (step->verb == VERB_REPEAT)
            check_starts(builder, &step->repeat.steps);
        if (step->verb == VERB_DO && !step->run.script)
            check_starts(builder, &step->run.steps);
        check_starts(builder, &step->otherwise);
    }
}

static void check_kind_starts(struct builder *builder, const struct kind *kind)
{
    size_t i;

    for (i = 0; i < kind->hook_count; i++)
        check_starts(builder, &kind->hooks[i].steps);
    for (i = 0; i < kind->timer_count; i++)
        check_starts(builder, &kind->timers[i].steps);
    for (i = 0; i < kind->outcomes.count; i++)
        check_starts(builder, &kind->outcomes.items[i].steps);
}

/* What is started when a client leaves. */
static void check_left(struct builder *builder, const struct answers *answers)
{
    size_t i;

    for (i = 0; i < answers->count; i++) {
        check_starts(builder, &answers->items[i].wait.left);
        check_starts(builder, &answers->items[i].stream.left);
    }
}

void check_outcomes(struct builder *builder)
{
    const struct provider *provider = builder->provider;
    size_t i, j;

    for (i = 0; i < provider->kind_count; i++) {
        const struct kind *kind = &provider->kinds[i];

        check_kind_starts(builder, kind);
        for (j = 0; kind->machine && j < kind->outcomes.count; j++) {
            struct walk walk = {.builder = builder, .kind = kind};
            state_set start = kind->machine->open & ~kind->machine->waits;

            walk_steps(&walk, &kind->outcomes.items[j].steps,
                       start ? start : kind->machine->present);
        }
    }
    for (i = 0; i < provider->script_count; i++)
        check_starts(builder, &provider->scripts[i].steps);
    for (i = 0; i < provider->operation_count; i++) {
        check_starts(builder, &provider->operations[i].service.steps);
        check_left(builder, &provider->operations[i].service.answers);
        for (j = 0; j < provider->operations[i].service.case_count; j++)
            check_starts(builder, &provider->operations[i].service.cases[j].steps);
    }
}
