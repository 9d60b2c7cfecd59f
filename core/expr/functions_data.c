/* SPDX-License-Identifier: Apache-2.0 */
/* $merge, $concat, $get, $select, $count, $sum. */
#include "core/expr/functions_internal.h"

#include "core/data/jsonpath.h"
#include "core/expr/compiler_internal.h"

#include <math.h>

static bool is_null(const cJSON *value)
{
    return !value || cJSON_IsNull(value);
}

const cJSON *eval_merge(const struct call *call, struct eval *eval)
{
    const cJSON *list = call_list(call, eval);
    cJSON *result = NULL;
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        if (is_null(item))
            continue;
        if (!cJSON_IsObject(item))
            return eval_problem(eval, "'$merge' takes objects but met %s", tree_type_name(item));
        if (!result)
            result = tree_object(eval->arena);
        for (const cJSON *member = item->child; member; member = member->next)
            tree_set(eval->arena, result, member->string, eval_copy(eval, member));
    }
    return result || !list ? result : tree_object(eval->arena);
}

static const cJSON *concat_texts(const cJSON *list, struct eval *eval)
{
    struct strbuf text = STRBUF_INIT(LIMIT_BODY);
    const cJSON *result = NULL;
    for (const cJSON *item = list->child; item; item = item->next) {
        if (cJSON_IsArray(item) || cJSON_IsObject(item))
            eval_problem(eval, "'$concat' takes arrays or texts, not both");
        else if (!is_null(item))
            strbuf_adds(&text, value_text(eval->arena, item));
    }
    if (!text.overflowed)
        result = tree_string_n(eval->arena, text.buf, text.len);
    strbuf_release(&text);
    return result;
}

static const cJSON *concat_arrays(const cJSON *list, struct eval *eval)
{
    cJSON *result = tree_array(eval->arena);
    for (const cJSON *item = list->child; item; item = item->next) {
        if (is_null(item))
            continue;
        if (!cJSON_IsArray(item))
            return eval_problem(eval, "'$concat' takes arrays or texts, not both");
        for (const cJSON *element = item->child; element; element = element->next)
            tree_append(result, eval_copy(eval, element));
    }
    return result;
}

const cJSON *eval_concat(const struct call *call, struct eval *eval)
{
    const cJSON *list = call_list(call, eval);
    const cJSON *first = list ? list->child : NULL;
    while (first && is_null(first))
        first = first->next;
    if (!first)
        return NULL;
    return cJSON_IsArray(first) ? concat_arrays(list, eval) : concat_texts(list, eval);
}

const cJSON *eval_get(const struct call *call, struct eval *eval)
{
    const cJSON *container = call_value(call, 0, eval);
    const cJSON *key = call_value(call, 1, eval);
    if (expr_is_unknown(container) || expr_is_unknown(key))
        return expr_unknown();
    if (is_null(container) || is_null(key))
        return NULL;
    int64_t index;
    if (cJSON_IsArray(container) && tree_as_int64(key, &index)) {
        int64_t count = (int64_t)tree_count(container);
        if (index < 0)
            index += count; /* -1 is the last */
        return index < 0 || index >= count ? NULL : tree_at(container, (size_t)index);
    }
    if (cJSON_IsObject(container))
        return seen_member(container, value_text(eval->arena, key));
    return eval_problem(eval, "'$get' cannot look for %s in %s", tree_type_name(key),
                        tree_type_name(container));
}

/* ---- $select ---- */

struct selection {
    const struct template *of;
    const struct jsonpath *path;
};

const void *compile_select(struct compiler *compiler, const cJSON *parameters)
{
    const char *path = tree_text(tree_at(parameters, 1));
    if (!cJSON_IsArray(parameters) || tree_count(parameters) != 2 || !path) {
        findings_add(compiler->findings, tree_place(parameters),
                     "'$select' takes a list of 2: [value, JSONPath]");
        return NULL;
    }
    struct error err;
    struct selection *selection = arena_alloc(compiler->arena, sizeof *selection);
    selection->of = template_compile(compiler, parameters->child);
    selection->path = jsonpath_compile(compiler->arena, path, &err);
    if (!selection->path)
        findings_add(compiler->findings, tree_place(tree_at(parameters, 1)), "bad jsonpath: %s",
                     err.text);
    return selection->path ? selection : NULL;
}

const cJSON *eval_select(const struct call *call, struct eval *eval)
{
    const struct selection *selection = call_own(call);
    const cJSON *value = template_value(selection->of, eval);
    if (!value || eval_is_unseen(eval, value))
        return value ? expr_unknown() : NULL;
    size_t count = 0;
    const cJSON **found = jsonpath_select(eval->arena, selection->path, value, &count);
    cJSON *result = tree_array(eval->arena);
    for (size_t i = 0; i < count; i++)
        tree_append(result, eval_copy(eval, found[i]));
    return result;
}

/* ---- numbers ---- */

const cJSON *eval_count(const struct call *call, struct eval *eval)
{
    const cJSON *value = call_value(call, 0, eval);
    if (is_null(value))
        return NULL;
    if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
        return eval_problem(eval, "'$count' takes an array or object but met %s",
                            tree_type_name(value));
    return tree_integer(eval->arena, (int64_t)tree_count(value));
}

const cJSON *eval_sum(const struct call *call, struct eval *eval)
{
    const cJSON *list = call_list(call, eval);
    int64_t whole = 0, one;
    double sum = 0;
    bool is_exact = true;
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        if (is_null(item))
            continue;
        if (!cJSON_IsNumber(item))
            return eval_problem(eval, "'$sum' takes numbers but met %s", tree_type_name(item));
        is_exact =
            is_exact && tree_as_int64(item, &one) && !__builtin_add_overflow(whole, one, &whole);
        sum += item->valuedouble;
    }
    if (!list || !isfinite(sum))
        return NULL;
    return is_exact ? tree_integer(eval->arena, whole) : tree_double(eval->arena, sum);
}
