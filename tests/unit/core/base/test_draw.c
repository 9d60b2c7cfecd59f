/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/draw.h"
#include "tests/unit/cmocka_all.h"

static void the_same_key_draws_the_same_numbers(void **state)
{
    (void)state;
    struct draw a = draw_from(draw_hash_text(7, "run")), b = draw_from(draw_hash_text(7, "run"));
    struct draw other = draw_from(draw_hash_text(8, "run"));
    uint64_t first = draw_next(&a);
    assert_true(first == draw_next(&b));
    assert_true(first != draw_next(&other));
    assert_true(draw_next(&a) == draw_next(&b));
}

static void a_draw_stays_below_its_limit(void **state)
{
    (void)state;
    struct draw draw = draw_from(1);
    unsigned seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[draw_below(&draw, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 800, 1200);
    double unit = draw_unit(&draw);
    assert_true(unit >= 0 && unit < 1);
}

static void the_hash_is_pinned_across_releases(void **state)
{
    (void)state;
    uint64_t pinned = draw_hash(42, "0123456789", 10);
    assert_true(pinned == draw_hash(42, "0123456789", 10));
    assert_true(pinned != draw_hash(42, "0123456788", 10));
    assert_true(draw_hash_text(0, "ab") != draw_hash_text(draw_hash_text(0, "a"), "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_key_draws_the_same_numbers),
        cmocka_unit_test(a_draw_stays_below_its_limit),
        cmocka_unit_test(the_hash_is_pinned_across_releases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
