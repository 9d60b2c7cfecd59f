/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/json.h"
#include "core/expr/expr.h"
#include "core/expr/function.h"
#include "core/expr/template.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

struct lazy {
    int asked;
};

static bool resolve_lazily(void *data, struct str name, struct eval *eval, const cJSON **value)
{
    struct lazy *lazy = data;
    if (!str_is(name, "run") && !str_is(name, "void"))
        return false;
    lazy->asked++;
    *value = str_is(name, "run") ? tree_string(eval->arena, "stored") : NULL;
    return true;
}

static const char *evaluate(struct arena *arena, struct eval *eval, const char *text)
{
    struct findings findings = {0};
    struct compiler compiler = {.arena = arena, .findings = &findings};
    const struct expr *expr = expr_compile(&compiler, text, (struct place){0});
    assert_non_null(expr);
    findings_release(&findings);
    const cJSON *value = expr_eval(expr, eval);
    return value ? json_text(arena, value) : "nothing";
}

static void inner_frames_hide_outer_ones(void **state)
{
    struct arena *arena = arena_new();
    struct lazy lazy = {0};
    struct binding outer_names[] = {{"run", tree_integer(arena, 1)},
                                    {"x", tree_integer(arena, 2)},
                                    {"void", tree_integer(arena, 3)}};
    struct scope outer = {.bindings = outer_names, .count = 3};
    struct scope middle = {.outer = &outer, .resolve = resolve_lazily, .data = &lazy};
    struct binding inner_names[] = {{"gone", NULL}, {"now", tree_integer(arena, 9)}};
    struct scope inner = {.outer = &middle, .bindings = inner_names, .count = 2};
    struct eval eval = {.arena = arena, .scope = &inner};
    (void)state;
    assert_string_equal(evaluate(arena, &eval, "$x"), "2");
    assert_int_equal(lazy.asked, 0);
    assert_string_equal(evaluate(arena, &eval, "$run"), "\"stored\"");
    assert_int_equal(lazy.asked, 1);
    assert_string_equal(evaluate(arena, &eval, "$void"), "nothing");
    assert_string_equal(evaluate(arena, &eval, "$gone"), "nothing");
    assert_string_equal(evaluate(arena, &eval, "$now"), "9");
    arena_free(arena);
}

static void draws_depend_on_the_key_and_their_number(void **state)
{
    struct arena *arena = arena_new();
    struct eval a = {.arena = arena, .draw_key = 5}, b = {.arena = arena, .draw_key = 5},
                c = {.arena = arena, .draw_key = 6};
    uint64_t first = eval_draw(&a), second = eval_draw(&a);
    (void)state;
    assert_true(first != second);
    assert_true(first == eval_draw(&b));
    assert_true(second == eval_draw(&b));
    assert_true(first != eval_draw(&c));
    arena_free(arena);
}

static void now_is_exact_whatever_its_form_shows(void **state)
{
    struct arena *arena = arena_new();
    struct eval eval = {.arena = arena, .now = 1500000000};
    nanos instant;
    (void)state;
    const cJSON *now = scope_find(&eval, STR_LITERAL("now"));
    assert_string_equal(now->valuestring, "1970-01-01T00:00:01Z");
    assert_int_equal(eval_instant(&eval, now, &instant), 0);
    assert_int_equal(instant, 1500000000);
    eval.now = 2000000000;
    assert_string_equal(scope_find(&eval, STR_LITERAL("now"))->valuestring, "1970-01-01T00:00:02Z");
    arena_free(arena);
}

static void a_template_gives_a_tree_of_its_own(void **state)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct error err;
    cJSON *run = json_parse(arena, "{\"a\":[1]}", 9, NULL, &err);
    cJSON *text = json_parse(arena, "{\"c\":{\"d\":1},\"e\":\"$run\"}", 24, NULL, &err);
    struct binding names[] = {{"run", run}};
    struct scope scope = {.bindings = names, .count = 1};
    struct eval eval = {.arena = arena, .scope = &scope};
    struct compiler compiler = {
        .arena = arena, .findings = &findings, .functions = &core_functions};
    const struct template *template = template_compile(&compiler, text);
    (void)state;
    cJSON *first = template_eval(template, &eval);
    tree_set(arena, first, "e", tree_null(arena));
    tree_set(arena, (cJSON *)(uintptr_t)tree_get(first, "c"), "d", tree_null(arena));
    assert_string_equal(json_text(arena, template_eval(template, &eval)),
                        "{\"c\":{\"d\":1},\"e\":{\"a\":[1]}}");
    assert_string_equal(json_text(arena, run), "{\"a\":[1]}");
    assert_ptr_equal(template_value(template_compile(&compiler, tree_get(text, "e")), &eval), run);
    arena_free(arena);
}

static void uses_tell_what_is_read(void **state)
{
    static const char text[] =
        "{\"a\":\"$self.x\",\"b\":{\"$each\":{\"in\":\"$self.l\",\"as\":\"e\",\"value\":\"$e\"}}}";
    static const char *const only_self[] = {"self", NULL};
    static const char *const none[] = {NULL};
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct error err;
    cJSON *node = json_parse(arena, text, strlen(text), NULL, &err);
    struct compiler compiler = {
        .arena = arena, .findings = &findings, .functions = &core_functions};
    const struct uses *uses = template_uses(template_compile(&compiler, node));
    (void)state;
    assert_true(uses_root(uses, "self"));
    assert_false(uses_root(uses, "e"));
    assert_true(uses_only(uses, only_self));
    assert_false(uses_only(uses, none));
    node = json_parse(arena, "{\"$generate\":\"{hex:3}\"}", 23, NULL, &err);
    assert_false(uses_only(template_uses(template_compile(&compiler, node)), only_self));
    assert_null(compiler.uses);
    arena_free(arena);
}

static void deep_nesting_is_refused_and_not_followed(void **state)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct compiler compiler = {
        .arena = arena, .findings = &findings, .functions = &core_functions};
    cJSON *node = tree_string(arena, "$x");
    (void)state;
    for (int i = 0; i < 100; i++) {
        cJSON *outer = tree_array(arena);
        tree_append(outer, node);
        node = outer;
    }
    struct eval eval = {.arena = arena};
    template_eval(template_compile(&compiler, node), &eval);
    assert_int_equal(findings.errors, 1);
    assert_non_null(strstr(findings.items[0].text, "nested too deeply"));
    assert_int_equal(compiler.depth, 0);
    findings_release(&findings);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inner_frames_hide_outer_ones),
        cmocka_unit_test(draws_depend_on_the_key_and_their_number),
        cmocka_unit_test(now_is_exact_whatever_its_form_shows),
        cmocka_unit_test(a_template_gives_a_tree_of_its_own),
        cmocka_unit_test(uses_tell_what_is_read),
        cmocka_unit_test(deep_nesting_is_refused_and_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
