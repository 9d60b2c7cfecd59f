/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/admin_requests.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "mock/admin_handlers.h"

#include <stdlib.h>
#include <string.h>

/* ---- filters ---- */

static void read_status(struct admin_call *call, struct request_filter *filter, const char *text)
{
    char *end = NULL;
    if (!text)
        return;
    if (strlen(text) == 3 && *text >= '1' && *text <= '5' && text_is_any_case(text + 1, "xx")) {
        filter->status_low = (*text - '0') * 100;
        filter->status_high = filter->status_low + 99;
        return;
    }
    long status = strtol(text, &end, 10);
    if (!*text || *end || status < 100 || status > 599)
        admin_problem(call, "'status' is a number such as 409 or a class such as 4xx, not '%s'",
                      text);
    filter->status_low = filter->status_high = (int)status;
}

static void read_state(struct admin_call *call, struct request_filter *filter, const char *text)
{
    const char *equals = text ? strchr(text, '=') : NULL;
    struct admin_names states = admin_state_names(call);
    if (!text)
        return;
    filter->state = equals ? equals + 1 : text;
    if (equals)
        filter->machine = arena_strndup(call->arena, text, (size_t)(equals - text));
    if (!admin_has_name(&states, filter->state))
        admin_problem(call, "no machine has a state '%s'%s", filter->state,
                      admin_hint(call, filter->state, states.items, states.count));
}

void request_filter_read(struct admin_call *call, struct request_filter *filter,
                         const char *(*member)(struct admin_call *call, const char *name))
{
    struct admin_names operations = admin_operation_names(call);
    *filter = (struct request_filter){
        .operation = member(call, "operation"),
        .method = member(call, "method"),
        .resource = member(call, "resource"),
        .provider = member(call, "provider"),
    };
    if (filter->operation && !admin_has_name(&operations, filter->operation))
        admin_problem(call, "no provider has an operation '%s'%s", filter->operation,
                      admin_hint(call, filter->operation, operations.items, operations.count));
    if (filter->provider && !mock_provider(call->mock, filter->provider))
        admin_problem(call, "no provider '%s' is played", filter->provider);
    read_state(call, filter, member(call, "state"));
    read_status(call, filter, member(call, "status"));
}

static bool touches(const struct journal_record *record, const struct request_filter *filter)
{
    if (!filter->resource && !filter->state)
        return true;
    for (size_t i = 0; i < record->touched_count; i++) {
        const struct journal_touched *touched = &record->touched[i];
        if ((!filter->resource || text_is(filter->resource, touched->id)) &&
            (!filter->state || text_is(filter->state, touched->state)) &&
            (!filter->machine || text_is(filter->machine, touched->machine)))
            return true;
    }
    return false;
}

bool request_filter_fits(const struct journal_record *record, void *data)
{
    const struct request_filter *filter = data;
    return (!filter->operation || text_is(filter->operation, record->operation)) &&
           (!filter->method || text_is_any_case(filter->method, record->method)) &&
           (!filter->provider || text_is(filter->provider, record->provider)) &&
           (!filter->status_low ||
            (record->status >= filter->status_low && record->status <= filter->status_high)) &&
           touches(record, filter);
}

/* ---- entries ---- */

/* A body as JSON where it is some, else as a text. */
static void set_body(struct arena *arena, cJSON *object, const char *name, const struct text *text)
{
    struct error err;
    if (!text)
        return;
    cJSON *tree = json_parse(arena, text->bytes, text->len, NULL, &err);
    tree_set(arena, object, name, tree ? tree : tree_string_n(arena, text->bytes, text->len));
}

static void set_headers(struct arena *arena, cJSON *object, const char *name, const char *text)
{
    cJSON *lines = tree_array(arena);
    for (const char *at = text ? text : ""; *at;) {
        size_t len = strcspn(at, "\n");
        tree_append(lines, tree_string_n(arena, at, len));
        at += len + (at[len] == '\n');
    }
    if (text)
        tree_set(arena, object, name, lines);
}

static cJSON *faults_json(struct arena *arena, const struct journal_record *record)
{
    cJSON *names = tree_array(arena);
    for (size_t i = 0; i < record->fault_count; i++)
        tree_append(names, tree_string(arena, record->faults[i]));
    return names;
}

static cJSON *touched_json(struct arena *arena, const struct journal_record *record)
{
    cJSON *all = tree_array(arena);
    for (size_t i = 0; i < record->touched_count; i++) {
        cJSON *touched = tree_object(arena);
        tree_set_string(arena, touched, "machine", record->touched[i].machine);
        tree_set_string(arena, touched, "id", record->touched[i].id);
        tree_set_string(arena, touched, "state", record->touched[i].state);
        tree_append(all, touched);
    }
    return all;
}

cJSON *request_json(struct arena *arena, const struct journal_record *record, int form)
{
    cJSON *json = tree_object(arena);
    admin_set_integer(arena, json, "exchange", (int64_t)record->number);
    if (record->world_time)
        admin_set_instant(arena, json, "at", record->world_time);
    tree_set_string(arena, json, "method", record->method);
    tree_set_string(arena, json, "target", record->target);
    admin_set_integer(arena, json, "status", record->status);
    admin_set_text(arena, json, "provider", record->provider);
    admin_set_text(arena, json, "operation", record->operation);
    admin_set_text(arena, json, "session", record->session);
    admin_set_text(arena, json, "rule", record->rule);
    admin_set_text(arena, json, "remark", record->remark);
    if (record->fault_count)
        tree_set(arena, json, "faults", faults_json(arena, record));
    if (record->is_unmatched)
        admin_set_bool(arena, json, "unmatched", true);
    tree_set(arena, json, "touched", touched_json(arena, record));
    if (form != RECORD_WITH_BODIES)
        return json;
    admin_set_instant(arena, json, "received", record->real_time);
    admin_set_duration(arena, json, "took", record->real_duration);
    set_headers(arena, json, "request_headers", record->request_headers);
    set_body(arena, json, "request_body", record->request_body);
    set_body(arena, json, "response_body", record->response_body);
    if (record->is_cut)
        admin_set_bool(arena, json, "bodies_left_out", true);
    return json;
}

/* ---- routes ---- */

static const char *from_query(struct admin_call *call, const char *name)
{
    return admin_query(call, name);
}

/* `session=NAME` reads another session's journal: a reference to its world, or the call's own. */
static struct world *chosen_world(struct admin_call *call)
{
    const char *name = admin_query(call, "session");
    if (!name)
        return world_ref(call->world);
    struct world *world = sessions_find(call->mock->sessions, name);
    if (!world)
        admin_problem(call, "there is no session '%s'", name);
    return world;
}

static cJSON *entries_json(struct admin_call *call, const struct journal_view *view, int form)
{
    cJSON *entries = tree_array(call->arena);
    for (size_t i = 0; i < view->count; i++)
        tree_append(entries, request_json(call->arena, journal_record_of(view->entries[i]), form));
    return entries;
}

static void reply_entries(struct admin_call *call, struct world *world,
                          const struct journal_view *view, int form)
{
    cJSON *body = tree_object(call->arena);
    tree_set(call->arena, body, "requests", entries_json(call, view, form));
    admin_set_integer(call->arena, body, "total", (int64_t)view->total);
    admin_set_integer(call->arena, body, "dropped", (int64_t)journal_dropped(world->journal));
    admin_reply(call, 200, body);
}

void admin_requests(struct admin_call *call)
{
    struct request_filter filter;
    struct journal_view view;
    struct world *world = chosen_world(call);
    size_t limit = admin_query_limit(call);
    int form = admin_query_flag(call, "bodies") ? RECORD_WITH_BODIES : RECORD_SHORT;
    request_filter_read(call, &filter, from_query);
    if (!admin_refuse_problems(call)) {
        journal_query(world->journal, request_filter_fits, &filter, limit, &view);
        reply_entries(call, world, &view, form);
        journal_view_release(&view);
    }
    world_unref(world);
}

void admin_requests_count(struct admin_call *call)
{
    struct request_filter filter;
    struct journal_view view;
    struct world *world = chosen_world(call);
    request_filter_read(call, &filter, from_query);
    if (!admin_refuse_problems(call)) {
        cJSON *body = tree_object(call->arena);
        journal_query(world->journal, request_filter_fits, &filter, 0, &view);
        admin_set_integer(call->arena, body, "count", (int64_t)view.total);
        /* of requests that the journal had no room for nobody knows whether they fit */
        admin_set_bool(call->arena, body, "complete", !journal_dropped(world->journal));
        journal_view_release(&view);
        admin_reply(call, 200, body);
    }
    world_unref(world);
}

static bool is_unmatched(const struct journal_record *record, void *data)
{
    (void)data;
    return record->is_unmatched;
}

void admin_requests_unmatched(struct admin_call *call)
{
    struct journal_view view;
    size_t limit = admin_query_limit(call);
    if (admin_refuse_problems(call))
        return;
    journal_query(call->world->journal, is_unmatched, NULL, limit, &view);
    reply_entries(call, call->world, &view, RECORD_SHORT);
    journal_view_release(&view);
}

static bool has_number(const struct journal_record *record, void *number)
{
    return record->number == *(const uint64_t *)number;
}

void admin_request(struct admin_call *call)
{
    struct journal_view view;
    char *end = NULL;
    static const char *const others[] = {"count", "unmatched"};
    uint64_t number = strtoull(call->values[0], &end, 10);
    struct world *world = chosen_world(call);
    if (*end || !number)
        admin_problem(call, "'%s' is no number of an exchange (X-Dryrun-Exchange)%s",
                      call->values[0], admin_hint(call, call->values[0], others, 2));
    if (!admin_refuse_problems(call)) {
        journal_query(world->journal, has_number, &number, 1, &view);
        if (view.count)
            admin_reply(
                call, 200,
                request_json(call->arena, journal_record_of(view.entries[0]), RECORD_WITH_BODIES));
        else
            admin_refuse(call, 404, "the journal has no such exchange", NULL);
        journal_view_release(&view);
    }
    world_unref(world);
}
