/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "tests/unit/cmocka_all.h"

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"cancelRun", "createRun", "listRuns"};
    assert_string_equal(text_nearest_of("cancelrun", names, 3), "cancelRun");
    assert_string_equal(text_nearest_of("createRuns", names, 3), "createRun");
    assert_null(text_nearest_of("zebra", names, 3));
    assert_null(text_nearest_of("x", names, 0));
}

static void text_questions(void **state)
{
    (void)state;
    assert_true(text_is(NULL, NULL));
    assert_false(text_is("a", NULL));
    assert_true(text_starts_with("abc", "ab"));
    assert_true(text_ends_with("abc", "bc"));
    assert_false(text_ends_with("c", "bc"));
    assert_true(text_is_any_case("Content-Type", "content-type"));
    assert_false(text_is_any_case("a", "ab"));
    assert_true(str_is(STR_LITERAL("x"), "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(text_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
