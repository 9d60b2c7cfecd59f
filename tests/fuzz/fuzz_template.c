/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON text as a template, a match object and a criterion; the template is evaluated over itself.
 */
#include "core/data/json.h"
#include "core/expr/criterion.h"
#include "core/expr/function.h"
#include "core/expr/match.h"
#include "core/expr/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void try_all(struct compiler *compiler, struct eval *eval, const cJSON *node)
{
    struct strbuf why = STRBUF_INIT(LIMIT_MESSAGE);
    const cJSON *value = template_eval(template_compile(compiler, node), eval);
    const struct match *match = match_compile(compiler, node);
    const struct criterion *criterion = criterion_compile(compiler, node);
    const struct bound_match *bound = match_bind(match, eval);
    if (!expr_is_unknown(value))
        match_bound_test(bound, value);
    match_explain(bound, node, &why);
    if (criterion) {
        criterion_eval(criterion, eval);
        criterion_explain(criterion, eval, &why);
    }
    strbuf_release(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct error err;
    struct compiler compiler = {
        .arena = arena, .findings = &findings, .functions = &core_functions};
    cJSON *node = json_parse(arena, (const char *)bytes, len < 20000 ? len : 20000, "x", &err);
    if (node) {
        struct binding names[] = {{"x", node}, {"u", expr_unknown()}};
        struct scope scope = {.bindings = names, .count = 2};
        struct eval eval = {.arena = arena, .scope = &scope};
        try_all(&compiler, &eval, node);
    }
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
