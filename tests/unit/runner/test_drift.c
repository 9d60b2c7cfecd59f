/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes that are laid side by side, which steps belong together, and what is ignored. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/drift/parts.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

/* ---- shapes ---- */

static cJSON *read_json(struct arena *arena, const char *text)
{
    struct error err = {0};
    cJSON *tree = json_parse(arena, text, strlen(text), NULL, &err);
    assert_non_null(tree);
    return tree;
}

/* Each item of the list is one value that was seen at the place. */
static struct shape *shape_from(struct arena *arena, const char *list)
{
    struct shape *shape = shape_new(arena, "");
    const cJSON *item;
    cJSON_ArrayForEach (item, read_json(arena, list))
        shape_add(arena, shape, item);
    return shape;
}

struct writing {
    struct arena *arena;
    struct strbuf text;
};

static void write_difference(void *data, const struct shape_difference *difference)
{
    static const char *const names[] = {"member", "null", "type", "form", "value"};
    struct writing *writing = data;
    bool by_value = difference->aspect == SHAPE_VALUE_ASPECT;
    strbuf_addf(&writing->text, "%s%s '%s' ", writing->text.len ? "; " : "",
                names[difference->aspect], difference->path);
    for (int side = 0; side < 2; side++)
        strbuf_addf(&writing->text, "%s%s", side ? " | " : "",
                    by_value ? shape_values_text(writing->arena, difference->side[side])
                             : shape_text(writing->arena, difference->side[side]));
}

static const struct shape_case {
    const char *name, *left, *right, *told;
} shape_cases[] = {
    {"other values are told to whom they may matter", "[{\"a\":1}]", "[{\"a\":2}]",
     "value '/a' 1 | 2"},
    {"equal values are nothing", "[{\"a\":1,\"b\":[true]}]", "[{\"b\":[true],\"a\":1}]", ""},
    {"a member that one side lacks", "[{\"a\":{\"b\":1}}]", "[{}]", "member '/a' object | absent"},
    {"a member that the other side lacks", "[{}]", "[{\"a\":null}]", "member '/a' absent | null"},
    {"sometimes there is no difference", "[{\"a\":1},{}]", "[{}]", ""},
    {"once of many is enough to have it", "[{\"a\":1},{\"a\":1}]", "[{\"a\":1},{}]", ""},
    {"another type, and nothing below it", "[{\"a\":{\"b\":1}}]", "[{\"a\":[1]}]",
     "type '/a' object | array"},
    {"more types at one side are none of the other's business", "[\"x\",1]", "[\"x\"]", ""},
    {"null here, a value there", "[{\"a\":null}]", "[{\"a\":\"x\"}]", "null '/a' null | string"},
    {"null beside values is no difference", "[null,\"x\"]", "[\"x\"]", ""},
    {"items are one place", "[{\"l\":[{\"a\":1},{\"a\":1}]}]", "[{\"l\":[{\"a\":\"1\"}]}]",
     "type '/l/[]/a' number | string (digits)"},
    {"an empty list says nothing of its items", "[{\"l\":[]}]", "[{\"l\":[{\"a\":1}]}]", ""},
    {"members of some items prove nothing", "[[{\"a\":1},{\"b\":1}]]", "[[{\"b\":1}]]", ""},
    {"an instant and a text", "[\"2026-01-01T00:00:00Z\"]", "[\"yesterday\"]",
     "form '' string (date-time) | string"},
    {"an instant and a date", "[\"2026-01-01T00:00:00Z\"]", "[\"2026-01-01\"]",
     "form '' string (date-time) | string (date)"},
    {"two instants are values", "[\"2026-01-01T00:00:00Z\"]", "[\"2026-01-02T00:00:00+01:00\"]",
     "value '' \"2026-01-01T00:00:00Z\" | \"2026-01-02T00:00:00+01:00\""},
    {"seconds and milliseconds", "[1767225600]", "[1767225600000]",
     "form '' number (epoch seconds) | number (epoch milliseconds)"},
    {"a small number has no unit", "[12]", "[1767225600]", "value '' 12 | 1767225600"},
    {"what one side met besides is no other value", "[\"a\",\"b\"]", "[\"a\"]", ""},
    {"each has a value of its own", "[\"a\",\"b\"]", "[\"a\",\"c\"]",
     "value '' \"a\", \"b\" | \"a\", \"c\""},
    {"names are escaped", "[{\"a/b~c\":1}]", "[{\"a/b~c\":\"x\"}]",
     "type '/a~1b~0c' number | string"},
    {"a body at one side only", "[1]", "[]", "member '' number | absent"},
    {"no body at either", "[]", "[]", ""},
};

static void shapes_differ_where_they_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shape_cases / sizeof *shape_cases; i++) {
        const struct shape_case *row = &shape_cases[i];
        struct writing writing = {arena_new(), STRBUF_INIT(LIMIT_MESSAGE)};
        shape_compare(writing.arena, shape_from(writing.arena, row->left),
                      shape_from(writing.arena, row->right), write_difference, &writing);
        if (!text_is(writing.text.buf, row->told))
            fail_msg("%s: told '%s', expected '%s'", row->name, writing.text.buf, row->told);
        strbuf_release(&writing.text);
        arena_free(writing.arena);
    }
}

static void many_or_long_values_are_not_compared(void **state)
{
    struct writing writing = {arena_new(), STRBUF_INIT(LIMIT_MESSAGE)};
    const char *many = "[1,2,3,4,5,6,7,8,9,10,11,12,13]";
    const char *rest = "\"0123456789012345678901234567890123456789012345678901234567890123456789\"";
    const char *list = arena_printf(writing.arena, "[%s]", rest);
    (void)state;
    shape_compare(writing.arena, shape_from(writing.arena, many), shape_from(writing.arena, "[0]"),
                  write_difference, &writing);
    shape_compare(writing.arena, shape_from(writing.arena, list),
                  shape_from(writing.arena, "[\"x\"]"), write_difference, &writing);
    assert_string_equal("", writing.text.buf);
    arena_free(writing.arena);
}

static void pointers_into_lists_are_one_place(void **state)
{
    struct arena *arena = arena_new();
    const cJSON *value = read_json(arena, "{\"data\":[{\"a/b\":{\"0\":1}},{}]}");
    (void)state;
    assert_string_equal("", fold_pointer(arena, value, ""));
    assert_string_equal("/data/[]", fold_pointer(arena, value, "/data/1"));
    assert_string_equal("/data/[]/a~1b/0", fold_pointer(arena, value, "/data/0/a~1b/0"));
    arena_free(arena);
}

/* ---- steps ---- */

static struct played_workflow *played_from(struct arena *arena, const struct arazzo_step *steps,
                                           const char *order)
{
    struct played_workflow *played = arena_alloc(arena, sizeof *played);
    for (; *order; order++) {
        struct played_step *step = arena_alloc(arena, sizeof *step);
        struct attempt *attempt = arena_alloc(arena, sizeof *attempt);
        step->step = &steps[*order - 'a'];
        vec_push_arena(arena, &step->attempts, attempt);
        vec_push_arena(arena, &played->steps, step);
    }
    return played;
}

/* "a1 b2": the steps of the left side's units and how many requests each has; '-' for those that
 * the right side has not. */
static const char *units_text(struct arena *arena, const struct arazzo_step *steps,
                              const char *left, const char *right)
{
    const struct played_workflow *one = played_from(arena, steps, left);
    const struct played_workflow *two = played_from(arena, steps, right);
    struct units units = units_of(arena, one, two), others = units_of(arena, two, one);
    const char *text = "";
    for (size_t i = 0; i < units.count; i++) {
        const struct unit *other = units_match(&units, i, &others);
        text =
            arena_printf(arena, "%s%s%c%zu%s", text, i ? " " : "",
                         (char)('a' + (units.items[i].step - steps)), units.items[i].attempts.count,
                         other ? arena_printf(arena, ":%zu", other->attempts.count) : "-");
    }
    return text;
}

static void steps_belong_together_and_loops_are_folded(void **state)
{
    static const struct arazzo_step steps[4];
    struct arena *arena = arena_new();
    (void)state;
    assert_string_equal("a1:1 b1:1", units_text(arena, steps, "ab", "ab"));
    assert_string_equal("a1:1 b3:1 c1:1", units_text(arena, steps, "abbbc", "abc"));
    assert_string_equal("a1:1 b1:1 a1:1", units_text(arena, steps, "aba", "aba"));
    assert_string_equal("a1:1 b1:2", units_text(arena, steps, "ab", "abb"));
    assert_string_equal("a1:1 b1-", units_text(arena, steps, "ab", "a"));
    assert_string_equal("a1:1 b1:1", units_text(arena, steps, "ab", "abcd"));
    arena_free(arena);
}

/* ---- what does not matter ---- */

static bool is_ignored(const char *pattern)
{
    const struct drift_finding finding = {.kind = DRIFT_VARIATION,
                                          .aspect = DRIFT_MEMBER,
                                          .operation = "getRun",
                                          .path = "/data/[]/cost"};
    const char *const patterns[] = {pattern, NULL};
    return drift_is_ignored(&finding, &(struct texts){patterns, 1});
}

static void patterns_name_kinds_aspects_and_paths(void **state)
{
    static const char *const fit[] = {"variation", "getRun#/data/[]/cost", "getRun#/data/[]/*",
                                      "*#/data/*", "get???#member",        "*",
                                      "*#*/cost",  "getRun#/data/?]/c*t"};
    static const char *const miss[] = {"breach",   "getRun",      "getRun#/data",
                                       "*#status", "getRuns#*",   "getRun#/data/[]/costs",
                                       "",         "getRun#?data"};
    (void)state;
    for (size_t i = 0; i < sizeof fit / sizeof *fit; i++)
        if (!is_ignored(fit[i]))
            fail_msg("'%s' should fit", fit[i]);
    for (size_t i = 0; i < sizeof miss / sizeof *miss; i++)
        if (is_ignored(miss[i]))
            fail_msg("'%s' should not fit", miss[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_differ_where_they_do),
        cmocka_unit_test(many_or_long_values_are_not_compared),
        cmocka_unit_test(pointers_into_lists_are_one_place),
        cmocka_unit_test(steps_belong_together_and_loops_are_folded),
        cmocka_unit_test(patterns_name_kinds_aspects_and_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
