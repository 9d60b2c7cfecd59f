/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on with a resource beside its outcome: timers that are armed, events for streams. */
#include "core/base/mem.h"
#include "core/data/json.h"
#include "mock/events.h"
#include "mock/keep/restore_parts.h"
#include "mock/state.h"
#include "mock/timers.h"

enum { TIMER_NAME, TIMER_ITEM, TIMER_KEY, TIMER_DUE, TIMER_ORDER, TIMER_MEMBERS };
static const char *const timer_names[TIMER_MEMBERS] = {"name", "item", "key", "due", "order"};

static const struct kind_play *kind_of(const struct restoring *restoring,
                                       const struct resource *resource)
{
    const struct played *played = state_played_of_kind(restoring->world, resource->kind);
    return played_at(played, resource->kind);
}

static const struct timer *find_timer(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->timer_count; i++)
        if (text_is(kind->timers[i].name, name))
            return &kind->timers[i];
    return NULL;
}

static void restore_timer(struct restoring *restoring, struct resource *resource, struct str piece)
{
    struct reading *reading = restoring->reading;
    const struct kind *kind = kind_of(restoring, resource)->kind;
    struct str values[TIMER_MEMBERS];
    struct armed_timer armed = {.due = world_now(restoring->world)};
    int64_t item = 0, order = 0;
    if (!read_members(reading, piece, timer_names, TIMER_MEMBERS, values))
        return;
    const char *name = read_text(reading, reading->scratch, values[TIMER_NAME]);
    read_integer(reading, values[TIMER_ITEM], 0, INT32_MAX, &item);
    read_integer(reading, values[TIMER_ORDER], 1, INT64_MAX - 1, &order);
    read_instant(reading, values[TIMER_DUE], &armed.due);
    armed.key = (char *)read_text(reading, reading->scratch, values[TIMER_KEY]);
    armed.item = (size_t)item;
    armed.timer = name ? find_timer(kind, name) : NULL;
    if (!name) {
        reading_problem(reading, piece.ptr, "a timer of '%s' has no 'name'", resource->id);
    } else if (armed.timer) {
        timers_restore(restoring->world, resource, &armed, (uint64_t)order);
        restoring->session->timers += order != 0;
    } else {
        reading_remark(reading, piece.ptr, "the timer '%s' of '%s' is dropped: kind '%s' has none",
                       name, resource->id, kind->name);
    }
}

void restore_timers(struct restoring *restoring, struct resource *resource, struct str piece)
{
    struct json_walk walk;
    struct str item;
    if (!read_items(restoring->reading, piece, &walk))
        return;
    while (read_next(restoring->reading, &walk, &item))
        restore_timer(restoring, resource, item);
}

/* ---- events ---- */

enum {
    EVENT_NAME,
    EVENT_KIND,
    EVENT_AT,
    EVENT_VIEW_OF,
    EVENT_VIEW,
    EVENT_HIDDEN,
    EVENT_DATA,
    EVENT_MEMBERS
};
static const char *const event_names[EVENT_MEMBERS] = {"name", "kind",   "at",  "view_of",
                                                       "view", "hidden", "data"};

static struct text *read_json(struct reading *reading, struct str piece)
{
    const cJSON *tree = read_tree(reading, reading->scratch, piece);
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    if (!tree)
        return NULL;
    json_print(tree, JSON_COMPACT, &out);
    struct text *text = text_new(out.buf, out.len);
    strbuf_release(&out);
    return text;
}

/* As the resource is now (0), or as that event of it. */
static bool share_view(struct happening *happening, const struct live *live, int64_t number)
{
    if (number < 0 || number > (int64_t)live->log.count)
        return false;
    const struct resource *resource = live->resource;
    const struct happening *other = number ? &live->log.items[number - 1] : NULL;
    happening->view = text_ref(other ? other->view : resource->view);
    happening->hidden = text_ref(other ? other->hidden : resource->hidden);
    return true;
}

static bool read_view(struct restoring *restoring, const struct live *live,
                      struct happening *happening, struct str piece, const struct str *values)
{
    struct reading *reading = restoring->reading;
    int64_t view_of = -1;
    read_integer(reading, values[EVENT_VIEW_OF], 0, EVENTS_KEPT, &view_of);
    if (values[EVENT_VIEW_OF].ptr) {
        if (share_view(happening, live, view_of))
            return true;
        reading_problem(reading, piece.ptr, "'view_of' is 0 or the number of an event before");
        return false;
    }
    happening->view = read_json(reading, values[EVENT_VIEW]);
    happening->hidden = read_json(reading, values[EVENT_HIDDEN]);
    if (!happening->view)
        reading_problem(reading, piece.ptr, "an event has neither 'view' nor 'view_of'");
    return happening->view != NULL;
}

static void restore_event(struct restoring *restoring, struct live *live, struct str piece)
{
    struct reading *reading = restoring->reading;
    const struct kind_play *own = kind_of(restoring, live->resource);
    struct str values[EVENT_MEMBERS];
    struct happening happening = {.at = world_now(restoring->world)};
    if (!read_members(reading, piece, event_names, EVENT_MEMBERS, values))
        return;
    const char *name = read_text(reading, reading->scratch, values[EVENT_NAME]);
    const char *kind = read_text(reading, reading->scratch, values[EVENT_KIND]);
    happening.kind = kind ? restore_kind(restoring, own->played, values[EVENT_KIND], kind)
                          : played_kind(own->played, own->kind);
    read_instant(reading, values[EVENT_AT], &happening.at);
    if (!name)
        reading_problem(reading, piece.ptr, "an event of '%s' has no 'name'", live->resource->id);
    if (live->log.count == EVENTS_KEPT)
        reading_problem(reading, piece.ptr, "'%s' has more than %d events", live->resource->id,
                        EVENTS_KEPT);
    if (!name || !happening.kind || live->log.count == EVENTS_KEPT)
        return;
    if (read_view(restoring, live, &happening, piece, values)) {
        happening.data = read_json(reading, values[EVENT_DATA]);
        happening.name = name;
        events_restore(live, &happening);
    } else {
        text_unref(happening.hidden);
    }
}

void restore_events(struct restoring *restoring, struct resource *resource, struct str piece,
                    int64_t dropped)
{
    struct json_walk walk;
    struct str item;
    if (!read_items(restoring->reading, piece, &walk))
        return;
    struct live *live = live_of(restoring->world, resource);
    live->log.dropped = (uint64_t)dropped;
    while (read_next(restoring->reading, &walk, &item))
        restore_event(restoring, live, item);
}
