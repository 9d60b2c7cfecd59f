/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/zone.h"
#include "tests/unit/cmocka_all.h"

static nanos at(const char *text)
{
    nanos instant = 0;
    assert_int_equal(instant_parse(text, false, &instant), 0);
    return instant;
}

static void iana_and_windows_names_are_known(void **state)
{
    static const struct {
        const char *name;
        bool is_known;
    } rows[] = {
        {"UTC", true},
        {"Europe/Berlin", true},
        {"America/New_York", true},
        {"W. Europe Standard Time", true},
        {"Eastern Standard Time", true},
        {"Asia/Kolkata", true},
        {"Asia/Calcutta", true},
        {"Etc/GMT+5", true},
        {"Europe/Nowhere", false},
        {"W. Europe Sommer Time", false},
        {"", false},
        {"GMT+3:17", false},
        {"Etc/Unknown", false},
        {"Europe/Berlin\n", false},
        {"Z\xc3\xbcrich", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (zone_is_valid(rows[i].name) != rows[i].is_known)
            print_error("%s\n", rows[i].name);
        assert_int_equal(zone_is_valid(rows[i].name), rows[i].is_known);
    }
    assert_null(zone_find(NULL));
}

static void a_wall_clock_shows_summer_time(void **state)
{
    (void)state;
    struct civil civil = zone_civil(zone_find("Europe/Berlin"), at("2026-07-01T22:30:15Z"));
    assert_int_equal(civil.year, 2026);
    assert_int_equal(civil.month, 7);
    assert_int_equal(civil.day, 2);
    assert_int_equal(civil.hour, 0);
    assert_int_equal(civil.minute, 30);
    assert_int_equal(civil.second, 15);
}

static void wall_times_become_instants(void **state)
{
    static const struct {
        const char *zone;
        struct civil civil;
        const char *instant;
    } rows[] = {
        {"UTC", {2026, 1, 1, 0, 0, 0}, "2026-01-01T00:00:00Z"},
        {"Europe/Berlin", {2026, 1, 1, 0, 0, 0}, "2025-12-31T23:00:00Z"},
        {"Europe/Berlin", {2026, 7, 1, 0, 0, 0}, "2026-06-30T22:00:00Z"},
        /* skipped on 29 March: the first instant after the gap */
        {"Europe/Berlin", {2026, 3, 29, 2, 30, 0}, "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", {2026, 3, 29, 1, 59, 59}, "2026-03-29T00:59:59Z"},
        {"Europe/Berlin", {2026, 3, 29, 3, 0, 0}, "2026-03-29T01:00:00Z"},
        /* doubled on 25 October: the first one */
        {"Europe/Berlin", {2026, 10, 25, 2, 30, 0}, "2026-10-25T00:30:00Z"},
        {"Europe/Berlin", {2026, 10, 25, 3, 0, 0}, "2026-10-25T02:00:00Z"},
        {"W. Europe Standard Time", {2026, 3, 29, 2, 30, 0}, "2026-03-29T01:00:00Z"},
        {"America/New_York", {2026, 3, 8, 2, 30, 0}, "2026-03-08T07:00:00Z"},
        {"America/New_York", {2026, 11, 1, 1, 30, 0}, "2026-11-01T05:30:00Z"},
        {"Australia/Lord_Howe", {2026, 10, 4, 2, 15, 0}, "2026-10-03T15:30:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[INSTANT_TEXT];
        instant_rfc3339(zone_instant(zone_find(rows[i].zone), rows[i].civil), 0, text);
        assert_string_equal(text, rows[i].instant);
    }
}

static void days_are_counted_both_ways(void **state)
{
    (void)state;
    assert_int_equal(civil_days(1970, 1, 1), 0);
    assert_int_equal(civil_days(2000, 2, 29), 11016);
    assert_int_equal(civil_days(1969, 12, 31), -1);
    for (int64_t days = -200000; days < 200000; days += 13) {
        int year, month, day;
        civil_from_days(days, &year, &month, &day);
        assert_int_equal(civil_days(year, month, day), days);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iana_and_windows_names_are_known),
        cmocka_unit_test(a_wall_clock_shows_summer_time),
        cmocka_unit_test(wall_times_become_instants),
        cmocka_unit_test(days_are_counted_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
