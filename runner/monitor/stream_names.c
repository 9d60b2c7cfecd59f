/* SPDX-License-Identifier: Apache-2.0 */
/* The names of events against what they show: PREFIX.created at a birth, then PREFIX.STATE. */
#include "core/base/str.h"
#include "runner/monitor/stream_parts.h"

#include <string.h>

static const char *prefix_of(const struct stream_rule *rule, const struct machine *machine)
{
    for (size_t i = 0; i < rule->name_count; i++)
        if (rule->names[i].machine == machine->index)
            return rule->names[i].prefix;
    return NULL;
}

static struct told_name *name_of(struct reading *reading, const struct belief *belief)
{
    struct told_name made = {.belief = belief};

    for (size_t i = 0; i < reading->names.count; i++)
        if (reading->names.items[i].belief == belief)
            return &reading->names.items[i];
    vec_push_arena(reading->looking->arena, &reading->names, made);
    return &reading->names.items[reading->names.count - 1];
}

static void check_birth(struct reading *reading, struct belief *belief, struct told_name *told,
                        bool is_named_birth)
{
    const struct machine *machine = belief->machine;
    bool is_first = !told->is_born && !told->state;
    struct breach breach = stream_breach(reading, "event");

    breach.belief = belief;
    if (is_named_birth && (!is_first || (belief->since && belief != reading->of)))
        say_breach(reading->looking, &breach, "%s %s: %s tells its birth %s", machine->name,
                   belief->id, stream_name(reading),
                   is_first ? "though it was there before" : "twice");
    if (!is_named_birth && is_first && reading->made_it && !belief->since &&
        !reading->looking->events.is_loose)
        say_breach(reading->looking, &breach, "%s %s: %s tells '%s' and never its birth",
                   machine->name, belief->id, stream_name(reading), reading->event->event);
    if (is_named_birth && is_first && !belief->since)
        belief_tell(reading->looking->monitor->beliefs, belief, machine->initial,
                    &reading->looking->events, reading->looking->seen);
}

/* PREFIX.created when it is born, then PREFIX.STATE once for each state. */
void stream_check_name(struct reading *reading, const struct showing *showing)
{
    const struct machine *machine = showing->machine;
    const char *prefix = prefix_of(reading->rule, machine), *name = reading->event->event;
    struct belief *belief;
    struct told_name *told;
    struct breach breach = stream_breach(reading, "event");
    state_set shown;

    if (!prefix || !name || !text_starts_with(name, prefix) || name[strlen(prefix)] != '.')
        return;
    name += strlen(prefix) + 1;
    belief = beliefs_get(reading->looking->monitor->beliefs, machine, showing->id);
    told = name_of(reading, belief);
    check_birth(reading, belief, told, text_is(name, "created"));
    breach.belief = belief;
    if (text_is(name, "created")) {
        told->is_born = true;
        return;
    }
    shown = machine_states_of(machine, showing->value, showing->observation->state_at,
                              showing->observation->partial);
    if (machine_state(machine, name) == STATE_NONE)
        return;
    if (shown && !(shown & machine_states_named(machine, name)))
        say_breach(reading->looking, &breach, "%s %s: event '%s' of %s shows %s", machine->name,
                   belief->id, reading->event->event, stream_name(reading),
                   state_set_text(reading->looking->arena, machine, shown));
    if (text_is(told->state, name))
        say_breach(reading->looking, &breach, "%s %s: %s tells '%s' twice", machine->name,
                   belief->id, stream_name(reading), reading->event->event);
    if (told->is_born && !told->state && belief->last == reading->looking->seen &&
        !(machine_states_named(machine, name) & belief->states))
        say_breach(reading->looking, &breach, "%s %s: %s tells '%s', but never that it was %s",
                   machine->name, belief->id, stream_name(reading), reading->event->event,
                   state_set_text(reading->looking->arena, machine, belief->states));
    told->state = name;
}
