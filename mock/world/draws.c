/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two generations of an open-addressing table. When the younger is full it becomes the older one
 * and the older is forgotten; what is seen again moves to the younger.
 */
#include "mock/world/draws.h"

#include "core/base/draw.h"
#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct slot {
    uint64_t request;
    uint32_t count; /* times seen; 0 = empty */
};

struct generation {
    struct slot *slots;
    size_t size, used; /* size is a power of two, at least twice `used`; 0 = nothing yet */
};

struct draws {
    struct generation young, old;
};

struct draws *draws_new(void)
{
    return mem_alloc(sizeof(struct draws));
}

void draws_free(struct draws *draws)
{
    if (!draws)
        return;
    mem_free(draws->young.slots);
    mem_free(draws->old.slots);
    mem_free(draws);
}

/* The slot that holds the request, or the empty one where it would go. */
static struct slot *find_slot(const struct generation *generation, uint64_t request)
{
    size_t mask = generation->size - 1, i = (size_t)(request * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (generation->slots[i].count && generation->slots[i].request != request)
        i = (i + 1) & mask;
    return &generation->slots[i];
}

static void grow(struct generation *generation)
{
    struct generation larger = {.size = generation->size ? generation->size * 2 : 64,
                                .used = generation->used};
    larger.slots = mem_alloc(larger.size * sizeof *larger.slots);
    for (size_t i = 0; i < generation->size; i++)
        if (generation->slots[i].count)
            *find_slot(&larger, generation->slots[i].request) = generation->slots[i];
    mem_free(generation->slots);
    *generation = larger;
}

uint32_t draws_seen(struct draws *draws, uint64_t request)
{
    if (draws->young.used == DRAWS_GENERATION) {
        mem_free(draws->old.slots);
        draws->old = draws->young;
        draws->young = (struct generation){0};
    }
    if (draws->young.used * 2 >= draws->young.size)
        grow(&draws->young);
    struct slot *slot = find_slot(&draws->young, request);
    if (!slot->count) {
        draws->young.used++;
        slot->request = request;
        if (draws->old.size)
            slot->count = find_slot(&draws->old, request)->count;
    }
    return slot->count++;
}

/* ---- kept states ---- */

static void copy_generation(struct generation *copy, const struct generation *generation)
{
    *copy = *generation;
    if (!generation->size)
        return;
    copy->slots = mem_alloc(generation->size * sizeof *copy->slots);
    memcpy(copy->slots, generation->slots, generation->size * sizeof *copy->slots);
}

struct draws *draws_copy(const struct draws *draws)
{
    struct draws *copy = draws_new();
    copy_generation(&copy->young, &draws->young);
    copy_generation(&copy->old, &draws->old);
    return copy;
}

static int compare_entries(const void *a, const void *b)
{
    const struct draws_entry *one = a, *other = b;
    if (one->is_old != other->is_old)
        return one->is_old ? -1 : 1;
    return (one->request > other->request) - (one->request < other->request);
}

static size_t add_entries(struct draws_entry *entries, size_t count,
                          const struct generation *generation, bool is_old)
{
    for (size_t i = 0; i < generation->size; i++)
        if (generation->slots[i].count)
            entries[count++] = (struct draws_entry){generation->slots[i].request,
                                                    generation->slots[i].count, is_old};
    return count;
}

struct draws_entry *draws_entries(const struct draws *draws, size_t *count)
{
    struct draws_entry *entries =
        mem_alloc((draws->old.used + draws->young.used + 1) * sizeof *entries);
    *count = add_entries(entries, 0, &draws->old, true);
    *count = add_entries(entries, *count, &draws->young, false);
    qsort(entries, *count, sizeof *entries, compare_entries);
    return entries;
}

bool draws_restore(struct draws *draws, const struct draws_entry *entry)
{
    struct generation *generation = entry->is_old ? &draws->old : &draws->young;
    if (!entry->count || generation->used == DRAWS_GENERATION)
        return false;
    if (generation->used * 2 >= generation->size)
        grow(generation);
    struct slot *slot = find_slot(generation, entry->request);
    if (slot->count)
        return false;
    *slot = (struct slot){entry->request, entry->count};
    generation->used++;
    return true;
}

size_t draws_bytes(const struct draws *draws)
{
    return sizeof *draws + (draws->young.size + draws->old.size) * sizeof(struct slot);
}

uint64_t draws_key(uint64_t seed, const char *session, uint64_t request, uint32_t seen,
                   enum draw_stream stream)
{
    uint64_t parts[] = {request, seen, (uint64_t)stream};
    return draw_hash(draw_hash_text(seed, session), parts, sizeof parts);
}
