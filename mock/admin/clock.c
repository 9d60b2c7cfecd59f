/* SPDX-License-Identifier: Apache-2.0 */
/* The session's clock: what it shows; freezing and thawing it. Moving it: advance.c. */
#include "mock/admin/handlers.h"

/* Of a real clock that was moved or held: how far it is from the machine's, to the second. */
static void set_ahead(struct arena *arena, cJSON *json, const struct clock *clock)
{
    const nanos second = NANOS_PER_SECOND, ahead = clock_ahead(clock);
    const nanos rounded = (ahead + (ahead < 0 ? -second : second) / 2) / second * second;
    if (rounded > 0)
        admin_set_duration(arena, json, "ahead", rounded);
    else if (rounded < 0)
        admin_set_duration(arena, json, "behind", -rounded);
}

cJSON *admin_clock_json(struct admin_call *call)
{
    static const char *const modes[] = {"real", "scaled", "virtual"};
    struct world *world = call->world;
    struct arena *arena = call->arena;
    const struct clock_settings *settings = &world->clock.settings;
    const struct queue *queue = world->queue;
    cJSON *json = tree_object(arena);
    nanos next;
    tree_set_string(arena, json, "mode", modes[settings->mode]);
    if (settings->mode == MODE_SCALED)
        admin_set_integer(arena, json, "scale", settings->scale);
    admin_set_instant(arena, json, "now", world_now(world));
    admin_set_bool(arena, json, "frozen", world->clock.is_frozen);
    set_ahead(arena, json, &world->clock);
    admin_set_instant(arena, json, "began", world->clock.began);
    if (settings->mode == MODE_VIRTUAL)
        admin_set_duration(arena, json, "step", settings->step);
    if (queue_next(queue, &next))
        admin_set_instant(arena, json, "next_event", next);
    admin_set_integer(arena, json, "events_to_come", (int64_t)queue_count(queue));
    admin_set_integer(arena, json, "recurring", (int64_t)queue_count_of(queue, EVENT_RECURRING));
    admin_set_integer(arena, json, "events_happened", (int64_t)world->fired);
    admin_set_integer(arena, json, "running", world_undecided(world));
    admin_set_integer(arena, json, "parked", world->parking.parked);
    admin_set_integer(arena, json, "participants", world->parking.participants);
    return json;
}

void admin_clock(struct admin_call *call)
{
    admin_look(call);
    cJSON *body = admin_clock_json(call);
    world_unlock(call->world);
    admin_reply(call, 200, body);
}

static void hold(struct admin_call *call, void (*change)(struct clock *clock))
{
    struct world *world = call->world;
    world_begin(world); /* what is due by now has happened */
    change(&world->clock);
    cJSON *body = admin_clock_json(call);
    world_unlock_to_answer(world); /* tells the scheduler what comes next, if anything does */
    admin_reply(call, 200, body);
    world_end(world); /* on a virtual clock: whoever waits may be granted time again */
}

void admin_freeze(struct admin_call *call)
{
    hold(call, clock_freeze);
}

void admin_thaw(struct admin_call *call)
{
    hold(call, clock_thaw);
}
