/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9535 sections 2.4.4 to 2.4.8. */
#include "core/data/jsonpath_ast.h"
#include "core/data/utf8.h"

static struct path_result integer(struct arena *arena, size_t value)
{
    return (struct path_result){.value = tree_integer(arena, (int64_t)value)};
}

static struct path_result apply_length(struct arena *arena, const struct path_call *call,
                                       const struct path_argument *arguments)
{
    (void)call;
    const cJSON *value = arguments[0].value;
    if (cJSON_IsString(value))
        return integer(arena, utf8_count(value->valuestring, strlen(value->valuestring)));
    if (cJSON_IsArray(value) || cJSON_IsObject(value))
        return integer(arena, tree_count(value));
    return (struct path_result){0};
}

static struct path_result apply_count(struct arena *arena, const struct path_call *call,
                                      const struct path_argument *arguments)
{
    (void)call;
    return integer(arena, arguments[0].nodes.count);
}

static struct path_result apply_value(struct arena *arena, const struct path_call *call,
                                      const struct path_argument *arguments)
{
    (void)arena;
    (void)call;
    const struct path_nodes *nodes = &arguments[0].nodes;
    return (struct path_result){.value = nodes->count == 1 ? nodes->items[0] : NULL};
}

static struct path_result match(const struct path_call *call, const struct path_argument *arguments,
                                enum pattern_dialect dialect)
{
    const char *subject = tree_text(arguments[0].value), *text = tree_text(arguments[1].value);
    struct path_result result = {0};
    if (!subject || !text)
        return result;
    struct arena *own = call->pattern_is_fixed ? NULL : arena_new();
    const struct pattern *pattern = own ? pattern_compile(own, text, dialect, NULL) : call->pattern;
    result.holds = pattern && pattern_matches(pattern, str_from(subject));
    arena_free(own);
    return result;
}

static struct path_result apply_match(struct arena *arena, const struct path_call *call,
                                      const struct path_argument *arguments)
{
    (void)arena;
    return match(call, arguments, PATTERN_IREGEXP);
}

static struct path_result apply_search(struct arena *arena, const struct path_call *call,
                                       const struct path_argument *arguments)
{
    (void)arena;
    return match(call, arguments, PATTERN_IREGEXP_SEARCH);
}

static const struct path_function functions[] = {
    {"length", TYPE_VALUE, 1, {TYPE_VALUE}, apply_length},
    {"count", TYPE_VALUE, 1, {TYPE_NODES}, apply_count},
    {"match", TYPE_LOGICAL, 2, {TYPE_VALUE, TYPE_VALUE}, apply_match},
    {"search", TYPE_LOGICAL, 2, {TYPE_VALUE, TYPE_VALUE}, apply_search},
    {"value", TYPE_VALUE, 1, {TYPE_NODES}, apply_value},
};

const struct path_function *path_function_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (str_is((struct str){name, len}, functions[i].name))
            return &functions[i];
    return NULL;
}
