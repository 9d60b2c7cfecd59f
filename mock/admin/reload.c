/* SPDX-License-Identifier: Apache-2.0 */
/* Which generation of each provider is played, and loading again what has changed. */
#include "mock/reload.h"
#include "core/base/str.h"
#include "mock/admin/handlers.h"
#include "mock/loading.h"

static cJSON *findings_json(struct arena *arena, const struct findings *findings)
{
    cJSON *list = tree_array(arena);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        cJSON *json = tree_object(arena);
        admin_set_text(arena, json, "file", finding->place.file);
        if (finding->place.line)
            admin_set_integer(arena, json, "line", finding->place.line);
        if (finding->place.column)
            admin_set_integer(arena, json, "column", finding->place.column);
        tree_set_string(arena, json, "severity", finding->is_warning ? "warning" : "error");
        tree_set_string(arena, json, "message", finding->text);
        tree_append(list, json);
    }
    return list;
}

/* With what was wrong the last time, when that did not go well. */
static void set_failure(struct admin_call *call, cJSON *json, size_t index)
{
    struct arena *arena = call->arena;
    struct loading *loading = call->mock->loading;
    struct slot *slot = &loading->slots[index];
    pthread_mutex_lock(&loading->lock);
    if (slot->failed_at) {
        cJSON *failure = tree_object(arena);
        admin_set_instant(arena, failure, "at", slot->failed_at);
        tree_set(arena, failure, "findings", findings_json(arena, &slot->findings));
        tree_set(arena, json, "failure", failure);
    }
    pthread_mutex_unlock(&loading->lock);
}

static const char *status_of(const struct played *played)
{
    if (played->is_gone)
        return "removed";
    if (played->failure)
        return "failed";
    return played->generation ? "played" : "waiting";
}

void admin_providers(struct admin_call *call)
{
    struct arena *arena = call->arena;
    struct mock *mock = call->mock;
    cJSON *body = tree_object(arena), *list = tree_array(arena);
    for (size_t i = 0; i < mock->played_count; i++) {
        struct slot *slot = &mock->loading->slots[i];
        const struct played *played = mock->played[i];
        cJSON *json = tree_object(arena);
        tree_set_string(arena, json, "provider", played->provider->name);
        tree_set_string(arena, json, "status", status_of(played));
        admin_set_integer(arena, json, "generation", played->generation);
        pthread_mutex_lock(&slot->lock);
        if (slot->loaded_at)
            admin_set_instant(arena, json, "loaded", slot->loaded_at);
        pthread_mutex_unlock(&slot->lock);
        set_failure(call, json, i);
        tree_append(list, json);
    }
    admin_set_bool(arena, body, "watches", mock->watch != NULL);
    tree_set(arena, body, "providers", list);
    admin_reply(call, 200, body);
}

void admin_reload(struct admin_call *call)
{
    struct arena *arena = call->arena;
    size_t count = 0, failed = 0;
    cJSON *body = tree_object(arena), *list = tree_array(arena);
    if (admin_refuse_problems(call))
        return;
    const struct reloaded *rows = reload(call->mock, true, arena, &count);
    for (size_t i = 0; i < count; i++) {
        cJSON *json = tree_object(arena);
        tree_set_string(arena, json, "provider", rows[i].name);
        tree_set_string(arena, json, "result", reload_result_name(rows[i].result));
        admin_set_integer(arena, json, "generation", rows[i].generation);
        if (rows[i].result == RELOAD_FAILED) {
            failed++;
            set_failure(call, json, rows[i].index);
        }
        tree_append(list, json);
    }
    tree_set(arena, body, "providers", list);
    if (failed)
        admin_refuse(call, 409, "documents are not right: what was played before stays", body);
    else
        admin_reply(call, 200, body);
}
