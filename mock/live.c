/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/live.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "mock/events.h"
#include "mock/outcomes.h"
#include "mock/timers.h"

struct live *live_find(const struct resource *resource)
{
    return resource->outcome;
}

struct live *live_of(struct world *world, struct resource *resource)
{
    struct live *live = resource->outcome;
    if (!live) {
        live = mem_alloc(sizeof *live);
        live->world = world;
        live->resource = resource;
        resource->outcome = live;
        world_hold(world, sizeof *live);
    }
    return live;
}

void live_release(void *data)
{
    struct live *live = data;
    timers_release(live);
    events_release(live);
    outcome_release(live);
    world_let_go(live->world, sizeof *live);
    mem_free(live);
}
