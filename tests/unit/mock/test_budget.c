/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/budget.h"

#include "mock/world/session.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#undef fail /* cmocka's; ours is meant */

static struct budget budget;
static struct world_settings settings = {.clock = {.mode = MODE_VIRTUAL, .epoch = CLOCK_EPOCH},
                                         .budget = &budget};

static int reset_budget(void **state)
{
    (void)state;
    budget = (struct budget){0};
    return 0;
}

static void hold(struct world *world, size_t bytes)
{
    world_lock(world);
    world_hold(world, bytes);
    world_unlock(world);
}

static void what_worlds_hold_is_added_up_and_taken_away(void **state)
{
    (void)state;
    struct world *a = world_new("a", &settings), *b = world_new("b", &settings);
    hold(a, 100000);
    hold(b, 50000);
    size_t used = budget.used;
    assert_true(used >= 150000 + 2 * BUDGET_WORLD && used < 200000 + 2 * BUDGET_WORLD);
    hold(a, BUDGET_GRAIN / 2); /* too little to be told */
    assert_int_equal(budget.used, used);
    world_lock(a);
    world_let_go(a, 100000);
    world_unlock(a);
    assert_true(budget.used < used - 90000);
    world_unref(a);
    world_unref(b);
    assert_int_equal(budget.used, 0);
}

static void the_limit_that_is_reached_is_named(void **state)
{
    (void)state;
    struct error err = {0};
    budget.most = 400000;
    budget.most_a_session = 200000;
    struct world *a = world_new("a", &settings), *b = world_new("b", &settings);
    hold(a, 100000);
    world_lock(a);
    assert_int_equal(world_check_room(a, 4096, &err), 0);
    assert_int_equal(world_check_room(a, 150000, &err), -1);
    assert_int_equal(err.kind, ERROR_TOO_LARGE);
    assert_non_null(strstr(err.text, "--session-bytes"));
    world_unlock(a);
    assert_int_equal(budget_admit(&budget, &err), 0);
    hold(b, 180000);
    hold(a, 95000);
    world_lock(b);
    assert_int_equal(world_check_room(b, 4096, &err), -1);
    assert_non_null(strstr(err.text, "--memory"));
    world_unlock(b);
    assert_int_equal(budget_admit(&budget, &err), -1);
    assert_non_null(strstr(err.text, "--memory"));
    assert_int_equal(budget.refused, 3);
    world_unref(a);
    assert_int_equal(budget_admit(&budget, &err), 0);
    world_unref(b);
}

static void add_entries(struct world *world, int count)
{
    struct text *body = text_copy("{\"a\": \"body of some bytes that is kept in the journal\"}");
    const struct journal_record record = {
        .method = "GET", .target = "/runs", .response_body = body};
    for (int i = 0; i < count; i++) {
        journal_add(world->journal, &record);
        world_lock(world);
        world_unlock(world);
    }
    text_unref(body);
}

static void a_journal_gives_way_before_a_session_is_full_of_it(void **state)
{
    (void)state;
    budget.most_a_session = 1024 * 1024;
    struct world *world = world_new("a", &settings);
    add_entries(world, 20000);
    assert_true(journal_bytes(world->journal) <= 256 * 1024);
    hold(world, 1024 * 1024); /* now there is no room at all: it grows no more */
    size_t memory = journal_memory(world->journal);
    add_entries(world, 5000);
    assert_true(journal_bytes(world->journal) <= memory);
    assert_true(journal_count(world->journal) > 0);
    assert_true(journal_dropped(world->journal) > 0);
    world_unref(world);
}

static void *use(void *data)
{
    struct sessions *sessions = data;
    for (int i = 0; i < 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i % 5);
        struct world *world = sessions_enter(sessions, name, 0, NULL);
        if (!world)
            continue;
        hold(world, 20000);
        add_entries(world, 3);
        sessions_leave(world);
        if (i % 11 == 0)
            sessions_delete(sessions, name);
    }
    return NULL;
}

static void nothing_is_lost_when_many_threads_count(void **state)
{
    (void)state;
    budget.most = 2 * 1024 * 1024;
    struct sessions *sessions = sessions_new(&settings, NULL, NULL, NULL);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, sessions), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    sessions_free(sessions);
    assert_int_equal(budget.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_worlds_hold_is_added_up_and_taken_away, reset_budget),
        cmocka_unit_test_setup(the_limit_that_is_reached_is_named, reset_budget),
        cmocka_unit_test_setup(a_journal_gives_way_before_a_session_is_full_of_it, reset_budget),
        cmocka_unit_test_setup(nothing_is_lost_when_many_threads_count, reset_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
