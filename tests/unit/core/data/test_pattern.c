/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/instant.h"
#include "core/data/pattern.h"
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

static const struct pattern *compile(const char *text, enum pattern_dialect dialect)
{
    struct error err = {0};
    const struct pattern *pattern = pattern_compile(arena, text, dialect, &err);
    assert_string_equal(err.text, "");
    return pattern;
}

static void expressions_match_as_their_dialect_says(void **state)
{
    (void)state;
    static const struct {
        enum pattern_dialect dialect;
        const char *pattern, *subject;
        bool matches;
    } rows[] = {
        {PATTERN_ECMA, "b", "abc", true},
        {PATTERN_ECMA, "^b", "abc", false},
        {PATTERN_ECMA, "^abc$", "abc", true},
        {PATTERN_ECMA, "^abc$", "abc\n", false},
        {PATTERN_ECMA, "^abc$", "x\nabc", false},
        {PATTERN_ECMA, "", "", true},
        {PATTERN_ECMA, "^\\d+$", "019", true},
        {PATTERN_ECMA, "^\\d$", "\xE0\xA7\xAA", false}, /* a Bengali digit */
        {PATTERN_ECMA, "^\\p{digit}$", "\xE0\xA7\xAA", true},
        {PATTERN_ECMA, "^\\D$", "\xE0\xA7\xAA", true},
        {PATTERN_ECMA, "^\\w$", "\xC3\xA9", false},
        {PATTERN_ECMA, "^[\\W]$", "\xC3\xA9", true},
        {PATTERN_ECMA, "^\\s$", "\xC2\xA0", true},
        {PATTERN_ECMA, "^\\s$", "\xEF\xBB\xBF", true},
        {PATTERN_ECMA, "^\\s$", "\xE2\x80\xA9", true},
        {PATTERN_ECMA, "^\\s$", "\v", true},
        {PATTERN_ECMA, "^\\S$", "\xE3\x80\x80", false},
        {PATTERN_ECMA, "^\\s$", "\x01", false},
        {PATTERN_ECMA, "^.$", "\xF0\x9F\x90\xB2", true},
        {PATTERN_ECMA, "^.$", "\xE2\x80\xA8", false},
        {PATTERN_ECMA, "^.$", "\r", false},
        {PATTERN_ECMA, "^[^]$", "\n", true},
        {PATTERN_ECMA, "[]", "a", false},
        {PATTERN_ECMA, "^\\cC$", "\x03", true},
        {PATTERN_ECMA, "^\\cc$", "\x03", true},
        {PATTERN_ECMA, "^\\t\\n\\v\\f\\r$", "\t\n\v\f\r", true},
        {PATTERN_ECMA, "^\\u0041\\x42\\u{43}$", "ABC", true},
        {PATTERN_ECMA, "^\\ud83d\\udc32*$", "\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2", true},
        {PATTERN_ECMA, "^\\u{1F432}*$", "\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2", true},
        {PATTERN_ECMA, "^\xF0\x9F\x90\xB2*$", "\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2", true},
        {PATTERN_ECMA, "^\\0$", "\xC0\x80", true},
        {PATTERN_ECMA, "^a\xC0\x80$", "a\xC0\x80", true},
        {PATTERN_ECMA, "^[\\b]$", "\b", true},
        {PATTERN_ECMA, "\\bfoo\\b", "a foo b", true},
        {PATTERN_ECMA, "\\bfoo\\b", "afoo", false},
        {PATTERN_ECMA, "^(?<y>\\d)-\\k<y>$", "7-7", true},
        {PATTERN_ECMA, "^(?<y>\\d)-\\k<y>$", "7-8", false},
        {PATTERN_ECMA, "^(a)?\\1b$", "b", true},
        {PATTERN_ECMA, "^(?:ab)+?$", "abab", true},
        {PATTERN_ECMA, "^(?=.*\\d)[a-z\\d]+$", "abc1", true},
        {PATTERN_ECMA, "^(?=.*\\d)[a-z\\d]+$", "abcd", false},
        {PATTERN_ECMA, "^(?!x)", "xy", false},
        {PATTERN_ECMA, "(?<=a)b", "ab", true},
        {PATTERN_ECMA, "(?<!a)b", "ab", false},
        {PATTERN_ECMA, "^\\p{Letter}cole$",
         "\xC3\xA9"
         "cole",
         true},
        {PATTERN_ECMA, "^\\p{Lu}$", "a", false},
        {PATTERN_ECMA, "^\\P{Lu}$", "a", true},
        {PATTERN_ECMA, "^\\p{Script=Greek}$", "\xCE\xB1", true},
        {PATTERN_ECMA, "^\\p{sc=Greek}$", "a", false},
        {PATTERN_ECMA, "^[\\p{L}\\-_]+$", "\xC3\xA9-_", true},
        {PATTERN_ECMA, "^[a\\-z]$", "-", true},
        {PATTERN_ECMA, "^[-a]$", "-", true},
        {PATTERN_ECMA, "^[a-]$", "-", true},
        {PATTERN_ECMA, "^[[:alpha:]]$", ":]", true}, /* no POSIX class */
        {PATTERN_ECMA, "^\\/v1\\-x$", "/v1-x", true},
        {PATTERN_ECMA, "^a{,2}$", "a{,2}", true},
        {PATTERN_ECMA, "^{x}$", "{x}", true},
        {PATTERN_ECMA, "^a{2,3}$", "aaaa", false},
        {PATTERN_ECMA, "#x y", "#x y", true},
        {PATTERN_ECMA, "a", "\xFF", false},
        {PATTERN_IREGEXP, "a.b",
         "a\xE2\x80\xA8"
         "b",
         true},
        {PATTERN_IREGEXP, "a.b", "a\nb", false},
        {PATTERN_IREGEXP, "b", "abc", false},
        {PATTERN_IREGEXP, "a|bc", "bc", true},
        {PATTERN_IREGEXP, "a|bc", "bcd", false},
        {PATTERN_IREGEXP_SEARCH, "b", "abc", true},
        {PATTERN_IREGEXP, "[\\p{Lu}\\n-]*", "A-\n", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pattern *pattern = compile(rows[i].pattern, rows[i].dialect);
        if (pattern_matches(pattern, str_from(rows[i].subject)) != rows[i].matches)
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].subject);
    }
}

static void what_is_no_expression_is_refused_with_its_offset(void **state)
{
    (void)state;
    static const struct {
        enum pattern_dialect dialect;
        const char *pattern, *error;
    } rows[] = {
        {PATTERN_ECMA, "^(abc]", "the group is not closed at offset 1"},
        {PATTERN_ECMA, "abc)", "a parenthesis closes nothing at offset 3"},
        {PATTERN_ECMA, "[a", "the class is not closed at offset 2"},
        {PATTERN_ECMA, "a**", "nothing to repeat at offset 2"},
        {PATTERN_ECMA, "*", "nothing to repeat at offset 0"},
        {PATTERN_ECMA, "^*", "nothing to repeat at offset 2"},
        {PATTERN_ECMA, "\\a", "no such escape at offset 1"},
        {PATTERN_ECMA, "^\\S(|(.|\\n)*\\S)\\Z", "no such escape at offset 16"},
        {PATTERN_ECMA, "\\", "no such escape at offset 1"},
        {PATTERN_ECMA, "\\u12", "a hexadecimal digit is missing at offset 4"},
        {PATTERN_ECMA, "\\u{110000}", "no code point at offset 9"},
        {PATTERN_ECMA, "[b-a]", "the range is out of order at offset 4"},
        {PATTERN_ECMA, "a{3,2}", "the counts of repetitions are out of order at offset 1"},
        {PATTERN_ECMA, "(?<a>.)(?<a>.)", "two groups of the same name at offset 12"},
        {PATTERN_ECMA, "\\2(a)", "no such group at offset 0"},
        {PATTERN_ECMA, "\\k<x>", "no such group at offset 0"},
        {PATTERN_ECMA, "(?i)a", "no such kind of group at offset 1"},
        {PATTERN_ECMA, "\\p{Nope=Lu}", "no such property at offset 1"},
        {PATTERN_ECMA, "\\p{gc=Greek}", "no such category at offset 1"},
        {PATTERN_ECMA, "\\p{Nonsense}", "unknown property after \\P or \\p"},
        {PATTERN_IREGEXP, "\\d", "no such escape at offset 1"},
        {PATTERN_IREGEXP, "a*?", "nothing to repeat at offset 2"},
        {PATTERN_IREGEXP, "(?:a)", "no such kind of group at offset 1"},
        {PATTERN_IREGEXP, "a{x}", "no count of repetitions at offset 1"},
        {PATTERN_IREGEXP, "[]", "the class is empty at offset 1"},
        {PATTERN_IREGEXP, "a]", "a bracket closes nothing at offset 1"},
        {PATTERN_IREGEXP, "\\p{Greek}", "no such category at offset 1"},
        {PATTERN_IREGEXP, "\\1", "no such escape at offset 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = {0};
        assert_null(pattern_compile(arena, rows[i].pattern, rows[i].dialect, &err));
        assert_string_equal(err.text, arena_printf(arena, "'%s' is no regular expression: %s",
                                                   rows[i].pattern, rows[i].error));
    }
}

/* Each of these takes ages without a limit. */
static void no_expression_hangs(void **state)
{
    (void)state;
    static const char *const patterns[] = {"^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(x+x+)+y",
                                           "^((a*)*)*$"};
    char subject[64];
    memset(subject, 'a', sizeof subject - 1);
    subject[sizeof subject - 1] = '!';
    nanos start = instant_monotonic_now();
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        assert_false(pattern_matches(compile(patterns[i], PATTERN_ECMA),
                                     (struct str){subject, sizeof subject}));
    assert_true(instant_monotonic_now() - start < 20 * NANOS_PER_SECOND);
}

static void deep_groups_and_huge_counts_are_refused(void **state)
{
    (void)state;
    char deep[2001];
    memset(deep, '(', 1000);
    memset(deep + 1000, ')', 1000);
    deep[2000] = '\0';
    assert_null(pattern_compile(arena, deep, PATTERN_ECMA, NULL));
    assert_null(pattern_compile(arena, "((a{1000}){1000}){1000}", PATTERN_ECMA, NULL));
    assert_null(pattern_compile(arena, "a{99999999999999999999}", PATTERN_ECMA, NULL));
}

static void a_long_text_fits_the_limits(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    char *text = arena_alloc(arena, LENGTH + 1);
    memset(text, 'b', LENGTH);
    assert_true(pattern_matches(compile("^(a|b)*$", PATTERN_ECMA), str_from(text)));
}

static void examples_match_and_repeat_with_their_key(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "^[a-z]{3,8}$",
        "^run_[0-9a-f]{32}$",
        "^\\d{4}-\\d{2}-\\d{2}$",
        "^(foo|bar)(-\\w+)*$",
        "^[^/]+$",
        "^\\p{Lu}\\p{L}*$",
        "^[A-Za-z0-9_.-]{1,64}$",
        "^(a)(b)\\2\\1$",
        "^(?=.*\\d)[a-z\\d]{4}$",
        "abc",
        "",
        "^\\0$",
        "^[\\u4e00-\\u9fff]+$",
        "^[^\\u0000-\\u{10fffe}]$",
        "^https?://\\S+$",
        "^x{0}$",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const struct pattern *pattern = compile(patterns[i], PATTERN_ECMA);
        for (uint64_t key = 0; key < 20; key++) {
            const char *text = pattern_example(arena, pattern, key, 200);
            if (strstr(patterns[i], "10fffe")) {
                assert_null(text); /* nobody would type it, and it is not looked for */
                continue;
            }
            assert_non_null(text);
            assert_true(pattern_matches(pattern, str_from(text)));
            assert_string_equal(text, pattern_example(arena, pattern, key, 200));
        }
    }
    assert_null(pattern_example(arena, compile("^a{30}$", PATTERN_ECMA), 1, 29));
    assert_non_null(pattern_example(arena, compile("^a{30}$", PATTERN_ECMA), 1, 30));
    assert_null(pattern_example(arena, compile("a^", PATTERN_ECMA), 1, 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_match_as_their_dialect_says),
        cmocka_unit_test(what_is_no_expression_is_refused_with_its_offset),
        cmocka_unit_test(no_expression_hangs),
        cmocka_unit_test(deep_groups_and_huge_counts_are_refused),
        cmocka_unit_test(a_long_text_fits_the_limits),
        cmocka_unit_test(examples_match_and_repeat_with_their_key),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
