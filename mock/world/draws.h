/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often this very request was seen: the last part of every draw's key. Bounded: when very many
 * different requests were seen, those not seen for longest are forgotten (in the same way for the
 * same requests in the same order). Guarded by the world's lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DRAWS_GENERATION = 262144 }; /* different requests in a generation; two are kept */

struct draws;

struct draws *draws_new(void);
void draws_free(struct draws *draws);
uint32_t draws_seen(struct draws *draws, uint64_t request); /* 0 the first time, then 1, 2, ... */
size_t draws_bytes(const struct draws *draws);

/* All that was seen, for a kept state: a copy, its entries, and putting them back. */
struct draws_entry {
    uint64_t request;
    uint32_t count;
    bool is_old; /* of the older generation */
};
struct draws *draws_copy(const struct draws *draws);
/* Sorted by generation (the older first) and request; free the array with mem_free. */
struct draws_entry *draws_entries(const struct draws *draws, size_t *count);
/* False: a count of 0, a generation that is full, or a request that is there already. */
bool draws_restore(struct draws *draws, const struct draws_entry *entry);

/* What ids, delays and faults are drawn from: the streams never touch each other. */
enum draw_stream { DRAW_IDS, DRAW_DELAYS, DRAW_FAULTS, DRAW_CHOICES };
/* A key for draw_from: (seed and session, request, how often it was seen, what it is for). */
uint64_t draws_key(uint64_t seed, const char *session, uint64_t request, uint32_t seen,
                   enum draw_stream stream);
