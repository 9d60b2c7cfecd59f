/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/table.h"

#include "core/base/mem.h"

enum { FIRST_SIZE = 16 };

void table_init(struct table *table, uint32_t (*hash_of)(const void *item), size_t *bytes)
{
    *table = (struct table){.hash_of = hash_of, .bytes = bytes};
}

void table_release(struct table *table)
{
    *table->bytes -= table->size * sizeof *table->slots;
    mem_free(table->slots);
    table->slots = NULL;
    table->size = table->used = 0;
}

void *table_find(const struct table *table, uint32_t hash,
                 bool (*equals)(const void *item, const void *key), const void *key)
{
    if (!table->size)
        return NULL;
    size_t mask = table->size - 1;
    for (size_t i = hash & mask; table->slots[i]; i = (i + 1) & mask)
        if (table->hash_of(table->slots[i]) == hash && equals(table->slots[i], key))
            return table->slots[i];
    return NULL;
}

static void insert(struct table *table, void *item)
{
    size_t mask = table->size - 1, i = table->hash_of(item) & mask;
    while (table->slots[i])
        i = (i + 1) & mask;
    table->slots[i] = item;
}

size_t table_count(const struct table *table, uint32_t hash,
                   bool (*equals)(const void *item, const void *key), const void *key)
{
    size_t mask = table->size - 1, count = 0;
    for (size_t i = hash & mask; table->size && table->slots[i]; i = (i + 1) & mask)
        count += table->hash_of(table->slots[i]) == hash && equals(table->slots[i], key);
    return count;
}

static void grow(struct table *table)
{
    void **old = table->slots;
    size_t old_size = table->size;
    table->size = old_size ? old_size * 2 : FIRST_SIZE;
    table->slots = mem_alloc(table->size * sizeof *table->slots);
    *table->bytes += (table->size - old_size) * sizeof *table->slots;
    for (size_t i = 0; i < old_size; i++)
        if (old[i])
            insert(table, old[i]);
    mem_free(old);
}

void table_add(struct table *table, void *item)
{
    if ((table->used + 1) * 4 > table->size * 3)
        grow(table);
    insert(table, item);
    table->used++;
}

void table_remove(struct table *table, const void *item)
{
    size_t mask = table->size - 1, hole = table->hash_of(item) & mask;
    while (table->slots[hole] != item)
        hole = (hole + 1) & mask;
    /* Whatever the hole keeps from its home moves into it (Knuth, vol. 3, 6.4, algorithm R). */
    for (size_t i = (hole + 1) & mask; table->slots[i]; i = (i + 1) & mask) {
        size_t home = table->hash_of(table->slots[i]) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole] = NULL;
    table->used--;
}

void *table_next(const struct table *table, size_t *at)
{
    while (*at < table->size) {
        void *item = table->slots[(*at)++];
        if (item)
            return item;
    }
    return NULL;
}
