/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of resources, with all that follows from one at the same instant: the kind's `change`,
 * hooks, forced states of what links to it (at once) and of what it links to (when the instant
 * ends), timers, events for streams, webhooks. Called with the world's lock held.
 */
#pragma once

#include "mock/play.h"

/* Applies `change`, with the target state already looked up (STATE_NONE: nothing moves). */
int change_apply(struct play *play, struct resource *resource, const struct change *change, int to);
/* Just a move; `absent` deletes. */
int change_move(struct play *play, struct resource *resource, int to);
/* The state that `to` names for this resource: STATE_NONE when it names nothing. */
int change_target(struct play *play, const struct machine *machine, const struct target_state *to);
/* Derived state: the first row of `always` that fits is forced. */
void change_settle(struct play *play, struct resource *resource);

/* Makes a resource; NULL and play->err when it cannot be. `state` STATE_NONE: the initial one. */
struct resource *change_create(struct play *play, const struct create *create, int state);
/* One seeded resource, born at `seed->at` before now. */
struct resource *change_seed(struct play *play, const struct seed *seed);
struct resource *change_copy(struct play *play, struct resource *of, const struct copy *copy);
