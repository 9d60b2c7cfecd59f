/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "tests/unit/cmocka_all.h"

static void an_empty_buffer_is_a_terminated_string(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(10);
    assert_string_equal(text.buf, "");
    strbuf_release(&text);
}

static void it_grows_up_to_its_cap_and_says_so_beyond(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(10);
    strbuf_adds(&text, "12345");
    strbuf_addf(&text, "%d", 67890);
    assert_string_equal(text.buf, "1234567890");
    assert_false(text.overflowed);
    strbuf_addch(&text, 'x');
    assert_true(text.overflowed);
    assert_string_equal(text.buf, "1234567890");
    strbuf_release(&text);
}

static void detach_gives_ownership_away(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(100);
    size_t len;
    strbuf_adds(&text, "mine");
    char *mine = strbuf_detach(&text, &len);
    assert_string_equal(mine, "mine");
    assert_int_equal(len, 4);
    assert_string_equal(text.buf, "");
    mem_free(mine);
}

static void lent_room_is_left_when_it_is_outgrown(void **state)
{
    (void)state;
    char room[8];
    struct strbuf text = strbuf_over(room, sizeof room, 20);
    strbuf_adds(&text, "1234567");
    assert_ptr_equal(text.buf, room);
    strbuf_adds(&text, "89");
    assert_ptr_not_equal(text.buf, room);
    assert_string_equal(text.buf, "123456789");
    assert_null(strbuf_extend(&text, 20));
    strbuf_adds(&text, "0123456789ab");
    assert_true(text.overflowed);
    assert_string_equal(text.buf, "123456789");
    strbuf_release(&text);
    text = strbuf_over(room, sizeof room, 20);
    strbuf_addch(&text, 'x');
    char *mine = strbuf_detach(&text, NULL);
    assert_string_equal(mine, "x");
    mem_free(mine);
}

struct heap {
    char bytes[4096];
    size_t len, pieces;
};

static void keep(void *data, const char *bytes, size_t len)
{
    struct heap *heap = data;
    assert_true(heap->len + len < sizeof heap->bytes);
    memcpy(heap->bytes + heap->len, bytes, len);
    heap->len += len;
    heap->pieces++;
}

static void a_spilling_buffer_holds_little_and_loses_nothing(void **state)
{
    (void)state;
    struct heap heap = {0};
    struct strbuf text, expected = STRBUF_INIT(sizeof heap.bytes);
    strbuf_init_spilling(&text, 16, keep, &heap);
    for (int i = 0; i < 50; i++) {
        strbuf_addf(&text, "%d,%s", i, i % 7 ? "" : "a text that is longer than the buffer;");
        strbuf_addf(&expected, "%d,%s", i, i % 7 ? "" : "a text that is longer than the buffer;");
        strbuf_adds(&text, i % 5 ? "-" : "another that is longer than the buffer");
        strbuf_adds(&expected, i % 5 ? "-" : "another that is longer than the buffer");
        strbuf_addch(&text, '|');
        strbuf_addch(&expected, '|');
        assert_true(text.len <= 16 && text.cap <= 17);
    }
    assert_false(text.overflowed);
    strbuf_flush(&text);
    strbuf_flush(&text);
    assert_int_equal(heap.len, expected.len);
    assert_memory_equal(heap.bytes, expected.buf, expected.len);
    assert_true(heap.pieces > 20);
    strbuf_release(&text);
    strbuf_release(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_a_terminated_string),
        cmocka_unit_test(it_grows_up_to_its_cap_and_says_so_beyond),
        cmocka_unit_test(detach_gives_ownership_away),
        cmocka_unit_test(lent_room_is_left_when_it_is_outgrown),
        cmocka_unit_test(a_spilling_buffer_holds_little_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
