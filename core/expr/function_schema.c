/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a function as JSON Schema, from its row. */
#include "core/expr/function.h"

static const char *const kind_types[] = {NULL, "string", "object", NULL};

static cJSON *parameter_schema(struct arena *arena, const struct function_parameter *parameter)
{
    cJSON *schema = tree_object(arena);
    if (parameter->kind == PARAMETER_NAME && parameter->choices) {
        cJSON *choices = tree_array(arena);
        for (size_t i = 0; parameter->choices[i]; i++)
            tree_append(choices, tree_string(arena, parameter->choices[i]));
        tree_set(arena, schema, "enum", choices);
    } else if (kind_types[parameter->kind]) {
        tree_set_string(arena, schema, "type", kind_types[parameter->kind]);
    }
    return schema;
}

static cJSON *members_schema(struct arena *arena, const struct function *function)
{
    cJSON *schema = tree_object(arena), *properties = tree_object(arena),
          *required = tree_array(arena);
    for (const struct function_parameter *row = function->parameters; row->name; row++) {
        tree_set(arena, properties, row->name, parameter_schema(arena, row));
        if (row->is_required)
            tree_append(required, tree_string(arena, row->name));
    }
    tree_set_string(arena, schema, "type", "object");
    tree_set(arena, schema, "properties", properties);
    tree_set(arena, schema, "required", required);
    tree_set(arena, schema, "additionalProperties", tree_bool(arena, false));
    return schema;
}

static cJSON *pair_schema(struct arena *arena, const struct function *function)
{
    cJSON *schema = tree_object(arena), *items = tree_array(arena);
    int64_t count = 0;
    for (const struct function_parameter *row = function->parameters; row->name; row++, count++)
        tree_append(items, parameter_schema(arena, row));
    tree_set_string(arena, schema, "type", "array");
    tree_set(arena, schema, "prefixItems", items);
    tree_set(arena, schema, "minItems", tree_integer(arena, count));
    tree_set(arena, schema, "maxItems", tree_integer(arena, count));
    return schema;
}

cJSON *function_schema(struct arena *arena, const struct function *function)
{
    cJSON *schema;
    if (function->shape == FUNCTION_MEMBERS)
        schema = members_schema(arena, function);
    else if (function->shape == FUNCTION_PAIR)
        schema = pair_schema(arena, function);
    else
        schema = tree_object(arena); /* an expression may stand for the list, so anything goes */
    tree_set_string(arena, schema, "description", function->summary);
    return schema;
}
