/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/related.h"

#include "core/base/draw.h"
#include "core/base/mem.h"

#include <string.h>

struct key {
    unsigned kind, link;
    const char *target;
};

static uint32_t hash_of(const void *item)
{
    return ((const struct related *)item)->hash;
}

const char *related_target(const struct related *related)
{
    return (const char *)(related->states + related->state_count);
}

static bool equals(const void *item, const void *data)
{
    const struct related *related = item;
    const struct key *key = data;
    return related->kind == key->kind && related->link == key->link &&
           strcmp(related_target(related), key->target) == 0;
}

static uint32_t hash_key(const struct key *key)
{
    return (uint32_t)draw_hash_text((uint64_t)key->kind << 8 | key->link, key->target);
}

static size_t memory_of(const struct related *related)
{
    return sizeof *related + related->state_count * sizeof *related->states +
           strlen(related_target(related)) + 1 + 16;
}

void relations_init(struct relations *relations, size_t *bytes)
{
    relations->bytes = bytes;
    table_init(&relations->table, hash_of, bytes);
}

void relations_release(struct relations *relations)
{
    size_t at = 0;
    struct related *related;
    while ((related = table_next(&relations->table, &at))) {
        *relations->bytes -= memory_of(related);
        mem_free(related);
    }
    table_release(&relations->table);
}

struct related *related_find(const struct relations *relations, unsigned kind, unsigned link,
                             const char *target)
{
    struct key key = {kind, link, target};
    return table_find(&relations->table, hash_key(&key), equals, &key);
}

static struct related *make(struct relations *relations, const struct kind_shape *shape,
                            const struct key *key)
{
    size_t len = strlen(key->target), counters = shape->state_count;
    struct related *related =
        mem_alloc(sizeof *related + counters * sizeof *related->states + len + 1);
    related->hash = hash_key(key);
    related->kind = (uint16_t)key->kind;
    related->link = (uint8_t)key->link;
    related->state_count = (uint8_t)counters;
    memcpy(related->states + counters, key->target, len + 1);
    *relations->bytes += memory_of(related);
    table_add(&relations->table, related);
    return related;
}

static void take_out(struct relations *relations, struct resource *resource, unsigned link)
{
    struct link_node *node = &resource->links[link];
    struct related *list = node->list;
    if (node->previous)
        node->previous->links[link].next = node->next;
    else
        list->first = node->next;
    if (node->next)
        node->next->links[link].previous = node->previous;
    else
        list->last = node->previous;
    list->states[resource->state]--;
    *node = (struct link_node){0};
    if (--list->count)
        return;
    table_remove(&relations->table, list);
    *relations->bytes -= memory_of(list);
    mem_free(list);
}

static void put_in(struct related *list, struct resource *resource, unsigned link)
{
    /* Nearly always at the end: only a link that is set late has younger ones before it. */
    struct resource *before = list->last;
    while (before && before->serial > resource->serial)
        before = before->links[link].previous;
    struct resource *after = before ? before->links[link].next : list->first;
    resource->links[link] = (struct link_node){list, before, after};
    if (before)
        before->links[link].next = resource;
    else
        list->first = resource;
    if (after)
        after->links[link].previous = resource;
    else
        list->last = resource;
    list->count++;
    list->states[resource->state]++;
}

void related_set(struct relations *relations, const struct kind_shape *shape,
                 struct resource *resource, unsigned link, const char *target)
{
    struct related *list = resource->links[link].list;
    if (list && target && strcmp(related_target(list), target) == 0)
        return;
    if (list)
        take_out(relations, resource, link);
    if (!target)
        return;
    struct key key = {resource->kind, link, target};
    list = related_find(relations, key.kind, link, target);
    put_in(list ? list : make(relations, shape, &key), resource, link);
}

void related_state(struct resource *resource, uint8_t from, uint8_t to)
{
    for (unsigned i = 0; i < resource->link_count; i++) {
        struct related *list = resource->links[i].list;
        if (!list)
            continue;
        list->states[from]--;
        list->states[to]++;
    }
}
