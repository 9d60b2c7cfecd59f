/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The race of two clients. One streams a run; the other sleeps 450 ms of virtual time, thinks for a
 * while of real time, and cancels. Whatever the threads do, there is one transcript.
 */
#include "core/base/draw.h"
#include "mock/world/world.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MS NANOS_PER_MS

enum { REPETITIONS = 400, RUN_KEY = 1 };
enum { QUEUED, PENDING, CLAIMED, WORKING, DONE, CANCELLED };
static const char *const names[] = {"QUEUED", "PENDING", "CLAIMED", "WORKING", "DONE", "CANCELLED"};
static const nanos delays[] = {200 * MS, 100 * MS, 300 * MS, 2000 * MS};

struct run {
    struct world *world;
    int state;
    struct event *next_move;
    struct {
        nanos at;
        int state;
    } log[8];
    int logged;
    unsigned seed;
    char stream[400], cancel[80];
};

static void move_run(struct run *run, int to);

static void make_next_move(void *data)
{
    struct run *run = data;
    run->next_move = NULL;
    move_run(run, run->state + 1);
}

static void move_run(struct run *run, int to)
{
    run->state = to;
    run->log[run->logged].at = world_now(run->world) - CLOCK_EPOCH;
    run->log[run->logged++].state = to;
    if (to < DONE)
        run->next_move = queue_add(run->world->queue, world_now(run->world) + delays[to],
                                   make_next_move, NULL, run);
    world_notify(run->world, RUN_KEY);
}

static nanos ask_next_move(void *data)
{
    const struct run *run = data;
    return run->next_move ? queue_event_due(run->next_move) : HORIZON_NONE;
}

static void think(struct draw *draw)
{
    struct timespec pause = {0, (long)draw_below(draw, 400000)};
    nanosleep(&pause, NULL);
}

static void *stream_run(void *data)
{
    struct run *run = data;
    struct draw draw = draw_from(run->seed * 2);
    think(&draw);
    struct park_terms terms = {.watch = RUN_KEY,
                               .until = HORIZON_NONE,
                               .horizon = ask_next_move,
                               .horizon_data = run,
                               .wait = park_wait_plain};
    int sent = 0;
    size_t len = 0;
    world_begin(run->world);
    for (;;) {
        while (sent < run->logged) {
            len +=
                (size_t)snprintf(run->stream + len, sizeof run->stream - len, "%lld %s | ",
                                 (long long)(run->log[sent].at / MS), names[run->log[sent].state]);
            sent++;
            world_unlock(run->world); /* it would be written here */
            world_lock(run->world);
        }
        if (run->state >= DONE)
            break;
        world_park(run->world, &terms);
    }
    world_unlock(run->world);
    world_end(run->world);
    return NULL;
}

static void *sleep_and_cancel(void *data)
{
    struct run *run = data;
    struct draw draw = draw_from(run->seed * 2 + 1);
    think(&draw);
    world_begin(run->world);
    struct park_terms terms = {.until = world_now(run->world) + 450 * MS, .wait = park_wait_plain};
    world_park(run->world, &terms);
    world_unlock(run->world);
    world_end(run->world);
    think(&draw);
    world_begin(run->world);
    bool is_open = run->state < DONE && run->state != PENDING;
    if (is_open) {
        queue_cancel(run->world->queue, run->next_move);
        run->next_move = NULL;
        move_run(run, CANCELLED);
    }
    snprintf(run->cancel, sizeof run->cancel, "%s at %lld in %s", is_open ? "cancelled" : "refused",
             (long long)((world_now(run->world) - CLOCK_EPOCH) / MS), names[run->state]);
    world_unlock(run->world);
    world_end(run->world);
    world_lock(run->world);
    world_set_participants(run->world, 1);
    world_unlock(run->world);
    return NULL;
}

static void two_clients_have_one_transcript_400_times(void **state)
{
    (void)state;
    for (unsigned i = 0; i < REPETITIONS; i++) {
        struct world *world = world_new(
            "", &(struct world_settings){.clock = {.mode = MODE_VIRTUAL, .epoch = CLOCK_EPOCH},
                                         .participants = 2});
        struct run run = {.world = world, .seed = i};
        world_begin(world);
        move_run(&run, QUEUED);
        world_unlock(world);
        world_end(world);
        pthread_t a, b;
        assert_int_equal(pthread_create(&a, NULL, stream_run, &run), 0);
        assert_int_equal(pthread_create(&b, NULL, sleep_and_cancel, &run), 0);
        pthread_join(a, NULL);
        pthread_join(b, NULL);
        assert_string_equal(run.stream, "0 QUEUED | 200 PENDING | 300 CLAIMED | 450 CANCELLED | ");
        assert_string_equal(run.cancel, "cancelled at 450 in CANCELLED");
        world_unref(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_clients_have_one_transcript_400_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
