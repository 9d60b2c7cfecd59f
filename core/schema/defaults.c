/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in what a client left out: `default` of missing members. */
#include "core/schema/branch.h"
#include "core/schema/keywords.h"

struct filling {
    struct arena *arena;
    unsigned depth;
};

static void fill(struct filling *filling, const struct schema *schema, cJSON *value);

static bool has_members(const cJSON *value)
{
    return cJSON_IsObject(value) || cJSON_IsArray(value);
}

/* The schema's own `default`, or that of what it refers to. */
static const cJSON *default_of(const struct schema *schema)
{
    const cJSON *made = NULL;

    for (unsigned hops = 0; schema && !made && hops < 16; hops++, schema = schema->ref)
        made = tree_get(schema->node, "default");
    return made;
}

static void fill_properties(struct filling *filling, const struct rule *rule, cJSON *object)
{
    const struct named_schema *row;
    cJSON *member;

    /* in the order of the schema's text, so that what is added reads as the documents do */
    vec_foreach (row, &rule->as.map.defaulted) {
        const cJSON *made = tree_get(object, row->name) ? NULL : default_of(row->schema);

        if (made)
            tree_set(filling->arena, object, row->name, tree_copy(filling->arena, made));
    }
    cJSON_ArrayForEach (member, object) {
        const struct schema *schema = has_members(member) ? map_find(rule, member->string) : NULL;

        if (schema)
            fill(filling, schema, member);
    }
}

static void fill_items(struct filling *filling, const struct rule *rule, cJSON *array)
{
    const struct schema *schema = items_schema(rule);
    cJSON *item;

    cJSON_ArrayForEach (item, array) {
        if (schema)
            fill(filling, schema, item);
    }
}

static void fill_branch(struct filling *filling, const struct branches *branches, cJSON *value)
{
    size_t fits = 0, last = 0;

    for (size_t i = 0; i < branches->count; i++) {
        if (!schema_valid(branches->items[i], value, NULL, filling->arena))
            continue;
        fits++;
        last = i;
    }
    if (fits == 1)
        fill(filling, branches->items[last], value);
}

static void fill_by_rule(struct filling *filling, const struct rule *rule, cJSON *value)
{
    const char *keyword = rule->keyword->name;

    if (text_is(keyword, "$ref"))
        fill(filling, rule->as.schema, value);
    else if (text_is(keyword, "properties") && cJSON_IsObject(value))
        fill_properties(filling, rule, value);
    else if (text_is(keyword, "items") && cJSON_IsArray(value))
        fill_items(filling, rule, value);
    else if (text_is(keyword, "allOf"))
        for (size_t i = 0; i < rule->as.list.count; i++)
            fill(filling, rule->as.list.items[i], value);
    else if (text_is(keyword, "oneOf") || text_is(keyword, "anyOf"))
        fill_branch(filling, rule->as.data, value);
}

static void fill(struct filling *filling, const struct schema *schema, cJSON *value)
{
    if (filling->depth >= RUN_DEPTH_MAX || !has_members(value))
        return;
    filling->depth++;
    for (size_t i = 0; i < schema->rules.count; i++)
        fill_by_rule(filling, &schema->rules.items[i], value);
    filling->depth--;
}

cJSON *schema_fill_defaults(const struct schema *schema, struct arena *arena, const cJSON *instance)
{
    struct filling filling = {arena, 0};
    cJSON *copy = tree_share(arena, instance);

    schema_ready(schema);
    fill(&filling, schema, copy);
    return copy;
}
