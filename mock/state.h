/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine keeps of one session beside its world: who plays, what was forced, counters. */
#pragma once

#include "mock/faults/set.h"
#include "mock/outcomes.h"
#include "mock/past.h"

struct forced { /* an outcome that the next resources of its kind get */
    const struct outcome *outcome;
    int64_t times; /* 0 = always */
};

struct world_state {
    struct mock *mock;
    int64_t counter; /* of {counter} */
    struct {
        struct playing **items;
        size_t count, cap;
    } queued; /* outcomes with a queue text, in the order in which they were started */
    struct {
        struct forced *items;
        size_t count, cap;
    } forced;
    struct fault_set faults; /* has a lock of its own */
    struct past past;
    struct {
        const struct played **items;
        size_t count, cap;
    } units; /* which generation of each provider plays here, by its place in the mock; or NULL */
    uint32_t seeded; /* sequence of the store when there was nothing but seeds */
    bool is_kept;    /* came out of a kept state that held more than seeds */
    struct delivery *oldest_call, *youngest_call; /* webhooks that are not over */
    struct arena *names; /* that a kept state brought: live as long as the world */
};

struct world_state *state_new(struct mock *mock);
void state_free(struct world *world); /* for world->on_free */
struct world_state *state_of(const struct world *world);
int64_t state_count_up(struct world *world);

/* The generation that plays here of the provider at this place; NULL: none, nothing of it is here.
 */
const struct played *state_unit(const struct world *world, size_t index);
/* The same for whoever still has an earlier one: what plays here now in its stead. */
const struct played *state_unit_of(const struct world *world, const struct played *played);
/* The provider whose kind this index of the store is; NULL: it is nobody's any more. */
const struct played *state_played_of_kind(const struct world *world, unsigned kind);
/* Whose outcome it is, of whatever generation; and what it is in the one that plays here (or NULL).
 */
const struct played *state_played_of_outcome(const struct world *world,
                                             const struct outcome *outcome);
const struct outcome *state_outcome_now(const struct world *world, const struct outcome *outcome);
/* What X-Dryrun-Outcome, the admin API or the command line wants for this kind; NULL = nothing. */
const struct outcome *state_forced_outcome(struct play *play, const struct kind *kind);

/* The next resources of its kind get it; 0 times = all. Those that are for some times come first,
 * in the order given; a lasting one replaces all. */
void state_force(struct world *world, const struct outcome *outcome, int64_t times);

/* True when another one with its queue text plays: then it has to wait. */
bool state_playing_add(struct world *world, struct playing *playing);
void state_playing_remove(struct world *world, struct playing *playing);
/* The one that it waits behind; NULL. */
const struct playing *state_playing_ahead(struct world *world, const struct playing *playing);
/* The one that may begin now that this one has stopped or halted; NULL. */
struct playing *state_playing_next(struct world *world, struct playing *playing);

/* Every playing outcome of the world, in no special order. */
void state_each_playing(struct world *world, void (*visit)(struct playing *playing, void *data),
                        void *data);
