/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: each a world of its own, made on first use. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/admin_handlers.h"

static cJSON *session_json(struct admin_call *call, const char *name, struct world *world)
{
    struct arena *arena = call->arena;
    cJSON *json = tree_object(arena);
    int64_t resources = 0;
    world_lock(world);
    world_catch_up(world);
    for (size_t i = 0; i < store_kind_count(world->store); i++)
        resources += (int64_t)store_count(world->store, (unsigned)i);
    tree_set_string(arena, json, "name", name);
    admin_set_integer(arena, json, "resources", resources);
    admin_set_integer(arena, json, "bytes", (int64_t)store_bytes(world->store));
    admin_set_instant(arena, json, "now", world_now(world));
    admin_set_integer(arena, json, "participants", world->parking.participants);
    world_unlock(world);
    admin_set_integer(arena, json, "requests", (int64_t)journal_count(world->journal));
    return json;
}

void admin_sessions(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena), *all = tree_array(call->arena);
    char **names = sessions_names(call->mock->sessions);
    for (size_t i = 0; names[i]; i++) {
        struct world *world = sessions_find(call->mock->sessions, names[i]);
        if (world)
            tree_append(all, session_json(call, names[i], world));
        world_unref(world);
        mem_free(names[i]);
    }
    mem_free(names);
    tree_set(call->arena, body, "sessions", all);
    admin_reply(call, 200, body);
}

static void set_participants(struct world *world, int64_t participants)
{
    world_lock(world);
    world_set_participants(world, (unsigned)participants);
    world_unlock(world);
}

void admin_session_new(struct admin_call *call)
{
    struct error err = {0};
    int64_t participants = 0;
    const char *name = admin_member_text(call, "name");
    bool is_given = admin_member_integer(call, "participants", 1, &participants);
    if (!tree_get(call->body, "name"))
        admin_problem(call, "member 'name' is missing: 1 to %d of A-Z a-z 0-9 . _ -",
                      SESSION_NAME_MAX);
    if (admin_refuse_problems(call))
        return;
    struct world *world = sessions_find(call->mock->sessions, name);
    bool is_new = !world;
    if (is_new)
        world = sessions_get(call->mock->sessions, name, &err);
    if (!world) {
        admin_refuse(call, error_row(err.kind)->http_status, err.text, NULL);
        return;
    }
    if (is_given)
        set_participants(world, participants);
    admin_reply(call, is_new ? 201 : 200, session_json(call, name, world));
    world_unref(world);
}

void admin_session_delete(struct admin_call *call)
{
    struct arena *arena = call->arena;
    cJSON *body = tree_object(arena);
    const char *name = call->values[0];
    if (sessions_reset(call->mock->sessions, name)) {
        tree_set_string(arena, body, "deleted", name);
        admin_reply(call, 200, body);
        return;
    }
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

void admin_participants(struct admin_call *call)
{
    int64_t participants = 0;
    cJSON *body = tree_object(call->arena);
    if (!admin_member_integer(call, "participants", 1, &participants) &&
        !tree_count(call->problems))
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
