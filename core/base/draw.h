/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawn numbers. A draw is keyed by text and never taken from a shared stream, so that ids, delays
 * and faults do not change when other requests come between. The same key gives the same numbers on
 * every machine. For tests, not for secrets.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct draw {
    uint64_t state;
};

/* A 64-bit hash of some bytes, continued from `seed`; stable across machines and releases. */
uint64_t draw_hash(uint64_t seed, const void *bytes, size_t len);
uint64_t draw_hash_text(uint64_t seed, const char *text); /* its end is hashed too */
uint64_t draw_hash_word(uint64_t seed, uint64_t word);    /* of a word, not of its bytes */

struct draw draw_from(uint64_t key);
uint64_t draw_next(struct draw *draw);
uint64_t draw_below(struct draw *draw,
                    uint64_t limit); /* 0 .. limit - 1; limit > 0; without bias */
double draw_unit(struct draw *draw); /* 0 <= x < 1 */
