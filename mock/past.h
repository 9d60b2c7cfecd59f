/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How resources looked before they moved: the newest moves of a world, few and bounded, for faults
 * that answer what was so before. With the world's lock held.
 */
#pragma once

#include "mock/rehearsal.h"

enum {
    PAST_MOVES = 128,
    PAST_BYTES = 256 * 1024, /* of texts, as if none were shared; the session is charged */
};

enum past_use { PAST_STALE, PAST_REGRESS, PAST_VANISH, PAST_USES };

struct past_move {
    struct resource *resource;   /* a hold; NULL: forgotten */
    struct resource_image image; /* no view: it was born then */
    uint32_t used[PAST_USES];    /* reads that were answered with it */
    bool was_seen;               /* a read has shown what came after */
};

struct past {
    struct past_move *moves; /* a ring */
    size_t next, count, bytes;
};

/* Before it moves. Nothing in a rehearsal. */
void past_add(struct play *play, struct resource *resource);
void past_add_birth(struct play *play, struct resource *resource);
/* It was deleted. */
void past_forget(struct play *play, const struct resource *resource);
void past_release(struct world *world);

/* The newest move of the resource between two states, or its birth; NULL: it is not known. */
struct past_move *past_find(const struct world *world, const struct resource *resource,
                            bool of_birth);
/* The newest such moves of all resources of a kind of the store, in the arena. */
struct past_move **past_of_kind(const struct world *world, unsigned kind, bool of_birth,
                                struct arena *arena, size_t *count);
