/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a schema that is wrong, and what the dialects do differently. */
#include "tests/unit/core/schema/set.h"

#include <pthread.h>

#define SAYS(text, dialect, what) says(text, dialect, what, __LINE__)

static void says(const char *text, enum schema_dialect dialect, const char *what, int line)
{
    struct schema_set *set = schema_set_new(arena);

    findings_release(&findings);
    findings = (struct findings){0};
    schema_set_strict(set, true);
    if (compile_in(set, text, dialect))
        fail_msg("line %d: compiles", line);
    if (!text_is(said(), what))
        fail_msg("line %d: %s", line, said());
}

static void what_is_wrong_is_found_where_it_stands(void **state)
{
    (void)state;
    SAYS("{\"type\":\"strnig\"}", SCHEMA_2020_12, "unknown type 'strnig' (did you mean 'string'?)");
    SAYS("{\"minLenght\":1}", SCHEMA_2020_12,
         "unknown keyword 'minLenght' (did you mean 'minLength'?)");
    SAYS("{\"minLength\":-1}", SCHEMA_2020_12, "'minLength' must be a count, 0 or more, but is -1");
    SAYS("{\"$ref\":\"#/$defs/Rum\",\"$defs\":{\"Run\":true}}", SCHEMA_2020_12,
         "'#/$defs/Rum' leads nowhere (did you mean 'Run'?)");
    SAYS("{\"$ref\":\"#rum\",\"$anchor\":\"run\"}", SCHEMA_2020_12,
         "'#rum' leads nowhere (did you mean 'run'?)");
    SAYS("{\"$ref\":\"b.json\"}", SCHEMA_2020_12,
         "'b.json' leads to 'b.json', which was not loaded");
    SAYS("{\"$ref\":\"#\"}", SCHEMA_2020_12, "'$ref' leads back to where it stands");
    SAYS("{\"items\":[true]}", SCHEMA_2020_12,
         "'items' must be one schema; a list of them is called 'prefixItems'");
    SAYS("{\"multipleOf\":0}", SCHEMA_2020_12, "'multipleOf' must be above 0 but is 0");
    SAYS("{\"properties\":{\"a\":1}}", SCHEMA_2020_12,
         "a schema must be an object or a boolean but is number");
    SAYS("{\"properties\":{\"a\":true}}", SCHEMA_DRAFT4,
         "a schema must be an object but is boolean");
    SAYS("{\"anyOf\":[]}", SCHEMA_2020_12, "'anyOf' must have at least one schema");
    SAYS("{\"type\":\"null\"}", SCHEMA_OAS30,
         "'type' cannot be 'null' in OpenAPI 3.0; 'nullable' can");
    SAYS("{\"const\":1}", SCHEMA_DRAFT4, "unknown keyword 'const'");
    SAYS("{\"$schema\":\"https://example.com/mine\"}", SCHEMA_2020_12,
         "dialect 'https://example.com/mine' is not supported");
    assert_int_equal(findings.items[0].place.line, 1);
    assert_int_equal(findings.items[0].place.column, 12);
}

static void every_mistake_is_found_at_once(void **state)
{
    (void)state;
    SAYS("{\"type\":\"x\",\"properties\":{\"a\":{\"pattern\":3},\"b\":{\"$ref\":\"#/c\"}}}",
         SCHEMA_2020_12,
         "unknown type 'x'\n'pattern' must be a string but is number\n'#/c' leads nowhere");
}

static bool fits(const char *schema, enum schema_dialect dialect, const char *instance)
{
    return schema_valid(compile(schema, dialect), parse(instance), NULL, arena);
}

static void dialects_differ(void **state)
{
    (void)state;
    /* OpenAPI 3.0.4, 4.7.24: nullable adds null to a type; enum still has to list it */
    assert_true(fits("{\"type\":\"string\",\"nullable\":true}", SCHEMA_OAS30, "null"));
    assert_false(fits("{\"type\":\"string\",\"nullable\":true}", SCHEMA_OAS31, "null"));
    assert_false(
        fits("{\"type\":\"string\",\"nullable\":true,\"enum\":[\"a\"]}", SCHEMA_OAS30, "null"));
    assert_false(fits("{\"minimum\":1,\"exclusiveMinimum\":true}", SCHEMA_OAS30, "1"));
    assert_true(fits("{\"minimum\":1,\"exclusiveMinimum\":false}", SCHEMA_DRAFT4, "1"));
    assert_false(fits("{\"exclusiveMinimum\":1}", SCHEMA_2020_12, "1"));
    /* beside $ref nothing counts in the old ones */
    assert_true(fits("{\"$ref\":\"#/definitions/a\",\"maximum\":1,\"definitions\":{\"a\":{}}}",
                     SCHEMA_DRAFT4, "2"));
    assert_false(
        fits("{\"$ref\":\"#/$defs/a\",\"maximum\":1,\"$defs\":{\"a\":{}}}", SCHEMA_2020_12, "2"));
    /* 1.0 is an integer but for draft 4 */
    assert_true(fits("{\"type\":\"integer\"}", SCHEMA_2020_12, "1.0"));
    assert_false(fits("{\"type\":\"integer\"}", SCHEMA_DRAFT4, "1.0"));
    assert_true(fits("{\"type\":\"integer\"}", SCHEMA_OAS30, "1.0"));
}

static void references_find_neighbours(void **state)
{
    struct schema_set *set = schema_set_new(arena);
    const struct schema *schema;

    (void)state;
    schema_set_add(set, "dir/c.json", parse("{\"$defs\":{\"C\":{\"type\":\"null\"}}}"),
                   SCHEMA_2020_12, &findings);
    schema_set_add(set, "dir/sub/a.json", parse("{\"$ref\":\"../c.json#/$defs/C\"}"),
                   SCHEMA_2020_12, &findings);
    schema = schema_compile(set, "dir/sub/a.json", &findings);
    assert_non_null(schema);
    assert_true(schema_valid(schema, parse("null"), NULL, arena));
    assert_false(schema_valid(schema, parse("1"), NULL, arena));
    assert_string_equal(schema_name(schema_target(schema)), "C");
    assert_string_equal(schema_document(schema_target(schema)), "dir/c.json");
}

static void openapi_documents_hold_schemas_anywhere(void **state)
{
    static const char document[] =
        "{\"openapi\":\"3.0.3\",\"paths\":{\"/a\":{\"get\":{\"responses\":{\"200\":{\"content\":{"
        "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/A\"}}}}}}}},"
        "\"components\":{\"schemas\":{\"A\":{\"type\":\"string\",\"nullable\":true}}}}";
    struct schema_set *set = schema_set_new(arena);
    const struct schema *schema;

    (void)state;
    schema_set_add(set, "api.yaml", parse(document), SCHEMA_2020_12, &findings);
    schema = schema_compile_at(set, "api.yaml",
                               "/paths/~1a/get/responses/200/content/application~1json/schema",
                               &findings);
    assert_non_null(schema);
    assert_true(schema_valid(schema, parse("null"), NULL, arena));
    assert_null(schema_name(schema));
    assert_string_equal(schema_name(schema_target(schema)), "A");
    assert_null(schema_compile_at(set, "api.yaml", "/components/schemas/B", &findings));
    assert_string_equal(said(), "there is no schema at 'api.yaml#/components/schemas/B'");
}

static void a_version_of_openapi_that_is_not_known_is_refused(void **state)
{
    struct schema_set *set = schema_set_new(arena);

    (void)state;
    assert_int_equal(
        schema_set_add(set, "a", parse("{\"openapi\":\"4.0.0\"}"), SCHEMA_OAS31, &findings), -1);
    assert_string_equal(said(), "version '4.0.0' of OpenAPI is not supported, only 3.0 to 3.2");
    assert_int_equal(schema_set_add(set, "b", parse("true"), SCHEMA_OAS31, &findings), 0);
    assert_int_equal(schema_set_add(set, "b", parse("true"), SCHEMA_OAS31, &findings), -1);
}

/* ---- lazy sets ---- */

static int told;

static void hear(void *data, const struct findings *late)
{
    (void)data;
    told++;
    assert_string_equal(late->items[0].text, "'minLength' must be a count, 0 or more, but is -1");
}

static void a_lazy_set_tells_what_is_wrong_at_first_use(void **state)
{
    struct schema_set *set = schema_set_new(arena);
    const struct schema *schema, *part;

    (void)state;
    told = 0;
    schema_set_lazy(set, hear, NULL);
    schema = compile_in(set, "{\"properties\":{\"a\":{\"minLength\":-1,\"type\":\"string\"}}}",
                        SCHEMA_2020_12);
    assert_non_null(schema);
    assert_string_equal(said(), "");
    assert_int_equal(told, 0);
    assert_false(schema_valid(schema, parse("{\"a\":1}"), NULL, arena));
    assert_true(schema_valid(schema, parse("{\"a\":\"\"}"), NULL, arena));
    part = schema_property(schema, "a");
    assert_int_equal(schema_types(part), SCHEMA_STRING);
    assert_int_equal(told, 1);
}

static void *ask(void *data)
{
    const struct schema *schema = data;
    struct arena *own = arena_new();
    const char *text = "{\"next\":{\"next\":{\"name\":7}}}";
    bool valid = schema_valid(schema, json_parse(own, text, strlen(text), NULL, NULL), NULL, own);

    arena_free(own);
    return valid ? (void *)schema : NULL;
}

static void many_threads_may_be_the_first_to_use_a_lazy_schema(void **state)
{
    enum { THREADS = 8, ROUNDS = 20 };
    const char *text = "{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{\"properties\":{\"next\":"
                       "{\"$ref\":\"#/$defs/B\"}}},\"B\":{\"properties\":{\"name\":{\"type\":"
                       "\"string\"},\"next\":{\"$ref\":\"#/$defs/B\"}}}}}";

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct schema_set *set = schema_set_new(arena);
        pthread_t threads[THREADS];
        const struct schema *schema;

        schema_set_lazy(set, NULL, NULL);
        schema = compile_in(set, text, SCHEMA_2020_12);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, ask, (void *)schema), 0);
        for (int i = 0; i < THREADS; i++) {
            void *result;

            pthread_join(threads[i], &result);
            assert_null(result);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_wrong_is_found_where_it_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_mistake_is_found_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dialects_differ, set_up, tear_down),
        cmocka_unit_test_setup_teardown(references_find_neighbours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(openapi_documents_hold_schemas_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_version_of_openapi_that_is_not_known_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_lazy_set_tells_what_is_wrong_at_first_use, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_threads_may_be_the_first_to_use_a_lazy_schema, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
