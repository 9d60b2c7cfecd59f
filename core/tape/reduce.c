/* SPDX-License-Identifier: Apache-2.0 */
#include "core/tape/reduce.h"

#include "core/data/json.h"

#include <string.h>

static bool is_poll(const struct har_entry *entry)
{
    return text_is(entry->method, "GET") || text_is(entry->method, "HEAD");
}

/* A moment or a duration: it tells when somebody looked. */
static bool is_time(const cJSON *node)
{
    nanos value;
    const char *text = tree_text(node);
    return text && (instant_parse(text, true, &value) == 0 ||
                    (text[0] == 'P' && duration_parse(text, &value) == 0));
}

static bool tells_same(const cJSON *a, const cJSON *b, int depth)
{
    const cJSON *one, *other;
    if (depth > TREE_DEPTH_MAX || !tree_is(a, cJSON_Object | cJSON_Array) ||
        tree_count(a) != tree_count(b) || !tree_is(b, a->type & 0xFF))
        return tree_equal(a, b) || (is_time(a) && is_time(b));
    for (one = a->child, other = b->child; one && other; one = one->next, other = other->next)
        if ((one->string && !text_is(one->string, other->string)) ||
            !tells_same(one, other, depth + 1))
            return false;
    return true;
}

static bool is_same_body(struct str a, struct str b)
{
    struct arena *arena;
    struct error err = {0};
    if (a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0))
        return true;
    arena = arena_new();
    const cJSON *one = json_parse(arena, a.ptr ? a.ptr : "", a.len, NULL, &err);
    const cJSON *other = json_parse(arena, b.ptr ? b.ptr : "", b.len, NULL, &err);
    bool is_same = one && other && tells_same(one, other, 0);
    arena_free(arena);
    return is_same;
}

static bool is_repetition(const struct har_entry *entry, const struct har_entry *earlier)
{
    return is_poll(earlier) && text_is(entry->method, earlier->method) &&
           text_is(entry->url, earlier->url) && entry->status == earlier->status &&
           !entry->error == !earlier->error && !entry->chunks.count &&
           text_is(har_header(&entry->sent, "X-Dryrun-Session"),
                   har_header(&earlier->sent, "X-Dryrun-Session")) &&
           is_same_body(entry->body, earlier->body);
}

/* The newest that was kept for the same URL, back to the latest change. */
static bool is_told(const struct har_entry **kept, size_t count, const struct har_entry *entry)
{
    for (size_t i = count; i-- > 0 && is_poll(kept[i]);)
        if (text_is(kept[i]->url, entry->url) && text_is(kept[i]->method, entry->method))
            return is_repetition(entry, kept[i]);
    return false;
}

size_t reduce_polls(const struct har_entry **entries, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_poll(entries[i]) || !is_told(entries, kept, entries[i]))
            entries[kept++] = entries[i];
    return kept;
}
