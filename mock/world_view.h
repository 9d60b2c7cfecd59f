/* SPDX-License-Identifier: Apache-2.0 */
/* The world as lifecycle rows ask it: is there such a resource, is the youngest one like that. */
#pragma once

#include "core/lifecycle/machine.h"
#include "mock/play.h"

/* For row_fits and its friends; `data` is the play. */
struct world_view world_view_of(struct play *play);
/* Binds a resource under its kind's and machine's names, and what its links lead to. */
void world_view_bind(struct play *play, struct resource *resource);
/* The row of the machine's `always` that forces a state (`*to`) on a resource that is bound; NULL.
 */
const struct row *world_view_always(struct play *play, struct resource *resource, int *to);
/* What `each` of a row selects, in birth order, in the arena. */
struct resource **world_view_select(struct play *play, const struct query *query, size_t *count);
/* A subject for the rows: what the mock knows of a participant (NULL = absent). */
struct subject world_view_subject(const struct machine *machine, struct resource *resource);
