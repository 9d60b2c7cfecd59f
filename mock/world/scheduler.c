/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/scheduler.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "mock/world/world.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

struct scheduler {
    pthread_mutex_t lock;
    pthread_cond_t wake; /* on CLOCK_MONOTONIC */
    pthread_t thread;
    bool has_thread, is_stopping;
    struct world *worlds; /* those that announced something; not counted */
};

struct scheduler *scheduler_new(void)
{
    struct scheduler *scheduler = mem_alloc(sizeof *scheduler);
    pthread_condattr_t attributes;
    pthread_mutex_init(&scheduler->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&scheduler->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return scheduler;
}

void scheduler_free(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    pthread_mutex_lock(&scheduler->lock);
    scheduler->is_stopping = true;
    bool has_thread = scheduler->has_thread;
    pthread_cond_signal(&scheduler->wake);
    pthread_mutex_unlock(&scheduler->lock);
    if (has_thread)
        pthread_join(scheduler->thread, NULL);
    pthread_cond_destroy(&scheduler->wake);
    pthread_mutex_destroy(&scheduler->lock);
    mem_free(scheduler);
}

/* A reference to a world that may be about to go: only when somebody else still holds one. */
static bool try_ref(struct world *world)
{
    unsigned references = atomic_load(&world->references);
    while (references)
        if (atomic_compare_exchange_weak(&world->references, &references, references + 1))
            return true;
    return false;
}

static struct world *find_earliest(const struct scheduler *scheduler)
{
    struct world *earliest = NULL;
    for (struct world *world = scheduler->worlds; world; world = world->scheduled_next)
        if (!earliest || world->announced < earliest->announced)
            earliest = world;
    return earliest && earliest->announced != INT64_MAX ? earliest : NULL;
}

/* Waits for the next announcement, or until `at`. */
static void wait_until(struct scheduler *scheduler, nanos at)
{
    struct timespec until = {.tv_sec = (time_t)(at / NANOS_PER_SECOND),
                             .tv_nsec = (long)(at % NANOS_PER_SECOND)};
    pthread_cond_timedwait(&scheduler->wake, &scheduler->lock, &until);
}

/* The world's own unlock announces what comes next. */
static void fire_world(struct world *world)
{
    world_lock(world);
    world_catch_up(world);
    world_unlock(world);
    world_unref(world);
}

static void unlink_world(struct scheduler *scheduler, struct world *world)
{
    struct world **link = &scheduler->worlds;
    while (*link && *link != world)
        link = &(*link)->scheduled_next;
    if (*link)
        *link = world->scheduled_next;
    world->is_scheduled = false;
}

static void *run_scheduler(void *data)
{
    struct scheduler *scheduler = data;
    pthread_mutex_lock(&scheduler->lock);
    while (!scheduler->is_stopping) {
        struct world *world = find_earliest(scheduler);
        if (!world) {
            pthread_cond_wait(&scheduler->wake, &scheduler->lock);
        } else if (world->announced > instant_monotonic_now()) {
            wait_until(scheduler, world->announced);
        } else if (!try_ref(world)) {
            unlink_world(scheduler, world); /* it is being freed just now */
        } else {
            pthread_mutex_unlock(&scheduler->lock);
            fire_world(world);
            pthread_mutex_lock(&scheduler->lock);
        }
    }
    pthread_mutex_unlock(&scheduler->lock);
    return NULL;
}

static void start_thread(struct scheduler *scheduler)
{
    int code = pthread_create(&scheduler->thread, NULL, run_scheduler, scheduler);
    scheduler->has_thread = code == 0;
    if (code)
        log_line(LEVEL_ERROR, "the scheduler's thread does not start: %s", strerror(code));
}

void scheduler_announce(struct scheduler *scheduler, struct world *world, nanos at)
{
    pthread_mutex_lock(&scheduler->lock);
    world->announced = at;
    if (!world->is_scheduled) {
        world->is_scheduled = true;
        world->scheduled_next = scheduler->worlds;
        scheduler->worlds = world;
    }
    if (!scheduler->has_thread && !scheduler->is_stopping)
        start_thread(scheduler);
    pthread_cond_signal(&scheduler->wake);
    pthread_mutex_unlock(&scheduler->lock);
}

void scheduler_forget(struct scheduler *scheduler, struct world *world)
{
    pthread_mutex_lock(&scheduler->lock);
    if (world->is_scheduled)
        unlink_world(scheduler, world);
    pthread_mutex_unlock(&scheduler->lock);
}
