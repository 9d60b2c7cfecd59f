/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that need a world, as far as loading knows them. */
#include "core/expr/function.h"
#include "core/provider/provider.h"

static const cJSON *needs_world(const struct call *call, struct eval *eval)
{
    return eval_problem(eval, "'%s' needs a world", call_function(call)->name);
}

static const struct function_parameter find_parameters[] = {
    {.name = "kind", .kind = PARAMETER_NAME, .is_required = true},
    {.name = "id"},
    {.name = "where", .kind = PARAMETER_MATCH},
    {.name = "of"},
    {.name = "at", .kind = PARAMETER_NAME},
    {.name = "in", .types = "array string"},
    {.name = "first"},
    {.name = "last"},
    {.name = "limit"},
    {.name = NULL},
};
static const struct function_parameter one_value[] = {{.name = "value", .is_required = true},
                                                      {.name = NULL}};
static const struct function_parameter sign_parameters[] = {
    {.name = "blob", .kind = PARAMETER_NAME, .is_required = true},
    {.name = "of", .is_required = true},
    {.name = "expires", .is_required = true},
    {.name = NULL},
};

static const struct function rows[] = {
    {.name = "$find",
     .summary = "resources, oldest first",
     .shape = FUNCTION_MEMBERS,
     .parameters = find_parameters,
     .flags = FUNCTION_NEEDS_WORLD,
     .eval = needs_world},
    {.name = "$history",
     .summary = "the moves of a resource",
     .shape = FUNCTION_VALUE,
     .parameters = one_value,
     .flags = FUNCTION_NEEDS_WORLD,
     .eval = needs_world},
    {.name = "$show",
     .summary = "a resource as an answer would show it",
     .shape = FUNCTION_VALUE,
     .parameters = one_value,
     .flags = FUNCTION_NEEDS_WORLD,
     .eval = needs_world},
    {.name = "$sign",
     .summary = "a signed link that expires",
     .shape = FUNCTION_MEMBERS,
     .parameters = sign_parameters,
     .flags = FUNCTION_NEEDS_WORLD,
     .eval = needs_world},
};

const struct function_table world_signatures = {rows, sizeof rows / sizeof *rows, &core_functions};
