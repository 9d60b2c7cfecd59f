/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/snapshot_write.h"

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/net/http_header.h"

#include <inttypes.h>

enum { PIECE = 256 * 1024 }; /* handed on at once, or a resource more */

/* ---- members ---- */

void state_put_name(struct strbuf *text, const char *name)
{
    char before = text->len ? text->buf[text->len - 1] : '{';
    if (before != '{' && before != '[')
        strbuf_addch(text, ',');
    strbuf_addf(text, "\"%s\":", name);
}

void state_put_text(struct strbuf *text, const char *name, const char *value)
{
    if (!value)
        return;
    state_put_name(text, name);
    json_print_string(value, text);
}

void state_put_number(struct strbuf *text, const char *name, int64_t value)
{
    state_put_name(text, name);
    strbuf_addf(text, "%" PRId64, value);
}

void state_put_count(struct strbuf *text, const char *name, uint64_t value)
{
    if (value)
        state_put_number(text, name, (int64_t)value);
}

void state_put_flag(struct strbuf *text, const char *name, bool value)
{
    if (!value)
        return;
    state_put_name(text, name);
    strbuf_adds(text, "true");
}

/* No more digits than it needs. */
static void put_instant(struct strbuf *text, nanos instant)
{
    char out[INSTANT_TEXT];
    int digits = instant % NANOS_PER_SECOND == 0 ? 0 : instant % NANOS_PER_MS == 0 ? 3 : 9;
    instant_rfc3339(instant, digits, out);
    strbuf_addf(text, "\"%s\"", out);
}

void state_put_instant(struct strbuf *text, const char *name, nanos instant)
{
    state_put_name(text, name);
    put_instant(text, instant);
}

void state_put_tree(struct strbuf *text, const char *name, const cJSON *tree)
{
    if (!tree)
        return;
    state_put_name(text, name);
    json_print(tree, JSON_COMPACT, text);
}

void state_put_hex(struct strbuf *text, const char *name, uint64_t value)
{
    state_put_name(text, name);
    strbuf_addf(text, "\"%016" PRIx64 "\"", value);
}

static void put_json(struct strbuf *text, const char *name, const struct text *json)
{
    if (!json)
        return;
    state_put_name(text, name);
    strbuf_add(text, json->bytes, json->len);
}

static void open(struct strbuf *text, const char *name, char bracket)
{
    state_put_name(text, name);
    strbuf_addch(text, bracket);
}

static void open_item(struct strbuf *text)
{
    if (text->buf[text->len - 1] != '[')
        strbuf_addch(text, ',');
    strbuf_addch(text, '{');
}

/* ---- pieces ---- */

static void hand_on(struct state_writer *writer)
{
    if (writer->text.overflowed)
        writer->has_failed = true;
    if (!writer->has_failed && writer->text.len)
        writer->has_failed = writer->write(writer->data, writer->text.buf, writer->text.len) != 0;
    strbuf_clear(&writer->text);
}

/* Behind a line: `more` of them follow. */
static void end_line(struct state_writer *writer, bool more)
{
    strbuf_adds(&writer->text, more ? ",\n" : "\n");
    if (writer->text.len >= PIECE)
        hand_on(writer);
}

/* ---- one resource ---- */

static const char *state_name(const struct machine *machine, uint8_t state)
{
    return state == MOVE_ABSENT || state >= machine->state_count ? "absent"
                                                                 : machine->states[state].name;
}

/* [instant, from, to, cause, exchange, sequence]: there are several for each resource. */
static void put_moves(struct strbuf *text, const struct snap_resource *snap)
{
    const struct machine *machine = snap->kind->kind->machine;
    open(text, "moves", '[');
    for (size_t i = 0; i < snap->move_count; i++) {
        const struct move_record *move = &snap->moves[i];
        strbuf_adds(text, i ? ",[" : "[");
        put_instant(text, move->at);
        strbuf_addf(text, ",\"%s\",\"%s\",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "]",
                    state_name(machine, move->from), state_name(machine, move->to), move->cause,
                    move->exchange, move->sequence);
    }
    strbuf_addch(text, ']');
    state_put_count(text, "moves_dropped", snap->moves_dropped);
}

static void put_timers(struct strbuf *text, const struct snap_resource *snap)
{
    if (!snap->timer_count)
        return;
    open(text, "timers", '[');
    for (size_t i = 0; i < snap->timer_count; i++) {
        const struct snap_timer *timer = &snap->timers[i];
        open_item(text);
        state_put_text(text, "name", timer->timer->name);
        state_put_count(text, "item", timer->item);
        state_put_text(text, "key", timer->key);
        state_put_instant(text, "due", timer->due);
        state_put_count(text, "order", timer->sequence);
        strbuf_addch(text, '}');
    }
    strbuf_addch(text, ']');
}

static bool is_same(const struct text *a, const struct text *b)
{
    return a == b || (a && b && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0);
}

/* Many events show the resource as it is now, or as another event did: then they say which. */
static bool put_same_view(struct strbuf *text, const struct snap_resource *snap, size_t index)
{
    const struct snap_event *event = &snap->events[index];
    size_t from = index > 16 ? index - 16 : 0;
    if (is_same(event->view, snap->view) && is_same(event->hidden, snap->hidden)) {
        state_put_number(text, "view_of", 0);
        return true;
    }
    for (size_t i = from; i < index; i++)
        if (is_same(snap->events[i].view, event->view) &&
            is_same(snap->events[i].hidden, event->hidden)) {
            state_put_number(text, "view_of", (int64_t)i + 1);
            return true;
        }
    return false;
}

static void put_events(struct strbuf *text, const struct snap_resource *snap)
{
    state_put_count(text, "events_dropped", snap->events_dropped);
    if (!snap->event_count)
        return;
    open(text, "events", '[');
    for (size_t i = 0; i < snap->event_count; i++) {
        const struct snap_event *event = &snap->events[i];
        open_item(text);
        state_put_text(text, "name", event->name);
        if (event->kind != snap->kind)
            state_put_text(text, "kind", event->kind->kind->name);
        state_put_instant(text, "at", event->at);
        if (!put_same_view(text, snap, i)) {
            put_json(text, "view", event->view);
            put_json(text, "hidden", event->hidden);
        }
        put_json(text, "data", event->data);
        strbuf_addch(text, '}');
    }
    strbuf_addch(text, ']');
}

static void put_resource(struct strbuf *text, const struct snap_resource *snap)
{
    strbuf_adds(text, "{");
    state_put_text(text, "provider", snap->kind->played->provider->name);
    state_put_text(text, "kind", snap->kind->kind->name);
    state_put_text(text, "id", snap->id);
    state_put_text(text, "owner", snap->owner);
    state_put_number(text, "serial", (int64_t)snap->serial);
    state_put_text(text, "state", state_name(snap->kind->kind->machine, snap->state));
    state_put_flag(text, "deleted", snap->is_deleted);
    state_put_number(text, "version", snap->version);
    state_put_instant(text, "born", snap->born);
    state_put_instant(text, "entered", snap->entered);
    put_json(text, "view", snap->view);
    put_json(text, "hidden", snap->hidden);
    put_moves(text, snap);
    put_timers(text, snap);
    put_events(text, snap);
    if (snap->outcome)
        snapshot_put_outcome(text, snap->outcome);
    strbuf_addch(text, '}');
}

/* ---- the session ---- */

static void put_duration(struct strbuf *text, const char *name, nanos duration)
{
    char out[INSTANT_TEXT];
    duration_iso8601(duration, out);
    state_put_text(text, name, out);
}

static void put_terms(struct strbuf *text, const struct session_terms *terms)
{
    static const char *const modes[] = {"real", NULL, "virtual"};
    if (!terms)
        return;
    open(text, "declared", '{');
    if (terms->has_seed)
        state_put_number(text, "seed", (int64_t)terms->seed);
    if (terms->has_clock) {
        state_put_name(text, "clock");
        if (terms->clock.mode == MODE_SCALED)
            strbuf_addf(text, "\"scaled:%" PRId64 "\"", terms->clock.scale);
        else
            strbuf_addf(text, "\"%s\"", modes[terms->clock.mode]);
        state_put_instant(text, "epoch", terms->clock.epoch);
        put_duration(text, "step", terms->clock.step);
    }
    state_put_count(text, "participants", terms->participants);
    if (terms->expires_after != SESSION_IDLE_AS_ALL)
        put_duration(text, "expires_after", terms->expires_after);
    if (terms->outcome_count) {
        open(text, "outcomes", '[');
        for (size_t i = 0; i < terms->outcome_count; i++) {
            strbuf_adds(text, i ? "," : "");
            json_print_string(terms->outcomes[i], text);
        }
        strbuf_addch(text, ']');
    }
    strbuf_addch(text, '}');
}

static void put_head(struct strbuf *text, const struct snapshot *snapshot)
{
    static const char *const modes[] = {"real", "scaled", "virtual"};
    state_put_number(text, "seed", (int64_t)snapshot->seed);
    state_put_text(text, "clock", modes[snapshot->mode]);
    state_put_flag(text, "frozen", snapshot->is_frozen);
    state_put_flag(text, "untouched", snapshot->is_untouched);
    state_put_instant(text, "now", snapshot->now);
    state_put_number(text, "participants", snapshot->participants);
    state_put_number(text, "serial", (int64_t)snapshot->serial);
    state_put_number(text, "sequence", snapshot->sequence);
    state_put_number(text, "events", (int64_t)snapshot->events);
    state_put_number(text, "requests", (int64_t)snapshot->requests);
    state_put_count(text, "counter", (uint64_t)snapshot->counter);
    open(text, "providers", '[');
    for (size_t i = 0; snapshot->providers[i]; i++) {
        strbuf_adds(text, i ? "," : "");
        json_print_string(snapshot->providers[i], text);
    }
    strbuf_addch(text, ']');
}

static void put_forced(struct strbuf *text, const struct snapshot *snapshot)
{
    if (!snapshot->forced_count)
        return;
    open(text, "forced", '[');
    for (size_t i = 0; i < snapshot->forced_count; i++) {
        const struct snap_forced *forced = &snapshot->forced[i];
        open_item(text);
        state_put_text(text, "provider", forced->provider);
        state_put_text(text, "kind", forced->outcome->kind->name);
        state_put_text(text, "outcome", forced->outcome->name);
        state_put_count(text, "times", (uint64_t)forced->times);
        strbuf_addch(text, '}');
    }
    strbuf_addch(text, ']');
}

static void put_cause(struct strbuf *row, const struct move_cause *cause)
{
    strbuf_clear(row);
    strbuf_addch(row, '{');
    state_put_text(row, "by", cause_kind_name(cause->kind));
    state_put_text(row, "name", cause->name);
    if (cause->place && cause->place->file) {
        state_put_text(row, "file", cause->place->file);
        state_put_number(row, "line", cause->place->line);
        state_put_number(row, "column", cause->place->column);
    }
    strbuf_addch(row, '}');
}

struct cause_numbers {
    struct map *known; /* by its text: what was imported and goes on is in two places, but one */
    uint32_t *numbers; /* of each in the snapshot; 0: not met yet */
    struct strbuf row;
};

static uint32_t number_of(struct cause_numbers *numbers, const struct snapshot *snapshot,
                          uint32_t cause, struct strbuf *text)
{
    if (numbers->numbers[cause])
        return numbers->numbers[cause];
    put_cause(&numbers->row, &snapshot->causes[cause]);
    uintptr_t number = (uintptr_t)map_get_n(numbers->known, numbers->row.buf, numbers->row.len);
    if (!number) {
        strbuf_adds(text, map_count(numbers->known) ? "," : "");
        strbuf_add(text, numbers->row.buf, numbers->row.len);
        number = map_count(numbers->known) + 1;
        map_put_n(numbers->known, numbers->row.buf, numbers->row.len, (void *)number);
    }
    return numbers->numbers[cause] = (uint32_t)number;
}

/* Those that some move still has, in the order of the moves, which from now on name them so. */
static void put_causes(struct snapshot *snapshot, struct strbuf *text)
{
    struct cause_numbers numbers = {
        .known = map_new(),
        .numbers = arena_alloc(snapshot->arena, (snapshot->cause_count + 1) * sizeof(uint32_t)),
        .row = STRBUF_INIT(LIMIT_MESSAGE),
    };
    open(text, "causes", '[');
    for (size_t i = 0; i < snapshot->count; i++)
        for (size_t j = 0; j < snapshot->items[i].move_count; j++) {
            struct move_record *move = &snapshot->items[i].moves[j];
            move->cause = number_of(&numbers, snapshot, move->cause, text) - 1;
        }
    strbuf_addch(text, ']');
    strbuf_release(&numbers.row);
    map_free(numbers.known);
}

static void put_call(struct strbuf *text, const struct snap_call *call)
{
    strbuf_addch(text, '{');
    state_put_text(text, "callback", call->webhook->name);
    state_put_number(text, "resource", (int64_t)call->serial);
    state_put_text(text, "method", call->method);
    state_put_text(text, "url", call->url);
    open(text, "headers", '[');
    for (size_t i = 0; i < call->header_count; i++) {
        strbuf_adds(text, i ? ",[" : "[");
        json_print_string(call->headers[i].name, text);
        strbuf_addch(text, ',');
        json_print_string(call->headers[i].value, text);
        strbuf_addch(text, ']');
    }
    strbuf_addch(text, ']');
    state_put_text(text, "body", call->body);
    state_put_count(text, "tried", (uint64_t)call->tried);
    state_put_count(text, "number", call->number);
    if (call->sequence) {
        state_put_instant(text, "due", call->due);
        state_put_number(text, "order", (int64_t)call->sequence);
    }
    strbuf_addch(text, '}');
}

static void put_draws(struct state_writer *writer, const struct draws *draws)
{
    size_t count, row = 0;
    struct draws_entry *entries = draws_entries(draws, &count);
    strbuf_adds(&writer->text, ",\n\"draws\":[");
    for (size_t i = 0; i < count; i++) {
        if (row++ == 0)
            strbuf_addch(&writer->text, '\n');
        strbuf_addf(&writer->text, "[\"%016" PRIx64 "\",%" PRIu32 "%s]%s", entries[i].request,
                    entries[i].count, entries[i].is_old ? ",true" : "", i + 1 < count ? "," : "");
        if (row == 6) {
            row = 0;
            if (writer->text.len >= PIECE)
                hand_on(writer);
        }
    }
    strbuf_addch(&writer->text, ']');
    mem_free(entries);
}

void state_write_begin(struct state_writer *writer)
{
    strbuf_init(&writer->text, (size_t)4 * LIMIT_DOCUMENT);
    writer->sessions = 0;
    writer->has_failed = false;
    strbuf_adds(&writer->text, "{\"dryrun_state\":\"" STATE_FORMAT "\",\"sessions\":[");
}

static void write_world(struct state_writer *writer, struct snapshot *snapshot)
{
    struct strbuf *text = &writer->text;
    snapshot_sort(snapshot);
    put_head(text, snapshot);
    put_forced(text, snapshot);
    strbuf_addch(text, '\n');
    put_causes(snapshot, text);
    strbuf_adds(text, ",\n\"resources\":[\n");
    for (size_t i = 0; i < snapshot->count && !writer->has_failed; i++) {
        put_resource(text, &snapshot->items[i]);
        end_line(writer, i + 1 < snapshot->count);
    }
    strbuf_adds(text, "],\n\"webhooks\":[\n");
    for (size_t i = 0; i < snapshot->call_count && !writer->has_failed; i++) {
        put_call(text, &snapshot->calls[i]);
        end_line(writer, i + 1 < snapshot->call_count);
    }
    strbuf_addch(text, ']');
    put_draws(writer, snapshot->draws);
}

void state_write_session(struct state_writer *writer, const struct session_item *item,
                         struct snapshot *snapshot)
{
    struct strbuf *text = &writer->text;
    if (!snapshot && !item->terms)
        return;
    strbuf_adds(text, writer->sessions++ ? ",\n{" : "\n{");
    state_put_text(text, "name", item->name);
    put_terms(text, item->terms);
    if (snapshot)
        write_world(writer, snapshot);
    strbuf_addch(text, '}');
    hand_on(writer);
}

void state_write_now(struct state_writer *writer, const struct session_item *item)
{
    struct snapshot *snapshot = NULL;
    if (item->world) {
        world_lock(item->world);
        world_catch_up(item->world); /* an answer may be out before its exchange has ended */
        snapshot = snapshot_take(item->world);
        world_unlock(item->world);
    }
    state_write_session(writer, item, snapshot);
    snapshot_release(snapshot);
}

int state_write_end(struct state_writer *writer)
{
    strbuf_adds(&writer->text, "\n]}\n");
    hand_on(writer);
    strbuf_release(&writer->text);
    return writer->has_failed ? -1 : 0;
}
