/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: looking at them, resetting and forgetting them. */
#include "mock/admin/session.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/admin/handlers.h"

#include <inttypes.h>

/* ---- looking ---- */

const char *admin_clock_text(struct arena *arena, const struct clock_settings *clock)
{
    static const char *const modes[] = {"real", "scaled", "virtual"};
    return clock->mode == MODE_SCALED ? arena_printf(arena, "scaled:%" PRId64, clock->scale)
                                      : modes[clock->mode];
}

/* What its world holds by now. */
static void tell_world(struct arena *arena, cJSON *json, struct world *world)
{
    int64_t resources = 0;
    world_lock(world);
    world_catch_up(world);
    for (size_t i = 0; i < store_kind_count(world->store); i++)
        resources += (int64_t)store_count(world->store, (unsigned)i);
    admin_set_integer(arena, json, "resources", resources);
    admin_set_integer(arena, json, "requests", (int64_t)journal_count(world->journal));
    admin_set_integer(arena, json, "bytes", (int64_t)world_bytes(world));
    tree_set_string(arena, json, "clock", admin_clock_text(arena, &world->clock.settings));
    admin_set_instant(arena, json, "now", world_now(world));
    admin_set_integer(arena, json, "participants", world->parking.participants);
    tree_set(arena, json, "seed", tree_integer(arena, (int64_t)world->seed));
    admin_set_integer(arena, json, "waiting", world->parking.parked);
    admin_set_integer(arena, json, "webhooks", world->delivering);
    world_unlock(world);
}

/* One that was declared, and not used since then or since its reset. */
static void tell_unused(struct admin_call *call, cJSON *json, const struct session_terms *terms)
{
    struct arena *arena = call->arena;
    const struct world_settings *usual = &call->mock->world_settings;
    unsigned participants =
        terms && terms->participants ? terms->participants : usual->participants;
    uint64_t seed = terms && terms->has_seed ? terms->seed : usual->seed;
    admin_set_integer(arena, json, "resources", 0);
    admin_set_integer(arena, json, "requests", 0);
    admin_set_integer(arena, json, "bytes", 0);
    tree_set_string(
        arena, json, "clock",
        admin_clock_text(arena, terms && terms->has_clock ? &terms->clock : &usual->clock));
    admin_set_integer(arena, json, "participants", participants ? participants : 1);
    tree_set(arena, json, "seed", tree_integer(arena, (int64_t)seed));
}

static void tell_terms(struct arena *arena, cJSON *json, const struct session_look *look)
{
    admin_set_bool(arena, json, "declared", look->terms != NULL);
    if (look->terms && look->terms->outcome_count) {
        cJSON *outcomes = tree_array(arena);
        for (size_t i = 0; i < look->terms->outcome_count; i++)
            tree_append(outcomes, tree_string(arena, look->terms->outcomes[i]));
        tree_set(arena, json, "outcomes", outcomes);
    }
    admin_set_instant(arena, json, "created", look->created);
    admin_set_instant(arena, json, "last_used", look->used);
    if (!look->expires_after)
        return;
    admin_set_duration(arena, json, "expires_after", look->expires_after);
    if (!look->in_flight)
        admin_set_instant(arena, json, "expires", look->used + look->expires_after);
}

cJSON *admin_session_json(struct admin_call *call, const char *name)
{
    struct session_look look;
    struct arena *arena = call->arena;
    if (!sessions_look(call->mock->sessions, name, &look))
        return NULL;
    /* this very call is none of those that keep it */
    look.in_flight -= look.world == call->world && look.in_flight ? 1 : 0;
    cJSON *json = tree_object(arena);
    tree_set_string(arena, json, "name", name);
    if (look.world)
        tell_world(arena, json, look.world);
    else
        tell_unused(call, json, look.terms);
    admin_set_integer(arena, json, "in_flight", look.in_flight);
    tell_terms(arena, json, &look);
    tree_set_string(arena, json, "admin",
                    *name ? arena_printf(arena, "/~%s/__admin", name) : "/__admin");
    tree_set_string(arena, json, "state",
                    *name ? arena_printf(arena, "/~%s/__admin/state", name) : "/__admin/state");
    session_look_release(&look);
    return json;
}

void admin_sessions(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena), *all = tree_array(call->arena);
    const struct session_rules *rules = sessions_rules(call->mock->sessions);
    char **names = sessions_names(call->mock->sessions);
    for (size_t i = 0; names[i]; i++) {
        cJSON *json = admin_session_json(call, arena_strdup(call->arena, names[i]));
        if (json)
            tree_append(all, json);
        mem_free(names[i]);
    }
    mem_free(names);
    admin_set_integer(call->arena, body, "count", tree_count(all));
    admin_set_integer(call->arena, body, "limit", (int64_t)rules->most);
    admin_set_integer(call->arena, body, "bytes", (int64_t)atomic_load(&call->mock->budget.used));
    if (call->mock->budget.most)
        admin_set_integer(call->arena, body, "bytes_limit", (int64_t)call->mock->budget.most);
    if (call->mock->budget.most_a_session)
        admin_set_integer(call->arena, body, "bytes_limit_each",
                          (int64_t)call->mock->budget.most_a_session);
    admin_set_bool(call->arena, body, "declared_only", rules->declared_only);
    if (rules->idle)
        admin_set_duration(call->arena, body, "expire_after", rules->idle);
    tree_set(call->arena, body, "sessions", all);
    admin_reply(call, 200, body);
}

/* ---- one of them ---- */

/* {name} of the path: `~` is the default session, since no name looks so. */
static const char *name_in_path(const struct admin_call *call)
{
    return text_is(call->values[0], "~") ? "" : call->values[0];
}

static void refuse_missing(struct admin_call *call, const char *name)
{
    struct arena *arena = call->arena;
    cJSON *body = tree_object(arena);
    struct admin_names known = {0};
    char **names = sessions_names(call->mock->sessions);
    for (size_t i = 0; names[i]; i++) {
        if (*names[i])
            vec_push_arena(arena, &known, arena_strdup(arena, names[i]));
        mem_free(names[i]);
    }
    mem_free(names);
    tree_set_string(arena, body, "detail",
                    arena_printf(arena, "there is no session '%s'%s", name,
                                 admin_hint(call, name, known.items, known.count)));
    admin_refuse(call, 404, "no such session", body);
}

void admin_session(struct admin_call *call)
{
    const cJSON *json = admin_session_json(call, name_in_path(call));
    if (json)
        admin_reply(call, 200, json);
    else
        refuse_missing(call, name_in_path(call));
}

/* The default session is there, used or not. */
static bool is_known(struct admin_call *call, const char *name)
{
    struct session_look look;
    bool is_there = sessions_look(call->mock->sessions, name, &look);
    session_look_release(&look);
    return is_there || !*name;
}

void admin_session_reset(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    const char *name = name_in_path(call);
    if (!is_known(call, name)) {
        refuse_missing(call, name);
        return;
    }
    sessions_reset(call->mock->sessions, name);
    tree_set_string(call->arena, body, "reset", name);
    admin_reply(call, 200, body);
}

void admin_session_delete(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    const char *name = name_in_path(call);
    if (!sessions_delete(call->mock->sessions, name) && *name) {
        refuse_missing(call, name);
        return;
    }
    tree_set_string(call->arena, body, "deleted", name);
    admin_reply(call, 200, body);
}

void admin_sessions_delete(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena), *deleted = tree_array(call->arena);
    char **names = sessions_names(call->mock->sessions);
    for (size_t i = 0; names[i]; i++) {
        if (*names[i] && sessions_delete(call->mock->sessions, names[i]))
            tree_append(deleted, tree_string(call->arena, names[i]));
        mem_free(names[i]);
    }
    mem_free(names);
    tree_set(call->arena, body, "deleted", deleted);
    admin_reply(call, 200, body);
}

/* ---- the session of the call ---- */

static void set_participants(struct world *world, int64_t participants)
{
    world_lock(world);
    world_set_participants(world, (unsigned)participants);
    world_unlock(world);
}

void admin_participants(struct admin_call *call)
{
    int64_t participants = 0;
    cJSON *body = tree_object(call->arena);
    if (!admin_member_integer(call, "participants", 1, &participants) &&
        !tree_get(call->body, "participants"))
        admin_problem(call, "member 'participants' is missing: how many clients wait at once");
    if (admin_refuse_problems(call))
        return;
    set_participants(call->world, participants);
    admin_set_integer(call->arena, body, "participants", participants);
    admin_reply(call, 200, body);
}

void admin_reset(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    bool all = admin_query_flag(call, "all");
    if (admin_refuse_problems(call))
        return;
    if (all)
        sessions_reset_all(call->mock->sessions);
    else
        sessions_reset(call->mock->sessions, call->exchange->session);
    tree_set_string(call->arena, body, "reset", all ? "all sessions" : "this session");
    tree_set_string(call->arena, body, "session", call->exchange->session);
    admin_reply(call, 200, body);
}
