/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/example.h"

enum { ITEMS_MAX = 200, UNIQUE_TRIES = 8 };

/* What the item at `index` must satisfy. */
static void wanted_item(struct maker *maker, const struct parts *parts, size_t index,
                        struct parts *wanted)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *first = part_rule(parts, i, "prefixItems");
        const struct rule *rest = part_rule(parts, i, "items");
        const struct rule *others = part_rule(parts, i, "additionalItems");

        if (!first && rest && !items_schema(rest))
            first = rest;
        if (first && index < first->as.list.count)
            add_part(maker, wanted, first->as.list.items[index]);
        else if (first && others && items_schema(others))
            add_part(maker, wanted, items_schema(others));
        else if (rest && items_schema(rest))
            add_part(maker, wanted, items_schema(rest));
    }
}

/* Each part's `contains` gets items of its own, the first ones: how many in all. */
static uint64_t count_contained(const struct parts *parts)
{
    uint64_t count = 0;

    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, "contains");

        count += rule ? contains_least(rule) : 0;
    }
    return count;
}

static void want_contained(struct maker *maker, const struct parts *parts, size_t index,
                           struct parts *wanted)
{
    uint64_t before = 0;

    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, "contains");

        if (!rule)
            continue;
        if (index >= before && index < before + contains_least(rule))
            add_part(maker, wanted, contains_schema(rule));
        before += contains_least(rule);
    }
}

static bool is_in(const cJSON *array, const cJSON *value)
{
    for (const cJSON *item = array->child; item; item = item->next)
        if (tree_equal(item, value))
            return true;
    return false;
}

static cJSON *make_item(struct maker *maker, const struct parts *parts, const cJSON *array,
                        size_t index, uint64_t key)
{
    struct parts wanted = {NULL, 0, 0};
    bool unique = false;
    cJSON *made = NULL;

    for (size_t i = 0; i < parts->count; i++)
        unique |= part_rule(parts, i, "uniqueItems") != NULL;
    wanted_item(maker, parts, index, &wanted);
    want_contained(maker, parts, index, &wanted);
    for (uint64_t n = 0; n < (unique ? UNIQUE_TRIES : 1); n++) {
        made = make_value(maker, &wanted, draw_hash(key + n, &index, sizeof index));
        if (made && (!unique || !is_in(array, made)))
            return made;
    }
    return unique ? NULL : made;
}

static bool has_items(const struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        if (part_rule(parts, i, "items") || part_rule(parts, i, "prefixItems"))
            return true;
    return false;
}

static cJSON *make_items(struct maker *maker, const struct parts *parts, uint64_t count,
                         uint64_t least, uint64_t key)
{
    cJSON *array = tree_array(maker->arena);

    for (uint64_t i = 0; i < count; i++) {
        cJSON *item = make_item(maker, parts, array, (size_t)i, key);

        if (!item && i < least)
            return NULL;
        if (!item)
            break;
        tree_append(array, item);
    }
    return array;
}

cJSON *make_array(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                  uint64_t key)
{
    uint64_t least = largest_count(parts, "minItems", 0);
    uint64_t most = smallest_count(parts, "maxItems", UINT64_MAX);
    uint64_t contained = count_contained(parts), usual;
    bool shallow = maker->depth <= MAKE_DEPTH_OPTIONAL;
    cJSON *made;

    if (contained > least)
        least = contained;
    if (least > ITEMS_MAX) {
        say_why(maker, "'%s' asks for more than %d items", parts->items[0]->pointer, ITEMS_MAX);
        return NULL;
    }
    usual = least                                                                     ? least
            : (maker->flags & SCHEMA_EXAMPLE_OPTIONAL && shallow && has_items(parts)) ? 1
                                                                                      : 0;
    made = example_accept(maker, wanted,
                          make_items(maker, parts, usual < most ? usual : most, least, key));
    if (!made && usual > least)
        made = example_accept(maker, wanted, make_items(maker, parts, least, least, key));
    for (uint64_t more = usual + 1; !made && more <= usual + 3 && more <= most; more++)
        made = example_accept(maker, wanted, make_items(maker, parts, more, least, key));
    return made;
}
