/* SPDX-License-Identifier: Apache-2.0 */
/* States that nothing leads to, and states that wait for a client whom nobody gave a way out. */
#include "core/provider/build.h"

struct arrows {
    state_set to[STATES_MAX]; /* by the state they leave */
    state_set start;          /* where a resource may begin */
};

static void add_arrow(struct arrows *arrows, state_set from, state_set to)
{
    int i;

    for (i = 0; i < STATES_MAX; i++)
        if (from & STATE_BIT(i))
            arrows->to[i] |= to;
}

static void add_row(struct arrows *arrows, const struct machine *machine, const struct row *row)
{
    if (row->each ? row->each->machine == machine->index : true)
        add_arrow(arrows, row->each ? row->each->in : row->tests.in, row->to_any);
}

static void add_fixtures(struct builder *builder, const struct machine *machine,
                         struct arrows *arrows)
{
    size_t i, j;

    for (i = 0; i < builder->provider->kind_count; i++) {
        const struct kind *kind = &builder->kinds[i];

        for (j = 0; kind->machine == machine && j < kind->timer_count; j++) {
            const struct timer *timer = &kind->timers[j];
            int to = timer->to.name ? machine_state(machine, timer->to.name) : STATE_NONE;

            if (to != STATE_NONE)
                add_arrow(arrows, timer->in & machine->present, STATE_BIT(to));
        }
    }
    for (i = 0; i < builder->provider->seed_count; i++) {
        const struct seed *seed = &builder->provider->seeds[i];

        if (seed->kind->machine == machine && seed->state != STATE_NONE)
            arrows->start |= STATE_BIT(seed->state);
    }
}

static void collect(struct builder *builder, const struct machine *machine, struct arrows *arrows)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    size_t i, j, k;

    *arrows = (struct arrows){.start = machine->initial | STATE_BIT(STATE_ABSENT)};
    for (i = 0; i < machine->state_count; i++)
        arrows->to[i] = machine->reach_one[i];
    for (i = 0; i < machine->always_count; i++)
        add_arrow(arrows, machine->always[i].tests.in, machine->always[i].to_any);
    for (i = 0; i < lifecycle->machine_count; i++)
        for (j = 0; j < lifecycle->machines[i].block_count; j++)
            for (k = 0; k < lifecycle->machines[i].blocks[j].rows.count; k++) {
                const struct row *row = &lifecycle->machines[i].blocks[j].rows.items[k];

                if (row->each || machine == &lifecycle->machines[i])
                    add_row(arrows, machine, row);
            }
    add_fixtures(builder, machine, arrows);
}

static void check_machine_states(struct builder *builder, const struct machine *machine)
{
    struct arrows arrows;
    state_set seen, before;
    size_t i;

    collect(builder, machine, &arrows);
    seen = arrows.start;
    do {
        before = seen;
        for (i = 0; i < machine->state_count; i++)
            if (seen & STATE_BIT(i))
                seen |= arrows.to[i];
    } while (seen != before);
    for (i = 1; i < machine->state_count; i++) {
        if (!(seen & STATE_BIT(i)))
            findings_add(builder->findings, machine->states[i].place,
                         "no move, row or timer leads to the state '%s' of '%s'",
                         machine->states[i].name, machine->name);
        if (machine->states[i].waits && !(arrows.to[i] & ~STATE_BIT(i)))
            findings_add(builder->findings, machine->states[i].place,
                         "'%s' waits, but no operation row or timer leaves it",
                         machine->states[i].name);
    }
}

void check_reachable(struct builder *builder)
{
    size_t i;

    for (i = 0; i < builder->lifecycle->machine_count; i++)
        if (!builder->lifecycle->machines[i].is_stateless)
            check_machine_states(builder, &builder->lifecycle->machines[i]);
}
