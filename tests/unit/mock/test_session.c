/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/session.h"

#include "core/base/mem.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#undef fail /* cmocka's; ours is meant */

static const struct world_settings settings = {
    .clock = {.mode = MODE_VIRTUAL, .epoch = CLOCK_EPOCH}, .seed = 42};
static int furnished;

static int furnish(struct world *world, const struct session_terms *terms, void *data,
                   struct error *err)
{
    (void)terms;
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
    struct sessions *sessions = sessions_new(&settings, NULL, NULL, NULL);
    struct error err = {0};
    assert_null(sessions_enter(sessions, "a/b", 0, &err));
    assert_int_equal(err.kind, ERROR_INVALID);
    sessions_free(sessions);
}

static void a_session_is_a_world_made_on_first_use(void **state)
{
    (void)state;
    int mark;
    furnished = 0;
    struct sessions *sessions = sessions_new(&settings, NULL, furnish, &mark);
    assert_null(sessions_find(sessions, "a"));
    struct world *a = sessions_enter(sessions, "a", 0, NULL),
                 *b = sessions_enter(sessions, "", 0, NULL);
    struct world *again = sessions_enter(sessions, "a", 0, NULL);
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
    struct sessions *sessions = sessions_new(&settings, NULL, NULL, NULL);
    struct world *old = sessions_enter(sessions, "a", 0, NULL);
    assert_true(sessions_reset(sessions, "a"));
    assert_false(sessions_reset(sessions, "a"));
    struct world *fresh = sessions_enter(sessions, "a", 0, NULL);
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
    struct sessions *sessions = sessions_new(&settings, NULL, furnish, NULL);
    struct error err = {0};
    assert_null(sessions_enter(sessions, "broken", 0, &err));
    assert_string_equal(err.text, "cannot furnish");
    assert_int_equal(sessions_count(sessions), 0);
    sessions_free(sessions);
}

static struct sessions *with_idle(nanos idle)
{
    const struct session_rules rules = {.idle = idle};
    return sessions_new(&settings, &rules, NULL, NULL);
}

static void idle_sessions_expire_but_the_default_one_stays(void **state)
{
    (void)state;
    struct sessions *sessions = with_idle(3600 * NANOS_PER_SECOND);
    sessions_leave(sessions_enter(sessions, "", 0, NULL));
    sessions_leave(sessions_enter(sessions, "a", 0, NULL));
    assert_int_equal(sessions_expire(sessions), 0);
    assert_true(sessions_next_expiry(sessions) < INT64_MAX);
    struct session_terms *terms = session_terms_new();
    terms->expires_after = 1;
    assert_int_equal(sessions_declare(sessions, "b", terms, NULL), 1);
    while (sessions_count(sessions) > 2) /* by the sessions' own thread */
        sched_yield();
    assert_int_equal(sessions_expired(sessions), 1);
    sessions_close(sessions);
    assert_null(sessions_enter(sessions, "", 0, NULL));
    sessions_free(sessions);
}

static void a_session_in_use_does_not_expire(void **state)
{
    (void)state;
    struct sessions *sessions = with_idle(1);
    struct world *world = sessions_enter(sessions, "a", 0, NULL);
    sessions_expire(sessions);
    sessions_expire(sessions);
    struct session_look look;
    assert_true(sessions_look(sessions, "a", &look));
    assert_ptr_equal(look.world, world);
    session_look_release(&look);
    sessions_leave(world);
    while (sessions_count(sessions))
        sched_yield();
    sessions_free(sessions);
}

static void a_webhook_between_two_tries_keeps_its_session(void **state)
{
    static const struct {
        enum clock_mode mode;
        bool expires;
    } cases[] = {{MODE_REAL, false}, {MODE_VIRTUAL, true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct session_rules rules = {.idle = 1};
        const struct world_settings clock = {.clock = {.mode = cases[i].mode, .scale = 1}};
        struct sessions *sessions = sessions_new(&clock, &rules, NULL, NULL);
        struct world *world = sessions_enter(sessions, "a", 0, NULL);
        atomic_store(&world->calls, 1);
        sessions_leave(world);
        while (cases[i].expires && sessions_count(sessions))
            sched_yield();
        sessions_expire(sessions);
        assert_int_equal(sessions_count(sessions), cases[i].expires ? 0 : 1);
        sessions_free(sessions);
    }
}

static void no_more_sessions_than_allowed(void **state)
{
    (void)state;
    const struct session_rules rules = {.most = 2};
    struct sessions *sessions = sessions_new(&settings, &rules, NULL, NULL);
    struct error err = {0};
    sessions_leave(sessions_enter(sessions, "", 0, NULL));
    sessions_leave(sessions_enter(sessions, "a", 0, NULL));
    assert_null(sessions_enter(sessions, "b", 0, &err));
    assert_int_equal(err.kind, ERROR_TOO_LARGE);
    assert_non_null(strstr(err.text, "--sessions-limit"));
    assert_int_equal(sessions_declare(sessions, "c", session_terms_new(), &err), -1);
    assert_int_equal(sessions_refused(sessions), 2);
    assert_true(sessions_delete(sessions, "a"));
    sessions_leave(sessions_enter(sessions, "b", 0, NULL));
    assert_int_equal(sessions_count(sessions), 2);
    sessions_free(sessions);
}

static void only_declared_sessions_are_there_when_that_is_the_rule(void **state)
{
    (void)state;
    const struct session_rules rules = {.declared_only = true};
    struct sessions *sessions = sessions_new(&settings, &rules, NULL, NULL);
    struct error err = {0};
    struct session_terms *terms = session_terms_new();
    terms->has_seed = true;
    terms->seed = 7;
    terms->participants = 3;
    assert_int_equal(sessions_declare(sessions, "alpha", terms, NULL), 1);
    assert_null(sessions_enter(sessions, "alhpa", 0, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "did you mean 'alpha'?"));
    for (int i = 0; i < 2; i++) { /* a reset keeps what was declared */
        struct world *world = sessions_enter(sessions, "alpha", 5, NULL);
        assert_int_equal(world->seed, 7);
        assert_int_equal(world->parking.participants, 3);
        sessions_leave(world);
        assert_true(sessions_reset(sessions, "alpha"));
    }
    assert_true(sessions_delete(sessions, "alpha"));
    assert_null(sessions_enter(sessions, "alpha", 0, NULL));
    sessions_leave(sessions_enter(sessions, "", 0, NULL));
    sessions_free(sessions);
}

static void whoever_makes_a_session_says_its_participants(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_new(&settings, NULL, NULL, NULL);
    struct world *made = sessions_enter(sessions, "a", 4, NULL);
    struct world *again = sessions_enter(sessions, "a", 9, NULL);
    assert_ptr_equal(made, again);
    assert_int_equal(made->parking.participants, 4);
    sessions_leave(made);
    sessions_leave(again);
    sessions_free(sessions);
}

static void *use_sessions(void *data)
{
    struct sessions *sessions = data;
    for (int i = 0; i < 500; i++) {
        struct world *world = sessions_enter(sessions, i % 2 ? "a" : "b", 0, NULL);
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
    struct sessions *sessions = sessions_new(&settings, NULL, NULL, NULL);
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
        cmocka_unit_test(a_session_in_use_does_not_expire),
        cmocka_unit_test(a_webhook_between_two_tries_keeps_its_session),
        cmocka_unit_test(no_more_sessions_than_allowed),
        cmocka_unit_test(only_declared_sessions_are_there_when_that_is_the_rule),
        cmocka_unit_test(whoever_makes_a_session_says_its_participants),
        cmocka_unit_test(sessions_are_reset_while_others_use_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
