/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/markup.h"

#include "tests/unit/cmocka_all.h"

static void what_markup_reads_itself_is_replaced(void **state)
{
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    (void)state;
    markup_text("a -> \"b\" & <script>'c'</script>\n", &out);
    assert_string_equal(out.buf, "a -&gt; &quot;b&quot; &amp; &lt;script&gt;'c'&lt;/script&gt;\n");
    strbuf_release(&out);
}

static void everything_else_may_stand(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++)
        assert_true(!markup_entity((char)byte) == !strchr("<>&\"", byte));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_markup_reads_itself_is_replaced),
        cmocka_unit_test(everything_else_may_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
