/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/world.h"

#include "core/base/mem.h"
#include "mock/world/scheduler.h"

#include <assert.h>
#include <sched.h>

static void init_settled(pthread_cond_t *settled)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(settled, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* A session of few bytes is not to be full of its own past. */
static size_t journal_limit(const struct world_settings *settings)
{
    size_t limit = settings->journal_limit ? settings->journal_limit : JOURNAL_LIMIT;
    size_t quarter = settings->budget ? settings->budget->most_a_session / 4 : 0;
    return quarter && quarter < limit ? quarter : limit;
}

struct world *world_new(const char *name, const struct world_settings *settings)
{
    struct world *world = mem_alloc(sizeof *world);
    world->name = mem_strdup(name);
    world->seed = settings->seed;
    clock_init(&world->clock, &settings->clock);
    world->store = store_new(settings->kinds, settings->kind_count, 0);
    world->queue = queue_new();
    world->draws = draws_new();
    world->budget = settings->budget;
    world->journal_limit = journal_limit(settings);
    world->journal = journal_new(world->journal_limit);
    world->pages = page_cache_new();
    parking_init(&world->parking, settings->participants);
    /* Not an adaptive one: a birth holds it for longer than spinning is worth, a look hardly ever
     * meets anybody. */
    pthread_mutex_init(&world->lock, NULL);
    init_settled(&world->settled);
    world->now = clock_now(&world->clock);
    world->announced = INT64_MAX;
    world->scheduler = settings->clock.mode == MODE_VIRTUAL ? NULL : settings->scheduler;
    atomic_init(&world->references, 1);
    atomic_init(&world->in_flight, 0);
    atomic_init(&world->watching, 0);
    if (settings->on_new)
        settings->on_new(world, settings->data);
    return world;
}

struct world *world_ref(struct world *world)
{
    atomic_fetch_add_explicit(&world->references, 1, memory_order_relaxed);
    return world;
}

static void free_world(struct world *world)
{
    if (world->scheduler)
        scheduler_forget(world->scheduler, world);
    if (world->on_free)
        world->on_free(world);
    world_discharge(world);
    queue_free(world->queue);
    store_free(world->store);
    draws_free(world->draws);
    journal_free(world->journal);
    page_cache_free(world->pages);
    parking_release(&world->parking);
    pthread_cond_destroy(&world->settled);
    pthread_mutex_destroy(&world->lock);
    mem_free(world->name);
    mem_free(world);
}

void world_unref(struct world *world)
{
    if (world && atomic_fetch_sub_explicit(&world->references, 1, memory_order_acq_rel) == 1)
        free_world(world);
}

/* The lock */

void world_lock(struct world *world)
{
    pthread_mutex_lock(&world->lock);
}

void world_unlock(struct world *world)
{
    if (world->scheduler) {
        nanos due, at = INT64_MAX;
        if (!world->is_closed && queue_next(world->queue, &due))
            at = clock_monotonic_at(&world->clock, due);
        if (at != world->announced)
            scheduler_announce(world->scheduler, world, at);
    }
    world_charge(world);
    pthread_mutex_unlock(&world->lock);
}

/* Time */

void world_set_now(struct world *world, nanos now, bool sets_clock)
{
    if (now > world->now)
        world->now = now;
    if (sets_clock || world->clock.settings.mode == MODE_VIRTUAL)
        clock_set(&world->clock, world->now);
}

bool world_fire_next(struct world *world, nanos until, bool sets_clock)
{
    nanos due;
    if (world->is_closed || !queue_next(world->queue, &due) || due > until)
        return false;
    world_set_now(world, due, sets_clock);
    queue_fire(world->queue, due);
    world->fired++;
    return true;
}

void world_breathe(struct world *world)
{
    world_unlock(world);
    sched_yield();
    world_lock(world);
}

void world_run_until(struct world *world, nanos until)
{
    unsigned breath = 0;
    while (world_fire_next(world, until, false))
        if (++breath % WORLD_BREATH == 0)
            world_breathe(world);
    if (!world->is_closed)
        world_set_now(world, until, false);
}

void world_resume(struct world *world, nanos now)
{
    clock_resume(&world->clock, now);
    world->now = now;
}

nanos world_now(const struct world *world)
{
    return world->now;
}

void world_catch_up(struct world *world)
{
    world_run_until(world, clock_now(&world->clock));
}

nanos world_ask_now(struct world *world)
{
    world_lock(world);
    world_catch_up(world);
    nanos now = world->now;
    world_unlock(world);
    return now;
}

void world_step(struct world *world)
{
    const struct clock *clock = &world->clock;
    if (clock->settings.mode == MODE_VIRTUAL && clock->settings.step > 0 && !clock->is_frozen)
        world_run_until(world, world->now + clock->settings.step);
}

/* Exchanges */

/* The world in which this thread's exchange is decided. Whoever reads an answer cannot tell whether
 * its thread has noticed yet, so those are not told among the running ones. */
static _Thread_local const struct world *answering_in;

static void begin_answering(struct world *world)
{
    answering_in = world;
    world->parking.answering++;
}

static void end_answering(struct world *world)
{
    if (answering_in != world)
        return;
    answering_in = NULL;
    world->parking.answering--;
}

void world_unlock_to_answer(struct world *world)
{
    begin_answering(world);
    world_unlock(world);
}

unsigned world_undecided(const struct world *world)
{
    return world->parking.running - world->parking.answering;
}

void world_begin(struct world *world)
{
    world_lock(world);
    world->parking.running++;
    world_catch_up(world);
}

/* What the exchange left for this very instant happens before it counts no more. */
static void stop_running(struct world *world)
{
    world_lock(world);
    world_catch_up(world);
    parking_exchange_ended(world); /* its entry is in the journal by now */
    assert(world->parking.running > 0);
    end_answering(world);
    world->parking.running--;
    parking_rested(world);
    parking_grant(world);
    world_unlock(world);
}

void world_end(struct world *world)
{
    stop_running(world);
}

bool world_leave(struct world *world)
{
    bool is_over = world->clock.settings.mode != MODE_VIRTUAL;
    if (is_over) { /* nobody is granted time, so nothing waits for its end but by world_left */
        world_catch_up(world);
        assert(world->parking.running > 0);
        world->parking.running--;
        parking_rested(world);
    } else {
        begin_answering(world);
    }
    world_unlock(world);
    return is_over;
}

void world_left(struct world *world)
{
    if (!atomic_load(&world->watching))
        return;
    world_lock(world);
    parking_exchange_ended(world);
    world_unlock(world);
}

void world_watch_exchanges(struct world *world, bool begins)
{
    if (begins)
        atomic_fetch_add(&world->watching, 1);
    else
        atomic_fetch_sub(&world->watching, 1);
}

void world_delivery_begin(struct world *world)
{
    world->parking.running++;
    world->delivering++;
}

void world_delivery_end(struct world *world)
{
    world_lock(world);
    if (!--world->delivering)
        pthread_cond_broadcast(&world->settled);
    atomic_store_explicit(&world->used, instant_monotonic_now(), memory_order_relaxed);
    world_unlock(world);
    stop_running(world);
}

/* The end */

void world_close(struct world *world)
{
    world_lock(world);
    world_close_locked(world);
    world_unlock(world);
}

void world_close_locked(struct world *world)
{
    world->is_closed = true;
    pthread_cond_broadcast(&world->settled);
    parking_wake_all(world, WAKE_CLOSED);
    if (world->scheduler)
        scheduler_forget(world->scheduler, world);
    world->scheduler = NULL;
}

bool world_is_closed(const struct world *world)
{
    return world->is_closed;
}
