/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/findings.h"
#include "tests/unit/cmocka_all.h"

static void findings_come_out_sorted_and_once(void **state)
{
    (void)state;
    struct findings findings = {0};
    findings_add(&findings, (struct place){"b.yaml", 2, 1}, "second '%s'", "x");
    findings_warn(&findings, (struct place){"b.yaml", 1, 9}, "first");
    findings_add(&findings, (struct place){"b.yaml", 2, 1}, "second '%s'", "x");
    findings_add(&findings, (struct place){NULL, 0, 0}, "nowhere");
    findings_sort(&findings);
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    findings_print(&findings, &out);
    assert_string_equal(out.buf, "nowhere\n"
                                 "b.yaml:1:9: warning: first\n"
                                 "b.yaml:2:1: second 'x'\n");
    assert_int_equal(findings.errors, 2);
    strbuf_release(&out);
    findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(findings_come_out_sorted_and_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
