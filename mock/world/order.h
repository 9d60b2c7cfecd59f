/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a kind in one order: sorted blocks of at most ORDER_BLOCK rows under a flat directory.
 * Page walk, insertion and removal cost O(log n + block); the n-th row and a row's number O(n /
 * block) with a very small factor (a sum over one array of counts: a microsecond at a million
 * rows).
 *
 * Why not JudyL: its key is one word. An instant in nanoseconds fills it, so rows
 * of one instant (all seeded ones, on the virtual clock most) need a second level, and then its
 * count by position counts instants, not rows; texts would need JudySL, which counts nothing.
 */
#pragma once

#include "mock/world/resource.h"

struct index;

enum { ORDER_BLOCK = 256 };

/* What is compared: a number (for texts their first eight bytes), then the text, then the serial.
 */
struct order_key {
    int64_t number;
    const char *text; /* NULL: unset, or no column of texts */
    size_t text_len;
    uint64_t serial;
};

struct order_entry {
    int64_t number;
    struct resource *row;
};

struct order_block {
    uint32_t count, cap;
    struct order_entry entries[];
};

/* A place at a row; `block == block_count` is the end. */
struct order_cursor {
    size_t block, place;
};

struct order {
    const struct index *index;
    struct order_shape shape;
    bool is_text;
    struct order_block **blocks;
    uint32_t *counts; /* of each block */
    size_t block_count, block_cap;
    size_t count;
    size_t *bytes;
    struct order_cursor newest; /* where the last row was put; may be out of date */
};

void order_init(struct order *order, const struct index *index, const struct order_shape *shape,
                size_t *bytes);
void order_release(struct order *order);
void order_insert(struct order *order, struct resource *row); /* with its columns in place */
void order_remove(struct order *order, const struct resource *row);

struct order_key order_key_of(const struct order *order, const struct resource *row);
struct order_key order_key_from(const struct order *order, const struct column_value *value,
                                uint64_t serial);
int order_compare(const struct order *order, const struct order_key *a, const struct order_key *b);

/* The first row whose key is greater than `key` (or, with `or_equal`, not less). */
struct order_cursor order_seek(const struct order *order, const struct order_key *key,
                               bool or_equal);
struct order_cursor order_at(const struct order *order, size_t number);   /* the n-th row, from 0 */
size_t order_rank(const struct order *order, struct order_cursor cursor); /* rows before it */
struct resource *order_row(const struct order *order,
                           struct order_cursor cursor); /* NULL at the end */
void order_next(const struct order *order, struct order_cursor *cursor);
bool order_previous(const struct order *order,
                    struct order_cursor *cursor); /* false: it was the first */
