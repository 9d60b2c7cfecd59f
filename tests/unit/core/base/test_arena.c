/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t size = 1; size < 10000; size = size * 3 + 1) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % sizeof(long double), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    arena_free(arena);
}

static void count_call(void *data)
{
    char *calls = data;
    calls[strlen(calls)] = 'a';
}

static void count_other_call(void *data)
{
    char *calls = data;
    calls[strlen(calls)] = 'b';
}

static void deferred_calls_run_last_first_and_once(void **state)
{
    (void)state;
    char calls[8] = "";
    struct arena *arena = arena_new();
    arena_defer(arena, count_call, calls);
    arena_defer(arena, count_other_call, calls);
    arena_reset(arena);
    assert_string_equal(calls, "ba");
    arena_free(arena);
    assert_string_equal(calls, "ba");
}

static void texts_are_copied_and_printed(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
    assert_string_equal(arena_printf(arena, "%s-%d", "x", 7), "x-7");
    assert_null(arena_strdup(arena, NULL));
    arena_free(arena);
}

static void a_vec_in_an_arena_keeps_what_was_pushed(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct {
        VEC(int);
    } numbers = {0};
    for (int i = 0; i < 1000; i++)
        vec_push_arena(arena, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.items[i], i);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(deferred_calls_run_last_first_and_once),
        cmocka_unit_test(texts_are_copied_and_printed),
        cmocka_unit_test(a_vec_in_an_arena_keeps_what_was_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
