/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of one resource's moves, oldest first. Bounded: a resource that moves for ever keeps its
 * newest moves, and their numbers stay what they were.
 */
#pragma once

#include "core/base/instant.h"

#include <stddef.h>
#include <stdint.h>

enum { MOVES_KEPT = 1024 }; /* when there are so many, the older half goes */
enum { MOVE_ABSENT = 255 }; /* `from` of a birth, `to` of a deletion */

struct move_record {
    nanos at;
    uint32_t cause;    /* number in the store's causes: store_cause() */
    uint32_t exchange; /* the request that did it; 0 = none */
    uint32_t sequence; /* of the change in its world, from 1 */
    uint8_t from, to;
};

struct move_log {
    struct move_record *items;
    uint32_t dropped; /* moves that were there before items[0]: items[i] is move dropped + i + 1 */
    uint16_t count, cap;
};

/* Bytes of heap that the log grew by (may be negative). */
ptrdiff_t move_log_add(struct move_log *log, const struct move_record *move);
size_t move_log_memory(const struct move_log *log);
void move_log_release(struct move_log *log);
