/* SPDX-License-Identifier: Apache-2.0 */
/* The table of functions that need no world; docs/EXPRESSIONS.md lists them in this order. */
#include "core/expr/cron.h"
#include "core/expr/functions_internal.h"

static const char *wrong_cron(const char *text)
{
    return cron_is_valid(text) ? NULL : "is no cron expression";
}

static const char *wrong_zone(const char *text)
{
    return zone_is_valid(text) ? NULL : "is no time zone";
}

static const char *wrong_duration(const char *text)
{
    nanos duration;
    return duration_parse(text + (text[0] == '-'), &duration) == 0 ? NULL : "is no duration";
}

static const char *const duration_forms[] = {"iso8601", "ns", "ms", "s", NULL};

static const struct function_parameter get_parameters[] = {
    {.name = "container", .is_required = true, .types = "array object"},
    {.name = "key", .is_required = true, .types = "string number"},
    {0},
};
static const struct function_parameter value_parameter[] = {{.name = "value", .is_required = true},
                                                            {0}};
static const struct function_parameter join_parameters[] = {
    {.name = "array", .is_required = true, .types = "array"},
    {.name = "separator", .is_required = true, .types = "string"},
    {0},
};
static const struct function_parameter chunks_parameters[] = {
    {.name = "text", .is_required = true, .types = "string"},
    {.name = "size", .is_required = true, .types = "number"},
    {0},
};
static const struct function_parameter split_parameters[] = {
    {.name = "text", .is_required = true, .types = "string"},
    {.name = "separator", .is_required = true, .types = "string"},
    {0},
};
static const struct function_parameter time_parameters[] = {
    {.name = "of", .is_required = true, .types = "string number"},
    {.name = "plus", .types = "string number", .wrong = wrong_duration},
    {.name = "as", .types = "string", .choices = time_form_names},
    {.name = "zone", .types = "string"},
    {0},
};
static const struct function_parameter duration_parameters[] = {
    {.name = "from", .is_required = true, .types = "string number"},
    {.name = "to", .is_required = true, .types = "string number"},
    {.name = "as", .kind = PARAMETER_NAME, .is_required = true, .choices = duration_forms},
    {0},
};
static const struct function_parameter cron_parameters[] = {
    {.name = "expression", .is_required = true, .types = "string", .wrong = wrong_cron},
    {.name = "zone", .types = "string null", .wrong = wrong_zone},
    {.name = "after", .is_required = true, .types = "string number"},
    {0},
};

static const struct function rows[] = {
    {.name = "$first",
     .summary = "the first that is neither nothing nor null",
     .shape = FUNCTION_LIST,
     .flags = FUNCTION_SEES_UNKNOWN,
     .eval = eval_first},
    {.name = "$choose",
     .summary = "value of the first row { if, unless, value } that holds",
     .shape = FUNCTION_LIST,
     .eval = eval_choose,
     .compile = compile_choose},
    {.name = "$merge",
     .summary = "one object with the members of all, later ones win",
     .shape = FUNCTION_LIST,
     .eval = eval_merge},
    {.name = "$concat",
     .summary = "one array of arrays, or one text of texts",
     .shape = FUNCTION_LIST,
     .eval = eval_concat},
    {.name = "$each",
     .summary = "one value an item: { in, as, value, key, if, flat }",
     .shape = FUNCTION_VALUE,
     .eval = eval_each,
     .compile = compile_each},
    {.name = "$get",
     .summary = "a member or item of a container",
     .shape = FUNCTION_PAIR,
     .parameters = get_parameters,
     .flags = FUNCTION_SEES_UNKNOWN,
     .eval = eval_get},
    {.name = "$select",
     .summary = "an array of what the JSONPath selects",
     .shape = FUNCTION_VALUE,
     .eval = eval_select,
     .compile = compile_select},
    {.name = "$count",
     .summary = "how many items or members",
     .shape = FUNCTION_VALUE,
     .parameters = value_parameter,
     .eval = eval_count},
    {.name = "$sum",
     .summary = "the sum of numbers, exact for integers",
     .shape = FUNCTION_LIST,
     .eval = eval_sum},
    {.name = "$json",
     .summary = "the compact JSON text of a value",
     .shape = FUNCTION_VALUE,
     .parameters = value_parameter,
     .eval = eval_json},
    {.name = "$text",
     .summary = "the text of a value, as an embedding would give it",
     .shape = FUNCTION_VALUE,
     .parameters = value_parameter,
     .eval = eval_text},
    {.name = "$join",
     .summary = "one text of an array, with a separator between",
     .shape = FUNCTION_PAIR,
     .parameters = join_parameters,
     .eval = eval_join},
    {.name = "$chunks",
     .summary = "a text cut into pieces of so many characters",
     .shape = FUNCTION_PAIR,
     .parameters = chunks_parameters,
     .eval = eval_chunks},
    {.name = "$split",
     .summary = "an array of the texts between separators",
     .shape = FUNCTION_PAIR,
     .parameters = split_parameters,
     .eval = eval_split},
    {.name = "$time",
     .summary = "an instant, moved and written as the service or 'as' has it",
     .shape = FUNCTION_MEMBERS,
     .parameters = time_parameters,
     .eval = eval_time},
    {.name = "$duration",
     .summary = "what lies between two instants",
     .shape = FUNCTION_MEMBERS,
     .parameters = duration_parameters,
     .eval = eval_duration},
    {.name = "$cron",
     .summary = "the next instant at which a cron expression fires",
     .shape = FUNCTION_MEMBERS,
     .parameters = cron_parameters,
     .eval = eval_cron},
    {.name = "$generate",
     .summary = "a made text: a pattern, or { pattern, seed }",
     .shape = FUNCTION_VALUE,
     .flags = FUNCTION_DRAWS,
     .eval = eval_generate,
     .compile = compile_generate},
    {.name = "$example",
     .summary = "an example made from a component schema",
     .shape = FUNCTION_VALUE,
     .flags = FUNCTION_DRAWS,
     .eval = eval_example,
     .compile = compile_example},
};

const struct function_table core_functions = {rows, sizeof rows / sizeof rows[0], NULL};
