/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/session.h"

#include "core/base/mem.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <string.h>

#undef fail /* cmocka's; ours is meant */

static const struct world_settings settings = {
    .clock = {.mode = MODE_VIRTUAL, .epoch = CLOCK_EPOCH}, .seed = 42};
static int furnished;

static int furnish(struct world *world, void *data, struct error *err)
{
    furnished++;
    world->data = data;
    if (strcmp(world->name, "broken") == 0)
        return fail(err, ERROR_INVALID, "cannot furnish");
    return 0;
}

static void names_follow_their_rule(void **state)
{
    (void)state;
    assert_true(session_name_is_valid(""));
    assert_true(session_name_is_valid("a.B_9-"));
    assert_false(session_name_is_valid("a/b"));
    assert_false(session_name_is_valid("a b"));
    assert_false(session_name_is_valid("\xc3\xa4"));
    char name[80] = {0};
    memset(name, 'x', 64);
    assert_true(session_name_is_valid(name));
    name[64] = 'x';
    assert_false(session_name_is_valid(name));
    struct sessions *sessions = sessions_new(&settings, NULL, NULL);
    struct error err = {0};
    assert_null(sessions_get(sessions, "a/b", &err));
    assert_int_equal(err.kind, ERROR_INVALID);
    sessions_free(sessions);
}

static void a_session_is_a_world_made_on_first_use(void **state)
{
    (void)state;
    int mark;
    furnished = 0;
    struct sessions *sessions = sessions_new(&settings, furnish, &mark);
    assert_null(sessions_find(sessions, "a"));
    struct world *a = sessions_get(sessions, "a", NULL), *b = sessions_get(sessions, "", NULL);
    struct world *again = sessions_get(sessions, "a", NULL);
    assert_ptr_equal(a, again);
    assert_ptr_not_equal(a, b);
    assert_int_equal(furnished, 2);
    assert_ptr_equal(a->data, &mark);
    assert_int_equal(a->seed, 42);
    assert_string_equal(a->name, "a");
    char **names = sessions_names(sessions);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "");
    assert_null(names[2]);
    mem_free(names[0]);
    mem_free(names[1]);
    mem_free(names);
    world_unref(a);
    world_unref(again);
    world_unref(b);
    sessions_free(sessions);
}

static void a_reset_world_lives_on_for_those_who_have_it(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_new(&settings, NULL, NULL);
    struct world *old = sessions_get(sessions, "a", NULL);
    assert_true(sessions_reset(sessions, "a"));
    assert_false(sessions_reset(sessions, "a"));
    struct world *fresh = sessions_get(sessions, "a", NULL);
    assert_ptr_not_equal(old, fresh);
    world_begin(old);
    assert_true(world_is_closed(old));
    world_unlock(old);
    world_end(old);
    world_lock(fresh);
    assert_false(world_is_closed(fresh));
    world_unlock(fresh);
    world_unref(old);
    world_unref(fresh);
    sessions_free(sessions);
}

static void a_session_that_cannot_be_furnished_is_not_kept(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_new(&settings, furnish, NULL);
    struct error err = {0};
    assert_null(sessions_get(sessions, "broken", &err));
    assert_string_equal(err.text, "cannot furnish");
    assert_int_equal(sessions_count(sessions), 0);
    sessions_free(sessions);
}

static void idle_sessions_expire_but_the_default_one_stays(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_new(&settings, NULL, NULL);
    world_unref(sessions_get(sessions, "", NULL));
    world_unref(sessions_get(sessions, "a", NULL));
    world_unref(sessions_get(sessions, "b", NULL));
    assert_int_equal(sessions_expire(sessions, 3600 * NANOS_PER_SECOND), 0);
    assert_int_equal(sessions_expire(sessions, -1), 2);
    assert_int_equal(sessions_count(sessions), 1);
    sessions_close(sessions);
    assert_null(sessions_get(sessions, "", NULL));
    sessions_free(sessions);
}

static void *use_sessions(void *data)
{
    struct sessions *sessions = data;
    for (int i = 0; i < 500; i++) {
        struct world *world = sessions_get(sessions, i % 2 ? "a" : "b", NULL);
        world_begin(world);
        world_unlock(world);
        world_end(world);
        if (i % 7 == 0)
            sessions_reset(sessions, "a");
        world_unref(world);
    }
    return NULL;
}

static void sessions_are_reset_while_others_use_them(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_new(&settings, NULL, NULL);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_sessions, sessions), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_true(sessions_count(sessions) <= 2);
    sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_their_rule),
        cmocka_unit_test(a_session_is_a_world_made_on_first_use),
        cmocka_unit_test(a_reset_world_lives_on_for_those_who_have_it),
        cmocka_unit_test(a_session_that_cannot_be_furnished_is_not_kept),
        cmocka_unit_test(idle_sessions_expire_but_the_default_one_stays),
        cmocka_unit_test(sessions_are_reset_while_others_use_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
