/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about a compiled schema itself, and walking values together with their schemas. */
#include "core/schema/branch.h"
#include "core/schema/keywords.h"

enum { HOPS_MAX = 64 };

const cJSON *schema_node(const struct schema *schema)
{
    return schema->node;
}

const char *schema_pointer(const struct schema *schema)
{
    return schema->pointer;
}

const char *schema_document(const struct schema *schema)
{
    return schema->resource->document;
}

const char *schema_name(const struct schema *schema)
{
    return schema->name;
}

const struct schema *schema_target(const struct schema *schema)
{
    schema_ready(schema);
    for (unsigned hops = 0; schema->ref && hops < HOPS_MAX; hops++)
        schema = schema->ref;
    return schema;
}

const struct rule *schema_rule(const struct schema *schema, const char *keyword)
{
    for (size_t i = 0; i < schema->rules.count; i++)
        if (text_is(schema->rules.items[i].keyword->name, keyword))
            return &schema->rules.items[i];
    return NULL;
}

/*
 * Calls `look` for the schema and all that it surely applies to the same value (through $ref and
 * allOf) until one call returns true.
 */
static bool walk_parts(const struct schema *schema, unsigned depth,
                       bool (*look)(const struct schema *, void *), void *data)
{
    const struct rule *all = schema_rule(schema, "allOf");

    if (depth > HOPS_MAX)
        return false;
    if (look(schema, data) || (schema->ref && walk_parts(schema->ref, depth + 1, look, data)))
        return true;
    for (size_t i = 0; all && i < all->as.list.count; i++)
        if (walk_parts(all->as.list.items[i], depth + 1, look, data))
            return true;
    return false;
}

static bool narrow_types(const struct schema *schema, void *data)
{
    *(unsigned *)data &= schema->types;
    return false;
}

static bool may_be(const struct schema *schema, const struct schema *part, unsigned depth)
{
    static const char *const unions[] = {"anyOf", "oneOf", "allOf"};

    schema = schema_target(schema);
    if (schema == part)
        return true;
    for (size_t i = 0; depth < HOPS_MAX && i < sizeof unions / sizeof *unions; i++) {
        const struct rule *rule = schema_rule(schema, unions[i]);
        const struct branches *branches = rule && i < 2 ? rule->as.data : NULL;
        size_t count = branches ? branches->count : rule ? rule->as.list.count : 0;

        for (size_t j = 0; j < count; j++)
            if (may_be(branches ? branches->items[j] : rule->as.list.items[j], part, depth + 1))
                return true;
    }
    return false;
}

bool schema_may_be(const struct schema *schema, const struct schema *part)
{
    return may_be(schema, schema_target(part), 0);
}

enum { KNOWN_TYPES = 1u << 16 };

unsigned schema_types(const struct schema *schema)
{
    atomic_uint *all = &((struct schema *)schema)->all_types; /* a memory of its own */
    unsigned known = atomic_load_explicit(all, memory_order_relaxed);
    unsigned types = SCHEMA_ANY_TYPE;

    if (known)
        return known & ~KNOWN_TYPES;
    schema_ready(schema);
    walk_parts(schema, 0, narrow_types, &types);
    atomic_store_explicit(all, types | KNOWN_TYPES, memory_order_relaxed);
    return types;
}

struct question {
    const char *name;
    const struct schema *answer;
};

static bool look_for_property(const struct schema *schema, void *data)
{
    struct question *question = data;
    const struct rule *rule = schema_rule(schema, "properties");

    question->answer = rule ? map_find(rule, question->name) : NULL;
    return question->answer != NULL;
}

const struct schema *schema_property(const struct schema *schema, const char *name)
{
    struct question question = {name, NULL};

    schema_ready(schema);
    walk_parts(schema, 0, look_for_property, &question);
    return question.answer;
}

static bool look_for_items(const struct schema *schema, void *data)
{
    struct question *question = data;
    const struct rule *rule = schema_rule(schema, "items");

    question->answer = rule ? items_schema(rule) : NULL;
    return question->answer != NULL;
}

const struct schema *schema_items(const struct schema *schema)
{
    struct question question = {NULL, NULL};

    schema_ready(schema);
    walk_parts(schema, 0, look_for_items, &question);
    return question.answer;
}

static bool look_for_required(const struct schema *schema, void *data)
{
    const struct question *question = data;
    const struct rule *rule = schema_rule(schema, "required");
    const struct required_rule *names = rule ? rule->as.data : NULL;

    for (size_t i = 0; names && i < names->count; i++)
        if (text_is(names->items[i].name, question->name))
            return true;
    return false;
}

bool schema_requires(const struct schema *schema, const char *name)
{
    struct question question = {name, NULL};

    schema_ready(schema);
    return walk_parts(schema, 0, look_for_required, &question);
}
