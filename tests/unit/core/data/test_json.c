/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/mem.h"
#include "core/data/json.h"
#include "tests/unit/cmocka_all.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *printed(const cJSON *node, unsigned style)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(node, style, &text);
    const char *copy = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return copy;
}

/* An exact copy on the heap, so that a read beyond its end is seen by the sanitizer. */
static cJSON *parse(const char *text, const char *file, struct error *err)
{
    size_t len = strlen(text);
    char *bytes = mem_alloc(len);
    memcpy(bytes, text, len);
    cJSON *node = json_parse(arena, bytes, len, file, err);
    mem_free(bytes);
    return node;
}

static void what_is_read_is_written_again(void **state)
{
    (void)state;
    static const struct {
        const char *text, *compact; /* NULL: as it was */
    } rows[] = {
        {"null", NULL},
        {" true ", "true"},
        {"\t\r\n false\n", "false"},
        {"0", NULL},
        {"-0", NULL},
        {"-0.0", NULL},
        {"9007199254740993", NULL},
        {"1700000000123456789", NULL},
        {"-123456789012345678901234567890.5e-400", NULL},
        {"1e400", NULL},
        {"1E+2", NULL},
        {"\"\"", NULL},
        {"\"a\\u0000b\"", NULL},
        {"\"\\u0000\"", NULL},
        {"\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\""},
        {"\"\\u00e9\\u4E2d\"", "\"\xC3\xA9\xE4\xB8\xAD\""},
        {"\"\\b\\f\\n\\r\\t\\\"\\\\\\/\"", "\"\\b\\f\\n\\r\\t\\\"\\\\/\""},
        {"\"\\u001f\\u000b\x7F\"", "\"\\u001f\\u000b\x7F\""},
        {"\"exactly eight plain bytes and some more\"", NULL},
        {"\"1234567\\\"90123456\\\\89\"", NULL},
        {"[]", NULL},
        {"{}", NULL},
        {" [ 1 , [ ] , { } ] ", "[1,[],{}]"},
        {"{ \"b\" : 1 , \"a\" : [ null ] }", "{\"b\":1,\"a\":[null]}"},
        {"{\"\":0,\"\\u0000\":1}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = {0};
        const cJSON *node = parse(rows[i].text, NULL, &err);
        assert_string_equal(err.text, "");
        assert_string_equal(json_text(arena, node),
                            rows[i].compact ? rows[i].compact : rows[i].text);
    }
}

static void what_is_no_json_is_refused_with_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "1:1: nothing here, a JSON value is expected"},
        {" \n ", "2:2: nothing here, a JSON value is expected"},
        {"\xEF\xBB\xBF{}", "1:1: a byte order mark, which JSON has not"},
        {"{} {}", "1:4: more text behind the value"},
        {"{\"a\":1,\n  \"b\":2,\n  \"a\":3}", "3:3: duplicate key 'a' (first at 1:2)"},
        {"{\"a\":1,\"\\u0061\":2}", "1:8: duplicate key 'a' (first at 1:2)"},
        {"[1,]", "1:4: no JSON value"},
        {"[1", "1:3: ',' or ']' is missing"},
        {"[", "1:2: a value is missing"},
        {"{\"a\" 1}", "1:6: ':' is missing"},
        {"{\"a\":1", "1:7: ',' or '}' is missing"},
        {"{\"a\":1,}", "1:8: a key in double quotes is missing"},
        {"{a:1}", "1:2: a key in double quotes is missing"},
        {"\"abc", "1:1: the string does not end"},
        {"\"a\nb\"", "1:3: a control character must be escaped"},
        {"[\"\xC3\xA9\", \"\xFF\"]", "1:8: no valid UTF-8"},
        {"\"\xC0\x80\"", "1:2: no valid UTF-8"},
        {"\"\xED\xA0\x80\"", "1:2: no valid UTF-8"},
        {"\"\xF4\x90\x80\x80\"", "1:2: no valid UTF-8"},
        {"\"\xE4\xB8\"", "1:2: no valid UTF-8"},
        {"\"\\ud83d\"", "1:2: half a surrogate pair"},
        {"\"\\ude00\"", "1:2: half a surrogate pair"},
        {"\"\\ud83d\\ud83d\"", "1:2: half a surrogate pair"},
        {"\"\\u12\"", "1:2: '\\u' wants four hexadecimal digits"},
        {"\"\\x41\"", "1:2: no such escape"},
        {"\"\\", "1:2: no such escape"},
        {"01", "1:1: no JSON number"},
        {"1.", "1:1: no JSON number"},
        {"-", "1:1: no JSON number"},
        {"1e", "1:1: no JSON number"},
        {"+1", "1:1: no JSON value"},
        {".5", "1:1: no JSON value"},
        {"NaN", "1:1: no JSON value"},
        {"nul", "1:1: no JSON value"},
        {"'a'", "1:1: no JSON value"},
        {"[1]// no", "1:4: more text behind the value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int named = 0; named < 2; named++) {
            struct error err = {0};
            assert_null(parse(rows[i].text, named ? "f.json" : NULL, &err));
            assert_string_equal(err.text, rows[i].error);
            assert_int_equal(err.kind, ERROR_INVALID);
        }
    }
}

static char *nested(int depth)
{
    char *text = arena_alloc(arena, (size_t)depth * 2 + 1);
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    return text;
}

static void nesting_is_read_to_128_levels_and_no_deeper(void **state)
{
    (void)state;
    struct error err = {0};
    assert_non_null(parse(nested(TREE_DEPTH_MAX), NULL, &err));
    assert_null(parse(nested(TREE_DEPTH_MAX + 1), NULL, &err));
    assert_string_equal(err.text, "1:129: nested too deeply, more than 128 levels");
    assert_null(parse(nested(100000), NULL, &err));
}

static void a_duplicate_among_many_members_is_found(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    strbuf_addch(&text, '{');
    for (int i = 0; i < 5000; i++)
        strbuf_addf(&text, "\"k%d\":%d,", i, i);
    strbuf_adds(&text, "\"last\":0}");
    struct error err = {0};
    const cJSON *node = parse(text.buf, NULL, &err);
    assert_non_null(node);
    assert_int_equal(tree_count(node), 5001);
    text.buf[--text.len] = '\0';
    strbuf_adds(&text, ",\"k4321\":1}");
    assert_null(parse(text.buf, NULL, &err));
    assert_non_null(strstr(err.text, "duplicate key 'k4321' (first at 1:"));
    strbuf_release(&text);
}

static void every_node_of_a_named_document_knows_its_place(void **state)
{
    (void)state;
    const cJSON *root =
        parse("{\n  \"\xC3\xA9\": [1,\n    \"x\"], \"b\": null }", "dir/f.json", NULL);
    const cJSON *array = tree_at(tree_get(root, "\xC3\xA9"), 0)->prev;
    struct place place = tree_place(array);
    assert_string_equal(place.file, "dir/f.json");
    assert_int_equal(place.line, 3);
    assert_int_equal(place.column, 5);
    place = tree_place(tree_get(root, "\xC3\xA9"));
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 8);
    place = tree_key_place(tree_get(root, "b"));
    assert_int_equal(place.line, 3);
    assert_int_equal(place.column, 11);
    assert_null(tree_place(parse("1", NULL, NULL)).file);
}

static void styles_differ_in_space_order_and_escapes(void **state)
{
    (void)state;
    const cJSON *node = parse(
        "{\"b\":[1,{\"z\":0,\"y\":[]}],\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\\u0000\"}", NULL, NULL);
    assert_string_equal(
        printed(node, JSON_PRETTY),
        "{\n  \"b\": [\n    1,\n    {\n      \"z\": 0,\n      \"y\": []\n    }\n  ],\n"
        "  \"a\": \"\xC3\xA9\xF0\x9F\x98\x80\\u0000\"\n}");
    assert_string_equal(printed(node, JSON_CANONICAL),
                        "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\\u0000\",\"b\":[1,{\"y\":[],\"z\":0}]}");
    assert_string_equal(printed(node, JSON_COMPACT | JSON_ASCII),
                        "{\"b\":[1,{\"z\":0,\"y\":[]}],\"a\":\"\\u00e9\\ud83d\\ude00\\u0000\"}");
    assert_string_equal(printed(NULL, JSON_COMPACT), "null");
}

static void bytes_that_are_no_utf8_are_replaced_when_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *compact, *ascii;
    } rows[] = {
        {"a\xFF", "\"a\xEF\xBF\xBD\"", "\"a\\ufffd\""},
        {"\xC0", "\"\xEF\xBF\xBD\"", "\"\\ufffd\""},
        {"\xC0\x80", "\"\\u0000\"", "\"\\u0000\""},
        {"\xE4\xB8", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", "\"\\ufffd\\ufffd\""},
        {"\xF0\x9F\x98", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", "\"\\ufffd\\ufffd\\ufffd\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *node = tree_string(arena, rows[i].text);
        assert_string_equal(printed(node, JSON_COMPACT), rows[i].compact);
        assert_string_equal(printed(node, JSON_ASCII), rows[i].ascii);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written_again),
        cmocka_unit_test(what_is_no_json_is_refused_with_line_and_column),
        cmocka_unit_test(nesting_is_read_to_128_levels_and_no_deeper),
        cmocka_unit_test(a_duplicate_among_many_members_is_found),
        cmocka_unit_test(every_node_of_a_named_document_knows_its_place),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced_when_written),
        cmocka_unit_test(styles_differ_in_space_order_and_escapes),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
