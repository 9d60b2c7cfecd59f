/* SPDX-License-Identifier: Apache-2.0 */
/* What service.yaml says of operations, each of its own and with its groups. */
#include "core/provider/build.h"

#include "core/base/vec.h"

#include <string.h>

static struct service_entry compile_entry(struct builder *builder, const cJSON *node)
{
    struct service_entry entry = {.place = tree_key_place(node)};
    struct {
        VEC(struct service_case);
    } cases = {0};
    const cJSON *item;

    entry.steps = builder_steps(builder, NULL, tree_get(node, "do"));
    entry.answers = builder_answers(builder, node);
    cJSON_ArrayForEach (item, tree_get(node, "cases")) {
        struct service_case one = {item->string, builder_steps(builder, NULL, tree_get(item, "do")),
                                   builder_answers(builder, item), tree_key_place(item)};

        vec_push_arena(builder->arena, &cases, one);
    }
    entry.cases = cases.items;
    entry.case_count = cases.count;
    return entry;
}

static void *join(struct builder *builder, const void *a, size_t a_size, const void *b,
                  size_t b_size)
{
    char *both = arena_alloc(builder->arena, a_size + b_size + 1);

    if (a_size)
        memcpy(both, a, a_size);
    if (b_size)
        memcpy(both + a_size, b, b_size);
    return both;
}

/* A group's steps follow the operation's own; the first answer stands. */
static void merge_entry(struct builder *builder, struct service_entry *entry,
                        const struct service_entry *more)
{
    entry->steps.items =
        join(builder, entry->steps.items, entry->steps.count * sizeof *entry->steps.items,
             more->steps.items, more->steps.count * sizeof *more->steps.items);
    entry->steps.count += more->steps.count;
    entry->cases = join(builder, entry->cases, entry->case_count * sizeof *entry->cases,
                        more->cases, more->case_count * sizeof *more->cases);
    entry->case_count += more->case_count;
    if (!entry->answers.count)
        entry->answers = more->answers;
    if (!entry->place.file)
        entry->place = more->place;
}

static void place_entries(struct builder *builder, bool of_groups)
{
    const cJSON *item;
    size_t i;

    cJSON_ArrayForEach (item, tree_get(builder->service, "operations")) {
        struct operation_list list;
        struct service_entry entry;

        if ((lifecycle_group(builder->lifecycle, item->string) != NULL) != of_groups)
            continue;
        list = builder_operations_named(builder, item->string, tree_key_place(item));
        entry = compile_entry(builder, item);
        for (i = 0; i < list.count; i++) {
            merge_entry(builder, &list.items[i]->service, &entry);
            list.items[i]->is_played = true;
        }
    }
}

void build_service_operations(struct builder *builder)
{
    place_entries(builder, false);
    place_entries(builder, true);
}
