/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of one stream, one after the other, and pieces against the whole. Events that were
 * told before (by their number) are the past: they must be the same again, and cut no belief.
 * Names, numbers and ends have files of their own.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "runner/monitor/stream_parts.h"

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
    stream_check_name(reading, showing);
    stream_note_end(reading, see_showing(reading->looking, showing));
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
    stream_check_parts(&reading);
    stream_check_end(&reading);
    stream_check_first(&reading);
    stream_check_marker(&reading);
    for (size_t i = 0; i < reading.texts.count; i++)
        strbuf_release(&reading.texts.items[i].text);
    looking->moment = &looking->after;
}
