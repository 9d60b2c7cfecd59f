/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/advance.h"
#include "tests/unit/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#define SECOND NANOS_PER_SECOND

static struct world *make_world(unsigned participants, nanos step)
{
    return world_new("", &(struct world_settings){
                             .clock = {.mode = MODE_VIRTUAL, .epoch = CLOCK_EPOCH, .step = step},
                             .participants = participants});
}

struct happening {
    struct world *world;
    nanos at; /* when it happened, by the world's clock */
    int count;
    nanos every; /* happens again, so much later */
};

static void happen(void *data)
{
    struct happening *happening = data;
    happening->at = world_now(happening->world);
    happening->count++;
    if (happening->every)
        queue_add(happening->world->queue, happening->at + happening->every, happen, NULL, data);
}

static void happen_in(struct happening *happening, nanos after)
{
    queue_add(happening->world->queue, world_now(happening->world) + after, happen, NULL,
              happening);
}

static struct park_terms sleep_until(nanos until)
{
    return (struct park_terms){.watch = WATCH_NOTHING, .until = until, .wait = park_wait_plain};
}

static void an_advance_lets_things_happen_at_their_due_time(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct happening cron = {.world = world, .every = SECOND}, late = {.world = world};
    world_begin(world);
    happen_in(&cron, SECOND);
    happen_in(&late, 10 * SECOND);
    assert_int_equal(world_advance_to(world, CLOCK_EPOCH + 4 * SECOND + 5, NULL), 0);
    assert_int_equal(cron.count, 4);
    assert_int_equal(cron.at, CLOCK_EPOCH + 4 * SECOND);
    assert_int_equal(late.count, 0);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 4 * SECOND + 5);
    struct error err = {0};
    assert_int_equal(world_advance_to(world, CLOCK_EPOCH, &err), -1);
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_int_equal(world->fired, 4);
    world_unlock(world);
    world_end(world);
    world_unref(world);
}

static void a_step_moves_time_for_clients_that_poll(void **state)
{
    (void)state;
    struct world *world = make_world(1, 2 * SECOND);
    struct happening once = {.world = world};
    world_begin(world);
    happen_in(&once, 3 * SECOND);
    world_step(world);
    assert_int_equal(once.count, 0);
    world_step(world);
    assert_int_equal(once.at, CLOCK_EPOCH + 3 * SECOND);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 4 * SECOND);
    world_unlock(world);
    world_end(world);
    world_unref(world);
}

static void a_lone_sleeper_is_granted_its_time_at_once(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct happening cron = {.world = world, .every = 60 * SECOND};
    world_begin(world);
    happen_in(&cron, 60 * SECOND);
    struct park_terms terms = sleep_until(CLOCK_EPOCH + 20 * 60 * SECOND);
    assert_int_equal(world_park(world, &terms), WAKE_TIME);
    assert_int_equal(world_now(world), CLOCK_EPOCH + 20 * 60 * SECOND);
    assert_int_equal(cron.count, 20);
    assert_int_equal(world_park(world, &terms), WAKE_TIME); /* it has come: nothing is waited for */
    assert_int_equal(world->parking.running, 1);
    world_unlock(world);
    world_end(world);
    assert_int_equal(world->parking.running, 0);
    world_unref(world);
}

/* Exchanges in threads of their own */

struct exchange {
    pthread_t thread;
    struct world *world;
    struct park_terms terms;
    enum wake why;
    nanos woken_at;
};

static void *run_exchange(void *data)
{
    struct exchange *exchange = data;
    world_begin(exchange->world);
    exchange->why = world_park(exchange->world, &exchange->terms);
    exchange->woken_at = world_now(exchange->world);
    world_unlock(exchange->world);
    world_end(exchange->world);
    return NULL;
}

static void start(struct exchange *exchange, struct world *world, struct park_terms terms)
{
    *exchange = (struct exchange){.world = world, .terms = terms};
    assert_int_equal(pthread_create(&exchange->thread, NULL, run_exchange, exchange), 0);
}

/* Until so many are parked and nothing runs. */
static void settle(struct world *world, unsigned parked)
{
    for (bool is_settled = false; !is_settled; sched_yield()) {
        world_lock(world);
        is_settled = world->parking.parked == parked && world->parking.running == 0;
        world_unlock(world);
    }
}

static void time_waits_for_all_participants(void **state)
{
    (void)state;
    struct world *world = make_world(2, 0);
    struct exchange a, b;
    start(&a, world, sleep_until(CLOCK_EPOCH + 9 * SECOND));
    settle(world, 1);
    assert_int_equal(world_now(world), CLOCK_EPOCH);
    start(&b, world, sleep_until(CLOCK_EPOCH + 4 * SECOND));
    pthread_join(b.thread, NULL);
    assert_int_equal(b.woken_at, CLOCK_EPOCH + 4 * SECOND);
    settle(world, 1); /* b thinks: time stands */
    assert_int_equal(world_now(world), CLOCK_EPOCH + 4 * SECOND);
    world_lock(world);
    world_set_participants(world, 1); /* b has gone */
    world_unlock(world);
    pthread_join(a.thread, NULL);
    assert_int_equal(a.woken_at, CLOCK_EPOCH + 9 * SECOND);
    world_unref(world);
}

static void time_stands_while_an_exchange_or_a_delivery_runs(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct exchange a;
    world_begin(world);
    world_delivery_begin(world);
    world_unlock(world);
    start(&a, world, sleep_until(CLOCK_EPOCH + SECOND));
    for (unsigned parked = 0; parked != 1; sched_yield()) {
        world_lock(world);
        parked = world->parking.parked;
        world_unlock(world);
    }
    world_end(world);
    world_lock(world);
    assert_int_equal(world_now(world), CLOCK_EPOCH);
    assert_int_equal(world->parking.running, 1);
    world_unlock(world);
    world_delivery_end(world);
    pthread_join(a.thread, NULL);
    assert_int_equal(a.woken_at, CLOCK_EPOCH + SECOND);
    world_unref(world);
}

static nanos wait_for_a_client(void *data)
{
    (void)data;
    return HORIZON_NONE;
}

static void who_waits_for_a_client_lets_no_time_pass(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct happening expiry = {.world = world};
    world_lock(world);
    happen_in(&expiry, SECOND);
    world_unlock(world);
    struct exchange stream, sleeper;
    start(&stream, world,
          (struct park_terms){.watch = 7,
                              .until = HORIZON_NONE,
                              .horizon = wait_for_a_client,
                              .wait = park_wait_plain});
    settle(world, 1);
    assert_int_equal(expiry.count, 0);
    /* but it does not hold up one who states a horizon */
    start(&sleeper, world, sleep_until(CLOCK_EPOCH + SECOND / 2));
    pthread_join(sleeper.thread, NULL);
    settle(world, 1);
    assert_int_equal(world_now(world), CLOCK_EPOCH + SECOND / 2);
    assert_int_equal(expiry.count, 0);
    world_begin(world);
    world_notify(world, 8);
    assert_int_equal(world->parking.parked, 1);
    world_notify(world, 7);
    assert_int_equal(world->parking.parked, 0);
    assert_int_equal(world->parking.running, 2); /* chosen under the lock: it runs already */
    world_unlock(world);
    world_end(world);
    pthread_join(stream.thread, NULL);
    assert_int_equal(stream.why, WAKE_CHANGE);
    world_unref(world);
}

static nanos next_move;

static nanos ask_next_move(void *data)
{
    (void)data;
    return next_move;
}

static void time_never_passes_the_smallest_horizon(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct happening move = {.world = world}, cron = {.world = world, .every = 3 * SECOND};
    world_lock(world);
    happen_in(&move, 5 * SECOND);
    happen_in(&cron, 3 * SECOND);
    world_unlock(world);
    next_move = CLOCK_EPOCH + 5 * SECOND; /* as a stream would say: then what I watch moves */
    struct exchange stream;
    start(&stream, world,
          (struct park_terms){.watch = WATCH_WORLD,
                              .until = HORIZON_NONE,
                              .horizon = ask_next_move,
                              .wait = park_wait_plain});
    settle(world, 1); /* the cron at 6 s is beyond: time has stopped after the move */
    assert_int_equal(world_now(world), CLOCK_EPOCH + 5 * SECOND);
    assert_int_equal(move.count, 1);
    assert_int_equal(cron.count, 1);
    world_begin(world);
    world_notify(world, 1);
    world_unlock(world);
    world_end(world);
    pthread_join(stream.thread, NULL);
    world_unref(world);
}

/* ---- without a thread ---- */

static void count_chosen(void *data)
{
    ++*(int *)data;
}

static struct park_terms away(uint64_t watch, int *chosen)
{
    return (struct park_terms){.watch = watch,
                               .until = HORIZON_NONE,
                               .horizon = ask_next_move,
                               .wait_data = chosen,
                               .chosen = count_chosen};
}

static void who_parks_without_a_thread_counts_as_parked_and_is_chosen_once(void **state)
{
    (void)state;
    struct world *world = make_world(9, 0);
    int chosen = 0;
    enum wake why;
    struct park_terms terms = away(7, &chosen);
    world_begin(world);
    struct waiter *waiter = world_park_away(world, &terms);
    assert_non_null(waiter);
    assert_int_equal(world->parking.parked, 1);
    assert_int_equal(world->parking.running, 0);
    assert_false(park_return(waiter, false, &why)); /* not yet */
    world_notify(world, 8);
    assert_int_equal(chosen, 0);
    world_notify(world, 7);
    world_notify(world, 7);
    assert_int_equal(chosen, 1);
    assert_int_equal(world->parking.running, 1); /* from the moment it is chosen */
    assert_int_equal(world->parking.awake, 1);
    assert_true(park_return(waiter, false, &why));
    assert_int_equal(why, WAKE_CHANGE);
    /* its thread does something else before it goes on */
    bool was_woken = park_lay_down(world);
    assert_true(was_woken);
    parking_rested(world); /* of another exchange: nothing of this one */
    assert_int_equal(world->parking.awake, 1);
    park_take_up(world, was_woken);
    waiter = world_park_away(world, &terms);
    assert_int_equal(world->parking.awake, 0);
    assert_true(park_return(waiter, true, &why)); /* its client left */
    assert_int_equal(why, WAKE_LEFT);
    assert_int_equal(world->parking.parked, 0);
    assert_int_equal(chosen, 1);
    waiter = world_park_away(world, &terms);
    world_unlock(world);
    world_close(world);
    world_lock(world);
    assert_int_equal(chosen, 2);
    assert_true(park_return(waiter, false, &why));
    assert_int_equal(why, WAKE_CLOSED);
    assert_null(world_park_away(world, &terms)); /* there is nothing to wait for */
    world_unlock(world);
    world_end(world);
    world_unref(world);
}

static void who_parks_without_a_thread_lets_time_pass(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct happening move = {.world = world}, later = {.world = world};
    int chosen = 0;
    enum wake why;
    struct park_terms terms = away(WATCH_WORLD, &chosen);
    world_begin(world);
    happen_in(&move, 5 * SECOND);
    happen_in(&later, 6 * SECOND);
    next_move = CLOCK_EPOCH + 5 * SECOND;
    struct waiter *waiter = world_park_away(world, &terms);
    assert_int_equal(move.count, 1);
    assert_int_equal(later.count, 0); /* beyond its horizon */
    assert_int_equal(world_now(world), CLOCK_EPOCH + 5 * SECOND);
    assert_true(park_return(waiter, true, &why));
    world_unlock(world);
    world_end(world);
    world_unref(world);
}

static bool wait_for_a_client_that_left(void *data, int fd)
{
    (void)fd;
    (void)data;
    return false;
}

static void a_client_that_left_is_parked_no_more(void **state)
{
    (void)state;
    struct world *world = make_world(2, 0);
    struct park_terms terms = sleep_until(CLOCK_EPOCH + SECOND);
    terms.wait = wait_for_a_client_that_left;
    world_begin(world);
    assert_int_equal(world_park(world, &terms), WAKE_LEFT);
    assert_int_equal(world->parking.parked, 0);
    assert_int_equal(queue_count(world->queue), 0); /* its horizon has gone with it */
    world_unlock(world);
    world_end(world);
    world_unref(world);
}

static void closing_wakes_everybody(void **state)
{
    (void)state;
    struct world *world = make_world(3, 0);
    struct happening never = {.world = world};
    struct exchange a, b;
    start(&a, world, sleep_until(CLOCK_EPOCH + SECOND));
    start(&b, world,
          (struct park_terms){.watch = 7,
                              .until = HORIZON_NONE,
                              .horizon = wait_for_a_client,
                              .wait = park_wait_plain});
    settle(world, 2);
    world_close(world);
    pthread_join(a.thread, NULL);
    pthread_join(b.thread, NULL);
    assert_int_equal(a.why, WAKE_CLOSED);
    assert_int_equal(b.why, WAKE_CLOSED);
    world_begin(world);
    happen_in(&never, SECOND);
    struct park_terms terms = sleep_until(CLOCK_EPOCH + 2 * SECOND);
    assert_int_equal(world_park(world, &terms), WAKE_CLOSED);
    world_unlock(world);
    world_end(world);
    assert_int_equal(never.count, 0);
    world_unref(world);
}

/* A long advance gives the lock away, so that others are answered meanwhile. */

static void *advance_far(void *data)
{
    struct world *world = data;
    world_begin(world);
    assert_int_equal(world_advance_to(world, CLOCK_EPOCH + 3600 * SECOND, NULL), 0);
    world_unlock(world);
    world_end(world);
    return NULL;
}

static void a_long_advance_lets_others_in(void **state)
{
    (void)state;
    struct world *world = make_world(1, 0);
    struct happening often = {.world = world, .every = SECOND / 1000};
    world_lock(world);
    happen_in(&often, SECOND / 1000);
    world_unlock(world);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, advance_far, world), 0);
    uint64_t progress = 0;
    bool was_seen_half_way = false;
    while (progress < 3600000) {
        world_begin(world);
        progress = world->fired;
        was_seen_half_way |= progress > 0 && progress < 3600000;
        world_unlock(world);
        world_end(world);
        sched_yield();
    }
    pthread_join(thread, NULL);
    assert_true(was_seen_half_way);
    assert_int_equal(often.count, 3600000);
    world_unref(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_advance_lets_things_happen_at_their_due_time),
        cmocka_unit_test(a_step_moves_time_for_clients_that_poll),
        cmocka_unit_test(a_lone_sleeper_is_granted_its_time_at_once),
        cmocka_unit_test(time_waits_for_all_participants),
        cmocka_unit_test(time_stands_while_an_exchange_or_a_delivery_runs),
        cmocka_unit_test(who_waits_for_a_client_lets_no_time_pass),
        cmocka_unit_test(time_never_passes_the_smallest_horizon),
        cmocka_unit_test(who_parks_without_a_thread_counts_as_parked_and_is_chosen_once),
        cmocka_unit_test(who_parks_without_a_thread_lets_time_pass),
        cmocka_unit_test(a_client_that_left_is_parked_no_more),
        cmocka_unit_test(closing_wakes_everybody),
        cmocka_unit_test(a_long_advance_lets_others_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
