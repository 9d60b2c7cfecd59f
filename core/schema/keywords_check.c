/* SPDX-License-Identifier: Apache-2.0 */
/* What a keyword's value must look like, and the compiling that several keywords share. */
#include "core/schema/keywords.h"

#include <stdlib.h>

static bool wants(struct compiler *compiler, const struct rule *rule, const char *what)
{
    return compile_fails(compiler, rule->value, "'%s' must be %s but is %s", rule->keyword->name,
                         what, tree_type_name(rule->value));
}

bool compile_text(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)schema;
    return cJSON_IsString(rule->value) || wants(compiler, rule, "a string");
}

bool compile_uri(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_text(compiler, schema, rule);
}

bool compile_flag(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)schema;
    return cJSON_IsBool(rule->value) || wants(compiler, rule, "a boolean");
}

bool compile_anything(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)compiler;
    (void)schema;
    (void)rule;
    return true;
}

static const char *tokens(struct compiler *compiler, const struct rule *rule, const char *member)
{
    struct arena *arena = compiler->set->arena;

    const char *const texts[] = {pointer_token(arena, rule->value->string),
                                 member ? pointer_token(arena, member) : ""};

    return arena_join(arena, texts, 2);
}

bool compile_one(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    rule->as.schema = compile_child(compiler, schema, rule->value, tokens(compiler, rule, NULL));
    return true;
}

bool compile_list(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct arena *arena = compiler->set->arena;
    const char *at = pointer_token(arena, rule->value->string);
    const cJSON *child;

    if (!cJSON_IsArray(rule->value))
        return wants(compiler, rule, "an array of schemas");
    if (!rule->value->child)
        return compile_fails(compiler, rule->value, "'%s' must have at least one schema",
                             rule->keyword->name);
    cJSON_ArrayForEach (child, rule->value) {
        const char *path = arena_printf(arena, "%s/%zu", at, rule->as.list.count);

        vec_push_arena(arena, &rule->as.list, compile_child(compiler, schema, child, path));
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct named_schema *)a)->name, ((const struct named_schema *)b)->name);
}

bool compile_map(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct arena *arena = compiler->set->arena;
    const cJSON *child;

    if (!cJSON_IsObject(rule->value))
        return wants(compiler, rule, "an object of schemas");
    cJSON_ArrayForEach (child, rule->value) {
        const char *path = tokens(compiler, rule, child->string);
        struct named_schema row = {child->string, compile_child(compiler, schema, child, path)};

        vec_push_arena(arena, &rule->as.map, row);
        if (tree_get(child, "default") || tree_get(child, "$ref") || tree_get(child, "$dynamicRef"))
            vec_push_arena(arena, &rule->as.map.defaulted, row);
    }
    if (rule->as.map.count)
        qsort(rule->as.map.items, rule->as.map.count, sizeof *rule->as.map.items, compare_names);
    return true;
}

const struct schema *map_find(const struct rule *rule, const char *name)
{
    size_t low = 0, high = rule->as.map.count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *other = rule->as.map.items[middle].name;
        int order = (unsigned char)*name - (unsigned char)*other;

        if (!order && !(order = strcmp(name, other)))
            return rule->as.map.items[middle].schema;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* Definitions are compiled when something refers to them; a strict set wants to know all of them.
 */
bool compile_subschemas(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    if (!compiler->set->strict)
        return true;
    if (rule->keyword->children == CHILDREN_MAP)
        return compile_map(compiler, schema, rule);
    return compile_one(compiler, schema, rule);
}

const struct schema *compile_sibling(struct compiler *compiler, const struct schema *schema,
                                     const char *keyword, const char *member)
{
    const struct keyword *row = keyword_find(keyword, schema->resource->dialect);
    const cJSON *value = tree_get(schema->node, keyword);
    struct rule rule = {.keyword = row, .value = value};

    if (!row || !value || !(row->vocabulary & schema->resource->vocabularies))
        return NULL;
    if (member) {
        value = tree_get(value, member);
        if (!value)
            return NULL;
    }
    return compile_child(compiler, schema, value, tokens(compiler, &rule, member));
}
