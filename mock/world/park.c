/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/park.h"

#include "core/base/mem.h"
#include "mock/world/world.h"

#include <assert.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SLOTS = 256 }; /* lists by key; a power of two */

/* On the stack of the thread that is parked, or of none; in the lists while it has not been chosen.
 */
struct waiter {
    struct world *world;
    const struct park_terms *terms;
    int fd; /* -1: parked without a thread */
    bool is_woken;
    enum wake why;
    struct event *alarm; /* its fixed horizon; NULL = none, or it has rung */
    struct waiter *next, **link;
    struct waiter *slot_next, **slot_link;
};

/* The world in which this thread's exchange was woken; NULL = it was not. A thread serves one. */
static _Thread_local struct world *woken_in;

void parking_init(struct parking *parking, unsigned participants)
{
    *parking = (struct parking){.participants = participants ? participants : 1};
}

void parking_release(struct parking *parking)
{
    assert(!parking->parked);
    mem_free(parking->slots);
}

static struct waiter **slot_of(struct parking *parking, uint64_t key)
{
    if (!parking->slots)
        parking->slots = mem_alloc(SLOTS * sizeof(struct waiter *));
    return &parking->slots[(key ^ key >> 8 ^ key >> 32) & (SLOTS - 1)];
}

static void enter_lists(struct parking *parking, struct waiter *waiter)
{
    struct waiter **all = waiter->terms->horizon ? &parking->moving : &parking->still;
    waiter->next = *all;
    waiter->link = all;
    if (*all)
        (*all)->link = &waiter->next;
    *all = waiter;
    struct waiter **slot = slot_of(parking, waiter->terms->watch);
    waiter->slot_next = *slot;
    waiter->slot_link = slot;
    if (*slot)
        (*slot)->slot_link = &waiter->slot_next;
    *slot = waiter;
    parking->parked++;
    parking->alarms += waiter->alarm != NULL;
}

static void leave_lists(struct parking *parking, struct waiter *waiter)
{
    *waiter->link = waiter->next;
    if (waiter->next)
        waiter->next->link = waiter->link;
    *waiter->slot_link = waiter->slot_next;
    if (waiter->slot_next)
        waiter->slot_next->slot_link = waiter->slot_link;
    parking->parked--;
}

/* From here on it runs, though its thread has not noticed yet. */
static void choose(struct waiter *waiter, enum wake why)
{
    struct world *world = waiter->world;
    leave_lists(&world->parking, waiter);
    if (waiter->alarm) {
        world->parking.alarms--;
        queue_cancel(world->queue, waiter->alarm);
        waiter->alarm = NULL;
    }
    world->parking.running++;
    waiter->is_woken = true;
    waiter->why = why;
    if (why == WAKE_LEFT)
        return; /* its own thread says so */
    world->parking.wakes++;
    world->parking.awake++;
    if (waiter->fd < 0)
        waiter->terms->chosen(waiter->terms->wait_data);
    else
        eventfd_write(waiter->fd, 1);
}

static void ring(void *data)
{
    struct waiter *waiter = data;
    waiter->alarm = NULL;
    waiter->world->parking.alarms--;
    choose(waiter, WAKE_TIME);
}

bool park_wait_plain(void *data, int fd)
{
    (void)data;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    poll(&poll_fd, 1, -1);
    return true;
}

void parking_rested(struct world *world)
{
    if (woken_in != world)
        return;
    woken_in = NULL;
    if (!--world->parking.awake)
        pthread_cond_broadcast(&world->settled);
}

/* Waits without the lock until it has been chosen, or its wait function gives up. */
static enum wake sleep_until_chosen(struct world *world, struct waiter *waiter)
{
    const struct park_terms *terms = waiter->terms;
    while (!waiter->is_woken) {
        world_unlock(world);
        bool is_patient = terms->wait(terms->wait_data, waiter->fd);
        world_lock(world);
        if (is_patient)
            continue;
        if (!waiter->is_woken)
            choose(waiter, WAKE_LEFT);
        return WAKE_LEFT;
    }
    return waiter->why;
}

enum wake world_park(struct world *world, const struct park_terms *terms)
{
    assert(world->parking.running > 0);
    if (world->is_closed)
        return WAKE_CLOSED;
    if (terms->until <= world->now)
        return WAKE_TIME;
    struct waiter waiter = {.world = world, .terms = terms};
    waiter.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (waiter.fd < 0)
        return WAKE_LEFT;
    if (terms->until != HORIZON_NONE) {
        waiter.alarm = queue_add(world->queue, terms->until, ring, NULL, &waiter);
        queue_sort(world->queue, waiter.alarm, EVENT_ALARM);
    }
    enter_lists(&world->parking, &waiter);
    world->parking.running--;
    parking_rested(world);
    parking_grant(world);
    enum wake why = sleep_until_chosen(world, &waiter);
    if (waiter.why != WAKE_LEFT)
        woken_in = world;
    close(waiter.fd);
    world_catch_up(world);
    return why;
}

struct waiter *world_park_away(struct world *world, const struct park_terms *terms)
{
    assert(world->parking.running > 0 && terms->until == HORIZON_NONE);
    if (world->is_closed)
        return NULL;
    struct waiter *waiter = mem_alloc(sizeof *waiter);
    *waiter = (struct waiter){.world = world, .terms = terms, .fd = -1};
    enter_lists(&world->parking, waiter);
    world->parking.running--;
    parking_rested(world);
    parking_grant(world);
    return waiter;
}

bool park_return(struct waiter *waiter, bool has_left, enum wake *why)
{
    struct world *world = waiter->world;
    if (!waiter->is_woken && !has_left)
        return false;
    bool is_woken = waiter->is_woken;
    if (!is_woken)
        choose(waiter, WAKE_LEFT);
    *why = has_left ? WAKE_LEFT : waiter->why;
    if (is_woken)
        woken_in = world;
    mem_free(waiter);
    world_catch_up(world);
    return true;
}

bool park_lay_down(struct world *world)
{
    bool was_woken = woken_in == world;
    if (was_woken)
        woken_in = NULL;
    return was_woken;
}

void park_take_up(struct world *world, bool was_woken)
{
    if (was_woken)
        woken_in = world;
}

static void wake_slot(struct world *world, uint64_t key)
{
    struct waiter *next;
    for (struct waiter *waiter = *slot_of(&world->parking, key); waiter; waiter = next) {
        next = waiter->slot_next;
        if (waiter->terms->watch == key)
            choose(waiter, WAKE_CHANGE);
    }
}

void world_notify(struct world *world, uint64_t key)
{
    if (!world->parking.parked)
        return;
    if (key != WATCH_NOTHING && key != WATCH_WORLD)
        wake_slot(world, key);
    wake_slot(world, WATCH_WORLD);
}

void parking_exchange_ended(struct world *world)
{
    if (world->parking.parked)
        wake_slot(world, WATCH_EXCHANGES);
}

void parking_wake_all(struct world *world, enum wake why)
{
    while (world->parking.moving)
        choose(world->parking.moving, why);
    while (world->parking.still)
        choose(world->parking.still, why);
}

void world_set_participants(struct world *world, unsigned participants)
{
    world->parking.participants = participants ? participants : 1;
    parking_grant(world);
}

/*
 * The smallest stated horizon. A fixed one is an event of the queue itself, so the earliest event,
 * at `due`, is never beyond it: only the moving ones must be asked.
 */
static nanos find_horizon(const struct parking *parking, nanos due)
{
    nanos smallest = parking->alarms ? due : HORIZON_NONE;
    for (const struct waiter *waiter = parking->moving; waiter; waiter = waiter->next) {
        nanos horizon = waiter->terms->horizon(waiter->terms->horizon_data);
        if (horizon < smallest)
            smallest = horizon;
    }
    return smallest;
}

void parking_grant(struct world *world)
{
    struct parking *parking = &world->parking;
    nanos due;
    while (world->clock.settings.mode == MODE_VIRTUAL && !world->clock.is_frozen &&
           !world->is_closed && !parking->running && parking->parked &&
           parking->parked >= parking->participants && queue_next(world->queue, &due)) {
        nanos horizon = find_horizon(parking, due);
        if (horizon == HORIZON_NONE || due > horizon)
            return;
        parking->grants++;
        world_run_until(world, due);
    }
}
