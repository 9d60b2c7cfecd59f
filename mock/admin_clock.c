/* SPDX-License-Identifier: Apache-2.0 */
/* The session's clock: what it shows, and moving it on purpose. docs/TIME.md */
#include "core/base/str.h"
#include "core/data/json.h"
#include "mock/admin_handlers.h"
#include "mock/live.h"
#include "mock/outcomes.h"
#include "mock/scan.h"

#include <inttypes.h>

static cJSON *clock_json(struct admin_call *call)
{
    static const char *const modes[] = {"real", "scaled", "virtual"};
    struct world *world = call->world;
    struct arena *arena = call->arena;
    const struct clock_settings *settings = &world->clock.settings;
    cJSON *json = tree_object(arena);
    nanos next;
    tree_set_string(arena, json, "mode", modes[settings->mode]);
    if (settings->mode == MODE_SCALED)
        admin_set_integer(arena, json, "scale", settings->scale);
    admin_set_instant(arena, json, "now", world_now(world));
    admin_set_instant(arena, json, "began", world->clock.began);
    if (settings->mode == MODE_VIRTUAL)
        admin_set_duration(arena, json, "step", settings->step);
    if (queue_next(world->queue, &next))
        admin_set_instant(arena, json, "next_event", next);
    admin_set_integer(arena, json, "events_to_come", (int64_t)queue_count(world->queue));
    admin_set_integer(arena, json, "events_happened", (int64_t)world->fired);
    admin_set_integer(arena, json, "running", world->parking.running);
    admin_set_integer(arena, json, "parked", world->parking.parked);
    admin_set_integer(arena, json, "participants", world->parking.participants);
    return json;
}

void admin_clock(struct admin_call *call)
{
    admin_look(call);
    cJSON *body = clock_json(call);
    world_unlock(call->world);
    admin_reply(call, 200, body);
}

/* ---- until idle ---- */

enum { IDLE_ROUNDS_MAX = 10000 };
#define IDLE_REACH                                                                                 \
    (366 * 24 * 3600 * NANOS_PER_SECOND) /* an outcome that repeats for ever ends                  \
                                          */

/* The last event that outcomes and timers (but not cron) have arranged; false: none has. */
static bool last_arranged(struct world *world, nanos *last)
{
    bool found = false;
    for (size_t kind = 0; kind < store_kind_count(world->store); kind++) {
        struct scan scan = {.limit = SIZE_MAX};
        struct scan_result rows;
        scan_run(store_index(world->store, (unsigned)kind), &scan, &rows);
        for (size_t i = 0; i < rows.count; i++) {
            const struct live *live = live_find(rows.rows[i]);
            const struct playing *playing = live ? live->playing : NULL;
            nanos due = playing && playing->status == PLAYING_DUE && playing->event
                            ? queue_event_due(playing->event)
                            : INT64_MIN;
            for (size_t j = 0; live && j < live->timers.count; j++) {
                const struct armed_timer *armed = live->timers.items[j];
                if (armed->event && !armed->timer->cron && armed->due > due)
                    due = armed->due;
            }
            found |= due != INT64_MIN;
            if (due > *last)
                *last = due;
        }
        scan_release(&rows);
    }
    return found;
}

/* True when nothing but cron timers is to come; false when the bounds were reached first. */
static bool run_until_idle(struct world *world, struct error *err)
{
    nanos reach = world_now(world) + IDLE_REACH;
    for (unsigned round = 0; round < IDLE_ROUNDS_MAX && !world_is_closed(world); round++) {
        nanos last = world_now(world);
        if (!last_arranged(world, &last))
            return true;
        if (world_advance_to(world, last < reach ? last : reach, err) || last >= reach)
            return false;
    }
    return false;
}

/* ---- advance ---- */

struct advance {
    nanos by, to;
    bool has_by, has_to, until_idle;
};

static void read_advance(struct admin_call *call, struct advance *advance)
{
    const cJSON *idle = tree_get(call->body, "until_idle");
    const char *to = admin_member_text(call, "to");
    advance->has_by = admin_member_duration(call, "by", &advance->by);
    advance->has_to = to != NULL;
    advance->until_idle = tree_is_true(idle);
    if (idle && !cJSON_IsBool(idle))
        admin_problem(call, "member 'until_idle' is true or false, not %s",
                      json_text(call->arena, idle));
    if (to && instant_parse(to, false, &advance->to))
        admin_problem(call, "member 'to' is an instant such as 2026-01-01T00:00:00Z, not '%s'", to);
    if (tree_count(call->problems))
        return;
    if (advance->has_by + advance->has_to + advance->until_idle != 1)
        admin_problem(call, "give one of 'by', 'to' and 'until_idle'");
}

static int move_clock(struct world *world, const struct advance *advance, bool *is_idle,
                      struct error *err)
{
    nanos until = advance->to;
    if (world->clock.settings.mode != MODE_VIRTUAL)
        return fail(err, ERROR_CONFLICT,
                    "the clock is not virtual: it moves by itself (--clock virtual)");
    if (advance->until_idle) {
        *is_idle = run_until_idle(world, err);
        return err->kind ? -1 : 0;
    }
    if (advance->has_by && __builtin_add_overflow(world_now(world), advance->by, &until))
        return fail(err, ERROR_INVALID, "that is beyond the end of time");
    if (until < world_now(world))
        return fail(err, ERROR_CONFLICT, "time does not go back");
    return world_advance_to(world, until, err);
}

void admin_advance(struct admin_call *call)
{
    struct world *world = call->world;
    struct advance advance = {0};
    struct error err = {0};
    bool is_idle = false;
    read_advance(call, &advance);
    if (admin_refuse_problems(call))
        return;
    world_begin(world); /* while this runs, nobody else is granted time */
    nanos from = world_now(world);
    uint64_t fired = world->fired;
    int failed = move_clock(world, &advance, &is_idle, &err);
    cJSON *body = clock_json(call);
    admin_set_instant(call->arena, body, "from", from);
    admin_set_integer(call->arena, body, "events", (int64_t)(world->fired - fired));
    if (advance.until_idle)
        admin_set_bool(call->arena, body, "idle", is_idle);
    world_unlock(world);
    if (failed)
        admin_refuse(call, error_row(err.kind)->http_status, err.text, body);
    else
        admin_reply(call, 200, body);
    world_end(world);
}
