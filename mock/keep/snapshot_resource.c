/* SPDX-License-Identifier: Apache-2.0 */
/* One resource of a kept state as text, with its moves, timers, events and outcome. */
#include "mock/keep/snapshot_parts.h"

#include <inttypes.h>

static const char *state_name(const struct machine *machine, uint8_t state)
{
    return state == MOVE_ABSENT || state >= machine->state_count ? "absent"
                                                                 : machine->states[state].name;
}

/* [instant, from, to, cause, exchange, sequence]: there are several for each resource. */
static void put_moves(struct strbuf *text, const struct snap_resource *snap)
{
    const struct machine *machine = snap->kind->kind->machine;
    state_open(text, "moves", '[');
    for (size_t i = 0; i < snap->move_count; i++) {
        const struct move_record *move = &snap->moves[i];
        strbuf_adds(text, i ? ",[" : "[");
        state_put_time(text, move->at);
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
    state_open(text, "timers", '[');
    for (size_t i = 0; i < snap->timer_count; i++) {
        const struct snap_timer *timer = &snap->timers[i];
        state_open_item(text);
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
    state_open(text, "events", '[');
    for (size_t i = 0; i < snap->event_count; i++) {
        const struct snap_event *event = &snap->events[i];
        state_open_item(text);
        state_put_text(text, "name", event->name);
        if (event->kind != snap->kind)
            state_put_text(text, "kind", event->kind->kind->name);
        state_put_instant(text, "at", event->at);
        if (!put_same_view(text, snap, i)) {
            state_put_json(text, "view", event->view);
            state_put_json(text, "hidden", event->hidden);
        }
        state_put_json(text, "data", event->data);
        strbuf_addch(text, '}');
    }
    strbuf_addch(text, ']');
}

void snapshot_put_resource(struct strbuf *text, const struct snap_resource *snap)
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
    state_put_json(text, "view", snap->view);
    state_put_json(text, "hidden", snap->hidden);
    put_moves(text, snap);
    put_timers(text, snap);
    put_events(text, snap);
    if (snap->outcome)
        snapshot_put_outcome(text, snap->outcome);
    strbuf_addch(text, '}');
}
