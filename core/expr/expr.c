/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pointer.h"
#include "core/expr/expr_internal.h"

#include <string.h>

void expr_note(struct compiler *compiler, struct expr *expr, struct place place)
{
    expr->place = place;
    struct str root = str_from(expr->root);
    if (!expr->is_http)
        compiler_check_root(compiler, root, place);
    compiler_use(
        compiler,
        (struct use){.expr = expr, .is_local = compiler_is_local(compiler, root), .place = place});
}

const struct expr *expr_compile(struct compiler *compiler, const char *text, struct place place)
{
    size_t used;
    const char *error;
    if (text[0] != '$') {
        findings_add(compiler->findings, place, "expected an expression but found '%s'", text);
        return NULL;
    }
    struct expr *expr = expr_scan(compiler->arena, text, EXPR_WHOLE,
                                  compiler->flags & COMPILER_ARAZZO, &used, &error);
    if (!expr) {
        findings_add(compiler->findings, place, "bad expression '%s': %s", text, error);
        return NULL;
    }
    expr_note(compiler, expr, place);
    return expr;
}

static const cJSON *find_http(const struct expr *expr, struct eval *eval)
{
    for (const struct scope *scope = eval->scope; scope; scope = scope->outer)
        if (scope->http)
            return scope->http(scope->data, expr->part, expr->name, eval);
    return NULL;
}

/* Keys of Arazzo may have dots: outputs.a.b is the member "a.b" when there is no "a". */
static const cJSON *find_dotted(const cJSON *object, const struct expr *expr, size_t *at)
{
    const struct segment *segments = expr->segments;
    const cJSON *found = seen_member(object, segments[*at].name);
    char key[256];
    size_t len = strlen(segments[*at].name);
    if (found || len >= sizeof key || !segments[*at].is_dotted || !cJSON_IsObject(object))
        return found;
    memcpy(key, segments[*at].name, len + 1);
    for (size_t i = *at + 1; i < expr->count && segments[i].is_dotted; i++) {
        size_t more = strlen(segments[i].name);
        if (len + more + 2 > sizeof key)
            return NULL;
        key[len++] = '.';
        memcpy(key + len, segments[i].name, more + 1);
        len += more;
        found = tree_get(object, key);
        if (found) {
            *at = i;
            return found;
        }
    }
    return NULL;
}

static bool is_last_dotted(const struct expr *expr, size_t at)
{
    return at + 1 >= expr->count || !expr->segments[at + 1].is_dotted;
}

/* Where everything can be seen. */
static const cJSON *follow(const struct expr *expr, const cJSON *value)
{
    for (size_t i = 0; value && i < expr->count; i++) {
        const struct segment *segment = &expr->segments[i];
        if (!segment->name)
            value = cJSON_IsArray(value) ? tree_at(value, segment->index) : NULL;
        else if (is_last_dotted(expr, i))
            value = tree_get(value, segment->name);
        else
            value = find_dotted(value, expr, &i);
    }
    return expr->path ? path_get(value, expr->path) : value;
}

const cJSON *expr_eval(const struct expr *expr, struct eval *eval)
{
    const cJSON *value = expr->is_http ? find_http(expr, eval)
                                       : scope_find(eval, (struct str){expr->root, expr->root_len});
    if (eval->sees_all)
        return follow(expr, value);
    for (size_t i = 0; value && i < expr->count; i++) {
        if (expr_is_unknown(value))
            return value;
        if (expr->segments[i].name)
            value = find_dotted(value, expr, &i);
        else
            value = cJSON_IsArray(value) ? tree_at(value, expr->segments[i].index) : NULL;
    }
    return expr->pointer[0] && value ? seen_pointer(value, expr->pointer) : value;
}

const char *expr_text(const struct expr *expr)
{
    return expr->text;
}

const char *expr_root(const struct expr *expr)
{
    return expr->root;
}

const char *expr_pointer(const struct expr *expr)
{
    return expr->read;
}

bool text_is_expression(const char *text)
{
    return text && text[0] == '$' && text[1] != '$';
}
