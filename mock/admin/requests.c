/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/admin/requests.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "mock/admin/handlers.h"

#include <inttypes.h>
#include <stdlib.h>

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
    admin_set_text(arena, json, "callback", record->callback);
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

void request_line(const struct journal_record *record, struct strbuf *out)
{
    strbuf_addf(out, "#%" PRIu64 " ", record->number);
    if (record->operation || record->callback)
        strbuf_addf(out, "%s%s ", record->callback ? "callback " : "",
                    record->callback ? record->callback : record->operation);
    strbuf_addf(out, "%s %s -> ", record->method, record->target);
    if (record->status)
        strbuf_addf(out, "%d", record->status);
    else
        strbuf_adds(out, "no answer");
    if (record->is_unmatched)
        strbuf_adds(out, ", fits no operation");
    for (size_t i = 0; !record->callback && i < record->touched_count; i++)
        strbuf_addf(out, ", %s %s", record->touched[i].machine, record->touched[i].state);
    for (size_t i = 0; i < record->fault_count; i++)
        strbuf_addf(out, ", fault %s", record->faults[i]);
}

/* ---- routes ---- */

struct world *request_world(struct admin_call *call, const char *name)
{
    if (!name)
        return world_ref(call->world);
    struct world *world = sessions_find(call->mock->sessions, name);
    if (!world)
        admin_problem(call, "there is no session '%s'", name);
    return world;
}

/* `session=NAME` reads another session's journal: a reference to its world, or the call's own. */
static struct world *chosen_world(struct admin_call *call)
{
    return request_world(call, admin_query(call, "session"));
}

static cJSON *entries_json(struct admin_call *call, const struct journal_view *view, int form)
{
    cJSON *entries = tree_array(call->arena);
    for (size_t i = 0; i < view->count; i++)
        tree_append(entries, request_json(call->arena, journal_record_of(view->entries[i]), form));
    return entries;
}

/* A line each, for people. */
static void reply_lines(struct admin_call *call, const struct journal_view *view)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    for (size_t i = 0; i < view->count; i++) {
        request_line(journal_record_of(view->entries[i]), &text);
        strbuf_addch(&text, '\n');
    }
    admin_reply_text(call, 200, "text/plain; charset=utf-8", &text);
    strbuf_release(&text);
}

static void reply_entries(struct admin_call *call, struct world *world,
                          const struct journal_view *view, int form)
{
    if (admin_wants_text(call)) {
        reply_lines(call, view);
        return;
    }
    cJSON *body = tree_object(call->arena);
    tree_set(call->arena, body, "requests", entries_json(call, view, form));
    admin_set_integer(call->arena, body, "total", (int64_t)view->total);
    admin_set_integer(call->arena, body, "last", (int64_t)journal_last(world->journal));
    admin_set_integer(call->arena, body, "dropped", (int64_t)journal_dropped(world->journal));
    admin_reply(call, 200, body);
}

/* Which of the entries that fit, and in which order. */
enum entry_order { ENTRIES_TAIL, ENTRIES_OLDEST, ENTRIES_NEWEST };

static enum entry_order read_order(struct admin_call *call)
{
    static const char *const names[] = {"oldest", "newest"};
    const char *name = admin_query(call, "order");
    if (!name)
        return ENTRIES_TAIL;
    if (!text_is(name, names[0]) && !text_is(name, names[1]))
        admin_problem(call, "query 'order' is oldest or newest, not '%s'%s", name,
                      admin_hint(call, name, names, 2));
    return text_is(name, names[0]) ? ENTRIES_OLDEST : ENTRIES_NEWEST;
}

/* The view has what the order wants, in its order; the rest is given back at its release. */
static void put_in_order(struct journal_view *view, enum entry_order order, size_t limit)
{
    if (order == ENTRIES_OLDEST)
        journal_view_cut(view, limit);
    for (size_t i = 0; order == ENTRIES_NEWEST && i < view->count / 2; i++) {
        struct journal_entry *entry = view->entries[i];
        view->entries[i] = view->entries[view->count - 1 - i];
        view->entries[view->count - 1 - i] = entry;
    }
}

void admin_requests(struct admin_call *call)
{
    struct request_filter filter;
    struct journal_view view;
    struct world *world = chosen_world(call);
    size_t limit = admin_query_limit(call);
    enum entry_order order = read_order(call);
    int form = admin_query_flag(call, "bodies") ? RECORD_WITH_BODIES : RECORD_SHORT;
    request_filter_read(call, &filter);
    if (filter.side == SIDE_CAME) /* who looks on sees everything */
        filter.side = SIDE_BOTH;
    if (!admin_refuse_problems(call)) {
        journal_query(world->journal, request_filter_fits, &filter,
                      order == ENTRIES_OLDEST ? SIZE_MAX : limit, &view);
        put_in_order(&view, order, limit);
        reply_entries(call, world, &view, form);
        journal_view_release(&view);
    }
    world_unref(world);
}

bool request_view_is_complete(struct journal *journal, const struct request_filter *filter)
{
    nanos at;
    uint64_t last = journal_dropped_last(journal, &at);
    return !journal_dropped(journal) || filter->after >= last ||
           (filter->has_since && filter->since > at);
}

void admin_requests_count(struct admin_call *call)
{
    struct request_filter filter;
    struct journal_view view;
    struct world *world = chosen_world(call);
    request_filter_read(call, &filter);
    if (!admin_refuse_problems(call)) {
        cJSON *body = tree_object(call->arena);
        journal_query(world->journal, request_filter_fits, &filter, 0, &view);
        admin_set_integer(call->arena, body, "count", (int64_t)view.total);
        /* of requests that the journal had no room for nobody knows whether they fit */
        admin_set_bool(call->arena, body, "complete",
                       request_view_is_complete(world->journal, &filter));
        admin_set_integer(call->arena, body, "last", (int64_t)journal_last(world->journal));
        journal_view_release(&view);
        admin_reply(call, 200, body);
    }
    world_unref(world);
}

void admin_requests_clear(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    admin_set_integer(call->arena, body, "cleared", (int64_t)journal_count(call->world->journal));
    journal_clear(call->world->journal);
    admin_set_integer(call->arena, body, "last", (int64_t)journal_last(call->world->journal));
    admin_reply(call, 200, body);
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
