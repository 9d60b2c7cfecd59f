/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/types.h"

static const struct {
    const char *name;
    unsigned bits;
} rows[] = {
    {"null", SCHEMA_NULL},
    {"boolean", SCHEMA_BOOLEAN},
    {"number", SCHEMA_NUMBER | SCHEMA_INTEGER},
    {"integer", SCHEMA_INTEGER},
    {"string", SCHEMA_STRING},
    {"array", SCHEMA_ARRAY},
    {"object", SCHEMA_OBJECT},
};

enum { TYPES = sizeof rows / sizeof *rows };

unsigned type_of(const cJSON *value)
{
    switch (value->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
        return SCHEMA_BOOLEAN;
    case cJSON_Number:
        return tree_is_integer(value) ? SCHEMA_INTEGER : SCHEMA_NUMBER;
    case cJSON_String:
        return SCHEMA_STRING;
    case cJSON_Array:
        return SCHEMA_ARRAY;
    case cJSON_Object:
        return SCHEMA_OBJECT;
    default:
        return SCHEMA_NULL;
    }
}

unsigned type_bit(const char *name)
{
    for (size_t i = 0; i < TYPES; i++)
        if (text_is(rows[i].name, name))
            return rows[i].bits;
    return 0;
}

const char *type_nearest(const char *name)
{
    const char *names[TYPES];

    for (size_t i = 0; i < TYPES; i++)
        names[i] = rows[i].name;
    return text_nearest_of(name, names, TYPES);
}

const char *types_text(struct arena *arena, unsigned types)
{
    const char *text = NULL;

    for (size_t i = 0; i < TYPES; i++) {
        if ((types & rows[i].bits) != rows[i].bits)
            continue;
        text = text ? arena_printf(arena, "%s or %s", text, rows[i].name) : rows[i].name;
        types &= ~rows[i].bits;
    }
    return text ? text : "nothing";
}
