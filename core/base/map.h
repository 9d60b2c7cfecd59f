/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small map from text to pointer, in the order of insertion (over uthash). Keys are copied,
 * values belong to the caller. For some hundred names; a world's resources have an index of their
 * own.
 */
#pragma once

#include <stddef.h>

struct map_entry {
    const char *key;
    void *value;
    const struct map_entry *next; /* in the order of insertion; NULL at the end */
};

struct map;

struct map *map_new(void);
void map_free(struct map *map);                        /* NULL is fine */
void *map_get(const struct map *map, const char *key); /* NULL when absent; `map` may be NULL */
void *map_get_n(const struct map *map, const char *key, size_t len);
void map_put(struct map *map, const char *key, void *value); /* replaces */
void map_put_n(struct map *map, const char *key, size_t len, void *value);
void *map_remove(struct map *map, const char *key); /* its value, or NULL */
size_t map_count(const struct map *map);
const struct map_entry *map_first(const struct map *map); /* NULL when empty */
