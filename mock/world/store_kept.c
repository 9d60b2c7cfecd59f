/* SPDX-License-Identifier: Apache-2.0 */
/* Resources come back as they were kept: nothing is logged or counted anew. */
#include "mock/world/store_parts.h"

struct resource *store_restore(struct store *store, const struct rebirth *rebirth,
                               struct error *err)
{
    struct resource *resource = store_make(store, &rebirth->birth, !rebirth->is_deleted, err);
    if (!resource)
        return NULL;
    resource->serial = rebirth->serial;
    resource->entered = rebirth->entered;
    resource->version = rebirth->version;
    resource->moves.dropped = rebirth->moves_dropped;
    resource->is_deleted = rebirth->is_deleted;
    if (!rebirth->is_deleted)
        store_put_into_lists(store, resource, &rebirth->birth);
    if (store->serial < resource->serial)
        store->serial = resource->serial;
    return resource;
}

void store_restore_move(struct store *store, struct resource *resource,
                        const struct move_record *move, const struct move_cause *cause)
{
    struct move_record record = *move;
    record.cause = causes_number(&store->causes, cause);
    store->bytes += (size_t)move_log_add(&resource->moves, &record);
}

struct move_cause *store_causes(const struct store *store, struct arena *arena, size_t *count)
{
    struct move_cause *causes = arena_alloc(arena, (store->causes.count + 1) * sizeof *causes);
    *count = store->causes.count;
    for (size_t i = 0; i < *count; i++)
        causes[i] = causes_get(&store->causes, (uint32_t)i);
    return causes;
}

uint64_t store_serial(const struct store *store)
{
    return store->serial;
}

void store_resume(struct store *store, uint64_t serial, uint32_t sequence)
{
    if (store->serial < serial)
        store->serial = serial;
    store->sequence = sequence;
}
