/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving a world's clock on purpose: everything due on the way happens at its due time. Webhooks
 * that it sends have arrived, and whoever it wakes has looked and written, before anything later
 * happens; so streams and waits see the same whatever the threads do. Costs O(events due).
 */
#pragma once

#include "mock/world/world.h"

enum advance_end {
    ADVANCE_REACHED,   /* the clock is at `until` */
    ADVANCE_IDLE,      /* nothing is to come */
    ADVANCE_RECURRING, /* only schedules that go on for ever are to come */
    ADVANCE_LIMIT,     /* so many events have happened; the clock is at the last of them */
    ADVANCE_HORIZON,   /* the clock is at `until`, and it is not idle yet */
    ADVANCE_STOPPED,   /* `tell` said so; the clock is where it was then */
    ADVANCE_CLOSED     /* the session was reset */
};

/* Where it is: for whoever watches. */
struct advance_state {
    nanos now;
    uint64_t fired;             /* events of this advance */
    size_t arranged, recurring; /* events to come */
    unsigned delivering;        /* webhooks that it waits for */
};

struct advance_terms {
    nanos until;     /* never beyond */
    bool until_idle; /* nor beyond the last event that is arranged (mock/world/queue.h) */
    uint64_t limit;  /* events; 0 = any number */
    /* Called without the lock, now and then (ADVANCE_TELL of real time); false: stop. May be NULL.
     */
    bool (*tell)(void *data, const struct advance_state *state);
    void *data;
};

#define ADVANCE_TELL     (250 * NANOS_PER_MS)
#define ADVANCE_PATIENCE (2 * NANOS_PER_SECOND) /* with somebody woken who cannot get on */

/* Any clock; called and left with the lock held, but gives it away. */
enum advance_end world_advance(struct world *world, const struct advance_terms *terms);
/* The same to an instant. A time in the past: -1 and ERROR_INVALID. */
int world_advance_to(struct world *world, nanos until, struct error *err);
