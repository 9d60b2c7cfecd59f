/* SPDX-License-Identifier: Apache-2.0 */
/* Links read backwards. */
#include "mock/world/store_parts.h"

struct resource *store_related_first(const struct store *store, unsigned kind, unsigned link,
                                     const char *target)
{
    const struct related *list = related_find(&store->relations, kind, link, target);
    return list ? list->first : NULL;
}

struct resource *store_related_last(const struct store *store, unsigned kind, unsigned link,
                                    const char *target)
{
    const struct related *list = related_find(&store->relations, kind, link, target);
    return list ? list->last : NULL;
}

struct resource *store_related_next(const struct resource *resource, unsigned link)
{
    return resource->links[link].next;
}

struct resource *store_related_previous(const struct resource *resource, unsigned link)
{
    return resource->links[link].previous;
}

size_t store_related_count(const struct store *store, unsigned kind, unsigned link,
                           const char *target, uint64_t states)
{
    const struct related *list = related_find(&store->relations, kind, link, target);
    if (!list || states == UINT64_MAX)
        return list ? list->count : 0;
    size_t count = 0;
    for (unsigned i = 0; i < list->state_count; i++)
        if (states >> i & 1)
            count += list->states[i];
    return count;
}

const char *store_link_target(const struct resource *resource, unsigned link)
{
    const struct related *list = resource->links[link].list;
    return list ? related_target(list) : NULL;
}
