/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/answer.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/expr/criterion.h"
#include "core/expr/expr.h"
#include "core/expr/template.h"
#include "core/net/digest.h"
#include "mock/body.h"
#include "mock/change.h"
#include "mock/events.h"
#include "mock/faults/act.h"
#include "mock/pretence.h"
#include "mock/refuse.h"
#include "mock/shown.h"
#include "mock/steps.h"

#include <stdatomic.h>

/* ---- what happens ---- */

struct resource *answer_subject(const struct exchange *exchange)
{
    struct resource *subject = NULL;
    for (size_t i = 0; i < exchange->taking_count; i++)
        if (exchange->takings[i].resource &&
            (exchange->takings[i].participant->by_path || !subject))
            subject = exchange->takings[i].resource;
    return subject;
}

static const struct service_case *find_case(const struct exchange *exchange, const char *name)
{
    const struct service_entry *entry = &exchange->operation->service;
    for (size_t i = 0; name && i < entry->case_count; i++)
        if (text_is(entry->cases[i].name, name))
            return &entry->cases[i];
    return NULL;
}

/* The rows' cases, in the order of machines; the last one that brings an answer answers. */
static const struct answers *run_steps(struct exchange *exchange, struct resource *subject)
{
    struct play *play = &exchange->play;
    const struct service_entry *entry = &exchange->operation->service;
    const struct answers *answers = &entry->answers;
    for (size_t i = 0; i < exchange->taking_count; i++) {
        const struct row *row = exchange->takings[i].row;
        if (row && row->case_name)
            play_bind(play, "case", tree_string(play->arena, row->case_name));
    }
    steps_run_here(play, &entry->steps, subject);
    for (size_t i = 0; i < exchange->taking_count; i++) {
        const struct row *row = exchange->takings[i].row;
        const struct service_case *chosen = row ? find_case(exchange, row->case_name) : NULL;
        if (!chosen)
            continue;
        steps_run_here(play, &chosen->steps, subject);
        if (chosen->answers.count)
            answers = &chosen->answers;
    }
    return answers;
}

static bool is_known_now(struct exchange *exchange)
{
    struct play *play = &exchange->play;
    const struct template *same = exchange->pretence->same;
    return same && play_resource(play, template_value(same, &play->eval));
}

/* What the steps make, a fault may have them make twice. */
static const struct answers *run_all_steps(struct exchange *exchange, struct resource *subject)
{
    struct pretence *pretence = exchange->pretence;
    const size_t forced = exchange->forced_count;
    const struct play *play = &exchange->play;
    const struct answers *answers = run_steps(exchange, subject);
    if (!pretence || !pretence->starts_twice || !exchange->made || pretence->is_repeat ||
        pretence->twin || play->err.kind != ERROR_NONE)
        return answers;
    if (pretence->unless_known && is_known_now(exchange))
        return answers;
    pretence->twin = play->starts.count ? play->starts.items[0].resource : exchange->made;
    pretence->forgets_repeats = true;
    exchange->forced_count = forced;
    return run_steps(exchange, subject);
}

static void move_by(struct play *play, const struct row *row, struct resource *resource, int to)
{
    play->cause.place = row ? &row->place : NULL;
    change_move(play, resource, to);
    play->cause.place = NULL;
}

static void make_moves(struct exchange *exchange)
{
    struct play *play = &exchange->play;
    for (size_t i = 0; i < exchange->target_count; i++)
        if (exchange->targets[i].to != STATE_NONE)
            move_by(play, exchange->targets[i].row, exchange->targets[i].resource,
                    exchange->targets[i].to);
    for (size_t i = 0; i < exchange->taking_count; i++) {
        struct taking *taking = &exchange->takings[i];
        if (taking->resource && taking->to != STATE_NONE)
            move_by(play, taking->row, taking->resource, taking->to);
    }
}

/* ---- what is said about it ---- */

static void note_rows(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->taking_count; i++) {
        const struct row *row = exchange->takings[i].row;
        if (row && (!exchange->rule || row->to != STATE_NONE))
            exchange->rule = row->where;
    }
}

void answer_note_state(struct exchange *exchange, const struct resource *subject)
{
    if (!subject)
        return;
    const struct machine *machine = play_machine(&exchange->play, subject);
    exchange->state = machine->states[subject->is_deleted ? STATE_ABSENT : subject->state].label;
}

static int row_status(const struct exchange *exchange)
{
    int status = 0;
    for (size_t i = 0; i < exchange->taking_count; i++)
        if (exchange->takings[i].row && exchange->takings[i].row->status)
            status = exchange->takings[i].row->status;
    return status ? status : exchange->operation->success_status;
}

void answer_status(struct exchange *exchange, const struct answer *answer)
{
    int64_t status;
    exchange->status = row_status(exchange);
    if (answer && answer->status &&
        tree_as_int64(template_value(answer->status, &exchange->play.eval), &status))
        exchange->status = (int)status;
}

static bool has_content(const struct exchange *exchange)
{
    const struct response *response =
        operation_response(exchange->operation->operation, exchange->status);
    return exchange->status != 204 && exchange->status != 304 &&
           (!response || response->content.count);
}

/* Nothing says what to answer and no resource is there: a value of the documented schema. */
void answer_example(struct exchange *exchange)
{
    if (exchange->status == 500)
        exchange->status = exchange->operation->success_status;
    const struct response *response =
        operation_response(exchange->operation->operation, exchange->status);
    const struct media_type *media = response ? media_types_preferred(&response->content) : NULL;
    if (!media || !media->schema)
        return;
    uint64_t key = draw_hash_text(exchange->world->seed, exchange->request->path);
    exchange->reply = schema_example(media->schema, exchange->arena, key,
                                     SCHEMA_EXAMPLE_OPTIONAL | SCHEMA_EXAMPLE_RESPONSE, NULL);
    shown_is_made(exchange);
}

/* A template that is just a resource's name shows the resource: hidden members stay hidden. */
static struct resource *resource_of_reply(struct exchange *exchange, const struct template *reply)
{
    const struct uses *uses = template_uses(reply);
    if (!uses || uses->count != 1 || !uses->items[0].expr ||
        !text_is(expr_pointer(uses->items[0].expr), ""))
        return NULL;
    const cJSON *value = template_value(reply, &exchange->play.eval);
    struct resource *resource =
        play_resource_named(&exchange->play, expr_root(uses->items[0].expr));
    return resource && cJSON_IsObject(value) && value == play_tree(&exchange->play, resource)
               ? resource
               : NULL;
}

void answer_reply(struct exchange *exchange, const struct answer *answer, struct resource *resource)
{
    struct play *play = &exchange->play;
    if (!has_content(exchange))
        return;
    if (answer && answer->reply) {
        struct resource *shown = resource_of_reply(exchange, answer->reply);
        if (!shown) {
            exchange->reply = template_eval(answer->reply, &play->eval);
            return;
        }
        resource = shown;
        answer_note_state(exchange, shown); /* others may have been made since */
    }
    if (resource)
        exchange->reply_text = body_text(play, resource, answer ? answer->view : NULL);
    else
        answer_example(exchange);
}

/* What is no base64 after all is given as it is. */
static struct text *bytes_of(const char *content, bool is_base64)
{
    struct strbuf bytes = STRBUF_INIT(LIMIT_BODY);
    bool is_decoded = is_base64 && base64_decode(&bytes, content, strlen(content)) == 0;
    struct text *text =
        is_decoded ? text_new(bytes.len ? bytes.buf : "", bytes.len) : text_copy(content);
    strbuf_release(&bytes);
    return text;
}

static void answer_bytes(struct exchange *exchange, const struct answer *answer)
{
    struct eval *eval = &exchange->play.eval;
    const char *content = template_text(answer->bytes.content, eval);
    const char *filename = template_text(answer->bytes.filename, eval);
    exchange->reply_text = content ? bytes_of(content, answer->bytes.is_base64) : text_copy("");
    if (!exchange->media_type)
        exchange->media_type = "application/octet-stream";
    if (filename)
        exchange_header(exchange, "Content-Disposition",
                        arena_printf(exchange->arena, "attachment; filename=\"%s\"", filename));
}

static void set_headers(struct exchange *exchange, const struct assignments *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        const char *value = template_text(headers->items[i].value, &exchange->play.eval);
        if (value)
            exchange_header(exchange, headers->items[i].name, value);
    }
}

static const struct answer *choose_answer(struct exchange *exchange, const struct answers *answers)
{
    struct eval *eval = &exchange->play.eval;
    for (size_t i = 0; i < answers->count; i++) {
        const struct answer *answer = &answers->items[i];
        if (answer->case_name &&
            !text_is(answer->case_name, tree_text(scope_find(eval, STR_LITERAL("case")))))
            continue;
        if (criterion_gate(answer->when, answer->unless, eval) == TRUTH_TRUE)
            return answer;
    }
    return NULL;
}

/*
 * Where service.yaml says nothing the resource answers only if the document's answer may be one:
 * else (an export, a list of something else) an example is nearer to the truth.
 */
static bool find_whether_shown(const struct exchange *exchange, const struct machine *machine)
{
    const struct operation *operation = exchange->operation->operation;
    const struct response *response = operation_response(operation, exchange->status);
    const struct media_type *media = response ? media_types_preferred(&response->content) : NULL;
    bool is_known = false;
    if (exchange->operation->service.place.file || !media || !media->schema)
        return true;
    for (size_t i = 0; i < machine->observe_count; i++) {
        const char *name = machine->observe[i].schema;
        const struct schema *shown =
            name ? contract_component_schema(operation->contract, name) : NULL;
        if (shown && schema_may_be(media->schema, shown))
            return true;
        is_known |= shown != NULL;
    }
    return !is_known;
}

/* An operation mostly answers one machine's resource with one status: the last finding is kept. */
static bool may_show(const struct exchange *exchange, const struct resource *resource)
{
    const struct machine *machine = play_machine(&exchange->play, resource);
    _Atomic unsigned *kept = &exchange->played->shows[exchange->operation->operation->index];
    unsigned known = atomic_load_explicit(kept, memory_order_relaxed);
    unsigned asked = (unsigned)exchange->status << 16 | (unsigned)machine->index << 1;
    if (known >> 1 == asked >> 1)
        return known & 1;
    bool shown = find_whether_shown(exchange, machine);
    atomic_store_explicit(kept, asked | shown, memory_order_relaxed);
    return shown;
}

static void say(struct exchange *exchange, const struct answer *answer, struct resource *subject)
{
    answer_status(exchange, answer);
    if (answer && answer->media_type)
        exchange->media_type = template_text(answer->media_type, &exchange->play.eval);
    if (answer)
        set_headers(exchange, &answer->headers);
    switch (answer ? answer->kind : ANSWER_DEFAULT) {
    case ANSWER_LIST:
        answer_list(exchange, answer->list);
        break;
    case ANSWER_BYTES:
        answer_bytes(exchange, answer);
        break;
    case ANSWER_STREAM:
        answer_stream(exchange, answer);
        break;
    case ANSWER_WAIT:
        answer_wait(exchange, answer);
        break;
    case ANSWER_DEFAULT:
        if (subject && !exchange->made && !may_show(exchange, subject))
            subject = NULL;
        /* fall through */
    case ANSWER_REPLY:
        answer_reply(exchange, answer, exchange->made ? exchange->made : subject);
        break;
    }
}

void answer(struct exchange *exchange)
{
    struct play *play = &exchange->play;
    struct resource *subject = answer_subject(exchange);
    if (subject)
        exchange->events_before = events_newest(subject);
    const struct answers *answers = run_all_steps(exchange, subject);
    if (play->err.kind != ERROR_NONE) {
        exchange->remark = arena_strdup(exchange->arena, play->err.text);
        refuse_failure(exchange, FAILURE_CRASH, play->err.kind == ERROR_TOO_LARGE ? 507 : 500, NULL,
                       exchange->remark);
        return;
    }
    make_moves(exchange);
    play_settle(play);
    if (exchange->fault_count)
        faults_moved(exchange);
    note_rows(exchange);
    answer_note_state(exchange, exchange->made ? exchange->made : subject);
    say(exchange, choose_answer(exchange, answers), subject);
}
