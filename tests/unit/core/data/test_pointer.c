/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/json.h"
#include "core/data/member_set.h"
#include "core/data/pointer.h"
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

static cJSON *parse(const char *text)
{
    cJSON *node = json_parse(arena, text, strlen(text), NULL, NULL);
    assert_non_null(node);
    return node;
}

/* RFC 6901 section 5, and what it calls no pointer. */
static void a_pointer_finds_its_node_or_nothing(void **state)
{
    (void)state;
    const cJSON *root =
        parse("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
              "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,\"01\":10}");
    static const struct {
        const char *pointer, *found;
    } rows[] = {
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
        {"/~01", "9"},
        {"/01", "10"},
        {"/foo/01", NULL},
        {"/foo/-", NULL},
        {"/foo/2", NULL},
        {"/foo/+1", NULL},
        {"/foo/", NULL},
        {"/foo/99999999999999999999", NULL},
        {"/foo/0/x", NULL},
        {"/fo", NULL},
        {"/fooo", NULL},
        {"foo", NULL},
        {"/m~n", NULL},
        {"/~", NULL},
    };
    assert_ptr_equal(pointer_get(root, ""), root);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *found = pointer_get(root, rows[i].pointer);
        if (rows[i].found)
            assert_string_equal(json_text(arena, found), rows[i].found);
        else
            assert_null(found);
        assert_ptr_equal(path_get(root, path_compile(arena, rows[i].pointer)), found);
    }
    assert_null(pointer_get(NULL, "/a"));
    assert_ptr_equal(path_get(root, path_compile(arena, "")), root);
    assert_null(path_get(NULL, path_compile(arena, "/a")));
}

static void a_path_tells_its_first_name_and_leads_on_from_there(void **state)
{
    (void)state;
    const struct path *path = path_compile(arena, "/a~1b/1");
    assert_string_equal(path_first(path), "a/b");
    assert_null(path_member(path));
    assert_string_equal(path_member(path_compile(arena, "/x~0")), "x~");
    assert_null(path_first(path_compile(arena, "")));
    assert_null(path_compile(arena, "x"));
    assert_string_equal(json_text(arena, path_get_below(parse("[1,2]"), path)), "2");
}

static void many_members_are_found_in_one_pass(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "", "ab", "abc", "missing", "ba"};
    const cJSON *found[6], *object = parse("{\"abc\":1,\"\":2,\"other\":3,\"ab\":4,\"b\":5}");
    struct member_set set;
    member_set_init(&set, names, 6);
    member_set_find(&set, object, found);
    for (size_t i = 0; i < 6; i++)
        assert_ptr_equal(found[i], tree_get(object, names[i]));
    member_set_find(&set, parse("[1]"), found);
    for (size_t i = 0; i < 6; i++)
        assert_null(found[i]);
}

static void setting_makes_objects_on_the_way(void **state)
{
    (void)state;
    static const struct {
        const char *root, *pointer, *after, *error;
    } rows[] = {
        {"{}", "/a", "{\"a\":9}", ""},
        {"{}", "/a/b~1c/d", "{\"a\":{\"b/c\":{\"d\":9}}}", ""},
        {"{\"a\":1,\"b\":2}", "/a", "{\"a\":9,\"b\":2}", ""},
        {"{\"a\":1,\"b\":2}", "/b", "{\"a\":1,\"b\":9}", ""},
        {"{\"a\":[1,2]}", "/a/-", "{\"a\":[1,2,9]}", ""},
        {"{\"a\":[1,2]}", "/a/2", "{\"a\":[1,2,9]}", ""},
        {"{\"a\":[1,2]}", "/a/0", "{\"a\":[9,2]}", ""},
        {"{\"a\":[1,2]}", "/a/-/b", "{\"a\":[1,2,{\"b\":9}]}", ""},
        {"[]", "/0", "[9]", ""},
        {"{\"a\":[1,2]}", "/a/4", "{\"a\":[1,2]}", "'4' is no index of an array with 2 items"},
        {"{\"a\":\"x\"}", "/a/b", "{\"a\":\"x\"}", "'b' cannot be set in a string"},
        {"{\"a\":\"x\"}", "/a/b/c", "{\"a\":\"x\"}", "'b' cannot be set in a string"},
        {"{}", "a", "{}", "'a' is no JSON pointer"},
        {"{}", "", "{}", "the whole document cannot be replaced in place"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = {0};
        cJSON *root = parse(rows[i].root);
        int rc = pointer_set(arena, root, rows[i].pointer, tree_integer(arena, 9), &err);
        assert_int_equal(rc, *rows[i].error ? -1 : 0);
        assert_string_equal(err.text, rows[i].error);
        assert_string_equal(json_text(arena, root), rows[i].after);
    }
}

static void removing_takes_exactly_one_node(void **state)
{
    (void)state;
    static const struct {
        const char *root, *pointer, *after;
    } rows[] = {
        {"{\"a\":1,\"b\":2,\"c\":3}", "/a", "{\"b\":2,\"c\":3}"},
        {"{\"a\":1,\"b\":2,\"c\":3}", "/b", "{\"a\":1,\"c\":3}"},
        {"{\"a\":1,\"b\":2,\"c\":3}", "/c", "{\"a\":1,\"b\":2}"},
        {"{\"a\":[1,2,3]}", "/a/1", "{\"a\":[1,3]}"},
        {"{\"a\":[1]}", "/a/0", "{\"a\":[]}"},
        {"{\"a\":1}", "/b", "{\"a\":1}"},
        {"{\"a\":1}", "/a/b/c", "{\"a\":1}"},
        {"{\"a\":1}", "", "{\"a\":1}"},
        {"{\"a\":1}", "a", "{\"a\":1}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *root = parse(rows[i].root);
        pointer_remove(root, rows[i].pointer);
        assert_string_equal(json_text(arena, root), rows[i].after);
    }
    cJSON *root = parse("[1,2,3]");
    pointer_remove(root, "/2");
    tree_append(root, tree_integer(arena, 4)); /* the last one is known again */
    assert_string_equal(json_text(arena, root), "[1,2,4]");
}

static void tokens_are_escaped(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    pointer_add_token("a/b~c", &text);
    pointer_add_token("", &text);
    pointer_add_token("~1", &text);
    assert_string_equal(text.buf, "/a~1b~0c//~01");
    strbuf_release(&text);
}

/* RFC 7396, appendix A. */
static void merge_patches_do_as_the_rfc_shows(void **state)
{
    (void)state;
    static const struct {
        const char *target, *patch, *result;
    } rows[] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *target = parse(rows[i].target), *patch = parse(rows[i].patch);
        const cJSON *result = merge_patch(arena, target, patch);
        assert_string_equal(json_text(arena, result), rows[i].result);
        assert_string_equal(json_text(arena, target), rows[i].target);
        assert_string_equal(json_text(arena, patch), rows[i].patch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_finds_its_node_or_nothing),
        cmocka_unit_test(a_path_tells_its_first_name_and_leads_on_from_there),
        cmocka_unit_test(many_members_are_found_in_one_pass),
        cmocka_unit_test(setting_makes_objects_on_the_way),
        cmocka_unit_test(removing_takes_exactly_one_node),
        cmocka_unit_test(tokens_are_escaped),
        cmocka_unit_test(merge_patches_do_as_the_rfc_shows),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
