/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/json.h"
#include "core/data/tree.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>

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

static void numbers_are_compared_exactly_at_any_length(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"1", "1.0", 0},
        {"1", "1e0", 0},
        {"100", "1E+2", 0},
        {"0", "-0.0e5", 0},
        {"0.001", "1e-3", 0},
        {"0.0010", "10e-4", 0},
        {"9007199254740993", "9007199254740992", 1},
        {"-9007199254740993", "-9007199254740992", -1},
        {"1700000000123456789", "1700000000123456788.9999999999999999999999", 1},
        {"1e400", "1e401", -1},
        {"-1e400", "1e-400", -1},
        {"0", "1e-999999999999999999999999", -1},
        {"1e999999999999999999999999", "5", 1},
        {"-1", "0", -1},
        {"0", "-1", 1},
        {"12", "120", -1},
        {"12", "1.20e1", 0},
        {"1.05", "1.5", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *a = parse(rows[i].a), *b = parse(rows[i].b);
        assert_int_equal(tree_compare_numbers(a, b), rows[i].order);
        assert_int_equal(tree_compare_numbers(b, a), -rows[i].order);
        assert_int_equal(tree_equal(a, b), rows[i].order == 0);
        if (rows[i].order == 0)
            assert_true(tree_hash(a) == tree_hash(b));
    }
}

static void integers_are_known_whatever_their_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool integer, fits;
        int64_t value;
    } rows[] = {
        {"0", true, true, 0},
        {"-0.0", true, true, 0},
        {"1.0", true, true, 1},
        {"1e2", true, true, 100},
        {"1.5e1", true, true, 15},
        {"1.5", false, false, 0},
        {"1e-1", false, false, 0},
        {"10e-1", true, true, 1},
        {"9223372036854775807", true, true, INT64_MAX},
        {"-9223372036854775808", true, true, INT64_MIN},
        {"9223372036854775808", true, false, 0},
        {"-9223372036854775809", true, false, 0},
        {"1e19", true, false, 0},
        {"1e999999999", true, false, 0},
        {"1e-999999999", false, false, 0},
        {"\"1\"", false, false, 0},
        {"null", false, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 0;
        assert_int_equal(tree_is_integer(parse(rows[i].text)), rows[i].integer);
        assert_int_equal(tree_as_int64(parse(rows[i].text), &value), rows[i].fits);
        assert_true(value == rows[i].value);
    }
}

static void multiples_are_exact_in_decimal(void **state)
{
    (void)state;
    static const struct {
        const char *number, *of;
        bool multiple;
    } rows[] = {
        {"0", "7", true},
        {"14", "7", true},
        {"15", "7", false},
        {"-14", "7", true},
        {"0.3", "0.1", true},
        {"0.0075", "0.0001", true},
        {"0.00751", "0.0001", false},
        {"4.5", "1.5", true},
        {"35", "1.5", false},
        {"1e308", "0.123456789", false},
        {"1e308", "0.5", true},
        {"1e999999999", "8", true},
        {"1e999999999", "7", false},
        {"1e-999999999", "1", false},
        {"123456789012345678901234567890", "10", true},
        {"123456789012345678901234567890", "123456789012345678901", false},
        {"246913578024691357802469135780", "123456789012345678901234567890", true},
        {"1e40", "1208925819614629174706176", false}, /* 2^80 */
        {"1e80", "1208925819614629174706176", true},
        {"3", "340282366920938463463374607431768211456", false},
        {"1e200", "340282366920938463463374607431768211456", true},
        {"1e127", "340282366920938463463374607431768211456", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(tree_is_multiple(parse(rows[i].number), parse(rows[i].of)),
                         rows[i].multiple);
}

static void doubles_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {1e22, "1e+22"},
        {5e-324, "5e-324"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {NAN, "null"},
        {-INFINITY, "null"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(json_text(arena, tree_double(arena, rows[i].value)), rows[i].text);
}

static void what_is_read_is_the_nearest_double(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0.1", 0.1},
        {"-12.5", -12.5},
        {"123456789012345", 123456789012345.0},
        {"1234567890123456789", 1234567890123456789.0},
        {"0.000000000000001", 1e-15},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(parse(rows[i].text)->valuedouble == rows[i].value);
    assert_int_equal(parse("1e300")->valueint, INT32_MAX);
}

static void equality_ignores_the_order_of_members_only(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1.0,2],\"a\":1e0}", true},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,1]", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":null}", "{}", false},
        {"true", "false", false},
        {"1", "true", false},
        {"0", "false", false},
        {"\"1\"", "1", false},
        {"null", "null", true},
        {"\"a\\u0000b\"", "\"a\\u0000c\"", false},
        {"[[],{}]", "[{},[]]", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *a = parse(rows[i].a), *b = parse(rows[i].b);
        assert_int_equal(tree_equal(a, b), rows[i].equal);
        assert_int_equal(tree_equal(b, a), rows[i].equal);
        assert_int_equal(tree_hash(a) == tree_hash(b), rows[i].equal);
    }
    assert_true(tree_equal(NULL, NULL));
    assert_false(tree_equal(NULL, parse("null")));
}

static void large_objects_in_other_orders_are_equal(void **state)
{
    (void)state;
    cJSON *a = tree_object(arena), *b = tree_object(arena);
    for (int i = 0; i < 300; i++) {
        tree_set(arena, a, arena_printf(arena, "k%d", i), tree_integer(arena, i));
        tree_set(arena, b, arena_printf(arena, "k%d", 299 - i), tree_integer(arena, 299 - i));
    }
    assert_true(tree_equal(a, b));
    assert_true(tree_hash(a) == tree_hash(b));
    tree_set(arena, b, "k77", tree_integer(arena, 78));
    assert_false(tree_equal(a, b));
}

static void set_replaces_in_place_and_remove_takes_out(void **state)
{
    (void)state;
    cJSON *object = parse("{\"a\":1,\"b\":2,\"c\":3}");
    tree_set(arena, object, "a", tree_string(arena, "x"));
    tree_set(arena, object, "c", tree_null(arena));
    tree_set(arena, object, "d", tree_bool(arena, true));
    assert_string_equal(json_text(arena, object), "{\"a\":\"x\",\"b\":2,\"c\":null,\"d\":true}");
    tree_remove(object, "d");
    tree_remove(object, "a");
    tree_remove(object, "zz");
    tree_set_string(arena, object, "e", NULL);
    assert_string_equal(json_text(arena, object), "{\"b\":2,\"c\":null,\"e\":null}");
    tree_remove(object, "b");
    tree_remove(object, "c");
    tree_remove(object, "e");
    assert_string_equal(json_text(arena, object), "{}");
    tree_set(arena, object, "only", tree_integer(arena, 1));
    tree_set(arena, object, "only", tree_integer(arena, 2));
    tree_set(arena, object, "next", tree_integer(arena, 3));
    assert_string_equal(json_text(arena, object), "{\"only\":2,\"next\":3}");
}

static void copies_share_nothing_and_keep_places(void **state)
{
    (void)state;
    const char *text = "{\"a\": [1, {\"b\": \"x\"}]}";
    struct arena *shorter = arena_new();
    cJSON *copy = tree_copy(arena, json_parse(shorter, text, strlen(text), "f.json", NULL));
    arena_free(shorter);
    assert_string_equal(json_text(arena, copy), "{\"a\":[1,{\"b\":\"x\"}]}");
    assert_int_equal(tree_place(tree_get(copy, "a")).column, 7);
    assert_int_equal(tree_key_place(tree_get(copy, "a")).column, 2);
    assert_null(tree_copy(arena, NULL));
}

static void shared_copies_have_nodes_of_their_own(void **state)
{
    (void)state;
    cJSON *of = parse("{\"a\":[1,{\"b\":\"x\"}]}"), *copy = tree_share(arena, of);
    assert_ptr_not_equal(tree_get(copy, "a"), tree_get(of, "a"));
    tree_put(copy, "a", tree_null(arena));
    tree_put(copy, "c", tree_bool(arena, true));
    assert_string_equal(json_text(arena, copy), "{\"a\":null,\"c\":true}");
    assert_string_equal(json_text(arena, of), "{\"a\":[1,{\"b\":\"x\"}]}");
    assert_null(tree_share(arena, NULL));
}

static void a_member_is_moved_to_the_end(void **state)
{
    (void)state;
    cJSON *object = parse("{\"a\":1,\"b\":2,\"c\":3}");
    struct strbuf out = STRBUF_INIT(100);
    assert_null(tree_move_last(object, "d"));
    assert_ptr_equal(tree_move_last(object, "c"), tree_get(object, "c"));
    assert_ptr_equal(tree_move_last(object, "a"), tree_get(object, "a"));
    assert_string_equal(json_text(arena, object), "{\"b\":2,\"c\":3,\"a\":1}");
    json_print_members(object->child, tree_get(object, "a"), &out);
    assert_string_equal(out.buf, "{\"b\":2,\"c\":3}");
    strbuf_clear(&out);
    json_print_members(NULL, tree_get(object, "a"), &out);
    assert_string_equal(out.buf, "{}");
    strbuf_release(&out);
}

static void readers_accept_nothing_and_other_types(void **state)
{
    (void)state;
    assert_null(tree_get(NULL, "a"));
    assert_null(tree_get(parse("[1]"), "a"));
    assert_null(tree_at(parse("{\"a\":1}"), 0));
    assert_null(tree_at(parse("[1]"), 1));
    assert_int_equal(tree_count(NULL), 0);
    assert_int_equal(tree_count(parse("\"abc\"")), 0);
    assert_int_equal(tree_count(parse("[1,2]")), 2);
    assert_null(tree_text(parse("1")));
    assert_null(tree_get_text(NULL, "a"));
    assert_false(tree_is_true(NULL));
    assert_true(tree_is_true(parse("true")));
    assert_string_equal(tree_type_name(parse("1.0")), "number");
    assert_string_equal(tree_type_name(parse("false")), "boolean");
    assert_string_equal(tree_type_name(NULL), "nothing");
    assert_string_equal(json_text(arena, tree_string_n(arena, "a\0b", 3)), "\"a\\u0000b\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_compared_exactly_at_any_length),
        cmocka_unit_test(integers_are_known_whatever_their_spelling),
        cmocka_unit_test(multiples_are_exact_in_decimal),
        cmocka_unit_test(doubles_are_written_in_their_shortest_form),
        cmocka_unit_test(what_is_read_is_the_nearest_double),
        cmocka_unit_test(equality_ignores_the_order_of_members_only),
        cmocka_unit_test(large_objects_in_other_orders_are_equal),
        cmocka_unit_test(set_replaces_in_place_and_remove_takes_out),
        cmocka_unit_test(copies_share_nothing_and_keep_places),
        cmocka_unit_test(shared_copies_have_nodes_of_their_own),
        cmocka_unit_test(a_member_is_moved_to_the_end),
        cmocka_unit_test(readers_accept_nothing_and_other_types),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
