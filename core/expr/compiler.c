/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/compiler_internal.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/expr.h"
#include "core/expr/function.h"

bool compiler_enter(struct compiler *compiler, struct place place)
{
    if (compiler->depth >= COMPILER_DEPTH_MAX) {
        findings_add(compiler->findings, place, "nested too deeply, at most %d levels",
                     COMPILER_DEPTH_MAX);
        return false;
    }
    compiler->depth++;
    return true;
}

void compiler_leave(struct compiler *compiler)
{
    compiler->depth--;
}

struct uses *compiler_uses_open(struct compiler *compiler, bool *is_outermost)
{
    *is_outermost = !compiler->uses;
    if (*is_outermost)
        compiler->uses = arena_alloc(compiler->arena, sizeof *compiler->uses);
    return compiler->uses;
}

void compiler_uses_close(struct compiler *compiler, bool is_outermost)
{
    if (is_outermost)
        compiler->uses = NULL;
}

void compiler_use(struct compiler *compiler, struct use use)
{
    if (compiler->uses)
        vec_push_arena(compiler->arena, compiler->uses, use);
}

static bool is_named(const struct root_names *names, struct str root)
{
    for (; names; names = names->outer)
        for (size_t i = 0; i < names->count; i++)
            if (str_is(root, names->items[i]))
                return true;
    return false;
}

bool compiler_is_local(const struct compiler *compiler, struct str root)
{
    return is_named(compiler->locals, root);
}

/* Of these the others of Arazzo 1.1 are asked in the scope. */
const char *const arazzo_roots[] = {
    "url",    "method",  "statusCode", "request",   "response",           "message",
    "inputs", "outputs", "steps",      "workflows", "sourceDescriptions", "components",
    "self",   NULL};

bool compiler_is_arazzo_root(const struct compiler *compiler, struct str root)
{
    for (size_t i = 0; arazzo_roots[i]; i++)
        if (str_is(root, arazzo_roots[i]))
            return true;
    return is_named(compiler->roots, root);
}

struct candidates {
    const struct root_names *names[2];
    size_t index, builtin;
};

static const char *next_candidate(void *state)
{
    static const char *const builtin[] = {"now",        "url",     "method",
                                          "statusCode", "request", "response"};
    struct candidates *candidates = state;
    for (size_t i = 0; i < 2; i++) {
        while (candidates->names[i]) {
            if (candidates->index < candidates->names[i]->count)
                return candidates->names[i]->items[candidates->index++];
            candidates->names[i] = candidates->names[i]->outer;
            candidates->index = 0;
        }
    }
    return candidates->builtin < sizeof builtin / sizeof builtin[0] ? builtin[candidates->builtin++]
                                                                    : NULL;
}

void compiler_check_root(struct compiler *compiler, struct str root, struct place place)
{
    if (!compiler->roots || str_is(root, "now") || compiler_is_local(compiler, root) ||
        is_named(compiler->roots, root))
        return;
    const char *name = arena_strndup(compiler->arena, root.ptr, root.len);
    struct candidates candidates = {.names = {compiler->locals, compiler->roots}};
    const char *nearest = text_nearest(name, next_candidate, &candidates);
    if (nearest)
        findings_add(compiler->findings, place, "unknown root '$%s' (did you mean '$%s'?)", name,
                     nearest);
    else
        findings_add(compiler->findings, place, "unknown root '$%s'", name);
}

bool uses_root(const struct uses *uses, const char *root)
{
    for (size_t i = 0; uses && i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        if (use->expr && !use->is_local && text_is(expr_root(use->expr), root))
            return true;
    }
    return false;
}

bool uses_only(const struct uses *uses, const char *const *roots)
{
    for (size_t i = 0; uses && i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        if (use->function && use->function->flags & (FUNCTION_NEEDS_WORLD | FUNCTION_DRAWS))
            return false;
        if (!use->expr || use->is_local)
            continue;
        size_t known = 0;
        while (roots[known] && !text_is(roots[known], expr_root(use->expr)))
            known++;
        if (!roots[known])
            return false;
    }
    return true;
}
