/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: which kinds of events came, in which order they first came, and what they carry. */
#include "core/base/str.h"
#include "runner/drift/parts.h"

struct event_kind {
    const char *name;
    struct samples samples;
};

struct event_kinds {
    VEC(struct event_kind);
    const char *last;
    bool is_cut; /* some stream was left before its end */
};

static const struct schema *schema_of(const struct seen *seen, const struct seen_event *event)
{
    const struct observed *observed;
    const struct media_type *media = seen->checked ? seen->checked->media : NULL;
    vec_foreach (observed, &event->observed)
        if (!*observed->pointer && seen->provider)
            return contract_component_schema(seen->provider->contract, observed->schema);
    return media ? media->schema : NULL;
}

/* What its data is: the schema that says most, or the text of a marker. */
static const char *content_of(const struct seen_event *event)
{
    const struct observed *observed;
    const char *name = NULL, *text = tree_text(event->data);
    vec_foreach (observed, &event->observed)
        if (!*observed->pointer)
            name = observed->schema; /* outer ones come first */
    if (!name)
        name = tree_get_text(event->data, "type");
    if (!name && text && strlen(text) <= SHAPE_TEXT_MAX)
        name = text;
    return name ? name : "message";
}

static const char *name_of(const struct seen_event *event)
{
    return event->event && *event->event ? event->event : "message";
}

/* Names tell events apart, unless all of both streams have the same. */
static bool has_names(const struct look *const looks[])
{
    const char *first = NULL;
    for (int side = 0; side < DRIFT_SIDES; side++)
        for (size_t i = 0; i < looks[side]->attempts.count; i++) {
            const struct seen *seen = looks[side]->attempts.items[i]->seen;
            for (size_t j = 0; j < seen->events.count; j++) {
                first = first ? first : name_of(&seen->events.items[j]);
                if (!text_is(first, name_of(&seen->events.items[j])))
                    return true;
            }
        }
    return false;
}

static struct event_kind *find_kind(struct arena *arena, struct event_kinds *kinds,
                                    const char *name)
{
    struct event_kind *kind;
    vec_foreach (kind, kinds)
        if (text_is(kind->name, name))
            return kind;
    struct event_kind made = {.name = name};
    vec_push_arena(arena, kinds, made);
    return &kinds->items[kinds->count - 1];
}

static struct event_kinds kinds_of(struct arena *arena, const struct look *look, bool by_name)
{
    struct event_kinds kinds = {0};
    for (size_t i = 0; i < look->attempts.count; i++) {
        const struct attempt *attempt = look->attempts.items[i];
        kinds.is_cut = kinds.is_cut || attempt->seen->is_cut;
        for (size_t j = 0; j < attempt->seen->events.count; j++) {
            const struct seen_event *event = &attempt->seen->events.items[j];
            struct event_kind *kind =
                find_kind(arena, &kinds, by_name ? name_of(event) : content_of(event));
            struct sample sample = {.attempt = attempt,
                                    .value = event->data,
                                    .schema = schema_of(attempt->seen, event),
                                    .observed = &event->observed,
                                    .is_event = true};
            vec_push_arena(arena, &kind->samples, sample);
            kinds.last = kind->name;
        }
    }
    return kinds;
}

static const char *kinds_text(struct arena *arena, const struct event_kinds *kinds, bool with_last)
{
    const char *text = "";
    for (size_t i = 0; i < kinds->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", kinds->items[i].name);
    if (!kinds->count)
        return "no event";
    return with_last ? arena_printf(arena, "%s; %s is the last", text, kinds->last) : text;
}

static bool has_same_order(const struct event_kinds *left, const struct event_kinds *right)
{
    for (size_t i = 0; i < left->count && i < right->count; i++)
        if (!text_is(left->items[i].name, right->items[i].name))
            return false;
    return left->count == right->count;
}

static void compare_order(const struct spot_of_drift *at, const struct look *const looks[],
                          const struct event_kinds *const kinds[])
{
    static const char *const of_streams[] = {"event",  "marker", "end",  "order",
                                             "pieces", "http",   "move", NULL};
    struct arena *arena = at->drifting->arena;
    struct drift_finding finding = {.aspect = DRIFT_EVENTS};
    bool same = has_same_order(kinds[DRIFT_LEFT], kinds[DRIFT_RIGHT]);
    if (same && (kinds[DRIFT_LEFT]->is_cut || kinds[DRIFT_RIGHT]->is_cut ||
                 text_is(kinds[DRIFT_LEFT]->last, kinds[DRIFT_RIGHT]->last)))
        return;
    for (int side = 0; side < DRIFT_SIDES; side++) {
        struct drift_shown *shown = &finding.side[side];
        shown->text = kinds_text(arena, kinds[side], same);
        shown->seen = looks[side]->attempts.items[0]->seen;
        for (size_t i = 0; i < looks[side]->attempts.count && !shown->broken; i++)
            attempt_breaks(&at->drifting->drift->side[side], looks[side]->attempts.items[i],
                           of_streams, shown);
    }
    finding.kind = drift_kind_of(&finding, DRIFT_DIFFERENCE);
    drift_tell(at, finding);
}

void events_compare(const struct spot_of_drift *at, const struct look *const looks[DRIFT_SIDES])
{
    struct arena *arena = at->drifting->arena;
    struct event_kinds left = kinds_of(arena, looks[DRIFT_LEFT], has_names(looks));
    struct event_kinds right = kinds_of(arena, looks[DRIFT_RIGHT], has_names(looks));
    const struct event_kinds *const both[] = {&left, &right};
    const struct event_kind *kind, *other;
    compare_order(at, looks, both);
    vec_foreach (kind, &left)
        vec_foreach (other, &right) {
            struct values values = {.at = at, .event = kind->name};
            values.samples[DRIFT_LEFT] = kind->samples;
            values.samples[DRIFT_RIGHT] = other->samples;
            if (text_is(kind->name, other->name))
                values_compare(&values);
        }
}
