/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/eval.h"

#include "core/base/draw.h"

uint64_t eval_draw(struct eval *eval)
{
    uint64_t number = eval->drawn++;
    if (eval->make_draw_key) {
        eval->draw_key = eval->make_draw_key(eval);
        eval->make_draw_key = NULL;
    }
    return draw_hash(eval->draw_key, &number, sizeof number);
}

void *eval_problem(struct eval *eval, const char *format, ...)
{
    if (eval->problem)
        return NULL;
    va_list args;
    va_start(args, format);
    eval->problem = arena_vprintf(eval->arena, format, args);
    va_end(args);
    return NULL;
}

cJSON *eval_copy(struct eval *eval, const cJSON *value)
{
    return eval->keeps_sources ? tree_share(eval->arena, value) : tree_copy(eval->arena, value);
}

static bool find_binding(const struct scope *scope, struct str name, const cJSON **value)
{
    for (size_t i = 0; i < scope->count; i++) {
        if (str_is(name, scope->bindings[i].name)) {
            *value = scope->bindings[i].value;
            return true;
        }
    }
    return false;
}

static const cJSON *make_now(struct eval *eval)
{
    if (!eval->now_node || eval->now_made != eval->now) {
        eval->now_node = time_form_node(eval->time_form, eval->now, eval->arena);
        eval->now_made = eval->now;
    }
    return eval->now_node;
}

int eval_instant(struct eval *eval, const cJSON *value, nanos *instant)
{
    if (value && value == eval->now_node) {
        *instant = eval->now_made;
        return 0;
    }
    return time_form_read(eval->time_form, value, instant);
}

const cJSON *scope_find(struct eval *eval, struct str name)
{
    const cJSON *value = NULL;
    for (const struct scope *scope = eval->scope; scope; scope = scope->outer) {
        if (scope->count && find_binding(scope, name, &value))
            return value;
        if (scope->resolve && scope->resolve(scope->data, name, eval, &value))
            return value;
    }
    return str_is(name, "now") ? make_now(eval) : NULL;
}
