/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/bytes.h"
#include "tests/unit/cmocka_all.h"

static void sizes_are_powers_of_1024_in_any_spelling(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {
        {"0", 0},
        {"4096", 4096},
        {"12b", 12},
        {"64k", 65536},
        {"64KB", 65536},
        {"64KiB", 65536},
        {"1m", 1048576},
        {"512MB", 536870912},
        {"2g", 2147483648},
        {"2GiB", 2147483648},
        {"1T", 1099511627776},
        {"8388607t", 9223370937343148032},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t bytes = -1;
        assert_int_equal(bytes_parse(cases[i].text, &bytes), 0);
        assert_int_equal(bytes, cases[i].bytes);
    }
}

static void what_is_no_size_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "k",
        "-1",
        "+1",
        " 1",
        "1 k",
        "1kk",
        "1.5g",
        "0x10",
        "max",
        "9223372036854775808",
        "8388608t",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t bytes = -1;
        assert_int_equal(bytes_parse(texts[i], &bytes), -1);
    }
}

static void the_machine_has_some_memory(void **state)
{
    (void)state;
    assert_true(bytes_of_machine() > (size_t)16 * 1024 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_powers_of_1024_in_any_spelling),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(the_machine_has_some_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
