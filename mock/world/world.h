/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One session: resources, events to come, a clock, a journal, counts of requests. One lock guards
 * all but the journal (which has its own). State is read and changed under the lock; printing,
 * parsing, validating, socket writes and deliveries never happen there.
 *
 * An exchange's life:
 *     world_begin      it counts as running; what is due has happened; the lock is held
 *     ... read and change; world_park when it can only wait ...
 *     world_step       for a service's request, before its answer can be seen
 *     world_unlock     render and write
 *     world_end        it counts no more; now time may be granted (mock/world/park.h)
 */
#pragma once

#include "core/base/error.h"
#include "mock/world/budget.h"
#include "mock/world/clock.h"
#include "mock/world/draws.h"
#include "mock/world/journal.h"
#include "mock/world/page_cache.h"
#include "mock/world/park.h"
#include "mock/world/queue.h"
#include "mock/world/store.h"

#include <pthread.h>
#include <stdatomic.h>

struct scheduler;

struct world_settings {
    struct clock_settings clock;
    uint64_t seed;
    unsigned participants;                           /* 0 = 1 */
    struct budget *budget;                           /* NULL = none; outlives the world */
    void (*on_new)(struct world *world, void *data); /* called last; may be NULL */
    void *data;
    size_t journal_limit; /* bytes, 0 = JOURNAL_LIMIT */
    const struct kind_shape *kinds;
    size_t kind_count;
    struct scheduler
        *scheduler; /* fires what is due on real and scaled clocks; outlives the world */
};

struct world {
    char *name; /* the session's name, "" for the default one */
    uint64_t seed;
    struct clock clock; /* read it with world_now */
    struct store *store;
    struct queue *queue;
    struct draws *draws;
    struct journal *journal;
    struct page_cache *pages; /* has a lock of its own, too */
    struct parking parking;
    struct budget *budget; /* NULL = none */
    atomic_bool is_told_full;
    _Atomic size_t charged;     /* what the budget was told */
    size_t held, journal_limit; /* for mock/world/budget.c */
    void *data;                 /* the engine's own, see on_free */
    atomic_bool is_furnished;   /* by mock/world/session.c: what all begin with is in it */
    _Atomic uint64_t furnished; /* bits, for whoever fills it; read without the lock */
    void (*on_free)(struct world *world); /* called first when the world goes; may be NULL */
    uint64_t fired;                       /* events so far: progress of an advance */
    unsigned delivering;                  /* webhooks on their way */
    _Atomic unsigned calls; /* webhooks that are not over, those between two tries, too */
    _Atomic nanos used;     /* CLOCK_MONOTONIC, for mock/world/session.c */
    /* private from here; what every request writes is side by side */
    _Atomic unsigned references;
    _Atomic unsigned in_flight; /* exchanges, streams, waits and webhooks under way */
    nanos now;
    nanos announced; /* CLOCK_MONOTONIC that the scheduler was told */
    pthread_mutex_t lock;
    /* On CLOCK_MONOTONIC: no webhook is on its way any more, nobody who was woken is still at it,
     * or the world is closed. */
    pthread_cond_t settled;
    bool is_closed;
    struct scheduler *scheduler;
    struct world *scheduled_next; /* the scheduler's list */
    bool is_scheduled;
    _Atomic unsigned watching; /* who waits for exchanges to end */
};

struct world *world_new(const char *name, const struct world_settings *settings);
struct world *world_ref(struct world *world);
void world_unref(struct world *world); /* never with the lock held */

void world_lock(struct world *world);
void world_unlock(struct world *world);

void world_begin(struct world *world); /* takes the lock and keeps it */
void world_end(struct world *world);   /* called without the lock */
/* Unlocks: this thread's exchange is decided and only writes its answer from here to its end. */
void world_unlock_to_answer(struct world *world);
unsigned world_undecided(const struct world *world); /* running, and more than that */
/*
 * The same in two steps, the first with the lock held (it gives it away), for a request whose entry
 * in the journal is still to be made: where time is never granted it counts no more from then on,
 * and world_left, called when the entry is there, mostly costs no lock. False: call world_end.
 */
bool world_leave(struct world *world);
void world_left(struct world *world);
/* Whoever parks for WATCH_EXCHANGES says so before it first looks, and when it is done. */
void world_watch_exchanges(struct world *world, bool begins);
/* A webhook on its way counts as running, too. Begin with the lock held, end without. */
void world_delivery_begin(struct world *world);
void world_delivery_end(struct world *world);

/*
 * The world's time: that of the event while one happens, else of the newest begin, wake or step.
 * Never goes back. Ask it under the lock.
 */
nanos world_now(const struct world *world);

void world_step(struct world *world); /* --step: with the lock held; nothing on other clocks */

enum { WORLD_BREATH = 1000 }; /* events after which the lock is given away for a moment */

/* Where time stands in a world that nobody has met yet (a kept state). */
void world_resume(struct world *world, nanos now);

/* Everything due happens (real and scaled: the machine's now); used by begin and the scheduler. */
void world_catch_up(struct world *world); /* with the lock held */

/* What time it is, for whoever is in no exchange and holds no lock: without catching up it would be
 * the time of the newest exchange, hours ago on a real clock. */
nanos world_ask_now(struct world *world);

/* For park.c and advance.c: the same up to an instant, which the clock is set to; one event alone;
 * the clock alone. */
void world_run_until(struct world *world, nanos until);
bool world_fire_next(struct world *world, nanos until, bool sets_clock);
void world_set_now(struct world *world, nanos now, bool sets_clock);
void world_breathe(struct world *world);

/* No event will happen any more; all that is parked is woken (WAKE_CLOSED) and cannot park again.
 */
void world_close(struct world *world);           /* takes the lock itself */
void world_close_locked(struct world *world);    /* with the lock held, and kept */
bool world_is_closed(const struct world *world); /* with the lock held */
