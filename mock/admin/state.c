/* SPDX-License-Identifier: Apache-2.0 */
/* Kept states: one session, or all, as one JSON text (docs/STATE.md). */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "mock/admin/handlers.h"
#include "mock/keep/restore.h"
#include "mock/keep/snapshot_write.h"

static int send_piece(void *data, const char *bytes, size_t len)
{
    return http_stream_write(data, bytes, len);
}

static void write_all(struct state_writer *writer, struct sessions *sessions)
{
    size_t count;
    struct session_item *items = sessions_items(sessions, false, &count);
    for (size_t i = 0; i < count; i++)
        state_write_now(writer, &items[i]);
    session_items_release(items, count);
}

static void write_one(struct state_writer *writer, struct admin_call *call)
{
    struct session_look look;
    sessions_look(call->mock->sessions, call->world->name, &look);
    const struct session_item item = {call->world->name, call->world, look.terms};
    state_write_now(writer, &item);
    session_look_release(&look);
}

void admin_state_export(struct admin_call *call)
{
    bool all = admin_query_flag(call, "all");
    struct http_response response;
    struct state_writer writer = {.write = send_piece, .data = call->exchange->http};
    if (admin_refuse_problems(call))
        return;
    http_response_init(&response, 200);
    http_response_header(&response, "Content-Type", "application/json");
    http_response_header(&response, "Cache-Control", "no-store");
    if (http_stream_begin(call->exchange->http, &response) == 0) {
        state_write_begin(&writer);
        if (all)
            write_all(&writer, call->mock->sessions);
        else
            write_one(&writer, call);
        state_write_end(&writer);
        exchange_over(call->exchange);
        http_stream_end(call->exchange->http);
    }
    http_response_release(&response);
}

/* ---- import ---- */

static cJSON *told(struct admin_call *call, const struct findings *findings, bool warnings)
{
    cJSON *list = tree_array(call->arena);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->is_warning == warnings)
            tree_append(list, tree_string(call->arena,
                                          arena_printf(call->arena, "%s:%u:%u: %s",
                                                       finding->place.file, finding->place.line,
                                                       finding->place.column, finding->text)));
    }
    return list;
}

static cJSON *session_json(struct arena *arena, const struct restored_session *session)
{
    cJSON *json = tree_object(arena);
    tree_set_string(arena, json, "name", session->name);
    admin_set_integer(arena, json, "resources", (int64_t)session->resources);
    admin_set_integer(arena, json, "outcomes", (int64_t)session->outcomes);
    admin_set_integer(arena, json, "timers", (int64_t)session->timers);
    admin_set_integer(arena, json, "webhooks", (int64_t)session->webhooks);
    admin_set_integer(arena, json, "halted", (int64_t)session->halted);
    return json;
}

static void commit(struct admin_call *call, struct restored *restored,
                   const struct findings *findings)
{
    struct arena *arena = call->arena;
    struct error err = {0};
    cJSON *body = tree_object(arena), *sessions = tree_array(arena);
    for (size_t i = 0; i < restored->count; i++)
        tree_append(sessions, session_json(arena, &restored->sessions[i]));
    if (restore_commit(restored, &err)) {
        admin_refuse(call, error_row(err.kind)->http_status, err.text, NULL);
        return;
    }
    tree_set(arena, body, "sessions", sessions);
    tree_set(arena, body, "remarks", told(call, findings, true));
    admin_reply(call, 200, body);
}

void admin_state_import(struct admin_call *call)
{
    const struct http_request *request = call->exchange->request;
    struct findings findings = {0};
    bool all = admin_query_flag(call, "all");
    if (admin_refuse_problems(call))
        return;
    struct restore_options options = {
        .file = "state",
        .session = all ? NULL : call->exchange->session,
        .all = all,
        .check_links = true,
    };
    struct restored *restored = restore_read(
        call->mock, (struct str){request->body, request->body_len}, &options, &findings);
    if (restored) {
        commit(call, restored, &findings);
    } else {
        cJSON *members = tree_object(call->arena), *problems = told(call, &findings, false);
        tree_set_string(call->arena, members, "detail", tree_text(tree_at(problems, 0)));
        tree_set(call->arena, members, "problems", problems);
        admin_refuse(call, 400, "the state is not right: nothing was imported", members);
    }
    restored_free(restored);
    findings_release(&findings);
}
