/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/checks.h"

#include "core/base/str.h"
#include "core/contract/request_check.h"
#include "core/data/json.h"
#include "core/net/sse.h"

#include <strings.h>

/* ---- what was sent ---- */

/* In the arena they are both times: the texts are shared. */
static struct header_fields view_fields(struct arena *arena, const struct http_header *headers,
                                        size_t count)
{
    struct header_field *fields = arena_take(arena, (count + 1) * sizeof *fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = (struct header_field){headers[i].name, headers[i].value};
    return (struct header_fields){fields, count};
}

static void read_request(const struct judged *judged, struct seen *seen)
{
    const struct sent_request *sent = judged->sent;
    struct route_match match;
    struct checked_request *request = arena_alloc(judged->arena, sizeof *request);
    struct request_options options = {0};
    struct raw_request raw = {.query = str_from(sent->query), .body = sent->body};
    seen->provider = judged->target->provider;
    seen->method = sent->method;
    seen->url = sent->url;
    if (!router_match(judged->target->router, sent->method, str_from(sent->path), &match))
        return;
    seen->operation = &seen->provider->operations[match.operation->index];
    raw.headers = view_fields(judged->arena, sent->headers.items, sent->headers.count);
    request_check(judged->arena, match.operation, &match, &raw, &options, request);
    seen->path = request->parameters.path;
    seen->query = request->parameters.query;
    seen->header = request->parameters.header;
    seen->body = request->body;
    seen->sent = request->sent;
}

/* ---- the answer ---- */

void checks_note_observed(void *data, const char *name, const struct schema *schema,
                          const cJSON *value, const char *pointer)
{
    struct noting *noting = data;
    struct observed observed = {name, value, pointer}; /* in the same arena */
    (void)schema;
    vec_push_arena(noting->arena, noting->list, observed);
}

static bool row_answers(const struct row *row, int status)
{
    return row->status == status || (row->error && row->error->status == status);
}

bool checks_status_is_known(const struct provider *provider,
                            const struct provider_operation *operation, int status)
{
    if (operation_response(operation->operation, status) || operation->success_status == status)
        return true;
    for (size_t i = 0; i < operation->rule_count; i++)
        if (row_answers(&operation->rules[i]->row, status))
            return true;
    for (size_t i = 0; i < operation->participant_count; i++) {
        const struct participant *participant = &operation->participants[i];
        const struct refusal *missing = participant->machine->missing
                                            ? participant->machine->missing
                                            : provider->lifecycle->missing;
        for (size_t j = 0; j < participant->rows.count; j++)
            if (row_answers(participant->rows.items[j], status))
                return true;
        if (participant->by_path && missing && missing->status == status)
            return true;
    }
    return false;
}

static void say(const struct seen *seen, struct verdicts *verdicts, const char *rule,
                const char *text, struct place place)
{
    struct verdict verdict = {
        .kind = VERDICT_VIOLATION, .rule = rule, .text = text, .place = place, .second = seen};
    verdict_add(verdicts, verdict);
}

static void say_problems(struct arena *arena, const struct seen *seen,
                         const struct problems *problems, const char *rule,
                         struct verdicts *verdicts)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const struct problem *problem;
    vec_foreach (problem, problems) {
        if (text_is(problem->in, "status") && seen->is_documented)
            continue;
        strbuf_clear(&text);
        problem_print(problem, &text);
        say(seen, verdicts, rule ? rule : problem->in, arena_strdup(arena, text.buf),
            problem->place);
    }
    strbuf_release(&text);
}

/* Which errors of the catalogue it may be; and when the catalogue knows this status, it must be
 * one of them. */
static void recognise(struct arena *arena, struct seen *seen, struct verdicts *verdicts)
{
    const struct lifecycle *lifecycle = seen->provider->lifecycle;
    struct strbuf names = STRBUF_INIT(LIMIT_MESSAGE);
    struct place place = {0};
    for (size_t i = 0; i < lifecycle->refusal_count && i < 64; i++) {
        const struct refusal *refusal = &lifecycle->refusals[i];
        if (refusal->status != seen->response->status)
            continue;
        if (!refusal->schema ||
            (seen->answer && schema_valid(refusal->schema, seen->answer, NULL, arena)))
            seen->refusals |= (state_set)1 << i;
        strbuf_addf(&names, "%s%s", names.len ? ", " : "", refusal->name);
        place = place.file ? place : refusal->place;
    }
    if (names.len && !seen->refusals)
        say(seen, verdicts, "error",
            arena_printf(arena, "status %d with a body that is none of the errors known for it: %s",
                         seen->response->status, names.buf),
            place);
    strbuf_release(&names);
}

/* ---- streams ---- */

struct streaming {
    const struct judged *judged;
    struct seen *seen;
    struct verdicts *verdicts;
};

static void see_event(const struct sse_event *event, void *state)
{
    struct streaming *streaming = state;
    struct arena *arena = streaming->judged->arena;
    struct seen *seen = streaming->seen;
    struct seen_event *item;
    struct checked_event checked;
    struct seen_event empty = {.event = arena_strdup(arena, event->type),
                               .id = *event->id ? arena_strdup(arena, event->id) : NULL};
    struct raw_event raw = {empty.event,
                            empty.id,
                            {arena_strndup(arena, event->data, event->data_len), event->data_len}};
    vec_push_arena(arena, &seen->events, empty);
    item = &seen->events.items[seen->events.count - 1];
    struct noting noting = {arena, &item->observed};
    event_check(arena, seen->checked->media, &raw, checks_note_observed, &noting, &checked);
    item->data = checked.data;
    say_problems(arena, seen, &checked.problems, "event", streaming->verdicts);
}

static void read_stream(const struct judged *judged, struct seen *seen, struct verdicts *verdicts)
{
    struct streaming streaming = {judged, seen, verdicts};
    struct sse_parser parser;
    if (!seen->checked || !seen->checked->media)
        return;
    sse_parser_init(&parser, LIMIT_BODY, see_event, &streaming);
    sse_parser_feed(&parser, seen->response->body.ptr, seen->response->body.len);
    sse_parser_release(&parser);
}

static struct header_fields copy_fields(struct arena *arena, const struct http_header *headers,
                                        size_t count)
{
    struct header_fields copy = view_fields(arena, headers, count);
    struct header_field *fields = (struct header_field *)(uintptr_t)copy.items;
    for (size_t i = 0; i < count; i++)
        fields[i] = (struct header_field){arena_strdup(arena, headers[i].name),
                                          arena_strdup(arena, headers[i].value)};
    return copy;
}

static const struct raw_response *copy_response(const struct judged *judged)
{
    const struct http_reply *reply = judged->reply;
    struct raw_response *raw = arena_alloc(judged->arena, sizeof *raw);
    const char *type = http_reply_header(reply, "Content-Type");
    *raw = (struct raw_response){
        .status = reply->status,
        .headers = copy_fields(judged->arena, reply->headers, reply->header_count),
        .body = {arena_strndup(judged->arena, reply->body.buf, reply->body.len), reply->body.len},
        .is_stream = type && strncasecmp(type, "text/event-stream", 17) == 0,
        .is_head = text_is(judged->sent->method, "HEAD")};
    return raw;
}

/* A body that the document does not speak of is still looked at: by scenarios, and as an error. */
static const cJSON *read_undocumented(struct arena *arena, const struct raw_response *raw)
{
    const char *type = header_find(&raw->headers, "Content-Type");
    struct error err;
    if (!raw->body.len || raw->is_stream)
        return NULL;
    if (type && strstr(type, "json"))
        return json_parse(arena, raw->body.ptr, raw->body.len, NULL, &err);
    return tree_string_n(arena, raw->body.ptr, raw->body.len);
}

void checks_exchange(const struct judged *judged, struct seen *seen, struct verdicts *verdicts)
{
    struct arena *arena = judged->arena;
    struct noting noting = {arena, &seen->observed};
    struct checked_response *checked = arena_alloc(arena, sizeof *checked);
    read_request(judged, seen);
    seen->response = copy_response(judged);
    if (!seen->operation) {
        seen->answer = read_undocumented(arena, seen->response);
        return;
    }
    response_check(arena, seen->operation->operation, seen->response, checks_note_observed, &noting,
                   checked);
    seen->checked = checked;
    seen->answer = checked->body ? checked->body : read_undocumented(arena, seen->response);
    seen->is_documented =
        checks_status_is_known(seen->provider, seen->operation, seen->response->status);
    say_problems(arena, seen, &checked->problems, NULL, verdicts);
    if (seen->response->status >= 400)
        recognise(arena, seen, verdicts);
    if (seen->response->is_stream)
        read_stream(judged, seen, verdicts);
}
