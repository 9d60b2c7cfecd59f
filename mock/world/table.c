/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/table.h"

#include "core/base/mem.h"

enum { FIRST_SIZE = 16 };

void table_init(struct table *table, uint32_t (*hash_of)(const void *item), size_t *bytes)
{
    *table = (struct table){.hash_of = hash_of, .bytes = bytes};
}

static size_t slots_memory(size_t count)
{
    return count * (sizeof(void *) + sizeof(uint8_t));
}

void table_release(struct table *table)
{
    *table->bytes -= slots_memory(table->size);
    mem_free(table->slots);
    mem_free(table->marks);
    table->slots = NULL;
    table->marks = NULL;
    table->size = table->used = 0;
}

/* Not of those bits that choose the slot. */
static uint8_t mark_of(uint32_t hash)
{
    return (uint8_t)(hash >> 25 | 1u << 7);
}

void *table_find(const struct table *table, uint32_t hash,
                 bool (*equals)(const void *item, const void *key), const void *key)
{
    if (!table->size)
        return NULL;
    size_t mask = table->size - 1;
    uint8_t mark = mark_of(hash);
    __builtin_prefetch(&table->slots[hash & mask]); /* comes along with the mark */
    for (size_t i = hash & mask; table->marks[i]; i = (i + 1) & mask)
        if (table->marks[i] == mark && table->hash_of(table->slots[i]) == hash &&
            equals(table->slots[i], key))
            return table->slots[i];
    return NULL;
}

size_t table_count(const struct table *table, uint32_t hash,
                   bool (*equals)(const void *item, const void *key), const void *key)
{
    if (!table->size)
        return 0;
    size_t mask = table->size - 1, count = 0;
    uint8_t mark = mark_of(hash);
    for (size_t i = hash & mask; table->marks[i]; i = (i + 1) & mask)
        count += table->marks[i] == mark && table->hash_of(table->slots[i]) == hash &&
                 equals(table->slots[i], key);
    return count;
}

static void insert(struct table *table, void *item)
{
    uint32_t hash = table->hash_of(item);
    size_t mask = table->size - 1, i = hash & mask;
    while (table->marks[i])
        i = (i + 1) & mask;
    table->slots[i] = item;
    table->marks[i] = mark_of(hash);
}

static void grow(struct table *table)
{
    void **slots = table->slots;
    uint8_t *marks = table->marks;
    size_t size = table->size;
    table->size = size ? size * 2 : FIRST_SIZE;
    table->slots = mem_alloc(table->size * sizeof *table->slots);
    table->marks = mem_alloc(table->size * sizeof *table->marks);
    *table->bytes += slots_memory(table->size - size);
    for (size_t i = 0; i < size; i++)
        if (marks[i])
            insert(table, slots[i]);
    mem_free(slots);
    mem_free(marks);
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
    for (size_t i = (hole + 1) & mask; table->marks[i]; i = (i + 1) & mask) {
        size_t home = table->hash_of(table->slots[i]) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            table->marks[hole] = table->marks[i];
            hole = i;
        }
    }
    table->slots[hole] = NULL;
    table->marks[hole] = 0;
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
