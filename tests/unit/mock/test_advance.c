/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/advance.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <sched.h>

#define SECOND NANOS_PER_SECOND
#define HOUR   (3600 * SECOND)

static struct world *make_world(enum clock_mode mode)
{
    return world_new("", &(struct world_settings){.clock = {.mode = mode, .epoch = CLOCK_EPOCH}});
}

struct happening {
    struct world *world;
    nanos at; /* when it happened last */
    int count;
    nanos every; /* happens again, so much later; 0 = once */
    enum event_sort sort;
    uint64_t key; /* notified when it happens; 0 = nobody */
};

static void happen(void *data);

static void happen_at(struct happening *happening, nanos due)
{
    struct queue *queue = happening->world->queue;
    queue_sort(queue, queue_add(queue, due, happen, NULL, happening), happening->sort);
}

static void happen(void *data)
{
    struct happening *happening = data;
    happening->at = world_now(happening->world);
    happening->count++;
    if (happening->every)
        happen_at(happening, happening->at + happening->every);
    if (happening->key)
        world_notify(happening->world, happening->key);
}

static void leave(struct world *world)
{
    world_unlock(world);
    world_end(world);
    world_unref(world);
}

static void every_clock_is_advanced_and_things_happen_at_their_due_time(void **state)
{
    (void)state;
    static const enum clock_mode modes[] = {MODE_REAL, MODE_SCALED, MODE_VIRTUAL};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct world *world =
            world_new("", &(struct world_settings){
                              .clock = {.mode = modes[i], .scale = 1, .epoch = CLOCK_EPOCH}});
        world_begin(world);
        nanos now = world_now(world);
        struct happening soon = {.world = world}, late = {.world = world};
        happen_at(&soon, now + HOUR);
        happen_at(&late, now + 3 * HOUR);
        assert_int_equal(world_advance_to(world, now + 2 * HOUR, NULL), 0);
        assert_int_equal(soon.at, now + HOUR);
        assert_int_equal(late.count, 0);
        assert_int_equal(world_now(world), now + 2 * HOUR);
        world_catch_up(world); /* goes on from there */
        assert_true(world_now(world) >= now + 2 * HOUR && world_now(world) < now + 3 * HOUR);
        struct error err = {0};
        assert_int_equal(world_advance_to(world, now, &err), -1);
        assert_int_equal(err.kind, ERROR_INVALID);
        leave(world);
    }
}

static void until_idle_ends_after_what_is_arranged_and_says_why(void **state)
{
    (void)state;
    struct world *world = make_world(MODE_VIRTUAL);
    struct happening once = {.world = world},
                     cron = {.world = world, .every = HOUR, .sort = EVENT_RECURRING},
                     end_of_a_wait = {.world = world, .sort = EVENT_ALARM};
    struct advance_terms terms = {.until = CLOCK_EPOCH + 100 * HOUR, .until_idle = true};
    world_begin(world);
    assert_int_equal(world_advance(world, &terms), ADVANCE_IDLE);
    happen_at(&once, CLOCK_EPOCH + 5 * SECOND);
    happen_at(&end_of_a_wait, CLOCK_EPOCH + 6 * SECOND);
    assert_int_equal(world_advance(world, &terms), ADVANCE_IDLE);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 5 * SECOND);
    happen_at(&cron, CLOCK_EPOCH + HOUR);
    happen_at(&once, CLOCK_EPOCH + 2 * HOUR + 5);
    assert_int_equal(world_advance(world, &terms), ADVANCE_RECURRING);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 2 * HOUR + 5);
    assert_int_equal(cron.count, 2); /* those due on the way */
    once.every = SECOND;             /* one that repeats for ever, but is no schedule */
    happen_at(&once, CLOCK_EPOCH + 3 * HOUR);
    terms.limit = 10;
    assert_int_equal(world_advance(world, &terms), ADVANCE_LIMIT);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 3 * HOUR + 8 * SECOND); /* and one of cron */
    terms.limit = 0;
    terms.until = CLOCK_EPOCH + 4 * HOUR + 1;
    assert_int_equal(world_advance(world, &terms), ADVANCE_HORIZON);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 4 * HOUR + 1);
    leave(world);
}

struct watcher {
    uint64_t most;
    unsigned told;
};

static bool stop_at_most(void *data, const struct advance_state *state)
{
    struct watcher *watcher = data;
    watcher->told++;
    return state->fired < watcher->most;
}

static void whoever_watches_can_stop_it(void **state)
{
    (void)state;
    struct world *world = make_world(MODE_VIRTUAL);
    struct happening often = {.world = world, .every = 1};
    struct watcher watcher = {.most = 1};
    world_begin(world);
    happen_at(&often, CLOCK_EPOCH + 1);
    struct advance_terms terms = {
        .until = CLOCK_EPOCH + 1000 * HOUR, .tell = stop_at_most, .data = &watcher};
    assert_int_equal(world_advance(world, &terms), ADVANCE_STOPPED);
    assert_int_equal(watcher.told, 1);
    assert_int_equal(world_now(world), often.at); /* where it was then */
    leave(world);
}

/* ---- those who are woken on the way ---- */

enum { KEY = 77, MOVES = 200 };

struct looker {
    struct world *world;
    struct happening *moves;
    int seen[MOVES], count;
};

/* Looks at each move, as a stream does, and takes its time over it. */
static void *look_on(void *data)
{
    struct looker *looker = data;
    struct world *world = looker->world;
    struct park_terms terms = {.watch = KEY, .until = HORIZON_NONE, .wait = park_wait_plain};
    world_begin(world);
    while (looker->count < MOVES && world_park(world, &terms) == WAKE_CHANGE) {
        looker->seen[looker->count++] = looker->moves->count;
        world_unlock(world);
        sched_yield();
        world_lock(world);
    }
    world_unlock(world);
    world_end(world);
    return NULL;
}

static void who_is_woken_looks_before_anything_later_happens(void **state)
{
    (void)state;
    struct world *world = make_world(MODE_VIRTUAL);
    struct happening moves = {.world = world, .every = SECOND, .key = KEY};
    struct looker looker = {.world = world, .moves = &moves};
    pthread_t thread;
    pthread_create(&thread, NULL, look_on, &looker);
    world_begin(world);
    while (!world->parking.parked)
        world_breathe(world);
    happen_at(&moves, CLOCK_EPOCH + SECOND);
    assert_int_equal(world_advance_to(world, CLOCK_EPOCH + MOVES * SECOND, NULL), 0);
    assert_int_equal(looker.count, MOVES);
    for (int i = 0; i < MOVES; i++)
        assert_int_equal(looker.seen[i], i + 1);
    world_unlock(world);
    world_end(world);
    pthread_join(thread, NULL);
    assert_int_equal(world->parking.awake, 0);
    world_unref(world);
}

static void a_frozen_clock_grants_no_time_but_is_advanced(void **state)
{
    (void)state;
    struct world *world = make_world(MODE_VIRTUAL);
    struct happening moves = {.world = world, .every = SECOND, .key = KEY};
    struct looker looker = {.world = world, .moves = &moves, .count = MOVES - 1};
    pthread_t thread;
    world_begin(world);
    clock_freeze(&world->clock);
    happen_at(&moves, CLOCK_EPOCH + SECOND);
    world_unlock(world);
    world_end(world);
    pthread_create(&thread, NULL, look_on, &looker);
    world_lock(world);
    while (!world->parking.parked)
        world_breathe(world);
    world->parking.running++; /* as in an exchange */
    world_step(world);
    assert_int_equal(world_now(world), CLOCK_EPOCH);
    assert_int_equal(world_advance_to(world, CLOCK_EPOCH + SECOND, NULL), 0);
    assert_int_equal(looker.seen[MOVES - 1], 1);
    world_unlock(world);
    world_end(world);
    pthread_join(thread, NULL);
    world_unref(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_clock_is_advanced_and_things_happen_at_their_due_time),
        cmocka_unit_test(until_idle_ends_after_what_is_arranged_and_says_why),
        cmocka_unit_test(whoever_watches_can_stop_it),
        cmocka_unit_test(who_is_woken_looks_before_anything_later_happens),
        cmocka_unit_test(a_frozen_clock_grants_no_time_but_is_advanced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
