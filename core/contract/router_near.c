/* SPDX-License-Identifier: Apache-2.0 */
/* The routes that are nearest to a path which fits none: for the answer to a miss. */
#include "core/contract/routes.h"

#include <stdlib.h>

enum {
    TEXT_MAX = 64,    /* longer segments are compared by their beginnings */
    SEGMENT_COST = 3, /* one segment more or less, or another one altogether */
    DISTANCE_MAX = 6, /* beyond it nothing is near */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits between two texts, ASCII case ignored. */
static size_t text_distance(struct str a, struct str b)
{
    size_t row[TEXT_MAX + 1];
    a.len = least(a.len, TEXT_MAX);
    b.len = least(b.len, TEXT_MAX);
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            bool same = (a.ptr[i - 1] | 0x20) == (b.ptr[j - 1] | 0x20);
            row[j] = least(diagonal + !same, least(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b.len];
}

static size_t segment_distance(const struct segment *segment, struct str raw)
{
    struct str values[PIECES_MAX];
    if (segment_match(segment, raw, values))
        return 0;
    if (!segment->is_literal)
        return 2;
    return least(text_distance(raw, str_from(segment->text)), SEGMENT_COST);
}

static size_t path_distance(const struct template *template, const struct str *segments,
                            size_t count)
{
    size_t row[ROUTE_SEGMENTS_MAX + 1];
    for (size_t j = 0; j <= count; j++)
        row[j] = j * SEGMENT_COST;
    for (size_t i = 1; i <= template->segments.count; i++) {
        size_t diagonal = row[0];
        row[0] = i * SEGMENT_COST;
        for (size_t j = 1; j <= count; j++) {
            size_t above = row[j];
            size_t change = segment_distance(&template->segments.items[i - 1], segments[j - 1]);
            row[j] = least(diagonal + change, least(above, row[j - 1]) + SEGMENT_COST);
            diagonal = above;
        }
    }
    return row[count];
}

static const char *explain(struct arena *arena, const struct route *route,
                           const struct str *segments, size_t count, bool same_method)
{
    const struct template *template = &route->template;
    size_t different = 0, at = 0;
    if (template->segments.count != count)
        return arena_printf(arena, "it has %zu segments, not %zu", template->segments.count, count);
    for (size_t i = 0; i < count; i++) {
        if (!segment_distance(&template->segments.items[i], segments[i]))
            continue;
        at = i;
        different++;
    }
    if (!different)
        return same_method ? "the same path" : "the same path with another method";
    if (different > 1)
        return arena_printf(arena, "%zu segments differ", different);
    return arena_printf(arena, "segment %zu is '%s', not '%.*s'", at + 1,
                        template->segments.items[at].text, (int)least(segments[at].len, TEXT_MAX),
                        segments[at].ptr);
}

struct candidate {
    const struct route *route;
    size_t distance, order;
};

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

size_t router_nearest(const struct router *router, struct arena *arena, const char *method,
                      struct str path, struct route_near *near, size_t max)
{
    struct str segments[ROUTE_SEGMENTS_MAX + 1];
    int split = split_path(path, segments);
    if (split < 0)
        return 0;
    size_t count = (size_t)split, found = 0;
    struct candidate *candidates =
        arena_alloc(arena, (router->routes.count + 1) * sizeof *candidates);
    for (size_t i = 0; i < router->routes.count; i++) {
        const struct route *route = router->routes.items[i];
        size_t distance = path_distance(&route->template, segments, count) +
                          !text_is(route->operation->method, method);
        if (distance <= DISTANCE_MAX)
            candidates[found++] = (struct candidate){route, distance, i};
    }
    qsort(candidates, found, sizeof *candidates, compare_candidates);
    found = least(found, max);
    for (size_t i = 0; i < found; i++) {
        const struct route *route = candidates[i].route;
        near[i] = (struct route_near){.operation = route->operation,
                                      .prefix = route->prefix,
                                      .distance = candidates[i].distance,
                                      .reason = explain(arena, route, segments, count,
                                                        text_is(route->operation->method, method))};
    }
    return found;
}
