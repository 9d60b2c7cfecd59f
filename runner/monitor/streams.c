/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of one stream: their numbers, their names against what they show, pieces against the
 * whole, the marker at the end, and that it ends when the contract says. Events that were told
 * before (by their number) are the past: they must be the same again, and cut no belief.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/match.h"
#include "core/expr/template.h"
#include "runner/monitor/stream_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

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
static void check_name(struct reading *reading, const struct showing *showing)
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

/* ---- pieces ---- */

static struct told_text *text_of(struct reading *reading, const char *id)
{
    struct told_text made = {.id = id, .text = STRBUF_INIT(LIMIT_BODY)};

    for (size_t i = 0; i < reading->texts.count; i++)
        if (text_is(reading->texts.items[i].id, id))
            return &reading->texts.items[i];
    vec_push_arena(reading->looking->arena, &reading->texts, made);
    return &reading->texts.items[reading->texts.count - 1];
}

static void check_whole(struct reading *reading, const struct event_sum *sum,
                        const struct observed *observed)
{
    struct breach breach = stream_breach(reading, "pieces");
    const char *id = tree_text(pointer_get(observed->value, sum->whole_id));
    const char *text = tree_text(pointer_get(observed->value, sum->whole_text));
    const struct told_text *told = id && text ? text_of(reading, id) : NULL;

    breach.place = sum->place;
    if (told && told->is_whole && told->text.len && *text && !text_is(told->text.buf, text))
        say_breach(reading->looking, &breach,
                   "%s: the pieces of '%s' make %s, but in the end it is %s", stream_name(reading),
                   id,
                   json_text(reading->looking->arena,
                             tree_string(reading->looking->arena, told->text.buf)),
                   json_text(reading->looking->arena, tree_string(reading->looking->arena, text)));
}

/* Pieces count from the first event on that tells of the whole. */
static void check_sums(struct reading *reading, const struct observed *observed)
{
    for (size_t i = 0; i < reading->rule->sum_count; i++) {
        const struct event_sum *sum = &reading->rule->sums[i];
        const char *id, *text;

        if (text_is(observed->schema, sum->whole)) {
            id = tree_text(pointer_get(observed->value, sum->whole_id));
            check_whole(reading, sum, observed);
            if (id && !text_of(reading, id)->text.len)
                text_of(reading, id)->is_whole = true;
        } else if (text_is(observed->schema, sum->piece)) {
            id = tree_text(pointer_get(observed->value, sum->piece_id));
            text = tree_text(pointer_get(observed->value, sum->piece_text));
            if (id && text)
                strbuf_adds(&text_of(reading, id)->text, text);
        }
    }
}

/* ---- the end ---- */

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

static void check_first(struct reading *reading)
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

static void check_marker(struct reading *reading)
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

static void note_end(struct reading *reading, const struct belief *belief)
{
    if (belief != reading->of || reading->is_past || belief->last != reading->looking->seen)
        return;
    if (belief->states && !(belief->states & ~reading->rule->ends))
        reading->has_ended = true;
}

/* The stream is over: then what it is about is where streams end, or gone. */
static void check_end(struct reading *reading)
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
static void check_parts(struct reading *reading)
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

/* ---- event by event ---- */

static void find_subject(struct looking *looking, const struct showing *showing, void *data)
{
    struct reading *reading = data;

    (void)looking;
    if (!reading->of && showing->machine->index == reading->rule->of)
        reading->of =
            beliefs_find(reading->looking->monitor->beliefs, showing->machine, showing->id);
}

static void find_told_of(struct reading *reading)
{
    const struct machine *machine =
        &reading->looking->monitor->provider->lifecycle->machines[reading->rule->of];
    const struct seen_event *event;

    vec_foreach (event, &reading->looking->seen->events) {
        const char *id = tree_text(pointer_get(event->data, reading->rule->numbers.of));

        if (id && !reading->of)
            reading->of = beliefs_get(reading->looking->monitor->beliefs, machine, id);
    }
}

/* The one that the path names, else the first of its machine that is shown. */
static void find_of(struct reading *reading)
{
    struct looking *looking = reading->looking;
    const struct seen_event *event;
    const struct observed *observed;

    for (size_t i = 0; i < looking->taking_count; i++)
        if (looking->takings[i].participant->machine->index == reading->rule->of)
            reading->of = looking->takings[i].belief;
    vec_foreach (event, &looking->seen->events)
        vec_foreach (observed, &event->observed)
            find_showings(looking, observed, true, find_subject, reading);
    if (!reading->of && reading->rule->numbers.of)
        find_told_of(reading);
    reading->made_it = reading->of && reading->of->last == looking->seen && reading->of->row &&
                       !reading->of->since;
}

static void see_past(struct reading *reading, const struct showing *showing)
{
    const struct belief *belief =
        beliefs_find(reading->looking->monitor->beliefs, showing->machine, showing->id);

    if (belief == reading->of)
        reading->has_ended = false;
}

static void check_over(const struct reading *reading)
{
    struct breach breach = stream_breach(reading, "end");

    if (reading->has_ended)
        say_breach(
            reading->looking, &breach, "%s goes on (event %zu) after %s %s was %s",
            stream_name(reading), stream_event_index(reading), reading->of->machine->name,
            reading->of->id,
            state_set_text(reading->looking->arena, reading->of->machine, reading->of->states));
}

static void see_shown(struct looking *looking, const struct showing *showing, void *data)
{
    struct reading *reading = data;

    (void)looking;
    if (reading->is_past) {
        see_past(reading, showing);
        return;
    }
    check_over(reading);
    check_name(reading, showing);
    note_end(reading, see_showing(reading->looking, showing));
}

static void see_event(struct reading *reading)
{
    const struct observed *observed;

    stream_check_number(reading);
    vec_foreach (observed, &reading->event->observed) {
        find_showings(reading->looking, observed, true, see_shown, reading);
        if (!reading->is_past)
            check_sums(reading, observed);
    }
}

static struct told_stream *told_of(const struct reading *reading)
{
    struct monitor *monitor = reading->looking->monitor;
    struct told_stream *told;
    const char *key;

    if (!reading->of || reading->rule->numbers.rule == NUMBERS_NONE)
        return NULL;
    key = arena_printf(reading->looking->arena, "%s %s", reading->rule->name, reading->of->id);
    told = map_get(monitor->streams, key);
    if (!told) {
        told = arena_alloc(monitor->arena, sizeof *told);
        map_put(monitor->streams, key, told);
    }
    return told;
}

static void see_unruled(struct looking *looking, const struct showing *showing, void *data)
{
    (void)data;
    see_showing(looking, showing);
}

static void see_events_alone(struct looking *looking)
{
    const struct seen_event *event;
    const struct observed *observed;

    vec_foreach (event, &looking->seen->events)
        vec_foreach (observed, &event->observed)
            find_showings(looking, observed, true, see_unruled, NULL);
}

void see_stream(struct looking *looking)
{
    const struct seen *seen = looking->seen;
    struct reading reading = {
        .looking = looking, .rule = seen->operation->stream, .first = -1, .previous = -1};

    looking->moment = &looking->events;
    if (!reading.rule) {
        see_events_alone(looking);
        looking->moment = &looking->after;
        return;
    }
    reading.verdicts = looking->out->count;
    find_of(&reading);
    reading.told = told_of(&reading);
    for (size_t i = 0; i < seen->events.count; i++) {
        reading.event = &seen->events.items[i];
        see_event(&reading);
    }
    reading.is_past = false;
    if (reading.rule->numbers.rule != NUMBERS_NONE)
        stream_check_start(&reading);
    check_parts(&reading);
    check_end(&reading);
    check_first(&reading);
    check_marker(&reading);
    for (size_t i = 0; i < reading.texts.count; i++)
        strbuf_release(&reading.texts.items[i].text);
    looking->moment = &looking->after;
}
