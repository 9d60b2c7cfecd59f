/* SPDX-License-Identifier: Apache-2.0 */
/* The table of functions against the page that explains it, and a chained table. */
#include "core/base/file.h"
#include "core/data/json.h"
#include "core/expr/function.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static void every_function_is_in_the_page(void **state)
{
    struct arena *arena = arena_new();
    struct error err;
    size_t len;
    const char *page = file_read(arena, SOURCE_DIR "/docs/EXPRESSIONS.md", 1 << 20, &len, &err);
    (void)state;
    assert_non_null(page);
    for (size_t i = 0; i < core_functions.count; i++) {
        const char *cell = arena_printf(arena, "| `%s` |", core_functions.rows[i].name);
        if (!strstr(page, cell))
            print_error("%s is not in docs/EXPRESSIONS.md\n", core_functions.rows[i].name);
        assert_non_null(strstr(page, cell));
    }
    arena_free(arena);
}

static void parameters_have_a_schema(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    const struct function *function = function_find(&core_functions, "$duration");
    assert_string_equal(
        json_text(arena, function_schema(arena, function)),
        "{\"type\":\"object\",\"properties\":{\"from\":{},\"to\":{},\"as\":{\"enum\":[\"iso8601\","
        "\"ns\",\"ms\",\"s\"]}},\"required\":[\"from\",\"to\",\"as\"],\"additionalProperties\":"
        "false,\"description\":\"what lies between two instants\"}");
    arena_free(arena);
}

static const cJSON *eval_find(const struct call *call, struct eval *eval)
{
    const struct match *where = call_match(call, 1);
    const cJSON *rows = eval->host;
    cJSON *found = tree_array(eval->arena);
    for (const cJSON *row = rows->child; row; row = row->next)
        if (match_eval(where, row, eval) == TRUTH_TRUE)
            tree_append(found, tree_copy(eval->arena, row));
    return found;
}

static void a_layer_above_adds_its_own(void **state)
{
    static const struct function_parameter parameters[] = {
        {.name = "kind", .kind = PARAMETER_NAME, .is_required = true},
        {.name = "where", .kind = PARAMETER_MATCH},
        {0},
    };
    static const struct function rows[] = {{.name = "$find",
                                            .summary = "resources",
                                            .shape = FUNCTION_MEMBERS,
                                            .parameters = parameters,
                                            .flags = FUNCTION_NEEDS_WORLD,
                                            .eval = eval_find}};
    static const char text[] =
        "{\"$count\":{\"$find\":{\"kind\":\"run\",\"where\":{\"/s\":{\"in\":[1,2]}}}}}";
    struct function_table own = {rows, 1, &core_functions};
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct error err;
    struct compiler compiler = {.arena = arena, .findings = &findings, .functions = &own};
    struct eval eval = {.arena = arena,
                        .host =
                            json_parse(arena, "[{\"s\":1},{\"s\":2},{\"s\":3}]", 25, NULL, &err)};
    static const char *const any[] = {NULL};
    (void)state;
    const struct template *template =
        template_compile(&compiler, json_parse(arena, text, strlen(text), NULL, &err));
    assert_int_equal(findings.count, 0);
    assert_string_equal(json_text(arena, template_eval(template, &eval)), "2");
    assert_false(uses_only(template_uses(template), any));
    compiler.functions = &core_functions;
    template_compile(&compiler, json_parse(arena, text, strlen(text), NULL, &err));
    assert_int_equal(findings.errors, 1);
    findings_release(&findings);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_is_in_the_page),
        cmocka_unit_test(parameters_have_a_schema),
        cmocka_unit_test(a_layer_above_adds_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
