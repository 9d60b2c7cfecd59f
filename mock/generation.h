/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a session goes on when the documents of a provider were loaded again. A world plays one
 * generation of each provider; under its lock it moves on to a younger one as a whole, so that a
 * request is decided and answered by one alone:
 *   - resources stay, in the place of their kind, and are written anew as the new kind has them
 *     (columns, links, hidden and computed members, timers); kinds that are no more go with theirs;
 *   - states keep their names: one that is no more stays in the machine, unknown to its rows, as
 *     long as the program runs, so that what is in it can be shown and moved on;
 *   - an outcome that plays goes on in its old steps, which find states and kinds by name.
 * A session that holds nothing but untouched seeds is seeded anew.
 */
#pragma once

#include "mock/state.h"

/*
 * With the world's lock: it plays this generation from now on, if not already. False: it plays a
 * younger one, and the request must be routed again.
 */
bool generation_enter(struct world *world, const struct played *played);

/* The same for a world that has nothing of the provider, without seeds: for a kept state. */
void generation_adopt(struct world *world, const struct played *played);

/* For a world that is never seeded: it could be asked about the kinds, and has none. */
void generation_make_places(struct world *world, const struct played *played);

/* Adds to `provider`, before anybody uses it, the states that `before` has and it has not. */
void generation_keep_states(struct arena *arena, const struct played *before,
                            const struct provider *provider, struct findings *findings);
