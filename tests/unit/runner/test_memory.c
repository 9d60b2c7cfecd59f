/* SPDX-License-Identifier: Apache-2.0 */
/* When the memory of an exchange is used again, and when it is not. */
#include "runner/judge.h"
#include "runner/memory.h"
#include "tests/unit/cmocka_all.h"

struct fixture {
    struct arena *arena;
    struct memories *memories;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->arena = arena_new();
    fixture->memories = memories_new(fixture->arena);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    arena_free(fixture->arena);
    test_free(fixture);
    return 0;
}

static void what_nobody_holds_is_used_again(void **state)
{
    struct memories *memories = ((struct fixture *)*state)->memories;
    struct memory *first = memories_take(memories), *second = memories_take(memories);

    assert_ptr_not_equal(first, second);
    arena_strdup(first->arena, "what was seen");
    memory_drop(first);
    assert_ptr_equal(first, memories_take(memories));
    assert_int_equal(0, arena_bytes(first->arena));
    assert_ptr_not_equal(second, memories_take(memories));
}

static void what_is_held_anew_stays(void **state)
{
    struct memories *memories = ((struct fixture *)*state)->memories;
    struct memory *memory = memories_take(memories);

    memory_drop(memory);
    memory_hold(memory);
    assert_ptr_not_equal(memory, memories_take(memories));
    memory_drop(memory);
    assert_ptr_equal(memory, memories_take(memories));
}

static void a_place_holds_the_exchange_that_it_refers_to_and_no_other(void **state)
{
    struct memories *memories = ((struct fixture *)*state)->memories;
    struct seen one = {.memory = memories_take(memories)},
                other = {.memory = memories_take(memories)};
    struct seen of_a_tape = {0}; /* lives anyway */
    const struct seen *place = NULL;

    seen_refer(&place, &one);
    memory_drop(one.memory);
    seen_refer(&place, &one);
    assert_ptr_not_equal(one.memory, memories_take(memories));
    seen_refer(&place, &other);
    assert_ptr_equal(one.memory, memories_take(memories));
    seen_refer(&place, &of_a_tape);
    memory_drop(other.memory);
    assert_ptr_equal(other.memory, memories_take(memories));
    assert_ptr_equal(&of_a_tape, place);
}

static void what_is_kept_outlives_its_world_and_the_rest_does_not(void **state)
{
    struct memories *memories = ((struct fixture *)*state)->memories;
    struct memory *kept = memories_take(memories), *held = memories_take(memories);
    const char *text = arena_strdup(kept->arena, "what broke");

    memory_keep(kept);
    memory_drop(kept);
    memories_let_go(memories);
    assert_ptr_equal(held, memories_take(memories));
    assert_ptr_not_equal(kept, memories_take(memories));
    memories_let_go(memories);
    assert_string_equal("what broke", text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_holds_is_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_held_anew_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_holds_the_exchange_that_it_refers_to_and_no_other,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_kept_outlives_its_world_and_the_rest_does_not,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
