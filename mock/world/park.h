/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Granted time. An exchange that can only wait is parked and says how far its caller lets time pass
 * (its horizon). When no exchange of the world is running and at least `participants` are parked,
 * virtual time jumps to the earliest event, provided that somebody stated a horizon and that the
 * event is not beyond the smallest. A woken exchange counts as running from the moment it is
 * chosen, under the lock. It is woken only for what it watches, through an eventfd of its own, so
 * that its thread can look after its socket meanwhile.
 */
#pragma once

#include "core/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;
struct event;
struct waiter;

#define HORIZON_NONE    INT64_MAX /* as a horizon: lets no time pass, but forbids others nothing */
#define WATCH_NOTHING   0u        /* as a key: woken by time alone */
#define WATCH_EXCHANGES (UINT64_MAX - 1) /* as a key: woken when an exchange has ended */
#define WATCH_WORLD                                                                                \
    UINT64_MAX /* as a key: woken by every change. Other keys: the engine's choice (a serial) */

enum wake {
    WAKE_CHANGE, /* what it watches has changed: look again, park again */
    WAKE_TIME,   /* the fixed horizon has come */
    WAKE_LEFT,   /* its own wait function gave up (the client is gone, the server stops) */
    WAKE_CLOSED  /* the session was reset or has expired */
};

struct park_terms {
    uint64_t watch;
    nanos until; /* fixed horizon, at which it is woken; HORIZON_NONE = none */
    /* Moving horizon instead: when does what is watched move next? Asked under the lock, must not
     * change anything; HORIZON_NONE while that waits for a client. NULL = use `until` alone. */
    nanos (*horizon)(void *data);
    void *horizon_data;
    /* Polls `fd` and whatever else, without the lock; returns when `fd` is readable (true) or when
     * it is not worth waiting any longer (false). It must not read the fd. */
    bool (*wait)(void *data, int fd);
    void *wait_data;
    void (*chosen)(void *data); /* of world_park_away, with `wait_data` */
};

struct parking {
    unsigned running;   /* exchanges and deliveries under way */
    unsigned answering; /* of these, that only write what was decided */
    unsigned parked;
    unsigned participants;
    unsigned awake;         /* were woken and have neither parked again nor ended */
    uint64_t wakes, grants; /* counted for tests and metrics */
    /* private */
    struct waiter *moving, *still; /* parked ones with a moving horizon, and the others */
    struct waiter **slots;         /* the same by key */
    unsigned alarms;               /* fixed horizons among them, each one an event */
};

/*
 * Parks the calling exchange: called and left with the lock held, running before and after. Does
 * not park on a closed world or for a time that has come. ERROR-free: when no eventfd can be had
 * the exchange is answered as WAKE_LEFT.
 */
enum wake world_park(struct world *world, const struct park_terms *terms);
/*
 * The same without a thread: returns at once, and the exchange does not run any more, unless NULL
 * says that it needn't park (a closed world; `until` must be HORIZON_NONE). `terms` live as long as
 * it is parked; instead of its wait function `chosen` is called once it's chosen, with the lock
 * held: it sees to it that some thread calls park_return.
 */
struct waiter *world_park_away(struct world *world, const struct park_terms *terms);
/* With the lock held. False: it was not chosen yet, and goes on waiting. Else its end, as
 * world_park says it, and the exchange is this thread's. `has_left`: it waits no longer. */
bool park_return(struct waiter *waiter, bool has_left, enum wake *why);
/*
 * The thread of a woken exchange does something else before it parks again or ends: what
 * park_lay_down has returned goes to park_take_up where it goes on. With the lock held.
 */
bool park_lay_down(struct world *world);
void park_take_up(struct world *world, bool was_woken);
/* A wait function for callers that have nothing else to look after. */
bool park_wait_plain(void *data, int fd);

/* Something with this key has changed: wakes those who watch it, and those who watch the world. */
void world_notify(struct world *world, uint64_t key); /* with the lock held */
void world_set_participants(struct world *world,
                            unsigned participants); /* with the lock held; 0 = 1 */

/* For world.c: what happens when an exchange stops running; when the world closes. */
void parking_init(struct parking *parking, unsigned participants);
void parking_release(struct parking *parking);
void parking_grant(struct world *world);
void parking_exchange_ended(struct world *world);
void parking_rested(struct world *world); /* this thread's exchange parks again or has ended */
void parking_wake_all(struct world *world, enum wake why);
