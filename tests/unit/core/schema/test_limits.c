/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile schemas and values end, in bounded time and on a small stack. */
#include "core/base/instant.h"
#include "tests/unit/core/schema/set.h"

#include <pthread.h>

static bool fits(const char *schema, const char *instance)
{
    return schema_valid(compile(schema, SCHEMA_2020_12), parse(instance), NULL, arena);
}

static void a_pattern_cannot_hang(void **state)
{
    nanos before = instant_monotonic_now();

    (void)state;
    assert_false(
        fits("{\"pattern\":\"^(a+)+$\"}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\""));
    assert_false(fits("{\"pattern\":\"^(([a-z])+.)+[A-Z]([a-z])+$\"}",
                      "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""));
    assert_true(instant_monotonic_now() - before < 5 * NANOS_PER_SECOND);
}

static void a_schema_that_refers_to_itself_ends(void **state)
{
    const struct schema *schema =
        compile("{\"allOf\":[{\"anyOf\":[{\"$ref\":\"#\"}]}]}", SCHEMA_2020_12);
    struct schema_report report;

    (void)state;
    assert_false(schema_validate(schema, parse("1"), NULL, arena, &report));
    assert_int_equal(report.count, 1);
    assert_true(text_starts_with(report.first->text, "gave up"));
    assert_false(fits("{\"not\":{\"not\":{\"$ref\":\"#\"}}}", "1"));
}

/* Two ways at each of 100 levels: 2^100 schemas to apply. */
static void work_is_limited(void **state)
{
    const struct schema_options options = {.max_steps = 100000};
    const struct schema *schema = compile(
        "{\"oneOf\":[{\"items\":{\"$ref\":\"#\"},\"maxItems\":1},{\"items\":{\"$ref\":\"#\"}}]}",
        SCHEMA_2020_12);
    const char *text = "1";
    struct schema_report report;
    nanos before = instant_monotonic_now();

    (void)state;
    for (int i = 0; i < 100; i++)
        text = arena_printf(arena, "[%s]", text);
    assert_false(schema_valid(schema, parse(text), &options, arena));
    assert_false(schema_validate(schema, parse(text), &options, arena, &report));
    assert_true(report.count > 0);
    assert_true(instant_monotonic_now() - before < 5 * NANOS_PER_SECOND);
}

/* The deepest value that is read, each level through three schemas. */
struct deep {
    const struct schema *schema;
    const cJSON *value;
    bool fits;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_KB = 4096 }; /* their frames are several times as large */
#else
enum { STACK_KB = 512 };
#endif

static void *validate_deep(void *data)
{
    struct deep *deep = data;
    struct arena *scratch = arena_new();
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    struct schema_report report;

    deep->fits = schema_validate(deep->schema, deep->value, NULL, scratch, &report);
    schema_report_print(&report, &text);
    strbuf_release(&text);
    arena_free(scratch);
    return NULL;
}

static const cJSON *nest(const char *text)
{
    for (int i = 0; i < TREE_DEPTH_MAX - 2; i++)
        text = arena_printf(arena, "[%s]", text);
    return parse(text);
}

static void a_thread_of_512_kb_holds_the_deepest_value(void **state)
{
    static const char text[] =
        "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"allOf\":[{\"anyOf\":[{\"type\":\"integer\"},"
        "{\"items\":{\"$ref\":\"#/$defs/a\"},\"type\":\"array\"}]}]}}}";
    static const char *const values[] = {"1", "\"a\""};
    const struct schema *schema = compile(text, SCHEMA_2020_12);
    pthread_attr_t attributes;
    pthread_t thread;

    (void)state;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, STACK_KB * 1024), 0);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct deep deep = {schema, nest(values[i]), false};

        assert_int_equal(pthread_create(&thread, &attributes, validate_deep, &deep), 0);
        pthread_join(thread, NULL);
        assert_int_equal(deep.fits, i == 0);
    }
    pthread_attr_destroy(&attributes);
}

static void long_chains_of_references_compile(void **state)
{
    const char *text = "{\"$ref\":\"#/$defs/n0\",\"$defs\":{\"n150\":{\"type\":\"null\"}";

    (void)state;
    for (int i = 0; i < 150; i++)
        text = arena_printf(arena, "%s,\"n%d\":{\"$ref\":\"#/$defs/n%d\"}", text, i, i + 1);
    text = arena_printf(arena, "%s}}", text);
    assert_true(fits(text, "null"));
    assert_false(fits(text, "1"));
}

static void many_items_are_compared_quickly(void **state)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    nanos before;

    (void)state;
    for (int i = 0; i < 50000; i++)
        strbuf_addf(&text, "%s%d", i ? "," : "[", i);
    strbuf_adds(&text, "]");
    before = instant_monotonic_now();
    assert_true(fits("{\"uniqueItems\":true}", text.buf));
    assert_true(instant_monotonic_now() - before < 3 * NANOS_PER_SECOND);
    strbuf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pattern_cannot_hang, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schema_that_refers_to_itself_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(work_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_thread_of_512_kb_holds_the_deepest_value, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(long_chains_of_references_compile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_items_are_compared_quickly, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
