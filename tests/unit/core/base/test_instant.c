/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/instant.h"
#include "tests/unit/cmocka_all.h"

static void durations_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        nanos expected;
    } cases[] = {
        {"0", 0},
        {"300ms", 300 * NANOS_PER_MS},
        {"90s", 90 * NANOS_PER_SECOND},
        {"1.5s", 1500 * NANOS_PER_MS},
        {"1h30m", 5400 * NANOS_PER_SECOND},
        {"2d", 172800 * NANOS_PER_SECOND},
        {"7ns", 7},
        {"PT2H30M", 9000 * NANOS_PER_SECOND},
        {"P1DT12H", 129600 * NANOS_PER_SECOND},
        {"P2W", 1209600 * NANOS_PER_SECOND},
        {"PT0.5S", 500 * NANOS_PER_MS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nanos duration = -1;
        assert_int_equal(duration_parse(cases[i].text, &duration), 0);
        assert_int_equal(duration, cases[i].expected);
    }
    static const char *const bad[] = {"",     "5",   "s",  "1x", "-1s",  "1s ", "9999999999999h",
                                      "1.s",  "P",   "PT", "P1", "PT1D", "P1M", "P1Y",
                                      "P1DT", "PT1h"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        nanos duration;
        assert_int_equal(duration_parse(bad[i], &duration), -1);
    }
}

static void instants_are_written_and_read_back(void **state)
{
    (void)state;
    char text[INSTANT_TEXT];
    nanos instant = 1767225600 * NANOS_PER_SECOND + 250 * NANOS_PER_MS;
    instant_rfc3339(instant, 0, text);
    assert_string_equal(text, "2026-01-01T00:00:00Z");
    instant_rfc3339(instant, 6, text);
    assert_string_equal(text, "2026-01-01T00:00:00.250000Z");
    nanos again;
    assert_int_equal(instant_parse(text, false, &again), 0);
    assert_int_equal(again, instant);
    assert_int_equal(instant_parse("2026-01-01T01:00:00.25+01:00", false, &again), 0);
    assert_int_equal(again, instant);
    assert_int_equal(instant_parse("2026-01-01T00:00:00.25", true, &again), 0);
    assert_int_equal(again, instant);
    instant_http_date(instant, text);
    assert_string_equal(text, "Thu, 01 Jan 2026 00:00:00 GMT");
}

static void calendars_are_right_far_from_today(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
        const char *http;
    } cases[] = {
        {"1969-12-31T23:59:59Z", -1, "Wed, 31 Dec 1969 23:59:59 GMT"},
        {"2000-02-29T12:00:00Z", 951825600, "Tue, 29 Feb 2000 12:00:00 GMT"},
        {"1900-03-01T00:00:00Z", -2203891200, "Thu, 01 Mar 1900 00:00:00 GMT"},
        {"2100-03-01T00:00:00Z", 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[INSTANT_TEXT];
        nanos instant;
        assert_int_equal(instant_parse(cases[i].text, false, &instant), 0);
        assert_int_equal(instant, cases[i].seconds * NANOS_PER_SECOND);
        instant_rfc3339(instant, 0, text);
        assert_string_equal(text, cases[i].text);
        instant_http_date(instant, text);
        assert_string_equal(text, cases[i].http);
    }
}

static void wrong_instants_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"2026-02-29T00:00:00Z",  "2026-01-01",
                                      "2026-01-01T24:00:00Z",  "2026-01-01T00:00:00",
                                      "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        nanos instant;
        assert_int_equal(instant_parse(bad[i], false, &instant), -1);
    }
}

static void durations_are_written_as_iso_8601(void **state)
{
    (void)state;
    static const struct {
        nanos duration;
        const char *expected;
    } cases[] = {
        {0, "PT0S"},
        {150 * NANOS_PER_SECOND, "PT2M30S"},
        {420 * NANOS_PER_MS, "PT0.42S"},
        {3600 * NANOS_PER_SECOND, "PT1H"},
        {93600 * NANOS_PER_SECOND + 1, "PT26H0.000000001S"},
        {-1500 * NANOS_PER_MS, "-PT1.5S"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[INSTANT_TEXT];
        duration_iso8601(cases[i].duration, text);
        assert_string_equal(text, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(instants_are_written_and_read_back),
        cmocka_unit_test(calendars_are_right_far_from_today),
        cmocka_unit_test(wrong_instants_are_refused),
        cmocka_unit_test(durations_are_written_as_iso_8601),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
