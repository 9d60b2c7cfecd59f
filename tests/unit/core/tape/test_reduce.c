/* SPDX-License-Identifier: Apache-2.0 */
/* Which polls tell nothing new. */
#include "core/tape/reduce.h"
#include "tests/unit/cmocka_all.h"

struct exchange {
    const char *method, *url, *body;
    int status;
    bool stays;
};

static void fold(const struct exchange *exchanges, size_t count)
{
    struct har_entry entries[16] = {0};
    const struct har_entry *order[16];
    size_t stays = 0;
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct har_entry){.method = exchanges[i].method,
                                        .url = exchanges[i].url,
                                        .body = str_from(exchanges[i].body),
                                        .has_body = true,
                                        .status = exchanges[i].status};
        order[i] = &entries[i];
    }
    size_t kept = reduce_polls(order, count);
    for (size_t i = 0; i < count; i++)
        if (exchanges[i].stays) {
            assert_true(stays < kept);
            assert_ptr_equal(order[stays++], &entries[i]);
        }
    assert_int_equal(kept, stays);
}

static void a_poll_that_is_answered_as_before_goes(void **state)
{
    (void)state;
    const struct exchange exchanges[] = {
        {"POST", "/runs", "{}", 200, true},
        {"GET", "/runs/1", "{\"state\":\"A\"}", 200, true},
        {"GET", "/runs/1", "{\"state\":\"A\"}", 200, false},
        {"GET", "/runs/2", "{\"state\":\"A\"}", 200, true},
        {"GET", "/runs/1", "{ \"state\": \"A\" }", 200, false},
        {"GET", "/runs/1", "{\"state\":\"B\"}", 200, true},
        {"GET", "/runs/1", "{\"state\":\"B\"}", 500, true},
        {"HEAD", "/runs/1", "", 200, true},
    };
    fold(exchanges, sizeof exchanges / sizeof *exchanges);
}

static void moments_and_durations_may_differ_and_nothing_else(void **state)
{
    (void)state;
    const struct exchange exchanges[] = {
        {"GET", "/a", "{\"at\":\"2026-01-01T00:00:00Z\",\"for\":\"PT1S\",\"n\":[1]}", 200, true},
        {"GET", "/a", "{\"at\":\"2026-01-02T00:00:00Z\",\"for\":\"PT2S\",\"n\":[1]}", 200, false},
        {"GET", "/a", "{\"at\":\"2026-01-02T00:00:00Z\",\"for\":\"PT2S\",\"n\":[2]}", 200, true},
        {"GET", "/a", "{\"at\":\"later\",\"for\":\"PT2S\",\"n\":[2]}", 200, true},
    };
    fold(exchanges, sizeof exchanges / sizeof *exchanges);
}

static void what_was_changed_meanwhile_is_looked_at_anew(void **state)
{
    (void)state;
    const struct exchange exchanges[] = {
        {"GET", "/a", "1", 200, true},   {"GET", "/a", "1", 200, false},
        {"DELETE", "/b", "", 204, true}, {"GET", "/a", "1", 200, true},
        {"GET", "/a", "1", 200, false},
    };
    fold(exchanges, sizeof exchanges / sizeof *exchanges);
    fold(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poll_that_is_answered_as_before_goes),
        cmocka_unit_test(moments_and_durations_may_differ_and_nothing_else),
        cmocka_unit_test(what_was_changed_meanwhile_is_looked_at_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
