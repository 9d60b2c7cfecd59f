/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as an expression, a condition, a cron expression, a pattern for $generate, a query. */
#include "core/expr/condition.h"
#include "core/expr/cron.h"
#include "core/expr/expr.h"
#include "core/expr/generate.h"
#include "core/expr/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void try_query(const char *text, struct arena *arena, struct compiler *compiler,
                      struct eval *eval)
{
    cJSON *match = tree_object(arena), *row = tree_object(arena), *names = tree_object(arena);
    tree_set_string(arena, names, "name", "/name");
    tree_set_string(arena, names, "tags.*", "/tags");
    tree_set_string(arena, row, "query", text[0] == '$' ? text + 1 : text);
    tree_set(arena, row, "names", names);
    tree_set(arena, match, "", row);
    match_eval(match_compile(compiler, match), names, eval);
}

static void try_others(const char *text, struct arena *arena)
{
    struct cron cron;
    nanos next;
    if (cron_parse(text, &cron, NULL) == 0)
        cron_next(&cron, zone_find("UTC"), 0, &next);
    const struct generator *generator = generator_compile(arena, text, NULL);
    struct draw draw = draw_from(1);
    if (generator)
        generator_text(generator, &draw, 1, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct compiler compiler = {
        .arena = arena, .findings = &findings, .flags = len % 2 ? COMPILER_ARAZZO : 0};
    cJSON *run = tree_object(arena);
    tree_set_string(arena, run, "id", "x");
    struct binding names[] = {{"run", run}};
    struct scope scope = {.bindings = names, .count = 1};
    struct eval eval = {.arena = arena, .scope = &scope};
    /* What is longer is only slower. */
    char *text = arena_strndup(arena, (const char *)bytes, len < 5000 ? len : 5000);
    struct place place = {0};
    const struct expr *expr = expr_compile(&compiler, text, place);
    if (expr)
        expr_eval(expr, &eval);
    const struct condition *condition = condition_compile(&compiler, text, place);
    if (condition) {
        struct strbuf why = STRBUF_INIT(LIMIT_MESSAGE);
        condition_eval(condition, &eval);
        condition_explain(condition, &eval, &why);
        strbuf_release(&why);
    }
    try_query(text, arena, &compiler, &eval);
    try_others(text, arena);
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
