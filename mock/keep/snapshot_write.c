/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/snapshot_write.h"

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/data/json.h"
#include "core/net/http_header.h"
#include "mock/keep/snapshot_parts.h"

#include <inttypes.h>

enum { PIECE = 256 * 1024 }; /* handed on at once, or a resource more */

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
    state_open(text, "declared", '{');
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
        state_open(text, "outcomes", '[');
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
    state_open(text, "providers", '[');
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
    state_open(text, "forced", '[');
    for (size_t i = 0; i < snapshot->forced_count; i++) {
        const struct snap_forced *forced = &snapshot->forced[i];
        state_open_item(text);
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
    state_open(text, "causes", '[');
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
    state_open(text, "headers", '[');
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
        snapshot_put_resource(text, &snapshot->items[i]);
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
