/* SPDX-License-Identifier: Apache-2.0 */
/* What a person reads when a value breaks its schema. */
#include "tests/unit/core/schema/set.h"

struct report_case {
    const char *name, *schema, *instance;
    const char *expected; /* "pointer: text", causes in [..] */
};

static const struct report_case cases[] = {
    {"a value that fits says nothing", "{\"type\":\"string\"}", "\"a\"", ""},
    {"type names what was expected and found", "{\"type\":[\"string\",\"null\"]}", "12",
     ": expected null or string but found 12"},
    {"enum lists the values and the nearest one", "{\"enum\":[\"QUEUED\",\"CLAIMED\"]}",
     "\"QUEUD\"",
     ": expected one of 'QUEUED', 'CLAIMED' but found 'QUEUD' (did you mean 'QUEUED'?)"},
    {"const says both", "{\"const\":1}", "[]", ": expected 1 but found an empty array"},
    {"all errors are found, not only the first",
     "{\"required\":[\"a\",\"b\"],\"properties\":{\"c\":{\"minimum\":3}}}", "{\"c\":1}",
     ": expected member 'a', which is missing; : expected member 'b', which is missing; "
     "/c: expected a number not below 3 but found 1"},
    {"pointers are escaped", "{\"additionalProperties\":{\"type\":\"null\"}}", "{\"a/b~c\":[]}",
     "/a~1b~0c: expected null but found an empty array"},
    {"items are counted", "{\"items\":{\"items\":{\"maxLength\":1}}}", "[[],[\"a\",\"bc\"]]",
     "/1/1: expected at most 1 characters but found 2"},
    {"an unknown member is told with its neighbour",
     "{\"properties\":{\"state\":true},\"additionalProperties\":false}", "{\"stat\":1}",
     "/stat: unknown member 'stat' (did you mean 'state'?)"},
    {"an unevaluated member is unknown too",
     "{\"allOf\":[{\"properties\":{\"a\":true}}],\"unevaluatedProperties\":false}",
     "{\"a\":1,\"b\":2}", "/b: unknown member 'b'"},
    {"anyOf shows the nearest branch",
     "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"required\":[\"id\"]}]}", "{}",
     ": fits none of 2 branches; the nearest is branch 2 [: expected member 'id', which is "
     "missing]"},
    {"a tag makes a branch nearer than the number of errors does",
     "{\"oneOf\":[{\"properties\":{\"k\":{\"const\":\"a\"}}},"
     "{\"properties\":{\"k\":{\"const\":\"b\"},\"x\":{\"type\":\"null\"},\"y\":{\"type\":\"null\"}}"
     "}]}",
     "{\"k\":\"b\",\"x\":1,\"y\":1}",
     ": fits none of 2 branches; the nearest is branch 2 [/x: expected null but found 1; "
     "/y: expected null but found 1]"},
    {"oneOf says which two branches fit",
     "{\"oneOf\":[{\"$ref\":\"#/$defs/"
     "A\"},{\"minimum\":1}],\"$defs\":{\"A\":{\"type\":\"integer\"}}}",
     "5", ": expected to fit one branch but fits two: 'A' and branch 2"},
    {"a pattern is shown", "{\"pattern\":\"^a$\"}", "\"b\"",
     ": expected a match of /^a$/ but found 'b'"},
    {"a format is named", "{\"format\":\"date\"}", "\"2026-02-30\"",
     ": expected format 'date' but found '2026-02-30'"},
    {"a long text is cut", "{\"type\":\"null\"}",
     "\"0123456789012345678901234567890123456789012345678901234567890123456789\"",
     ": expected null but found '012345678901234567890123456789012345678901234567890123456789...'"},
};

static const char *spell(const struct schema_error *error)
{
    const char *text = "";

    for (const struct schema_error *e = error; e; e = e->next)
        text = arena_printf(arena, "%s%s%s: %s%s%s%s", text, e == error ? "" : "; ", e->instance,
                            e->text, e->causes ? " [" : "", e->causes ? spell(e->causes) : "",
                            e->causes ? "]" : "");
    return text;
}

static void says_what_is_wrong(void **state)
{
    const struct report_case *row = *state;
    const struct schema *schema = compile(row->schema, SCHEMA_2020_12);
    struct schema_report report;

    assert_int_equal(schema_validate(schema, parse(row->instance), NULL, arena, &report),
                     !*row->expected);
    assert_string_equal(spell(report.first), row->expected);
}

static void places_are_those_of_the_documents(void **state)
{
    const struct schema *schema =
        compile("{\n  \"properties\": {\n    \"a\": {\"type\": \"null\"}\n  }\n}", SCHEMA_2020_12);
    struct schema_report report;

    (void)state;
    assert_false(schema_validate(schema, parse("{\n\"a\": 1}"), NULL, arena, &report));
    assert_int_equal(report.count, 1);
    assert_int_equal(report.first->place.line, 3);
    assert_int_equal(report.first->instance_place.line, 2);
    assert_string_equal(report.first->keyword, "type");
    assert_string_equal(report.first->keyword_location, "test.json#/properties/a/type");
}

static void a_discriminator_picks_the_branch_to_explain(void **state)
{
    static const char document[] =
        "{\"openapi\":\"3.1.0\",\"components\":{\"schemas\":{"
        "\"Cat\":{\"required\":[\"claws\"]},\"Dog\":{\"required\":[\"bark\"]},"
        "\"Pet\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Cat\"},"
        "{\"$ref\":\"#/components/schemas/Dog\"}],"
        "\"discriminator\":{\"propertyName\":\"kind\","
        "\"mapping\":{\"cat\":\"#/components/schemas/Cat\"}}}}}}";
    struct schema_set *set = schema_set_new(arena);
    const struct schema *pet;
    struct schema_report report;

    (void)state;
    assert_int_equal(schema_set_add(set, "pets.json", parse(document), SCHEMA_2020_12, &findings),
                     0);
    pet = schema_compile_at(set, "pets.json", "/components/schemas/Pet", &findings);
    assert_non_null(pet);
    assert_false(schema_validate(pet, parse("{\"kind\":\"Dog\"}"), NULL, arena, &report));
    assert_string_equal(spell(report.first), ": fits none of 2 branches; the nearest is 'Dog' "
                                             "[: expected member 'bark', which is missing]");
    assert_false(schema_validate(pet, parse("{\"kind\":\"cta\"}"), NULL, arena, &report));
    assert_string_equal(
        spell(report.first),
        "/kind: expected one of 'cat', 'Dog' but found 'cta' (did you mean 'cat'?)");
    assert_false(schema_validate(pet, parse("{}"), NULL, arena, &report));
    assert_string_equal(spell(report.first),
                        ": expected member 'kind' (one of 'cat', 'Dog'), which is missing");
}

static void errors_are_capped(void **state)
{
    const struct schema *schema = compile("{\"items\":{\"type\":\"null\"}}", SCHEMA_2020_12);
    const struct schema_options options = {.max_errors = 2};
    struct schema_report report;

    (void)state;
    assert_false(schema_validate(schema, parse("[1,2,3,4]"), &options, arena, &report));
    assert_int_equal(report.count, 2);
}

static void a_report_is_printed_and_is_data(void **state)
{
    const struct schema *schema =
        compile("{\"anyOf\":[{\"type\":\"null\"},{\"maximum\":1}]}", SCHEMA_2020_12);
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    struct schema_report report;

    (void)state;
    assert_false(schema_validate(schema, parse("3"), NULL, arena, &report));
    schema_report_print(&report, &text);
    assert_string_equal(text.buf,
                        "/: fits none of 2 branches; the nearest is branch 2 (test.json:1:10)\n"
                        "  /: expected a number not above 1 but found 3 (test.json:1:38)\n");
    strbuf_release(&text);
    assert_string_equal(
        json_text(arena, schema_report_json(arena, &report)),
        "[{\"instanceLocation\":\"\",\"keyword\":\"anyOf\","
        "\"absoluteKeywordLocation\":\"test.json#/anyOf\","
        "\"error\":\"fits none of 2 branches; the nearest is branch 2\",\"causes\":["
        "{\"instanceLocation\":\"\",\"keyword\":\"maximum\","
        "\"absoluteKeywordLocation\":\"test.json#/anyOf/1/maximum\","
        "\"error\":\"expected a number not above 1 but found 3\"}]}]");
    schema_report_findings(&report, &findings);
    assert_string_equal(said(), "/: expected a number not above 1 but found 3");
}

/* The table's row reaches the test by way of its setup. */
static int set_up_row(void **state)
{
    const struct report_case *row = *state;

    set_up(NULL);
    *state = (void *)(uintptr_t)row;
    return 0;
}

int main(void)
{
    enum { ROWS = sizeof cases / sizeof *cases };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test_setup_teardown(places_are_those_of_the_documents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_discriminator_picks_the_branch_to_explain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(errors_are_capped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_report_is_printed_and_is_data, set_up, tear_down),
    };
    struct CMUnitTest rows[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        rows[i] = (struct CMUnitTest){cases[i].name, says_what_is_wrong, set_up_row, tear_down,
                                      (void *)(uintptr_t)&cases[i]};
    return cmocka_run_group_tests_name("texts", rows, NULL, NULL) +
           cmocka_run_group_tests_name("reports", others, NULL, NULL);
}
