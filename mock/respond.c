/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/respond.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/expr/template.h"
#include "mock/answer.h"
#include "mock/faults/act.h"
#include "mock/mock.h"
#include "mock/pretence.h"
#include "mock/rehearsal.h"

#include <stdio.h>

/* ---- headers ---- */

/* Where the world's time stands, exactly, and where it will still stand for the next request. */
static void tell_clock(const struct exchange *exchange, struct http_response *response)
{
    const struct clock_settings *clock = exchange->world ? &exchange->world->clock.settings : NULL;
    if (clock && clock->mode == MODE_VIRTUAL && !clock->step)
        http_response_headerf(response, "X-Dryrun-Clock", "%lld", (long long)exchange->answered_at);
}

/* Those that did something; whoever asked by a header for one that did not hears why. */
static void tell_faults(const struct exchange *exchange, struct http_response *response)
{
    for (size_t i = 0; i < exchange->fault_count; i++) {
        const struct fault_hit *hit = &exchange->faults[i];
        const char *name = hit->fault->kind->name;
        if (!hit->is_idle && hit->note)
            http_response_headerf(response, "X-Dryrun-Fault", "%s; %s", name, hit->note);
        else if (!hit->is_idle)
            http_response_known(response, STR_LITERAL("X-Dryrun-Fault: "), name);
        else if (!hit->rule)
            http_response_headerf(response, "X-Dryrun-Fault", "%s; nothing=%s", name, hit->note);
    }
}

static void explain(const struct exchange *exchange, struct http_response *response)
{
    tell_clock(exchange, response);
    if (exchange->operation)
        http_response_known(response, STR_LITERAL("X-Dryrun-Operation: "),
                            exchange->operation->name);
    if (exchange->state)
        http_response_known(response, STR_LITERAL("X-Dryrun-State: "), exchange->state);
    if (exchange->rule)
        http_response_known(response, STR_LITERAL("X-Dryrun-Rule: "), exchange->rule);
    if (exchange->number) {
        struct strbuf *head = &response->head;
        strbuf_adds(head, "X-Dryrun-Exchange: ");
        strbuf_add_number(head, exchange->number);
        strbuf_adds(head, "\r\n");
    }
    if (exchange->fault_count)
        tell_faults(exchange, response);
    if (exchange->remark)
        http_response_headerf(response, "X-Dryrun-Remark", "%.*s", REMARK_SHOWN, exchange->remark);
}

#define OPEN_TO_BROWSERS "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: *\r\n"

/* The lines that only depend on the second. The calendar is dear, and the second is mostly that of
 * the answer before. */
static const char *usual_lines(nanos instant)
{
    static _Thread_local struct {
        nanos second;
        char lines[sizeof "Date: \r\n" + INSTANT_TEXT + sizeof OPEN_TO_BROWSERS];
    } last;
    if (!*last.lines || last.second != instant / NANOS_PER_SECOND) {
        char date[INSTANT_TEXT];
        instant_http_date(instant, date);
        last.second = instant / NANOS_PER_SECOND;
        snprintf(last.lines, sizeof last.lines, "Date: %s\r\n" OPEN_TO_BROWSERS, date);
    }
    return last.lines;
}

void respond_head(struct exchange *exchange, struct http_response *response)
{
    const cJSON *header;
    response->has_date = true;
    nanos date_off = exchange->pretence ? exchange->pretence->date_off : 0;
    http_response_lines(response, usual_lines(exchange->answered_at + date_off));
    if (exchange->media_type)
        http_response_known(response, STR_LITERAL("Content-Type: "), exchange->media_type);
    cJSON_ArrayForEach (header, exchange->headers)
        http_response_header(response, header->string, header->valuestring);
    explain(exchange, response);
}

/* `headers` of service.yaml; evaluated while the play is there. */
static void add_service_headers(struct exchange *exchange)
{
    const struct assignments *headers = &exchange->played->provider->service.headers;
    for (size_t i = 0; i < headers->count; i++) {
        const char *value = template_text(headers->items[i].value, &exchange->play.eval);
        if (value)
            exchange_header(exchange, headers->items[i].name, value);
    }
}

int respond_stream_begin(struct exchange *exchange)
{
    struct http_response response;
    exchange->answered_at = exchange->play.eval.now;
    http_response_init(&response, exchange->status);
    respond_head(exchange, &response);
    int failed = http_stream_begin(exchange->http, &response);
    http_response_release(&response);
    return failed;
}

/* ---- the journal ---- */

static bool is_secret(const char *name)
{
    static const char *const secrets[] = {"authorization", "cookie", "x-api-key", "api-key",
                                          "proxy-authorization"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (text_is_any_case(name, secrets[i]))
            return true;
    return false;
}

static char *put(char *to, const char *bytes, size_t len)
{
    memcpy(to, bytes, len);
    return to + len;
}

/* "Name: value" lines; the head of a request is bounded, and so are they. */
static const char *header_lines(const struct exchange *exchange)
{
    const struct http_request *request = exchange->request;
    const size_t count = request->header_count;
    struct line {
        size_t name_len, value_len;
        const char *value;
    } *lines = arena_alloc(exchange->arena, (count + 1) * sizeof *lines);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const struct http_header *header = &request->headers[i];
        lines[i].value = is_secret(header->name) ? "***" : header->value;
        lines[i].name_len = strlen(header->name);
        lines[i].value_len = strlen(lines[i].value);
        len += lines[i].name_len + lines[i].value_len + 3;
    }
    char *text = arena_alloc(exchange->arena, len + 1), *to = text;
    for (size_t i = 0; i < count; i++) {
        to = put(to, request->headers[i].name, lines[i].name_len);
        to = put(to, ": ", 2);
        to = put(to, lines[i].value, lines[i].value_len);
        *to++ = '\n';
    }
    return text;
}

/* Called under the lock: states are read. */
static void note_touched(struct exchange *exchange)
{
    struct play *play = &exchange->play;
    size_t count = 0;
    exchange->touched =
        arena_alloc(exchange->arena, (exchange->taking_count + 1) * sizeof *exchange->touched);
    for (size_t i = 0; i <= exchange->taking_count; i++) {
        struct resource *resource =
            i < exchange->taking_count ? exchange->takings[i].resource : exchange->made;
        if (!resource)
            continue;
        const struct machine *machine = play_machine(play, resource);
        exchange->touched[count++] = (struct journal_touched){
            machine->name, arena_strdup(exchange->arena, resource->id),
            resource->is_deleted ? "absent" : machine->states[resource->state].name};
    }
    exchange->touched_count = count;
}

static void record(struct exchange *exchange, struct text *body)
{
    const struct http_request *request = exchange->request;
    struct text *sent = request->body_len ? text_new(request->body, request->body_len) : NULL;
    struct journal_record journal = {
        .number = exchange->number,
        .world_time = exchange->answered_at,
        .real_time = exchange->came,
        .real_duration = instant_real_now() - exchange->came,
        .method = request->method,
        .target = exchange->target,
        .request_headers = header_lines(exchange),
        .request_body = sent,
        .status = exchange->status,
        .response_body = body,
        .provider = exchange->played ? exchange->played->provider->name : NULL,
        .operation = exchange->operation ? exchange->operation->name : NULL,
        .session = exchange->world->name,
        .rule = exchange->rule,
        .remark = exchange->remark,
        .touched = exchange->touched,
        .touched_count = exchange->touched_count,
        .is_unmatched = exchange->is_unmatched,
    };
    if (exchange->fault_count)
        journal.fault_count = faults_told(exchange, &journal.faults);
    journal_add(exchange->world->journal, &journal);
    text_unref(sent);
    mock_log(exchange->mock, &journal);
}

/* ---- the answer ---- */

static void write_answer(struct exchange *exchange, struct text *body)
{
    struct http_response response;
    http_response_init(&response, exchange->status);
    if (!exchange->media_type && body)
        exchange->media_type = "application/json";
    respond_head(exchange, &response);
    if (body)
        http_response_borrow(&response, body->bytes, body->len, NULL, NULL);
    if (!exchange->fault_count || !faults_send(exchange, &response))
        exchange_send(exchange, &response);
    http_response_release(&response);
}

/* The end of an answer that was sent piece by piece. */
static void finish(struct exchange *exchange)
{
    exchange_over(exchange);
    if (exchange->last.len)
        http_stream_write(exchange->http, exchange->last.ptr, exchange->last.len);
    exchange->finish(exchange->http);
}

/* From here on the truth is told. */
static void end_rehearsal(struct exchange *exchange)
{
    if (!exchange->play.rehearsal)
        return;
    rehearsal_end(&exchange->play);
    exchange->page_key = NULL;
    exchange->state = NULL;
    answer_note_state(exchange, answer_subject(exchange));
}

void respond(struct exchange *exchange)
{
    struct world *world = exchange->world;
    bool has_left = false;
    if (exchange->in_world) {
        add_service_headers(exchange);
        end_rehearsal(exchange);
        note_touched(exchange);
        if (exchange->fault_count) {
            play_flush(&exchange->play);
            faults_settled(exchange);
        }
        play_end(&exchange->play);
        if (!exchange->remark && exchange->play.eval.problem)
            exchange->remark = exchange->play.eval.problem;
        world_step(world);
        exchange->answered_at = world_now(world);
        has_left = world_leave(world);
    } else if (world) { /* of the world's own time, too */
        exchange->answered_at = world_ask_now(world);
    }
    if (exchange->fault_count)
        faults_answered(exchange);
    struct text *body = exchange_body(exchange);
    if (world && exchange->page_key && body)
        page_cache_put(world->pages, exchange->page_key, body);
    if (exchange->fault_count && !exchange->answered)
        body = faults_change(exchange, body);
    /* in the journal before the client can ask for it there */
    record(exchange, exchange->answered ? NULL : body);
    if (!exchange->answered)
        write_answer(exchange, body);
    else if (exchange->finish)
        finish(exchange);
    text_unref(body);
    text_unref(exchange->reply_text);
    exchange_drop_items(exchange);
    if (has_left)
        world_left(world);
    else if (exchange->in_world)
        world_end(world);
    exchange->in_world = false;
}
