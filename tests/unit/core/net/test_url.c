/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/url.h"

#include "tests/unit/cmocka_all.h"

static const struct {
    const char *text;
    bool plus_is_space;
    const char *decoded; /* NULL: refused */
} decodings[] = {
    {"", false, ""},         {"abc", false, "abc"},         {"a%20b", false, "a b"},
    {"a+b", false, "a+b"},   {"a+b", true, "a b"},          {"%2B", true, "+"},
    {"a%2Fb", false, "a/b"}, {"%c3%A9", false, "\xC3\xA9"}, {"%", false, NULL},
    {"%4", false, NULL},     {"%4g", false, NULL},          {"%g4", false, NULL},
    {"abc%", true, NULL},    {"%%41", false, NULL},         {"%41%", false, NULL},
    {"%zz", false, NULL},    {"%-1", false, NULL},          {"%25%32%35", false, "%25"},
};

static void percent_encoding_is_undone_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decodings / sizeof *decodings; i++) {
        struct arena *arena = arena_new();
        size_t len = 0;
        char *decoded =
            url_decode(arena, str_from(decodings[i].text), decodings[i].plus_is_space, &len);
        if (!decodings[i].decoded) {
            if (decoded)
                fail_msg("'%s' was decoded to '%s'", decodings[i].text, decoded);
        } else {
            assert_non_null(decoded);
            assert_string_equal(decoded, decodings[i].decoded);
            assert_int_equal(len, strlen(decodings[i].decoded));
        }
        arena_free(arena);
    }
}

static void an_encoded_nul_counts(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    size_t len;
    char *decoded = url_decode(arena, str_from("a%00b"), false, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(decoded, "a\0b", 4);
    arena_free(arena);
}

static void all_but_the_unreserved_is_encoded(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1000);
    url_encode(&out, str_from("aZ09-._~ /?&=+%\xC3\xA9"), NULL);
    assert_string_equal(out.buf, "aZ09-._~%20%2F%3F%26%3D%2B%25%C3%A9");
    strbuf_clear(&out);
    url_encode(&out, str_from("/a b"), "/");
    assert_string_equal(out.buf, "/a%20b");
    strbuf_release(&out);
}

static void a_query_is_split_before_it_is_decoded(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct url_pairs pairs;
    assert_int_equal(
        url_split_query(arena, "a=1&b=two+words&&c&d=&a=x%26y%3Dz&=e&f=g=h", &pairs, NULL), 0);
    static const char *const expected[][2] = {{"a", "1"},  {"b", "two words"}, {"c", ""},
                                              {"d", ""},   {"a", "x&y=z"},     {"", "e"},
                                              {"f", "g=h"}};
    assert_int_equal(pairs.count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_true(str_is(pairs.items[i].name, expected[i][0]));
        assert_true(str_is(pairs.items[i].value, expected[i][1]));
        assert_int_equal(pairs.items[i].has_value, i != 2);
    }
    assert_true(str_is(*url_find(&pairs, "a"), "1"));
    assert_null(url_find(&pairs, "z"));
    arena_free(arena);
}

static void no_query_has_no_pairs_and_a_bad_one_is_named(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct url_pairs pairs;
    struct str bad;
    assert_int_equal(url_split_query(arena, NULL, &pairs, NULL), 0);
    assert_int_equal(pairs.count, 0);
    assert_int_equal(url_split_query(arena, "", &pairs, NULL), 0);
    assert_int_equal(pairs.count, 0);
    assert_int_equal(url_split_query(arena, "a=1&b=%zz&c", &pairs, &bad), -1);
    assert_true(str_is(bad, "b=%zz"));
    assert_int_equal(url_split_query(arena, "%=1", &pairs, NULL), -1);
    arena_free(arena);
}

static void pairs_are_written_encoded(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1000);
    url_add_pair(&out, str_from("a b"), str_from("1&2"));
    url_add_pair(&out, str_from("c"), str_from(""));
    assert_string_equal(out.buf, "a%20b=1%262&c=");
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_encoding_is_undone_once),
        cmocka_unit_test(an_encoded_nul_counts),
        cmocka_unit_test(all_but_the_unreserved_is_encoded),
        cmocka_unit_test(a_query_is_split_before_it_is_decoded),
        cmocka_unit_test(no_query_has_no_pairs_and_a_bad_one_is_named),
        cmocka_unit_test(pairs_are_written_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
