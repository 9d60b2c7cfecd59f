/* SPDX-License-Identifier: Apache-2.0 */
/* Many who watch other resources cost a change nothing: each is woken only for its own. */
#include "core/base/mem.h"
#include "mock/world/world.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

enum { OBSERVERS = 1000, CHANGES = 10000, STACK = 256 * 1024 };

struct observer {
    pthread_t thread;
    struct world *world;
    uint64_t key;
    enum wake why;
};

static void *observe(void *data)
{
    struct observer *observer = data;
    struct park_terms terms = {
        .watch = observer->key, .until = HORIZON_NONE, .wait = park_wait_plain};
    world_begin(observer->world);
    observer->why = world_park(observer->world, &terms);
    world_unlock(observer->world);
    world_end(observer->world);
    return NULL;
}

static void change(struct world *world, uint64_t key)
{
    world_begin(world);
    world_notify(world, key);
    world_unlock(world);
    world_end(world);
}

static void start_all(struct observer *observers, struct world *world)
{
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    for (unsigned i = 0; i < OBSERVERS; i++) {
        observers[i] = (struct observer){.world = world, .key = 1000 + i};
        assert_int_equal(pthread_create(&observers[i].thread, &small, observe, &observers[i]), 0);
    }
    pthread_attr_destroy(&small);
    for (unsigned parked = 0; parked < OBSERVERS; sched_yield()) {
        world_lock(world);
        parked = world->parking.parked;
        world_unlock(world);
    }
}

static void observers_are_woken_only_for_what_they_watch(void **state)
{
    (void)state;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max != RLIM_INFINITY && files.rlim_max < OBSERVERS + 100) {
        print_message("skipped: no %d descriptors here\n", OBSERVERS);
        skip();
    }
    struct world *world = world_new("", &(struct world_settings){.clock = {.mode = MODE_VIRTUAL}});
    struct observer *observers = mem_alloc(OBSERVERS * sizeof *observers);
    start_all(observers, world);
    for (int i = 0; i < CHANGES; i++)
        change(world, 5);
    assert_int_equal(world->parking.wakes, 0);
    change(world, 1000 + 17);
    pthread_join(observers[17].thread, NULL);
    assert_int_equal(observers[17].why, WAKE_CHANGE);
    world_lock(world);
    assert_int_equal(world->parking.wakes, 1);
    assert_int_equal(world->parking.parked, OBSERVERS - 1);
    world_unlock(world);
    world_close(world);
    for (unsigned i = 0; i < OBSERVERS; i++)
        if (i != 17)
            pthread_join(observers[i].thread, NULL);
    mem_free(observers);
    world_unref(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observers_are_woken_only_for_what_they_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
