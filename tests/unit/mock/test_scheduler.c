/* SPDX-License-Identifier: Apache-2.0 */
/* Needs some real milliseconds: that is what real clocks are about. */
#include "mock/world/scheduler.h"

#include "mock/world/world.h"
#include "tests/unit/cmocka_all.h"

#include <stdatomic.h>

struct happening {
    struct world *world;
    nanos due, at;
    _Atomic int count;
};

static void happen(void *data)
{
    struct happening *happening = data;
    happening->at = world_now(happening->world);
    happening->count++;
    world_notify(happening->world, 3);
}

static struct world *make_world(struct scheduler *scheduler, enum clock_mode mode, int64_t scale)
{
    return world_new("", &(struct world_settings){.clock = {.mode = mode, .scale = scale},
                                                  .scheduler = scheduler});
}

static void what_is_due_happens_without_a_request(void **state)
{
    (void)state;
    struct scheduler *scheduler = scheduler_new();
    struct world *world = make_world(scheduler, MODE_REAL, 1);
    struct happening soon = {.world = world};
    world_begin(world);
    soon.due = world_now(world) + 20 * NANOS_PER_MS;
    queue_add(world->queue, world_now(world) + 3600 * NANOS_PER_SECOND, happen, NULL, &soon);
    queue_add(world->queue, soon.due, happen, NULL, &soon);
    struct park_terms terms = {.watch = 3, .until = HORIZON_NONE, .wait = park_wait_plain};
    assert_int_equal(world_park(world, &terms), WAKE_CHANGE);
    assert_int_equal(soon.count, 1);
    assert_int_equal(soon.at, soon.due);
    assert_true(world_now(world) >= soon.due);
    world_unlock(world);
    world_end(world);
    world_close(world);
    world_unref(world);
    scheduler_free(scheduler);
}

static void a_scaled_world_sleeps_less(void **state)
{
    (void)state;
    struct scheduler *scheduler = scheduler_new();
    struct world *worlds[2] = {make_world(scheduler, MODE_SCALED, 1000),
                               make_world(scheduler, MODE_SCALED, 2000)};
    nanos began = instant_monotonic_now();
    for (int i = 0; i < 2; i++) {
        world_begin(worlds[i]);
        struct park_terms terms = {.until = world_now(worlds[i]) + 20 * NANOS_PER_SECOND,
                                   .wait = park_wait_plain};
        assert_int_equal(world_park(worlds[i], &terms), WAKE_TIME);
        assert_true(world_now(worlds[i]) >= terms.until);
        world_unlock(worlds[i]);
        world_end(worlds[i]);
    }
    nanos took = instant_monotonic_now() - began;
    assert_true(took >= 30 * NANOS_PER_MS && took < 5 * NANOS_PER_SECOND);
    for (int i = 0; i < 2; i++)
        world_unref(worlds[i]); /* without being closed first */
    scheduler_free(scheduler);
}

static void a_closed_world_is_left_alone(void **state)
{
    (void)state;
    struct scheduler *scheduler = scheduler_new();
    struct world *closed = make_world(scheduler, MODE_REAL, 1);
    struct world *other = make_world(scheduler, MODE_REAL, 1);
    struct happening never = {.world = closed};
    world_begin(closed);
    queue_add(closed->queue, world_now(closed) + 5 * NANOS_PER_MS, happen, NULL, &never);
    world_unlock(closed);
    world_close(closed);
    int before = never.count; /* on a busy machine it may have been due before the end */
    world_end(closed);
    world_begin(other);
    struct park_terms terms = {.until = world_now(other) + 15 * NANOS_PER_MS,
                               .wait = park_wait_plain};
    assert_int_equal(world_park(other, &terms), WAKE_TIME);
    world_unlock(other);
    world_end(other);
    assert_int_equal(never.count, before);
    world_unref(closed);
    world_unref(other);
    scheduler_free(scheduler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_happens_without_a_request),
        cmocka_unit_test(a_scaled_world_sleeps_less),
        cmocka_unit_test(a_closed_world_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
