/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/text.h"

#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/expr/expr_internal.h"
#include "core/expr/template.h"

#include <string.h>

struct part {
    struct str literal;      /* what comes before the expression */
    const struct expr *expr; /* NULL in the last */
};

struct text {
    VEC(struct part);
};

/*
 * Reads the embedding at `at` ("{$"); how many bytes, 0 when it is no expression of Arazzo's in a
 * scenario, and so stays text. `*expr` is NULL after a finding.
 */
static size_t read_embedding(struct compiler *compiler, const char *at, struct place place,
                             struct expr **expr)
{
    size_t used;
    const char *error;
    bool is_arazzo = compiler->flags & COMPILER_ARAZZO;
    *expr = expr_scan(compiler->arena, at + 1, EXPR_EMBEDDED, is_arazzo, &used, &error);
    bool is_closed = at[1 + used] == '}';
    if (is_arazzo &&
        (!*expr || !is_closed || !compiler_is_arazzo_root(compiler, str_from((*expr)->root)))) {
        *expr = NULL;
        return 0;
    }
    if (*expr && !is_closed) {
        *expr = NULL;
        error = "expected '}'";
    }
    if (*expr)
        expr_note(compiler, *expr, place);
    else
        findings_add(compiler->findings, place, "bad expression in '%.100s': %s", at, error);
    return used + 2;
}

const struct text *text_compile(struct compiler *compiler, const char *text, struct place place)
{
    struct text *result = arena_alloc(compiler->arena, sizeof *result);
    const char *start = text, *at = text;
    while ((at = strstr(at, "{$")) != NULL) {
        struct expr *expr;
        size_t used = read_embedding(compiler, at, place, &expr);
        if (used && !expr)
            return NULL;
        if (expr) {
            struct part part = {{start, (size_t)(at - start)}, expr};
            vec_push_arena(compiler->arena, result, part);
            start = at + used;
        }
        at += used ? used : 2;
    }
    struct part last = {str_from(start), NULL};
    vec_push_arena(compiler->arena, result, last);
    return result;
}

bool text_is_constant(const struct text *text)
{
    return text->count == 1;
}

static void add_value(struct strbuf *out, const cJSON *value)
{
    if (cJSON_IsString(value))
        strbuf_adds(out, value->valuestring);
    else if (value)
        json_print(value, JSON_COMPACT, out);
}

const cJSON *text_eval(const struct text *text, struct eval *eval)
{
    char room[512];
    struct strbuf out = strbuf_over(room, sizeof room, LIMIT_BODY);
    bool is_unknown = false;
    const struct part *part;
    vec_foreach (part, text) {
        strbuf_add(&out, part->literal.ptr, part->literal.len);
        const cJSON *value = part->expr ? expr_eval(part->expr, eval) : NULL;
        is_unknown = is_unknown || eval_is_unseen(eval, value);
        add_value(&out, value);
    }
    const cJSON *result = is_unknown ? expr_unknown() : NULL;
    if (!result && out.overflowed)
        eval_problem(eval, "a text grew beyond its limit");
    else if (!result)
        result = tree_string_n(eval->arena, out.buf, out.len);
    strbuf_release(&out);
    return result;
}

const char *value_text(struct arena *arena, const cJSON *value)
{
    if (cJSON_IsString(value))
        return value->valuestring;
    return value ? json_text(arena, value) : "";
}
