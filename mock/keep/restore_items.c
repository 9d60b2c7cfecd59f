/* SPDX-License-Identifier: Apache-2.0 */
/* What a session has beside its resources: why things moved, webhooks, forced outcomes, draws. */
#include "mock/keep/restore_parts.h"
#include "mock/state.h"
#include "mock/webhooks.h"

#include <stdlib.h>

/* ---- why things moved ---- */

enum { CAUSE_BY, CAUSE_NAME, CAUSE_FILE, CAUSE_LINE, CAUSE_COLUMN, CAUSE_MEMBERS };
static const char *const cause_names[CAUSE_MEMBERS] = {"by", "name", "file", "line", "column"};

void restore_cause(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[CAUSE_MEMBERS];
    struct move_cause cause = {0};
    int64_t line = 0, column = 0;
    if (!read_members(reading, piece, cause_names, CAUSE_MEMBERS, values))
        return;
    const char *by = read_text(reading, reading->scratch, values[CAUSE_BY]);
    unsigned kind = 0;
    while (kind < CAUSE_KINDS && !text_is(cause_kind_name((enum cause_kind)kind), by))
        kind++;
    if (kind == CAUSE_KINDS)
        reading_problem(reading, piece.ptr, "'by' of a cause is no kind of cause: '%s'",
                        by ? by : "");
    else
        cause.kind = (enum cause_kind)kind;
    cause.name = restore_name(restoring, read_text(reading, reading->scratch, values[CAUSE_NAME]));
    const char *file = read_text(reading, reading->scratch, values[CAUSE_FILE]);
    read_integer(reading, values[CAUSE_LINE], 0, INT32_MAX, &line);
    read_integer(reading, values[CAUSE_COLUMN], 0, INT32_MAX, &column);
    if (file) {
        file = restore_name(restoring, file);
        struct place *place = arena_alloc(state_of(restoring->world)->names, sizeof *place);
        *place = (struct place){file, (unsigned)line, (unsigned)column};
        cause.place = place;
    }
    vec_push(&restoring->causes, cause);
}

/* ---- webhooks ---- */

enum {
    CALL_CALLBACK,
    CALL_RESOURCE,
    CALL_METHOD,
    CALL_URL,
    CALL_HEADERS,
    CALL_BODY,
    CALL_TRIED,
    CALL_NUMBER,
    CALL_DUE,
    CALL_ORDER,
    CALL_MEMBERS
};
static const char *const call_names[CALL_MEMBERS] = {
    "callback", "resource", "method", "url", "headers", "body", "tried", "number", "due", "order"};

static void read_headers(struct reading *reading, struct str piece, struct kept_call *call)
{
    const cJSON *rows = read_tree(reading, reading->scratch, piece), *row;
    struct http_header *headers =
        arena_alloc(reading->scratch, (tree_count(rows) + 1) * sizeof *headers);
    cJSON_ArrayForEach (row, rows) {
        const char *name = tree_text(tree_at(row, 0)), *value = tree_text(tree_at(row, 1));
        if (name && value)
            headers[call->header_count++] = (struct http_header){name, value};
        else
            reading_problem(reading, piece.ptr, "'headers' are [name, value], both texts");
    }
    call->headers = headers;
}

static const struct webhook *find_webhook(const struct provider *provider, const char *name)
{
    for (size_t i = 0; i < provider->service.callback_count; i++)
        if (text_is(provider->service.callbacks[i].name, name))
            return &provider->service.callbacks[i];
    return NULL;
}

void restore_call(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[CALL_MEMBERS];
    struct kept_call call = {.due = world_now(restoring->world)};
    int64_t serial = 0, order = 0, number = 0;
    if (!read_members(reading, piece, call_names, CALL_MEMBERS, values))
        return;
    const char *name = read_text(reading, reading->scratch, values[CALL_CALLBACK]);
    read_integer(reading, values[CALL_RESOURCE], 1, INT64_MAX - 1, &serial);
    read_integer(reading, values[CALL_TRIED], 0, INT32_MAX, &call.tried);
    read_integer(reading, values[CALL_NUMBER], 0, INT64_MAX - 1, &number);
    read_integer(reading, values[CALL_ORDER], 1, INT64_MAX - 1, &order);
    read_instant(reading, values[CALL_DUE], &call.due);
    call.url = read_text(reading, reading->scratch, values[CALL_URL]);
    call.method = read_text(reading, reading->scratch, values[CALL_METHOD]);
    call.body = read_text(reading, reading->scratch, values[CALL_BODY]);
    call.sequence = (uint64_t)order;
    call.number = (uint64_t)number;
    call.resource = restore_find(restoring, (uint64_t)serial);
    read_headers(reading, values[CALL_HEADERS], &call);
    if (!name || !call.url || !call.method || !call.body || !call.resource) {
        reading_problem(reading, piece.ptr,
                        "a webhook needs 'callback', 'url', 'method', 'body' and the serial of a "
                        "'resource' that is here");
        return;
    }
    call.played = state_played_of_kind(restoring->world, call.resource->kind);
    call.webhook = find_webhook(call.played->provider, name);
    if (!call.webhook) {
        reading_remark(reading, piece.ptr, "a webhook is dropped: '%s' has no callback '%s'",
                       call.played->provider->name, name);
        return;
    }
    webhook_restore(restoring->world, &call);
    restoring->session->webhooks++;
}

/* ---- forced outcomes, draws ---- */

enum { FORCED_PROVIDER, FORCED_KIND, FORCED_OUTCOME, FORCED_TIMES, FORCED_MEMBERS };
static const char *const forced_names[FORCED_MEMBERS] = {"provider", "kind", "outcome", "times"};

void restore_forced(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[FORCED_MEMBERS];
    struct forced forced = {0};
    if (!read_members(reading, piece, forced_names, FORCED_MEMBERS, values))
        return;
    const char *provider = read_text(reading, reading->scratch, values[FORCED_PROVIDER]);
    const char *kind = read_text(reading, reading->scratch, values[FORCED_KIND]);
    const char *name = read_text(reading, reading->scratch, values[FORCED_OUTCOME]);
    read_integer(reading, values[FORCED_TIMES], 0, INT64_MAX, &forced.times);
    if (!provider || !kind || !name) {
        reading_problem(reading, piece.ptr, "what is forced has 'provider', 'kind' and 'outcome'");
        return;
    }
    const struct played *played = restore_provider(restoring, values[FORCED_PROVIDER], provider);
    const struct kind_play *of =
        played ? restore_kind(restoring, played, values[FORCED_KIND], kind) : NULL;
    forced.outcome = of ? kind_outcome(of->kind, name) : NULL;
    if (forced.outcome)
        vec_push(&state_of(restoring->world)->forced, forced);
    else if (of)
        reading_remark(reading, piece.ptr, "the outcome '%s' is not forced: kind '%s' has none",
                       name, kind);
}

void restore_draw(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct draws_entry entry = {0};
    const cJSON *row = read_tree(reading, reading->scratch, piece);
    const char *key = tree_text(tree_at(row, 0));
    char *end = NULL;
    int64_t count = 0;
    if (key)
        entry.request = strtoull(key, &end, 16);
    bool is_right = key && strlen(key) == 16 && !*end && tree_as_int64(tree_at(row, 1), &count) &&
                    count > 0 && count <= UINT32_MAX;
    entry.count = (uint32_t)count;
    entry.is_old = tree_is_true(tree_at(row, 2));
    if (row && (!is_right || !draws_restore(restoring->world->draws, &entry)))
        reading_problem(reading, piece.ptr,
                        "a draw is [16 hexadecimal digits, how often from 1], each once");
}
