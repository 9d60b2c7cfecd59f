/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory sessions may hold, one by one and together. A world counts what it holds under
 * its own lock and tells the budget when that has changed by BUDGET_GRAIN: so the total is never
 * far off, and sessions seldom touch the same cache line. What is refused is refused before it is
 * made: the program itself dies when memory runs out (core/base/mem.h).
 */
#pragma once

#include "core/base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

enum {
    BUDGET_GRAIN = 4096,
    BUDGET_SLACK = 1024 * 1024, /* what outcomes and requests under way may exceed a limit by */
    BUDGET_JOURNAL = 64 * 1024, /* what a journal may always hold */
    BUDGET_WORLD = 12 * 1024    /* what a world without anything in it takes: measured */
};

struct budget {
    size_t most;           /* bytes of all sessions; 0 = no limit */
    size_t most_a_session; /* bytes of one; 0 = no limit */
    _Atomic size_t used;
    _Atomic uint64_t refused; /* requests, for want of room */
};

/* Whether there is room for one more session. -1 and `err` (ERROR_TOO_LARGE) name the option. */
int budget_admit(struct budget *budget, struct error *err);

/* All that the world holds, in bytes. O(1); with its lock, as all below. */
size_t world_bytes(const struct world *world);
/* Something beside the store, the journal and the queue: outcomes, events kept, webhooks. */
void world_hold(struct world *world, size_t bytes);
void world_let_go(struct world *world, size_t bytes);
/* Tells the budget; called whenever the lock is given back. */
void world_charge(struct world *world);
void world_discharge(struct world *world); /* it is about to be freed */
/* Whether so much more fits: -1 and `err` (ERROR_TOO_LARGE) when a limit is reached. */
int world_check_room(const struct world *world, size_t more, struct error *err);
/* The same as far as the budget was told, without the world's lock: before each request that may
 * add something. */
int world_may_take(const struct world *world, size_t more, struct error *err);
