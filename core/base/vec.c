/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/vec.h"

#include "core/base/mem.h"

#include <string.h>

void *vec_grow(void *items, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 8;
    return mem_realloc(items, *cap * size);
}

void *vec_grow_arena(struct arena *arena, void *items, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 8;
    void *larger = arena_take(arena, *cap * size);
    if (count)
        memcpy(larger, items, count * size);
    return larger;
}

void vec_release(void *items)
{
    mem_free(items);
}
