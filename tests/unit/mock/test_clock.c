/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/clock.h"

#include "tests/unit/cmocka_all.h"

static void clocks_are_named_on_the_command_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
        enum clock_mode mode;
        int64_t scale;
    } cases[] = {
        {"real", 0, MODE_REAL, 1},       {"virtual", 0, MODE_VIRTUAL, 1},
        {"scaled:1", 0, MODE_SCALED, 1}, {"scaled:1000000", 0, MODE_SCALED, 1000000},
        {"scaled:0", -1, MODE_REAL, 0},  {"scaled:", -1, MODE_REAL, 0},
        {"scaled:2x", -1, MODE_REAL, 0}, {"scaled:1000001", -1, MODE_REAL, 0},
        {"scaled:-1", -1, MODE_REAL, 0}, {"Real", -1, MODE_REAL, 0},
        {"", -1, MODE_REAL, 0},          {"scaled:99999999999999999999", -1, MODE_REAL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct clock_settings settings = {0};
        struct error err = {0};
        assert_int_equal(clock_parse(cases[i].text, &settings, &err), cases[i].result);
        if (cases[i].result < 0) {
            assert_int_equal(err.kind, ERROR_INVALID);
            continue;
        }
        assert_int_equal(settings.mode, cases[i].mode);
        assert_int_equal(settings.scale, cases[i].scale);
    }
}

static void a_virtual_clock_stands_still(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, &(struct clock_settings){.mode = MODE_VIRTUAL, .epoch = CLOCK_EPOCH});
    assert_int_equal(clock_now(&clock), CLOCK_EPOCH);
    char text[INSTANT_TEXT];
    instant_rfc3339(CLOCK_EPOCH, 0, text);
    assert_string_equal(text, "2026-01-01T00:00:00Z");
    clock_set(&clock, CLOCK_EPOCH + 5);
    assert_int_equal(clock_now(&clock), CLOCK_EPOCH + 5);
}

static void when_its_moment_has_come_the_time_has_too(void **state)
{
    (void)state;
    static const int64_t scales[] = {1, 3, 7, 1000, 999999};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        struct clock clock;
        clock_init(&clock, &(struct clock_settings){.mode = MODE_SCALED, .scale = scales[i]});
        for (nanos after = 0; after < 5000; after += 7) {
            nanos at = clock_monotonic_at(&clock, clock.began + after);
            nanos time_then = clock.began + (at - clock.base_monotonic) * scales[i];
            assert_true(time_then >= clock.began + after);
            assert_true(time_then - scales[i] < clock.began + after);
        }
        assert_true(clock_now(&clock) >= clock.began);
        assert_int_equal(clock_monotonic_at(&clock, clock.began - 100), clock.base_monotonic);
    }
}

static void any_clock_can_be_set_ahead_and_goes_on_from_there(void **state)
{
    (void)state;
    static const struct clock_settings settings[] = {
        {.mode = MODE_REAL}, {.mode = MODE_SCALED, .scale = 1000}, {.mode = MODE_VIRTUAL}};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct clock clock;
        clock_init(&clock, &settings[i]);
        nanos ahead = clock_now(&clock) + 3600 * NANOS_PER_SECOND;
        clock_set(&clock, ahead);
        clock_set(&clock, ahead - NANOS_PER_SECOND); /* never back */
        nanos now = clock_now(&clock);
        assert_true(now >= ahead && now < ahead + 3600 * NANOS_PER_SECOND);
        assert_true(clock_runs(&clock) == (i < 2));
        assert_true((clock_monotonic_at(&clock, now + 1000000) == INT64_MAX) == (i == 2));
    }
}

static void a_frozen_clock_stands_and_goes_on_where_it_stood(void **state)
{
    (void)state;
    static const enum clock_mode modes[] = {MODE_REAL, MODE_SCALED, MODE_VIRTUAL};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct clock clock;
        clock_init(&clock, &(struct clock_settings){.mode = modes[i], .scale = 1000000});
        clock_freeze(&clock);
        nanos still = clock_now(&clock);
        assert_false(clock_runs(&clock));
        assert_int_equal(clock_monotonic_at(&clock, still + 1), INT64_MAX);
        assert_int_equal(clock_now(&clock), still);
        clock_set(&clock, still + 5);
        clock_freeze(&clock); /* frozen it is already */
        assert_int_equal(clock_now(&clock), still + 5);
        clock_thaw(&clock);
        clock_thaw(&clock);
        assert_true(clock_now(&clock) >= still + 5);
        assert_true(clock_runs(&clock) == (modes[i] != MODE_VIRTUAL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_are_named_on_the_command_line),
        cmocka_unit_test(a_virtual_clock_stands_still),
        cmocka_unit_test(when_its_moment_has_come_the_time_has_too),
        cmocka_unit_test(any_clock_can_be_set_ahead_and_goes_on_from_there),
        cmocka_unit_test(a_frozen_clock_stands_and_goes_on_where_it_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
