/* SPDX-License-Identifier: Apache-2.0 */
/* Near misses: requests that were refused, and what would have been accepted. */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/router.h"
#include "core/lifecycle/machine.h"
#include "mock/admin/handlers.h"
#include "mock/admin/requests.h"
#include "mock/verify/verify.h"

#include <string.h>

static bool is_near_miss(const struct journal_record *record, void *data)
{
    (void)data;
    return record->is_unmatched || (record->remark && record->status >= 400);
}

/* ---- refused for its shape ---- */

/* The path of a request behind /~SESSION and /PROVIDER, without its query. */
static struct str bare_path(struct admin_call *call, const struct journal_record *record,
                            const char *provider)
{
    struct str path = request_path(record);
    const char *prefix = provider ? arena_printf(call->arena, "/%s/", provider) : NULL;
    if (prefix && path.len >= strlen(prefix) && memcmp(path.ptr, prefix, strlen(prefix)) == 0)
        path = (struct str){path.ptr + strlen(prefix) - 1, path.len - strlen(prefix) + 1};
    return path;
}

static void add_operations(struct admin_call *call, const struct journal_record *record,
                           const struct played *played, size_t most, cJSON *nearest)
{
    struct arena *arena = call->arena;
    struct route_near near[3];
    const char *name = played->provider->name;
    size_t count = router_nearest(played->router, arena, record->method,
                                  bare_path(call, record, name), near, most);
    for (size_t i = 0; i < count; i++) {
        cJSON *item = tree_object(arena);
        const struct provider_operation *operation =
            &played->provider->operations[near[i].operation->index];
        tree_set_string(arena, item, "provider", name);
        tree_set_string(arena, item, "operation", operation->name);
        tree_set_string(arena, item, "method", near[i].operation->method);
        tree_set_string(arena, item, "path",
                        arena_printf(arena, "%s%s", near[i].prefix, near[i].operation->path));
        tree_set_string(arena, item, "reason", near[i].reason);
        tree_append(nearest, item);
    }
}

static cJSON *nearest_operations(struct admin_call *call, const struct journal_record *record)
{
    cJSON *nearest = tree_array(call->arena);
    const struct played *played =
        record->provider ? mock_provider(call->mock, record->provider) : NULL;
    if (played)
        add_operations(call, record, played, 3, nearest);
    for (size_t i = 0; !played && i < call->mock->played_count; i++)
        add_operations(call, record, call->mock->played[i], 1, nearest);
    return nearest;
}

const char *near_is_operation(struct admin_call *call, const struct journal_record *record,
                              const char *operation)
{
    const cJSON *all = nearest_operations(call, record), *near;
    cJSON_ArrayForEach (near, all) {
        if (text_is(tree_get_text(near, "operation"), operation))
            return arena_printf(call->arena, "no operation fits it; nearest: %s %s (%s)",
                                tree_get_text(near, "method"), tree_get_text(near, "path"),
                                tree_get_text(near, "reason"));
        if (record->provider) /* else the nearest of each */
            break;
    }
    return NULL;
}

/* ---- refused for a state ---- */

static state_set accepting(const struct participant *participant)
{
    state_set set = 0;
    for (size_t i = 0; i < participant->rows.count; i++) {
        const struct row *row = participant->rows.items[i];
        if (!row->error && !row->each)
            set |= row->tests.in == STATES_ANY ? participant->machine->present : row->tests.in;
    }
    return set;
}

static cJSON *states_json(struct arena *arena, const struct machine *machine, state_set set)
{
    cJSON *states = tree_array(arena);
    for (size_t i = 0; i < machine->state_count; i++)
        if (set & STATE_BIT(i))
            tree_append(states, tree_string(arena, machine->states[i].name));
    return states;
}

static cJSON *accepted_states(struct admin_call *call, const struct journal_record *record)
{
    struct arena *arena = call->arena;
    cJSON *all = tree_array(arena);
    const struct played *played =
        record->provider ? mock_provider(call->mock, record->provider) : NULL;
    const struct provider_operation *operation =
        played && record->operation ? provider_operation_named(played->provider, record->operation)
                                    : NULL;
    for (size_t i = 0; operation && i < operation->participant_count; i++) {
        const struct participant *participant = &operation->participants[i];
        for (size_t j = 0; j < record->touched_count; j++) {
            if (!text_is(record->touched[j].machine, participant->machine->name))
                continue;
            cJSON *item = tree_object(arena);
            tree_set_string(arena, item, "machine", participant->machine->name);
            tree_set_string(arena, item, "id", record->touched[j].id);
            tree_set_string(arena, item, "state", record->touched[j].state);
            tree_set(arena, item, "accepted_in",
                     states_json(arena, participant->machine, accepting(participant)));
            tree_append(all, item);
        }
    }
    return all;
}

static cJSON *near_json(struct admin_call *call, const struct journal_record *record)
{
    struct arena *arena = call->arena;
    cJSON *json = request_json(arena, record, RECORD_SHORT);
    tree_remove(json, "touched");
    if (record->is_unmatched) {
        tree_set_string(arena, json, "refused_for", "shape");
        tree_set(arena, json, "nearest", nearest_operations(call, record));
    } else if (record->touched_count) {
        tree_set_string(arena, json, "refused_for", "state");
        tree_set(arena, json, "states", accepted_states(call, record));
    } else {
        tree_set_string(arena, json, "refused_for", "request");
    }
    return json;
}

void admin_near_misses(struct admin_call *call)
{
    struct arena *arena = call->arena;
    struct journal_view view;
    cJSON *body = tree_object(arena), *misses = tree_array(arena);
    size_t limit = admin_query_limit(call);
    if (admin_refuse_problems(call))
        return;
    journal_query(call->world->journal, is_near_miss, NULL, limit, &view);
    for (size_t i = view.count; i-- > 0;)
        tree_append(misses, near_json(call, journal_record_of(view.entries[i])));
    tree_set(arena, body, "near_misses", misses);
    admin_set_integer(arena, body, "total", (int64_t)view.total);
    journal_view_release(&view);
    admin_reply(call, 200, body);
}
