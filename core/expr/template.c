/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/template.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/expr/compiler_internal.h"
#include "core/expr/expr_internal.h"
#include "core/expr/function.h"
#include "core/expr/text.h"

#include <string.h>

enum template_kind {
    TEMPLATE_BROKEN, /* there is a finding; comes to nothing */
    TEMPLATE_CONSTANT,
    TEMPLATE_EXPR,
    TEMPLATE_TEXT,
    TEMPLATE_CALL,
    TEMPLATE_ARRAY,
    TEMPLATE_OBJECT,
};

struct template
{
    enum template_kind kind;
    struct place place;
    const cJSON *constant;
    const struct expr *expr;
    const struct text *text;
    const struct call *call;
    struct template **items;
    const char **keys; /* of an object's items */
    size_t count;
    const struct uses *uses;
};

static struct template *compile_any(struct compiler *compiler, const cJSON *node);

/* ---- compiling ---- */

static void set_constant(struct template *template, const cJSON *value)
{
    template->kind = TEMPLATE_CONSTANT;
    template->constant = value;
}

/* In a scenario what is no expression of Arazzo's is text. */
static bool is_plain_text(const struct compiler *compiler, const char *text)
{
    size_t used;
    const char *error;
    if (!(compiler->flags & COMPILER_ARAZZO))
        return false;
    const struct expr *expr = expr_scan(compiler->arena, text, EXPR_WHOLE, true, &used, &error);
    return !expr || !compiler_is_arazzo_root(compiler, str_from(expr->root));
}

static void compile_string(struct compiler *compiler, struct template *template, const cJSON *node)
{
    const char *text = node->valuestring;
    bool is_escaped = text[0] == '$' && text[1] == '$' && !(compiler->flags & COMPILER_ARAZZO);
    if (compiler->flags & COMPILER_LITERAL) {
        set_constant(template, node);
        return;
    }
    if (text_is_expression(text) && !is_plain_text(compiler, text)) {
        template->expr = expr_compile(compiler, text, template->place);
        if (template->expr)
            template->kind = TEMPLATE_EXPR;
        return;
    }
    if (!strstr(text, "{$")) {
        set_constant(template, is_escaped ? tree_string(compiler->arena, text + 1) : node);
        return;
    }
    template->text = text_compile(compiler, text + is_escaped, template->place);
    if (!template->text)
        return;
    template->kind = TEMPLATE_TEXT;
    if (text_is_constant(template->text))
        set_constant(template, is_escaped ? tree_string(compiler->arena, text + 1) : node);
}

static void refuse_mixed_call(struct compiler *compiler, const cJSON *member)
{
    if (compiler->functions && member->string[0] == '$' &&
        function_find(compiler->functions, member->string))
        findings_add(compiler->findings, tree_place(member),
                     "a call of '%s' stands alone in its object", member->string);
}

static const char *plain_key(const struct compiler *compiler, const char *key)
{
    bool is_escaped = compiler->functions && key[0] == '$' && key[1] == '$';
    return is_escaped ? key + 1 : key;
}

static void compile_children(struct compiler *compiler, struct template *template,
                             const cJSON *node)
{
    bool is_object = cJSON_IsObject(node), is_constant = true;
    size_t count = tree_count(node);
    template->items = arena_alloc(compiler->arena, (count + 1) * sizeof *template->items);
    template->keys = arena_alloc(compiler->arena, (count + 1) * sizeof *template->keys);
    for (const cJSON *child = node->child; child; child = child->next) {
        struct template *item = compile_any(compiler, child);
        is_constant = is_constant && item->kind == TEMPLATE_CONSTANT && item->constant == child;
        if (is_object) {
            refuse_mixed_call(compiler, child);
            template->keys[template->count] = plain_key(compiler, child->string);
            is_constant = is_constant && template->keys[template->count] == child->string;
        }
        template->items[template->count++] = item;
    }
    template->kind = is_object ? TEMPLATE_OBJECT : TEMPLATE_ARRAY;
    if (is_constant)
        set_constant(template, node);
}

static void compile_node(struct compiler *compiler, struct template *template, const cJSON *node)
{
    if (cJSON_IsString(node)) {
        compile_string(compiler, template, node);
    } else if (call_is_written(compiler, node)) {
        template->call = call_compile(compiler, node);
        if (template->call)
            template->kind = TEMPLATE_CALL;
    } else if (cJSON_IsArray(node) || cJSON_IsObject(node)) {
        compile_children(compiler, template, node);
    } else {
        set_constant(template, node);
    }
}

static struct template *compile_any(struct compiler *compiler, const cJSON *node)
{
    bool is_outermost;
    struct template *template = arena_alloc(compiler->arena, sizeof *template);
    template->place = tree_place(node);
    if (!compiler_enter(compiler, template->place))
        return template;
    template->uses = compiler_uses_open(compiler, &is_outermost);
    compile_node(compiler, template, node);
    compiler_uses_close(compiler, is_outermost);
    compiler_leave(compiler);
    return template;
}

const struct template *template_compile(struct compiler *compiler, const cJSON *node)
{
    return node ? compile_any(compiler, node) : NULL;
}

/* ---- evaluating ---- */

static const cJSON *build_array(const struct template *template, struct eval *eval)
{
    cJSON *array = tree_array(eval->arena);
    for (size_t i = 0; i < template->count; i++) {
        cJSON *item = template_eval(template->items[i], eval);
        if (expr_is_unknown(item))
            return expr_unknown();
        if (item)
            tree_append(array, item);
    }
    return array;
}

static const cJSON *build_object(const struct template *template, struct eval *eval)
{
    cJSON *object = tree_object(eval->arena);
    for (size_t i = 0; i < template->count; i++) {
        cJSON *value = template_eval(template->items[i], eval);
        if (expr_is_unknown(value))
            return expr_unknown();
        if (value && eval->keeps_sources)
            tree_put(object, template->keys[i], value);
        else if (value)
            tree_set(eval->arena, object, template->keys[i], value);
    }
    return object;
}

/* `is_fresh`: the value was made just now, and stands nowhere. */
static const cJSON *evaluate(const struct template *template, struct eval *eval, bool *is_fresh)
{
    *is_fresh = false;
    switch (template->kind) {
    case TEMPLATE_BROKEN:
        return NULL;
    case TEMPLATE_CONSTANT:
        return template->constant;
    case TEMPLATE_EXPR:
        return expr_eval(template->expr, eval);
    case TEMPLATE_CALL:
        return call_eval(template->call, eval);
    case TEMPLATE_TEXT:
        *is_fresh = true;
        return text_eval(template->text, eval);
    case TEMPLATE_ARRAY:
        *is_fresh = true;
        return build_array(template, eval);
    case TEMPLATE_OBJECT:
        *is_fresh = true;
        return build_object(template, eval);
    }
    return NULL;
}

cJSON *template_eval(const struct template *template, struct eval *eval)
{
    bool is_fresh;
    const cJSON *value = template ? evaluate(template, eval, &is_fresh) : NULL;
    /* Fresh nodes and the mark of the unknown are not changed by anyone else. */
    if (!value || is_fresh || expr_is_unknown(value))
        return (cJSON *)(uintptr_t)value;
    return eval_copy(eval, value);
}

const cJSON *template_value(const struct template *template, struct eval *eval)
{
    bool is_fresh;
    return template ? evaluate(template, eval, &is_fresh) : NULL;
}

const cJSON *template_constant(const struct template *template)
{
    return template && template->kind == TEMPLATE_CONSTANT ? template->constant : NULL;
}

const char *template_text(const struct template *template, struct eval *eval)
{
    const cJSON *value = template_value(template, eval);
    return value && !expr_is_unknown(value) ? value_text(eval->arena, value) : NULL;
}

const struct uses *template_uses(const struct template *template)
{
    return template ? template->uses : NULL;
}

const struct template *const *template_items(const struct template *template, size_t *count)
{
    if (template->kind != TEMPLATE_ARRAY)
        return NULL;
    *count = template->count;
    return (const struct template *const *)template->items;
}

enum value_kind template_kind_of(const struct template *template)
{
    if (template->kind == TEMPLATE_CONSTANT)
        return VALUE_LITERAL;
    if (template->kind == TEMPLATE_ARRAY || template->kind == TEMPLATE_OBJECT)
        return VALUE_BUILT;
    return template->kind == TEMPLATE_TEXT ? VALUE_TEXT : VALUE_ANY;
}
