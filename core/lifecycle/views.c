/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of answers as a whole: events of streams, pages of lists, links, times. */
#include "core/base/instant.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/lifecycle/loader.h"

static const char *pointer_at(struct loader *loader, const cJSON *node, const char *key)
{
    const char *text = tree_get_text(node, key);

    return text ? loader_pointer(loader, text) : NULL;
}

/* ---- streams ---- */

static void load_names(struct loader *loader, const cJSON *map, struct stream_rule *stream)
{
    struct event_names *names =
        arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *stream->names);
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        const struct machine *machine = lifecycle_machine(loader->lifecycle, item->string);

        if (machine)
            names[stream->name_count++] = (struct event_names){machine->index, tree_text(item)};
        else
            findings_add(loader->findings, tree_key_place(item), "unknown machine '%s'",
                         item->string);
    }
    stream->names = names;
}

static void load_sums(struct loader *loader, const cJSON *list, struct stream_rule *stream)
{
    struct {
        VEC(struct event_sum);
    } sums = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        const cJSON *piece = tree_get(item, "piece"), *whole = tree_get(item, "whole");
        struct event_sum sum = {tree_get_text(piece, "schema"),
                                pointer_at(loader, piece, "id"),
                                pointer_at(loader, piece, "text"),
                                tree_get_text(whole, "schema"),
                                pointer_at(loader, whole, "id"),
                                pointer_at(loader, whole, "text"),
                                tree_place(item)};

        vec_push_arena(loader->arena, &sums, sum);
    }
    stream->sums = sums.items;
    stream->sum_count = sums.count;
}

static const struct event_marker *load_markers(struct loader *loader, const cJSON *list,
                                               size_t *count)
{
    struct event_marker *markers =
        arena_alloc(loader->arena, (tree_count(list) + 1) * sizeof *markers);
    const cJSON *item;

    cJSON_ArrayForEach (item, list)
        markers[(*count)++] =
            (struct event_marker){tree_get_text(item, "event"), tree_get_text(item, "data")};
    return markers;
}

void load_stream_rules(struct loader *loader, const cJSON *item, struct stream_rule *stream)
{
    const cJSON *numbers = tree_get(item, "numbers");

    load_names(loader, tree_get(item, "names"), stream);
    if (tree_get(item, "tells"))
        stream->tells =
            loader_states(loader, &loader->machines[stream->of], tree_get(item, "tells"));
    stream->first = load_markers(loader, tree_get(item, "first"), &stream->first_count);
    stream->last = load_markers(loader, tree_get(item, "last"), &stream->last_count);
    stream->all_end = tree_is_true(tree_get(item, "all_end"));
    if (numbers) {
        stream->numbers = (struct event_numbers){
            .rule =
                text_is(tree_get_text(numbers, "rule"), "follow") ? NUMBERS_FOLLOW : NUMBERS_RISE,
            .at = pointer_at(loader, numbers, "at"),
            .of = pointer_at(loader, numbers, "of"),
            .where = match_compile(&loader->compiler, tree_get(numbers, "where")),
            .all = tree_is_true(tree_get(numbers, "all")),
            .after = loader_template(loader, tree_get(numbers, "after"))};
    }
    load_sums(loader, tree_get(item, "sums"), stream);
}

/* ---- lists ---- */

static void load_list(struct loader *loader, const cJSON *item, struct list_rule *list)
{
    const cJSON *sort = tree_get(item, "sort");
    struct texts_list names = loader_texts(loader, tree_get(item, "operations"));

    *list = (struct list_rule){.name = item->string,
                               .operations = names.items,
                               .operation_count = names.count,
                               .of = loader_machine(loader, tree_get(item, "of")),
                               .items = pointer_at(loader, item, "items"),
                               .more = pointer_at(loader, item, "more"),
                               .next = pointer_at(loader, item, "next"),
                               .after = tree_get_text(item, "after"),
                               .limit = tree_get_text(item, "limit"),
                               .in_body = text_is(tree_get_text(item, "asked"), "body"),
                               .rising = tree_get_text(sort, "rising"),
                               .is_offset = tree_is_true(tree_get(item, "offset")),
                               .before = tree_get_text(item, "before"),
                               .first_id = pointer_at(loader, item, "first_id"),
                               .last_id = pointer_at(loader, item, "last_id"),
                               .size = -1,
                               .by = pointer_at(loader, sort, "by"),
                               .order = tree_get_text(sort, "asked"),
                               .chosen = tree_get_text(sort, "chosen"),
                               .keys = tree_get(sort, "keys"),
                               .usual = tree_get_text(sort, "usual"),
                               .is_full = tree_is_true(tree_get(item, "full")),
                               .is_whole = tree_is_true(tree_get(item, "whole")),
                               .filters = tree_get(item, "filters"),
                               .source = loader_source(loader, item),
                               .place = tree_key_place(item)};
    if (!list->items)
        list->items = "";
    if (tree_get(item, "size"))
        tree_as_int64(tree_get(item, "size"), &list->size);
}

static void load_lists(struct loader *loader, const cJSON *map)
{
    struct list_rule *lists = arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *lists);
    size_t count = 0;
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        load_list(loader, item, &lists[count]);
        count += lists[count].of >= 0;
    }
    loader->lifecycle->lists = lists;
    loader->lifecycle->list_count = count;
}

/* ---- links, times ---- */

static void load_downloads(struct loader *loader, const cJSON *map)
{
    struct download_rule *rules = arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *rules);
    size_t count = 0;
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        struct download_rule *rule = &rules[count++];
        const char *lives = tree_get_text(item, "lives");
        nanos time = 0;

        if (lives && duration_parse(lives, &time))
            findings_add(loader->findings, tree_place(tree_get(item, "lives")),
                         "'%s' is no duration", lives);
        *rule = (struct download_rule){.name = item->string,
                                       .operation = tree_get_text(item, "operation"),
                                       .header = tree_get_text(item, "header"),
                                       .schema = tree_get_text(item, "schema"),
                                       .at = pointer_at(loader, item, "at"),
                                       .expires = pointer_at(loader, item, "expires"),
                                       .lives = time,
                                       .is_signed = tree_is_true(tree_get(item, "signed")),
                                       .source = loader_source(loader, item),
                                       .place = tree_key_place(item)};
    }
    loader->lifecycle->downloads = rules;
    loader->lifecycle->download_count = count;
}

static struct name_globs load_globs(struct loader *loader, const cJSON *list)
{
    struct texts_list texts = loader_texts(loader, list);
    struct name_globs globs = {.items = texts.items, .count = texts.count};

    for (size_t i = 0; i < texts.count; i++) {
        size_t len = strlen(texts.items[i]);
        char last = len ? texts.items[i][len - 1] : '*';

        for (size_t end = 0; end < 256; end++)
            globs.ends[end] |= strchr("*?]", last) || (unsigned char)last == end;
    }
    return globs;
}

static void load_times(struct loader *loader, const cJSON *node)
{
    bool is_millis = text_is(tree_get_text(node, "unit"), "milliseconds");

    if (!node)
        return;
    loader->lifecycle->times = (struct times_rule){
        load_globs(loader, tree_get(node, "members")), load_globs(loader, tree_get(node, "past")),
        is_millis ? NANOS_PER_MS : NANOS_PER_SECOND, tree_key_place(node)};
}

void load_views(struct loader *loader, const cJSON *document)
{
    load_lists(loader, tree_get(document, "lists"));
    load_downloads(loader, tree_get(document, "downloads"));
    load_times(loader, tree_get(document, "times"));
}
