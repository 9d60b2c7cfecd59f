/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/map.h"

#include "core/base/mem.h"

#include <string.h>

#define uthash_malloc(size)       mem_alloc(size)
#define uthash_free(memory, size) mem_free(memory)
#include <uthash.h>

struct slot {
    struct map_entry entry; /* first: an entry is its slot */
    struct slot *before;
    size_t len;
    UT_hash_handle hh;
    char key[];
};

struct map {
    struct slot *slots;
    struct slot *first, *last;
};

struct map *map_new(void)
{
    return mem_alloc(sizeof(struct map));
}

void map_free(struct map *map)
{
    if (!map)
        return;
    struct slot *next = map->first;
    HASH_CLEAR(hh, map->slots);
    while (next) {
        struct slot *slot = next;
        next = (struct slot *)slot->entry.next;
        mem_free(slot);
    }
    mem_free(map);
}

/* uthash's macros nest deeper than we do. NOLINTBEGIN(readability-function-size) */
static struct slot *find(const struct map *map, const char *key, size_t len)
{
    struct slot *slot = NULL;
    if (map)
        HASH_FIND(hh, map->slots, key, len, slot);
    return slot;
}

void *map_get_n(const struct map *map, const char *key, size_t len)
{
    struct slot *slot = find(map, key, len);
    return slot ? slot->entry.value : NULL;
}

void *map_get(const struct map *map, const char *key)
{
    return map_get_n(map, key, strlen(key));
}

void map_put_n(struct map *map, const char *key, size_t len, void *value)
{
    struct slot *slot = find(map, key, len);
    if (!slot) {
        slot = mem_alloc(sizeof *slot + len + 1);
        memcpy(slot->key, key, len);
        slot->entry.key = slot->key;
        slot->len = len;
        slot->before = map->last;
        if (map->last)
            map->last->entry.next = &slot->entry;
        else
            map->first = slot;
        map->last = slot;
        HASH_ADD_KEYPTR(hh, map->slots, slot->key, slot->len, slot);
    }
    slot->entry.value = value;
}

void map_put(struct map *map, const char *key, void *value)
{
    map_put_n(map, key, strlen(key), value);
}

void *map_remove(struct map *map, const char *key)
{
    struct slot *slot = find(map, key, strlen(key));
    if (!slot)
        return NULL;
    struct slot *next = (struct slot *)slot->entry.next;
    if (slot->before)
        slot->before->entry.next = slot->entry.next;
    else
        map->first = next;
    if (next)
        next->before = slot->before;
    else
        map->last = slot->before;
    void *value = slot->entry.value;
    HASH_DEL(map->slots, slot);
    mem_free(slot);
    return value;
}

/* NOLINTEND(readability-function-size) */

size_t map_count(const struct map *map)
{
    return map ? HASH_COUNT(map->slots) : 0;
}

const struct map_entry *map_first(const struct map *map)
{
    return map && map->first ? &map->first->entry : NULL;
}
