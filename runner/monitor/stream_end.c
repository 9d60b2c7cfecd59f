/* SPDX-License-Identifier: Apache-2.0 */
/* How a stream begins and ends: its first and last event, and the state in which it may be over. */
#include "core/base/str.h"
#include "core/data/tree.h"
#include "runner/monitor/stream_parts.h"

static bool is_one_of(const struct event_marker *markers, size_t count,
                      const struct seen_event *event)
{
    for (size_t i = 0; i < count; i++) {
        const struct event_marker *marker = &markers[i];

        if ((!marker->event || text_is(event->event, marker->event)) &&
            (!marker->data || text_is(tree_text(event->data), marker->data)))
            return true;
    }
    return false;
}

static bool is_marker(const struct stream_rule *rule, const struct seen_event *event)
{
    return is_one_of(rule->last, rule->last_count, event);
}

void stream_check_first(struct reading *reading)
{
    const struct seen *seen = reading->looking->seen;
    const struct event_marker *marker = reading->rule->first;
    struct breach breach = stream_breach(reading, "marker");

    if (marker && reading->rule->first_count && seen->events.count &&
        !is_one_of(marker, reading->rule->first_count, &seen->events.items[0]))
        say_breach(reading->looking, &breach, "%s begins without its first event (%s)",
                   stream_name(reading), marker->event ? marker->event : marker->data);
}

static bool is_same_event(const struct seen_event *one, const struct seen_event *other)
{
    return text_is(one->event ? one->event : "", other->event ? other->event : "") &&
           text_is(tree_text(one->data), tree_text(other->data));
}

void stream_check_marker(struct reading *reading)
{
    const struct seen *seen = reading->looking->seen;
    const struct stream_rule *rule = reading->rule;
    const struct event_marker *marker = rule->last;
    struct breach breach = stream_breach(reading, "marker");
    size_t count = seen->events.count;

    if (!rule->last_count)
        return;
    for (size_t i = 0; i + 1 < count; i++) {
        const struct seen_event *event = &seen->events.items[i], *next = event + 1;

        if (is_marker(rule, event) && (!is_marker(rule, next) || is_same_event(event, next)))
            say_breach(reading->looking, &breach,
                       "%s goes on after its last event (event %zu of %zu)", stream_name(reading),
                       i + 1, count);
    }
    if (!seen->is_cut && (!count || !is_marker(rule, &seen->events.items[count - 1])))
        say_breach(reading->looking, &breach, "%s ends without its last event (%s%s%s)",
                   stream_name(reading), marker->event ? marker->event : "",
                   marker->event && marker->data ? ": " : "", marker->data ? marker->data : "");
}

void stream_note_end(struct reading *reading, const struct belief *belief)
{
    if (belief != reading->of || reading->is_past || belief->last != reading->looking->seen)
        return;
    if (belief->states && !(belief->states & ~reading->rule->ends))
        reading->has_ended = true;
}

/* The stream is over: then what it is about is where streams end, or gone. */
void stream_check_end(struct reading *reading)
{
    struct looking *looking = reading->looking;
    struct belief *belief = (struct belief *)reading->of;
    struct breach breach = stream_breach(reading, "end");
    state_set ends = reading->rule->ends | STATE_BIT(STATE_ABSENT), states;

    if (!belief || looking->seen->is_cut || looking->out->count > reading->verdicts ||
        looking->events.is_loose || reading->has_ended ||
        looking->answer.status == looking->seen->operation->timeout_status)
        return;
    states = belief->states;
    if (!reading->rule->complete || belief->last != looking->seen)
        states = belief_states(looking->monitor->beliefs, belief, &looking->events);
    if (!(states & ends)) {
        say_breach(looking, &breach, "%s %s: %s ends, but it is %s; the stream goes on to %s",
                   belief->machine->name, belief->id, stream_name(reading),
                   state_set_text(looking->arena, belief->machine, belief->states),
                   state_set_text(looking->arena, belief->machine, reading->rule->ends));
        belief_forget(belief);
        return;
    }
    if (states & ~ends)
        belief_tell(looking->monitor->beliefs, belief, states & ends, &looking->events,
                    looking->seen);
    if (belief->last != looking->seen)
        return;
    belief->untold = reading->rule->tells;
    belief->changes = looking->monitor->changes + !is_safe(looking->seen);
}

/* Its own parts have ended when it has. */
void stream_check_parts(struct reading *reading)
{
    struct looking *looking = reading->looking;
    struct breach breach = stream_breach(reading, "end");

    if (!reading->rule->all_end || !reading->has_ended || looking->seen->is_cut ||
        (reading->of->states & ~reading->of->machine->terminal))
        return;
    for (size_t i = 0; i < reading->names.count; i++) {
        const struct belief *belief = reading->names.items[i].belief;

        if (belief->last != looking->seen || !belief->machine->terminal ||
            belief->states & belief->machine->terminal)
            continue;
        breach.belief = belief;
        say_breach(looking, &breach, "%s %s: %s ends, but tells no end of it: it is %s",
                   belief->machine->name, belief->id, stream_name(reading),
                   state_set_text(looking->arena, belief->machine, belief->states));
    }
}
