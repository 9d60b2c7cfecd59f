/* SPDX-License-Identifier: Apache-2.0 */
/* What higher layers ask for: directions, formats of their own, sightings, defaults, examples. */
#include "tests/unit/core/schema/set.h"

static const char service[] =
    "{\"openapi\":\"3.1.0\",\"components\":{\"schemas\":{"
    "\"Run\":{\"type\":\"object\",\"required\":[\"id\",\"state\",\"token\"],\"properties\":{"
    "\"id\":{\"type\":\"string\",\"format\":\"uuid\",\"readOnly\":true},"
    "\"token\":{\"type\":\"string\",\"writeOnly\":true},"
    "\"state\":{\"$ref\":\"#/components/schemas/State\"},"
    "\"limit\":{\"type\":\"integer\",\"default\":20},"
    "\"parent\":{\"$ref\":\"#/components/schemas/Run\"}}},"
    "\"State\":{\"enum\":[\"NEW\",\"DONE\"],\"default\":\"NEW\"},"
    "\"Note\":{\"type\":\"object\",\"required\":[\"note\"],"
    "\"properties\":{\"note\":{\"type\":\"string\"},\"level\":{\"default\":1}}},"
    "\"Entry\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Note\"},"
    "{\"type\":\"object\",\"required\":[\"run\"],"
    "\"properties\":{\"run\":{\"$ref\":\"#/components/schemas/Run\"}}}]},"
    "\"List\":{\"allOf\":[{\"properties\":{\"items\":{\"items\":"
    "{\"$ref\":\"#/components/schemas/Entry\"}}}}]}}}}";

static const struct schema *component(const char *name)
{
    struct schema_set *set = schema_set_new(arena);
    const char *pointer = arena_printf(arena, "/components/schemas/%s", name);
    const struct schema *schema;

    schema_set_add(set, "service.json", parse(service), SCHEMA_OAS31, &findings);
    schema = schema_compile_at(set, "service.json", pointer, &findings);
    if (!schema)
        fail_msg("%s", said());
    return schema;
}

static void what_only_one_side_may_say_is_not_asked_of_the_other(void **state)
{
    static const struct {
        const char *value;
        bool both, request, response, strict_request;
    } rows[] = {
        {"{\"id\":\"5d0ee2a2-5d0e-4a2b-8d0e-5d0ee2a25d0e\",\"state\":\"NEW\",\"token\":\"t\"}",
         true, true, true, false},
        {"{\"state\":\"NEW\",\"token\":\"t\"}", false, true, false, true},
        {"{\"id\":\"5d0ee2a2-5d0e-4a2b-8d0e-5d0ee2a25d0e\",\"state\":\"NEW\"}", false, false, true,
         false},
    };
    const struct schema *run = component("Run");
    const struct schema_options request = {.direction = SCHEMA_REQUEST};
    const struct schema_options response = {.direction = SCHEMA_RESPONSE};
    const struct schema_options strict = {.direction = SCHEMA_REQUEST, .refuse_wrong_way = true};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *value = parse(rows[i].value);

        assert_int_equal(schema_valid(run, value, NULL, arena), rows[i].both);
        assert_int_equal(schema_valid(run, value, &request, arena), rows[i].request);
        assert_int_equal(schema_valid(run, value, &response, arena), rows[i].response);
        assert_int_equal(schema_valid(run, value, &strict, arena), rows[i].strict_request);
    }
}

static bool is_loud(const cJSON *value)
{
    const char *text = tree_text(value);

    return text[0] && text[strlen(text) - 1] == '!';
}

static const char *make_loud(struct arena *in, uint64_t key)
{
    return arena_printf(in, "hey%d!", (int)(key % 10));
}

static void a_format_can_be_added(void **state)
{
    const struct schema_format loud = {"loud", false, is_loud, make_loud};
    const struct schema_options quiet = {.ignore_formats = true};
    struct schema_set *set = schema_set_new(arena);
    const struct schema *schema;

    (void)state;
    schema_set_format(set, &loud);
    schema = compile_in(set, "{\"type\":\"string\",\"format\":\"loud\"}", SCHEMA_2020_12);
    assert_non_null(schema);
    assert_true(schema_valid(schema, parse("\"a!\""), NULL, arena));
    assert_false(schema_valid(schema, parse("\"a\""), NULL, arena));
    assert_true(schema_valid(schema, parse("\"a\""), &quiet, arena));
    assert_string_equal(tree_text(schema_example(schema, arena, 3, 0, NULL)) + 4, "!");
    assert_non_null(schema_format_find(set, "date-time"));
    assert_null(schema_format_find(set, "shy"));
}

static void note_sighting(void *data, const char *name, const struct schema *schema,
                          const cJSON *value, const char *pointer)
{
    const char **all = data;

    (void)schema;
    assert_non_null(value);
    *all = arena_printf(arena, "%s%s%s:%s", *all, **all ? " " : "", name, pointer);
}

static const char *visit(const char *name, const char *value, bool lenient)
{
    const char *all = "";

    schema_visit(component(name), parse(value), lenient, arena, note_sighting, &all);
    return all;
}

static void named_schemas_are_seen_where_they_apply(void **state)
{
    (void)state;
    assert_string_equal(
        visit("List",
              "{\"items\":[{\"note\":\"x\"},{\"run\":{\"id\":\"5d0ee2a2-5d0e-4a2b-8d0e-"
              "5d0ee2a25d0e\",\"state\":\"NEW\",\"token\":\"\"}}]}",
              false),
        "List: Entry:/items/0 Note:/items/0 Entry:/items/1 Run:/items/1/run "
        "State:/items/1/run/state");
    /* one member is wrong: nothing is seen, or all the same but for branches that fail */
    assert_string_equal(visit("Run", "{\"state\":\"DONE\",\"limit\":\"x\"}", false), "");
    assert_string_equal(visit("Run", "{\"state\":\"DONE\",\"limit\":\"x\"}", true),
                        "Run: State:/state");
    assert_string_equal(visit("Entry", "{\"note\":1}", true), "Entry:");
}

static const char *filled(const char *name, const char *value)
{
    return json_text(arena, schema_fill_defaults(component(name), arena, parse(value)));
}

static void defaults_are_filled_in(void **state)
{
    (void)state;
    assert_string_equal(filled("Run", "{}"), "{\"state\":\"NEW\",\"limit\":20}");
    assert_string_equal(filled("Run", "{\"limit\":null,\"parent\":{\"state\":\"DONE\"}}"),
                        "{\"limit\":null,\"parent\":{\"state\":\"DONE\",\"limit\":20},"
                        "\"state\":\"NEW\"}");
    assert_string_equal(filled("List", "{\"items\":[{\"note\":\"a\"},{\"other\":1}]}"),
                        "{\"items\":[{\"note\":\"a\",\"level\":1},{\"other\":1}]}");
}

static void a_schema_can_be_asked(void **state)
{
    const struct schema *list = component("List");
    const struct schema *items = schema_property(list, "items");
    const struct schema *run = component("Run");

    (void)state;
    assert_non_null(items);
    assert_string_equal(schema_name(schema_target(schema_items(items))), "Entry");
    assert_null(schema_property(list, "other"));
    assert_true(schema_requires(run, "state"));
    assert_false(schema_requires(run, "limit"));
    assert_int_equal(schema_types(run), SCHEMA_OBJECT);
    assert_int_equal(schema_types(schema_property(run, "limit")), SCHEMA_INTEGER);
    assert_string_equal(schema_pointer(schema_property(run, "limit")),
                        "/components/schemas/Run/properties/limit");
    assert_non_null(tree_get(schema_node(run), "properties"));
}

static void examples_leave_out_what_is_not_to_be_sent(void **state)
{
    const struct schema *run = component("Run");
    const cJSON *request =
        schema_example(run, arena, 1, SCHEMA_EXAMPLE_OPTIONAL | SCHEMA_EXAMPLE_REQUEST, NULL);
    const cJSON *least = schema_example(run, arena, 1, SCHEMA_EXAMPLE_RESPONSE, NULL);

    (void)state;
    assert_null(tree_get(request, "id"));
    assert_non_null(tree_get(request, "token"));
    assert_non_null(tree_get(request, "limit"));
    assert_non_null(tree_get(least, "id"));
    assert_null(tree_get(least, "token"));
    assert_null(tree_get(least, "limit"));
}

static void an_example_that_cannot_be_made_says_why(void **state)
{
    struct error err;

    (void)state;
    assert_null(
        schema_example(compile("{\"type\":\"string\",\"pattern\":\"^(?=a)b\"}", SCHEMA_2020_12),
                       arena, 1, 0, &err));
    assert_string_equal(
        err.text, "no example of 'test.json#' could be made: no text for the pattern '^(?=a)b'");
}

static void an_endless_schema_has_no_example(void **state)
{
    struct error err;

    (void)state;
    assert_null(schema_example(compile("{\"type\":\"object\",\"required\":[\"a\"],"
                                       "\"properties\":{\"a\":{\"$ref\":\"#\"}}}",
                                       SCHEMA_2020_12),
                               arena, 1, 0, &err));
    assert_string_equal(err.text, "no example of 'test.json#' could be made: "
                                  "'/properties/a' nests without end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_only_one_side_may_say_is_not_asked_of_the_other,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_format_can_be_added, set_up, tear_down),
        cmocka_unit_test_setup_teardown(named_schemas_are_seen_where_they_apply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(defaults_are_filled_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schema_can_be_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(examples_leave_out_what_is_not_to_be_sent, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_example_that_cannot_be_made_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_endless_schema_has_no_example, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
