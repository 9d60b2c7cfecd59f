/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/parameters.h"

#include "core/contract/percent.h"
#include "core/data/json.h"
#include "tests/unit/core/contract/contract_yaml.h"

#include "tests/unit/cmocka_all.h"

static const char document[] =
    "openapi: 3.1.0\n"
    "info: { title: t, version: '1' }\n"
    "paths:\n"
    "  /p/{id}/{tags}:\n"
    "    get:\n"
    "      parameters:\n"
    "        - { name: id, in: path, required: true, schema: { type: integer } }\n"
    "        - { name: tags, in: path, required: true, schema: { type: array, items: { type: "
    "string } } }\n"
    "        - { name: limit, in: query, schema: { type: integer, maximum: 500 } }\n"
    "        - { name: state, in: query, schema: { type: array, items: { type: string } } }\n"
    "        - { name: ids, in: query, explode: false, schema: { type: array, items: { type: "
    "integer } } }\n"
    "        - { name: pipe, in: query, style: pipeDelimited, explode: false, schema: { type: "
    "array, items: { type: string } } }\n"
    "        - { name: space, in: query, style: spaceDelimited, explode: false, schema: { type: "
    "array, items: { type: string } } }\n"
    "        - { name: metadata, in: query, style: deepObject, explode: true, schema: { type: "
    "object, additionalProperties: { type: string } } }\n"
    "        - { name: maybe, in: query, schema: { anyOf: [ { type: integer }, { type: 'null' } ] "
    "} }\n"
    "        - { name: many, in: query, schema: { anyOf: [ { type: array, items: { type: string } "
    "}, { type: 'null' } ] } }\n"
    "        - { name: flag, in: query, schema: { type: boolean } }\n"
    "        - { name: api-version, in: query, schema: { type: string } }\n"
    "        - { name: 'include[]', in: query, schema: { type: array, items: { type: string } } }\n"
    "        - { name: X-Count, in: header, schema: { type: integer } }\n"
    "        - { name: session, in: cookie, schema: { type: string } }\n"
    "      responses: { '200': { description: ok } }\n";

static struct arena *arena;
static struct contract *contract;

static const struct {
    const char *name, *query, *expected, *unknown;
    size_t problems;
} queries[] = {
    {"an integer", "limit=5", "{\"limit\":5}", "[]", 0},
    {"no integer stays text", "limit=x", "{\"limit\":\"x\"}", "[]", 1},
    {"too much", "limit=501", "{\"limit\":501}", "[]", 1},
    {"an integer twice", "limit=1&limit=2", "{\"limit\":[\"1\",\"2\"]}", "[]", 1},
    {"an array of one", "state=A", "{\"state\":[\"A\"]}", "[]", 0},
    {"repeated keys", "state=A&state=B%2CC", "{\"state\":[\"A\",\"B,C\"]}", "[]", 0},
    {"brackets for a list", "state[]=A&state%5B%5D=B", "{\"state\":[\"A\",\"B\"]}", "[]", 0},
    {"commas", "ids=1,2,3", "{\"ids\":[1,2,3]}", "[]", 0},
    {"escaped commas", "ids=1%2C2", "{\"ids\":[1,2]}", "[]", 0},
    {"pipes", "pipe=a%7Cb", "{\"pipe\":[\"a\",\"b\"]}", "[]", 0},
    {"blanks", "space=a%20b+c", "{\"space\":[\"a\",\"b\",\"c\"]}", "[]", 0},
    {"a deep object", "metadata%5Bk%5D=v&metadata[l.m]=1",
     "{\"metadata\":{\"k\":\"v\",\"l.m\":\"1\"}}", "[]", 0},
    {"one of several types", "maybe=7", "{\"maybe\":7}", "[]", 0},
    {"null as nothing", "maybe=", "{\"maybe\":null}", "[]", 0},
    {"a list among several types", "many=a&many=b", "{\"many\":[\"a\",\"b\"]}", "[]", 0},
    {"a list of one among several types", "many=a", "{\"many\":[\"a\"]}", "[]", 0},
    {"nothing for an integer is absent", "limit=", "{}", "[]", 0},
    {"a boolean", "flag=true", "{\"flag\":true}", "[]", 0},
    {"an escaped name", "api%2Dversion=v1", "{\"api-version\":\"v1\"}", "[]", 0},
    {"a name escaped twice", "include%255B%255D=a%5B%2A%5D", "{\"include[]\":[\"a[*]\"]}", "[]", 0},
    {"unknown ones", "zzz=1&zzz=2&y", "{\"zzz\":[\"1\",\"2\"],\"y\":\"\"}", "[\"zzz\",\"y\"]", 0},
    {"a text that looks like a number", "api-version=2024", "{\"api-version\":\"2024\"}", "[]", 0},
    {"a broken escape", "api-version=%zz%", "{\"api-version\":\"%zz%\"}", "[]", 0},
    {"no query", "", "{}", "[]", 0},
    {"only ampersands", "&&&", "{}", "[]", 0},
};

static cJSON *path_values(const char *id, const char *tags)
{
    cJSON *path = tree_object(arena);
    tree_set_string(arena, path, "id", id);
    tree_set_string(arena, path, "tags", tags);
    return path;
}

static void queries_become_typed_values(void **state)
{
    (void)state;
    const struct operation *operation = contract->operations.items;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct decoded out;
        struct problems problems = {0};
        struct sent_parameters sent = {.path = path_values("1", "a,b"),
                                       .query = str_from(queries[i].query)};
        parameters_decode(arena, operation, &sent, &out, &problems);
        cJSON *unknown = tree_array(arena);
        for (size_t j = 0; j < out.unknown.count; j++)
            tree_append(unknown, tree_string(arena, out.unknown.items[j]));
        if (problems.count != queries[i].problems)
            print_message("case: %s\n", queries[i].name);
        assert_string_equal(json_text(arena, out.query), queries[i].expected);
        assert_string_equal(json_text(arena, unknown), queries[i].unknown);
        assert_string_equal(json_text(arena, out.path), "{\"id\":1,\"tags\":[\"a\",\"b\"]}");
        assert_int_equal(problems.count, queries[i].problems);
    }
}

static void headers_and_cookies_are_typed_too(void **state)
{
    (void)state;
    static const struct header_field fields[] = {
        {"x-count", "3"}, {"Cookie", "a=1; session=s%201"}, {"X-Other", "o"}, {"x-other", "p"}};
    static const struct header_fields headers = {fields, 4};
    struct decoded out;
    struct problems problems = {0};
    struct sent_parameters sent = {.path = path_values("x", "a"), .headers = &headers};
    parameters_decode(arena, contract->operations.items, &sent, &out, &problems);
    assert_string_equal(json_text(arena, out.header),
                        "{\"X-Count\":3,\"cookie\":\"a=1; session=s%201\",\"x-other\":\"o, p\"}");
    assert_string_equal(json_text(arena, out.cookie), "{\"session\":\"s 1\",\"a\":\"1\"}");
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].in, "path");
    assert_string_equal(problems.items[0].name, "id");
    assert_string_equal(problems.items[0].keyword, "type");
    assert_string_equal(problems.items[0].expected, "\"integer\"");
    assert_string_equal(problems.items[0].found, "\"x\"");
}

static void what_is_encoded_decodes_to_the_same(void **state)
{
    (void)state;
    static const char text[] = "{\"path\":{\"id\":7,\"tags\":[\"a "
                               "b\",\"c/d\"]},\"query\":{\"limit\":5,\"state\":[\"A\",\"B&C\"],"
                               "\"ids\":[1,2],\"pipe\":[\"x\",\"y\"],\"space\":[\"p\",\"q\"],"
                               "\"metadata\":{\"k\":\"v=1\"},\"flag\":false,"
                               "\"include[]\":[\"s\"],\"other\":\"z\"},\"header\":{\"X-Count\":2},"
                               "\"cookie\":{\"session\":\"a;b\"}}";
    struct error err;
    struct encoded encoded;
    struct decoded out;
    struct problems problems = {0};
    const struct operation *operation = contract->operations.items;
    cJSON *values = json_parse(arena, text, strlen(text), NULL, &err);
    assert_int_equal(parameters_encode(arena, operation, values, &encoded, &err), 0);
    assert_string_equal(encoded.path, "/p/7/a%20b,c%2Fd");
    assert_string_equal(encoded.query, "limit=5&state=A&state=B%26C&ids=1,2&pipe=x%7Cy&space=p%20q&"
                                       "metadata%5Bk%5D=v%3D1&flag=false&include%5B%5D=s&other=z");
    struct header_fields headers = {encoded.headers.items, encoded.headers.count};
    struct sent_parameters sent = {
        .path = path_values("7", "a b,c/d"), .query = str_from(encoded.query), .headers = &headers};
    parameters_decode(arena, operation, &sent, &out, &problems);
    assert_int_equal(problems.count, 0);
    assert_true(tree_equal(out.query, tree_get(values, "query")));
    assert_true(tree_equal(out.path, tree_get(values, "path")));
    assert_true(tree_equal(out.cookie, tree_get(values, "cookie")));
}

static void a_path_needs_all_its_values(void **state)
{
    (void)state;
    struct error err;
    struct encoded encoded;
    assert_int_equal(parameters_encode(arena, contract->operations.items, NULL, &encoded, &err),
                     -1);
    assert_string_equal(err.text, "'GET /p/{id}/{tags}' needs a value for 'id'");
}

/* ---- every style, there and back ---- */

#define COLOUR "{ type: object, properties: { r: { type: integer }, g: { type: string } } }"
#define LIST   "{ type: array, items: { type: integer } }"

static const struct {
    const char *name, *place, *more, *value;
    const char *sent; /* how it stands in the path, query or header */
} styles[] = {
    {"simple_object", "path", "schema: " COLOUR, "{\"r\":1,\"g\":\"x y\"}", "r,1,g,x%20y"},
    {"simple_exploded", "path", "explode: true, schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}",
     "r=1,g=x"},
    {"label_one", "path", "style: label, schema: { type: integer }", "5", ".5"},
    {"label_list", "path", "style: label, schema: " LIST, "[1,2]", ".1,2"},
    {"label_list_exploded", "path", "style: label, explode: true, schema: " LIST, "[1,2]", ".1.2"},
    {"label_object", "path", "style: label, schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}", ".r,1,g,x"},
    {"label_object_exploded", "path", "style: label, explode: true, schema: " COLOUR,
     "{\"r\":1,\"g\":\"x\"}", ".r=1.g=x"},
    {"matrix_one", "path", "style: matrix, schema: { type: integer }", "5", ";matrix_one=5"},
    {"matrix_list", "path", "style: matrix, schema: " LIST, "[1,2]", ";matrix_list=1,2"},
    {"matrix_list_exploded", "path", "style: matrix, explode: true, schema: " LIST, "[1,2]",
     ";matrix_list_exploded=1;matrix_list_exploded=2"},
    {"matrix_object", "path", "style: matrix, schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}",
     ";matrix_object=r,1,g,x"},
    {"matrix_object_exploded", "path", "style: matrix, explode: true, schema: " COLOUR,
     "{\"r\":1,\"g\":\"x\"}", ";r=1;g=x"},
    {"json_in_path", "path", "content: { application/json: { schema: " COLOUR " } }", "{\"r\":1}",
     "%7B%22r%22%3A1%7D"},
    {"form_object", "query", "explode: false, schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}",
     "form_object=r,1,g,x"},
    {"form_exploded", "query", "schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}", "r=1&g=x"},
    {"space_object", "query", "style: spaceDelimited, explode: false, schema: " COLOUR,
     "{\"r\":1,\"g\":\"x\"}", "space_object=r%201%20g%20x"},
    {"pipe_object", "query", "style: pipeDelimited, explode: false, schema: " COLOUR,
     "{\"r\":1,\"g\":\"x\"}", "pipe_object=r%7C1%7Cg%7Cx"},
    {"deep", "query",
     "style: deepObject, explode: true, schema: { type: object, properties: { in: " COLOUR
     ", of: " LIST " } }",
     "{\"in\":{\"r\":1,\"g\":\"x\"},\"of\":[1,2]}",
     "deep%5Bin%5D%5Br%5D=1&deep%5Bin%5D%5Bg%5D=x&deep%5Bof%5D%5B%5D=1&deep%5Bof%5D%5B%5D=2"},
    {"json_in_query", "query", "content: { application/json: { schema: { type: string } } }",
     "\"a b\"", "json_in_query=%22a%20b%22"},
    {"text_in_query", "query", "content: { text/plain: { schema: { type: string } } }", "\"a b\"",
     "text_in_query=a%20b"},
    {"X-Object", "header", "schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}", "r,1,g,x"},
    {"X-Exploded", "header", "explode: true, schema: " COLOUR, "{\"r\":1,\"g\":\"x\"}", "r=1,g=x"},
    {"X-Json", "header", "content: { application/json: { schema: " LIST " } }", "[1,2]", "[1,2]"},
};

static const struct operation *operation_of_style(size_t i)
{
    struct findings findings = {0};
    bool in_path = strcmp(styles[i].place, "path") == 0;
    const char *text = arena_printf(
        arena,
        "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n  /%s%s%s:\n    get:\n"
        "      parameters: [ { name: %s, in: %s, required: true, %s } ]\n"
        "      responses: { '200': { description: ok } }\n",
        in_path ? "{" : "p", in_path ? styles[i].name : "", in_path ? "}" : "", styles[i].name,
        styles[i].place, styles[i].more);
    const struct contract *one = contract_from_text(arena, text, &findings);
    assert_non_null(one);
    return one->operations.items;
}

static void every_style_is_written_as_it_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        const char *name = styles[i].name, *place = styles[i].place, *text = styles[i].value;
        const struct operation *operation = operation_of_style(i);
        struct error err;
        struct encoded encoded;
        struct decoded out;
        struct problems problems = {0};
        cJSON *all = tree_object(arena), *values = tree_object(arena), *path = tree_object(arena);
        tree_set(arena, values, name, json_parse(arena, text, strlen(text), NULL, &err));
        tree_set(arena, all, place, values);
        assert_int_equal(parameters_encode(arena, operation, all, &encoded, &err), 0);
        const char *sent = strcmp(place, "path") == 0    ? encoded.path + 1
                           : strcmp(place, "query") == 0 ? encoded.query
                                                         : encoded.headers.items[0].value;
        assert_string_equal(sent, styles[i].sent);
        if (strcmp(place, "path") == 0)
            tree_set_string(arena, path, name, percent_decode(arena, str_from(sent), false));
        struct header_fields headers = {encoded.headers.items, encoded.headers.count};
        parameters_decode(arena, operation,
                          &(struct sent_parameters){
                              .path = path, .query = str_from(encoded.query), .headers = &headers},
                          &out, &problems);
        const cJSON *read = strcmp(place, "path") == 0    ? out.path
                            : strcmp(place, "query") == 0 ? out.query
                                                          : out.header;
        if (problems.count || !tree_equal(tree_get(read, name), tree_get(values, name)))
            print_message("%s: %s\n", name, json_text(arena, read));
        assert_int_equal(problems.count, 0);
        assert_true(tree_equal(tree_get(read, name), tree_get(values, name)));
    }
}

static int set_up(void **state)
{
    (void)state;
    struct findings findings = {0};
    arena = arena_new();
    contract = contract_from_text(arena, document, &findings);
    for (size_t i = 0; i < findings.count; i++)
        print_message("%s\n", findings.items[i].text);
    return contract ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_become_typed_values),
        cmocka_unit_test(headers_and_cookies_are_typed_too),
        cmocka_unit_test(what_is_encoded_decodes_to_the_same),
        cmocka_unit_test(a_path_needs_all_its_values),
        cmocka_unit_test(every_style_is_written_as_it_is_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
