/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of pointers by hash: open addressing, nine bytes a slot, removal without tombstones. The
 * items know their own hash and key; seven bits of each hash stand together, so that what is not
 * meant is hardly ever looked at. Bytes of heap are added to `*bytes`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table {
    void **slots;
    uint8_t *marks;    /* of each slot: bits of the hash; 0 = free */
    size_t size, used; /* size: a power of two, or 0 */
    uint32_t (*hash_of)(const void *item);
    size_t *bytes;
};

void table_init(struct table *table, uint32_t (*hash_of)(const void *item), size_t *bytes);
void table_release(struct table *table); /* not the items */
void *table_find(const struct table *table, uint32_t hash,
                 bool (*equals)(const void *item, const void *key), const void *key);
size_t table_count(const struct table *table, uint32_t hash,
                   bool (*equals)(const void *item, const void *key), const void *key);
void table_add(struct table *table, void *item); /* not there yet */
void table_remove(struct table *table, const void *item);
/* Walks in no order: pass 0 first; NULL at the end. Nothing may be added or removed meanwhile. */
void *table_next(const struct table *table, size_t *at);
