/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text becomes another type only where the schema takes that type. Where the schema's type is one
 * of several (anyOf, a list of types), the text itself is tried first, then what it looks like.
 */
#include "core/contract/coerce.h"

#include "core/contract/parameters.h"
#include "core/data/number.h"

enum { COERCE_DEPTH_MAX = 32 };

/* What the text looks like to a reader of JSON, of the types asked for; NULL = a text. */
static cJSON *read_text(struct arena *arena, const char *text, unsigned types)
{
    if ((types & SCHEMA_BOOLEAN) && (text_is(text, "true") || text_is(text, "false")))
        return tree_bool(arena, *text == 't');
    if ((types & SCHEMA_NULL) && (!*text || text_is(text, "null")))
        return tree_null(arena);
    size_t len = strlen(text);
    if ((types & (SCHEMA_INTEGER | SCHEMA_NUMBER)) && len && number_length(text, text + len) == len)
        return tree_number(arena, text);
    return NULL;
}

static unsigned types_of(const struct schema *schema)
{
    return schema ? schema_types(schema) : SCHEMA_ANY_TYPE;
}

static cJSON *type_text(struct arena *arena, const struct schema *schema, const cJSON *text)
{
    unsigned types = types_of(schema);
    cJSON *typed = types & SCHEMA_STRING ? NULL : read_text(arena, text->valuestring, types);
    return typed ? typed : tree_copy(arena, text);
}

/* By the types that the schema states outright. */
static cJSON *type_stated(struct arena *arena, const struct schema *schema, const cJSON *texts,
                          int depth)
{
    const cJSON *child;
    if (cJSON_IsString(texts))
        return type_text(arena, schema, texts);
    if (depth == COERCE_DEPTH_MAX || !schema)
        return tree_copy(arena, texts);
    if (cJSON_IsArray(texts)) {
        cJSON *array = tree_array(arena);
        cJSON_ArrayForEach (child, texts)
            tree_append(array, type_stated(arena, schema_items(schema), child, depth + 1));
        return array;
    }
    if (!cJSON_IsObject(texts))
        return tree_copy(arena, texts);
    cJSON *object = tree_object(arena);
    cJSON_ArrayForEach (child, texts)
        tree_set(arena, object, child->string,
                 type_stated(arena, schema_property(schema, child->string), child, depth + 1));
    return object;
}

/* Every text as what it looks like. */
static cJSON *guess_types(struct arena *arena, const cJSON *texts, int depth)
{
    const cJSON *child;
    if (cJSON_IsString(texts)) {
        cJSON *typed = read_text(arena, texts->valuestring, SCHEMA_ANY_TYPE);
        return typed ? typed : tree_copy(arena, texts);
    }
    cJSON *copy = cJSON_IsArray(texts) ? tree_array(arena) : tree_object(arena);
    if (depth == COERCE_DEPTH_MAX || !(cJSON_IsArray(texts) || cJSON_IsObject(texts)))
        return tree_copy(arena, texts);
    cJSON_ArrayForEach (child, texts) {
        cJSON *typed = guess_types(arena, child, depth + 1);
        if (cJSON_IsArray(texts))
            tree_append(copy, typed);
        else
            tree_set(arena, copy, child->string, typed);
    }
    return copy;
}

/* One scalar type and no other: there is nothing to guess. */
static bool is_certain(const struct schema *schema)
{
    unsigned types = schema_types(schema);
    return types && !(types & (types - 1)) && !(types & (SCHEMA_ARRAY | SCHEMA_OBJECT));
}

cJSON *coerce_tree(struct arena *arena, const struct schema *schema, const cJSON *texts)
{
    cJSON *typed = type_stated(arena, schema, texts, 0);
    if (!schema || is_certain(schema) || schema_valid(schema, typed, NULL, arena))
        return typed;
    cJSON *guessed = guess_types(arena, texts, 0);
    return schema_valid(schema, guessed, NULL, arena) ? guessed : typed;
}

cJSON *text_coerce(struct arena *arena, const struct schema *schema, const char *text)
{
    return coerce_tree(arena, schema, tree_string(arena, text));
}
