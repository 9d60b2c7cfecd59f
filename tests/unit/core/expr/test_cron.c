/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/cron.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static nanos at(const char *text)
{
    nanos instant = 0;
    assert_int_equal(instant_parse(text, false, &instant), 0);
    return instant;
}

static void good_and_bad_expressions_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        bool is_valid;
    } rows[] = {
        {"* * * * *", true},
        {"0 0 1 1 0", true},
        {"59 23 31 12 7", true},
        {"*/5 * * * *", true},
        {"1-10/3,20 * * * *", true},
        {"0 9 * * mon-fri", true},
        {"0 9 * JAN,Dec *", true},
        {"  0\t9 * * *  ", true},
        {"@daily", true},
        {"@Hourly", true},
        {"5/15 * * * *", true},
        {"0 0 * * 5-7", true},
        {"", false},
        {"* * * *", false},
        {"* * * * * *", false},
        {"60 * * * *", false},
        {"* 24 * * *", false},
        {"* * 0 * *", false},
        {"* * 32 * *", false},
        {"* * * 13 *", false},
        {"* * * * 8", false},
        {"5-1 * * * *", false},
        {"*/0 * * * *", false},
        {"a * * * *", false},
        {"1,,2 * * * *", false},
        {"1- * * * *", false},
        {"* * * janu *", false},
        {"@nightly", false},
        {"* * ? * *", false},
        {"-1 * * * *", false},
        {"1 2 3 4 5;", false},
        {"99999 * * * *", false},
        {"* * * * fr", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (cron_is_valid(rows[i].text) != rows[i].is_valid)
            print_error("'%s'\n", rows[i].text);
        assert_int_equal(cron_is_valid(rows[i].text), rows[i].is_valid);
    }
    assert_false(cron_is_valid(NULL));
}

static void a_mistake_names_its_field(void **state)
{
    struct cron cron;
    struct error err;
    (void)state;
    assert_int_equal(cron_parse("0 25 * * *", &cron, &err), -1);
    assert_string_equal(err.text, "bad hour '25' in a cron expression");
}

static void it_fires_at_the_next_time_that_fits(void **state)
{
    static const struct {
        const char *cron, *zone, *after, *next; /* next NULL = never */
    } rows[] = {
        {"* * * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
        {"* * * * *", "UTC", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00Z"},
        {"0 0 * * *", "UTC", "2025-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00Z"},
        {"0 0 * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
        {"30 9 * * mon-fri", "UTC", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00Z"},
        {"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        {"0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z", NULL},
        {"0 0 13 * fri", "UTC", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},  /* either */
        {"0 0 */2 * fri", "UTC", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z"}, /* both */
        {"0 0 * * 7", "UTC", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        {"0 0 1 1 *", "UTC", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"@weekly", "UTC", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        {"0 9 * * *", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-01-01T08:00:00Z"},
        {"0 9 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T07:00:00Z"},
        /* the skipped hour: once, at the first instant after the gap */
        {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        {"30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
        {"*/20 * * * *", "Europe/Berlin", "2026-03-29T00:40:00Z", "2026-03-29T01:00:00Z"},
        {"*/20 * * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z"},
        {"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z"},
        /* the doubled hour: once, the first time */
        {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
        {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
        {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:15:00Z", "2026-10-26T01:30:00Z"},
        {"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z"},
        {"30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
        {"30 2 * * *", "W. Europe Standard Time", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        {"30 2 * * *", "W. Europe Standard Time", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cron cron;
        nanos next;
        char text[INSTANT_TEXT] = "never";
        assert_int_equal(cron_parse(rows[i].cron, &cron, NULL), 0);
        if (cron_next(&cron, zone_find(rows[i].zone), at(rows[i].after), &next))
            instant_rfc3339(next, 0, text);
        const char *wanted = rows[i].next ? rows[i].next : "never";
        if (strcmp(text, wanted) != 0)
            print_error("row %zu: %s after %s\n", i, rows[i].cron, rows[i].after);
        assert_string_equal(text, wanted);
    }
}

static void a_year_of_days_fires_once_a_day(void **state)
{
    static const char *const zones[] = {"Europe/Berlin", "America/New_York",
                                        "W. Europe Standard Time", "UTC"};
    struct cron cron;
    (void)state;
    assert_int_equal(cron_parse("30 2 * * *", &cron, NULL), 0);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        const struct zone *zone = zone_find(zones[i]);
        nanos now = at("2026-01-01T12:00:00Z"), end = at("2027-01-01T12:00:00Z");
        int count = 0;
        while (cron_next(&cron, zone, now, &now) && now < end)
            count++;
        assert_int_equal(count, 365);
    }
}

static void the_shortest_pause_is_found(void **state)
{
    static const struct {
        const char *cron;
        nanos seconds;
    } rows[] = {{"* * * * *", 60},    {"*/15 * * * *", 900},       {"0,50 * * * *", 600},
                {"0 0 * * *", 86400}, {"0 9 * * mon,fri", 259200}, {"@hourly", 3600}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cron cron;
        assert_int_equal(cron_parse(rows[i].cron, &cron, NULL), 0);
        assert_int_equal(cron_shortest_pause(&cron), rows[i].seconds * NANOS_PER_SECOND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_and_bad_expressions_are_told_apart),
        cmocka_unit_test(a_mistake_names_its_field),
        cmocka_unit_test(it_fires_at_the_next_time_that_fits),
        cmocka_unit_test(a_year_of_days_fires_once_a_day),
        cmocka_unit_test(the_shortest_pause_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
