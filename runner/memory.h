/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of exchanges: each has its own for request, answer and all that was read of them.
 * Whoever may still show or ask for one holds it: the player those that expressions read, a monitor
 * those that its findings would show beside the next. Nobody holds it: it is used again. What a
 * report shows is kept until the run is over. One thread's.
 */
#pragma once

#include "core/base/arena.h"

#include <stdbool.h>

struct memories; /* of one runner */

struct memory {
    struct arena *arena;
    struct memories *of;
    size_t holds;
    bool is_kept;  /* until the run is over */
    bool is_loose; /* stands in the list of those that nobody holds, or did so lately */
};

/* Lives as long as the arena, with all that is kept in it. */
struct memories *memories_new(struct arena *arena);
/* One that is empty; the caller holds it. */
struct memory *memories_take(struct memories *memories);
/* The world that they were of is gone: nobody holds any of them, but what is kept stays. */
void memories_let_go(struct memories *memories);

/* NULL is fine for all of these: it stands for what lives as long as the run anyway. */
void memory_hold(struct memory *memory);
void memory_drop(struct memory *memory);
void memory_keep(struct memory *memory);

struct seen;
/* Makes a place refer to that exchange (NULL: to none), which it holds from then on; the one before
 * is dropped. */
void seen_refer(const struct seen **place, const struct seen *seen);
