/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A typed growing array: `struct { VEC(struct row) } rows;` has items, count and cap. It owns heap
 * memory: vec_free it, or use vec_push_arena, whose memory goes with the arena.
 */
#pragma once

#include "core/base/arena.h"

#include <stddef.h>

#define VEC(type)                                                                                  \
    type *items;                                                                                   \
    size_t count, cap

void *vec_grow(void *items, size_t *cap, size_t count, size_t size);
void *vec_grow_arena(struct arena *arena, void *items, size_t *cap, size_t count, size_t size);
void vec_release(void *items);

/* Most of the time there is room, which is seen here. */
#define vec_push(vec, item)                                                                        \
    ((vec)->items = (vec)->count < (vec)->cap                                                      \
                        ? (vec)->items                                                             \
                        : vec_grow((vec)->items, &(vec)->cap, (vec)->count, sizeof *(vec)->items), \
     (vec)->items[(vec)->count++] = (item))

#define vec_push_arena(arena, vec, item)                                                           \
    ((vec)->items = (vec)->count < (vec)->cap                                                      \
                        ? (vec)->items                                                             \
                        : vec_grow_arena((arena), (vec)->items, &(vec)->cap, (vec)->count,         \
                                         sizeof *(vec)->items),                                    \
     (vec)->items[(vec)->count++] = (item))

#define vec_free(vec)                                                                              \
    (vec_release((vec)->items), (vec)->items = NULL, (vec)->count = (vec)->cap = 0)

#define vec_foreach(item, vec)                                                                     \
    for (item = (vec)->items; item && item < (vec)->items + (vec)->count; item++)
