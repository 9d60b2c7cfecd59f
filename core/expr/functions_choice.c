/* SPDX-License-Identifier: Apache-2.0 */
/* $first, $choose, $each: functions that evaluate only a part of what they are given. */
#include "core/expr/functions_internal.h"

#include "core/base/str.h"
#include "core/expr/compiler_internal.h"

#include <string.h>

/* ---- $first ---- */

static bool is_value(const cJSON *value)
{
    return value && (expr_is_unknown(value) || !cJSON_IsNull(value));
}

const cJSON *eval_first(const struct call *call, struct eval *eval)
{
    const cJSON *last = NULL;
    size_t count = 0;
    const struct template *const *items = call_items(call, &count);
    for (size_t i = 0; i < count; i++) {
        last = template_value(items[i], eval);
        if (is_value(last))
            return last;
    }
    if (count)
        return last;
    const cJSON *list = call_list(call, eval);
    if (expr_is_unknown(list))
        return list;
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        last = item;
        if (is_value(item))
            break;
    }
    return last;
}

/* ---- $choose ---- */

struct choice {
    const struct criterion *if_, *unless;
    const struct template *value;
};

struct choices {
    struct choice *rows;
    size_t count;
};

static void compile_choice(struct compiler *compiler, const cJSON *row, struct choice *choice)
{
    static const char *const keys[] = {"if", "unless", "value"};
    if (!cJSON_IsObject(row)) {
        findings_add(compiler->findings, tree_place(row),
                     "a row of '$choose' must be an object but is %s", tree_type_name(row));
        return;
    }
    for (const cJSON *member = row->child; member; member = member->next) {
        const char *nearest = text_nearest_of(member->string, keys, 3);
        if (text_is(member->string, "if"))
            choice->if_ = criterion_compile(compiler, member);
        else if (text_is(member->string, "unless"))
            choice->unless = criterion_compile(compiler, member);
        else if (text_is(member->string, "value"))
            choice->value = template_compile(compiler, member);
        else
            findings_add(compiler->findings, tree_place(member),
                         "a row of '$choose' has no '%s'%s%s%s", member->string,
                         nearest ? " (did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'?)" : "");
    }
    if (!choice->value)
        findings_add(compiler->findings, tree_place(row), "a row of '$choose' needs a 'value'");
}

const void *compile_choose(struct compiler *compiler, const cJSON *parameters)
{
    struct choices *choices = arena_alloc(compiler->arena, sizeof *choices);
    size_t before = compiler->findings->errors;
    if (!cJSON_IsArray(parameters)) {
        findings_add(compiler->findings, tree_place(parameters),
                     "'$choose' takes a list of rows { if, unless, value } but found %s",
                     tree_type_name(parameters));
        return NULL;
    }
    choices->rows =
        arena_alloc(compiler->arena, (tree_count(parameters) + 1) * sizeof *choices->rows);
    for (const cJSON *row = parameters->child; row; row = row->next)
        compile_choice(compiler, row, &choices->rows[choices->count++]);
    return compiler->findings->errors == before ? choices : NULL;
}

const cJSON *eval_choose(const struct call *call, struct eval *eval)
{
    const struct choices *choices = call_own(call);
    for (size_t i = 0; i < choices->count; i++) {
        const struct choice *row = &choices->rows[i];
        enum truth truth = criterion_gate(row->if_, row->unless, eval);
        if (truth == TRUTH_UNKNOWN)
            return expr_unknown();
        if (truth == TRUTH_TRUE)
            return template_value(row->value, eval);
    }
    return NULL;
}

/* ---- $each ---- */

struct each {
    const char *as;
    const struct template *in, *value, *key;
    const struct criterion *if_;
    bool is_flat;
};

static const char *const each_keys[] = {"in", "as", "value", "key", "if", "flat"};

static void check_each_keys(struct compiler *compiler, const cJSON *parameters)
{
    for (const cJSON *member = parameters->child; member; member = member->next) {
        size_t i = 0;
        while (i < 6 && !text_is(member->string, each_keys[i]))
            i++;
        if (i < 6)
            continue;
        const char *nearest = text_nearest_of(member->string, each_keys, 6);
        findings_add(compiler->findings, tree_place(member), "'$each' has no parameter '%s'%s%s%s",
                     member->string, nearest ? " (did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'?)" : "");
    }
    for (size_t i = 0; i < 3; i++)
        if (!tree_get(parameters, each_keys[i]))
            findings_add(compiler->findings, tree_place(parameters),
                         "'$each' needs the parameter '%s'", each_keys[i]);
}

/* The name is known to what is evaluated once an item, and only there. */
static void compile_item(struct compiler *compiler, struct each *each, const cJSON *parameters)
{
    const char *const names[] = {each->as};
    struct root_names *locals = arena_alloc(compiler->arena, sizeof *locals);
    locals->items = arena_copy(compiler->arena, names, sizeof names);
    locals->count = 1;
    locals->outer = compiler->locals;
    compiler->locals = locals;
    each->value = template_compile(compiler, tree_get(parameters, "value"));
    each->key = template_compile(compiler, tree_get(parameters, "key"));
    each->if_ = criterion_compile(compiler, tree_get(parameters, "if"));
    compiler->locals = locals->outer;
}

const void *compile_each(struct compiler *compiler, const cJSON *parameters)
{
    size_t before = compiler->findings->errors;
    if (!cJSON_IsObject(parameters)) {
        findings_add(compiler->findings, tree_place(parameters),
                     "'$each' takes an object of parameters but found %s",
                     tree_type_name(parameters));
        return NULL;
    }
    check_each_keys(compiler, parameters);
    struct each *each = arena_alloc(compiler->arena, sizeof *each);
    each->as = tree_get_text(parameters, "as");
    each->in = template_compile(compiler, tree_get(parameters, "in"));
    each->is_flat = tree_is_true(tree_get(parameters, "flat"));
    if (tree_get(parameters, "as") && !each->as)
        findings_add(compiler->findings, tree_place(tree_get(parameters, "as")),
                     "as of '$each' must be a text");
    if (each->as)
        compile_item(compiler, each, parameters);
    return compiler->findings->errors == before ? each : NULL;
}

/* An object's member as { key, value }. */
static const cJSON *make_entry(const cJSON *member, struct eval *eval)
{
    cJSON *entry = tree_object(eval->arena);
    tree_set_string(eval->arena, entry, "key", member->string);
    tree_set(eval->arena, entry, "value", eval_copy(eval, member));
    return entry;
}

/* Adds one item's value; false when something about it cannot be seen. */
static bool add_item(const struct each *each, struct eval *eval, cJSON *result)
{
    enum truth wanted = each->if_ ? criterion_eval(each->if_, eval) : TRUTH_TRUE;
    if (wanted != TRUTH_TRUE)
        return wanted == TRUTH_FALSE;
    cJSON *value = template_eval(each->value, eval);
    if (!value || expr_is_unknown(value))
        return !value;
    if (each->key) {
        const cJSON *key = template_value(each->key, eval);
        if (expr_is_unknown(key))
            return false;
        if (key)
            tree_set(eval->arena, result, value_text(eval->arena, key), value);
        return true;
    }
    if (!each->is_flat || !cJSON_IsArray(value)) {
        tree_append(result, value);
        return true;
    }
    for (const cJSON *item = value->child; item; item = item->next)
        tree_append(result, eval_copy(eval, item));
    return true;
}

const cJSON *eval_each(const struct call *call, struct eval *eval)
{
    const struct each *each = call_own(call);
    const cJSON *in = template_value(each->in, eval);
    if (!in || expr_is_unknown(in) || unknown_is_partial(in))
        return in ? expr_unknown() : NULL;
    if (cJSON_IsNull(in))
        return NULL;
    if (!cJSON_IsArray(in) && !cJSON_IsObject(in))
        return eval_problem(eval, "'$each' takes a list or an object but met %s",
                            tree_type_name(in));
    cJSON *result = each->key ? tree_object(eval->arena) : tree_array(eval->arena);
    struct binding binding = {.name = each->as};
    struct scope frame = {.outer = eval->scope, .bindings = &binding, .count = 1};
    bool is_seen = true;
    eval->scope = &frame;
    for (const cJSON *item = in->child; item && is_seen; item = item->next) {
        binding.value = cJSON_IsObject(in) ? make_entry(item, eval) : item;
        is_seen = add_item(each, eval, result);
    }
    eval->scope = frame.outer;
    return is_seen ? result : expr_unknown();
}
