/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/budget.h"

#include "mock/world/world.h"

#include <inttypes.h>

static size_t used_of(const struct budget *budget)
{
    return atomic_load_explicit(&budget->used, memory_order_relaxed);
}

static size_t charged_of(const struct world *world)
{
    return atomic_load_explicit(&world->charged, memory_order_relaxed);
}

static int refuse_total(struct budget *budget, struct error *err)
{
    atomic_fetch_add(&budget->refused, 1);
    return fail(err, ERROR_TOO_LARGE,
                "all sessions together hold %zu bytes, and --memory allows %zu: reset or delete "
                "sessions (DELETE /__admin/sessions), let them expire (--session-idle) or raise it",
                used_of(budget), budget->most);
}

int budget_admit(struct budget *budget, struct error *err)
{
    if (!budget || !budget->most || used_of(budget) + BUDGET_WORLD <= budget->most)
        return 0;
    return refuse_total(budget, err);
}

size_t world_bytes(const struct world *world)
{
    return BUDGET_WORLD + store_bytes(world->store) + queue_bytes(world->queue) +
           draws_bytes(world->draws) + journal_memory(world->journal) +
           page_cache_bytes(world->pages) + world->held;
}

void world_hold(struct world *world, size_t bytes)
{
    world->held += bytes;
}

void world_let_go(struct world *world, size_t bytes)
{
    world->held -= bytes;
}

static size_t left_of(size_t most, size_t used)
{
    return used < most ? most - used : 0;
}

/* What is left to a world that holds so much, with both limits higher by `slack`; SIZE_MAX without
 * a limit. */
static size_t room_of(const struct budget *budget, size_t bytes, size_t slack)
{
    size_t room = SIZE_MAX;
    if (budget->most)
        room = left_of(budget->most + slack, used_of(budget));
    if (budget->most_a_session) {
        size_t own = left_of(budget->most_a_session + slack, bytes);
        room = own < room ? own : room;
    }
    return room;
}

/* Nobody asks outcomes and journals whether they may grow: their containers are told how far. */
static void set_limits(struct world *world, size_t bytes)
{
    const struct budget *budget = world->budget;
    size_t room = room_of(budget, bytes, BUDGET_SLACK), journal = world->journal_limit;
    if (room == SIZE_MAX)
        return;
    store_set_limit(world->store, store_bytes(world->store) + room);
    if (!room_of(budget, bytes, 0)) {
        size_t now = journal_memory(world->journal);
        now = now > BUDGET_JOURNAL ? now : BUDGET_JOURNAL;
        journal = now < journal ? now : journal;
    }
    journal_set_limit(world->journal, journal);
}

void world_charge(struct world *world)
{
    if (!world->budget)
        return;
    size_t bytes = world_bytes(world), before = charged_of(world);
    size_t change = bytes > before ? bytes - before : before - bytes;
    if (change < BUDGET_GRAIN)
        return;
    atomic_store_explicit(&world->charged, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&world->budget->used, bytes - before, memory_order_relaxed);
    set_limits(world, bytes);
}

void world_discharge(struct world *world)
{
    if (world->budget)
        atomic_fetch_sub_explicit(&world->budget->used, charged_of(world), memory_order_relaxed);
    atomic_store_explicit(&world->charged, 0, memory_order_relaxed);
}

static int check_room(struct budget *budget, size_t bytes, size_t more, struct error *err)
{
    if (!budget || more <= room_of(budget, bytes, 0))
        return 0;
    if (!budget->most_a_session || bytes + more <= budget->most_a_session)
        return refuse_total(budget, err);
    atomic_fetch_add(&budget->refused, 1);
    return fail(err, ERROR_TOO_LARGE,
                "this session holds %zu bytes, and --session-bytes allows %zu: delete what is not "
                "needed, reset it (POST /__admin/reset) or raise it",
                bytes, budget->most_a_session);
}

int world_check_room(const struct world *world, size_t more, struct error *err)
{
    return check_room(world->budget, world->budget ? world_bytes(world) : 0, more, err);
}

int world_may_take(const struct world *world, size_t more, struct error *err)
{
    return check_room(world->budget, charged_of(world), more, err);
}
