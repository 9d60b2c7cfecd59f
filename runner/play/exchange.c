/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a scenario: built, sent, judged, shown to the monitor, held against the step. */
#include "runner/play/checks.h"
#include "runner/play/credentials.h"
#include "runner/play/pace.h"
#include "runner/play/player.h"
#include "runner/play/stream.h"
#include "runner/play/unanswered.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 30000, VIRTUAL_TIMEOUT_MS = 10000 };

static nanos now(const struct conversation *talk)
{
    return talk->clock ? talk->clock : instant_real_now() + talk->skipped;
}

/* Between two answers a virtual clock stands still, but for our own pauses. What a stream tells is
 * when it began. */
static void read_clock(struct conversation *talk, const struct target *target,
                       const struct http_reply *reply)
{
    const char *text = target->is_virtual ? http_reply_header(reply, "X-Dryrun-Clock") : NULL;
    const char *type = http_reply_header(reply, "Content-Type");
    bool is_stream = type && strncmp(type, "text/event-stream", 17) == 0;
    talk->clock = text ? strtoll(text, NULL, 10) + is_stream : 0;
}

static void judge(struct scene *scene, const struct arazzo_step *step, const struct target *target,
                  struct attempt *attempt, const struct http_reply *reply, struct seen *seen)
{
    struct runner *runner = scene->talk->runner;
    struct judged judged = {attempt_arena(runner, attempt), target, &attempt->sent, reply};
    seen->answered_order = ++runner->order;
    read_clock(scene->talk, target, reply);
    seen->answered_at = now(scene->talk);
    seen->workflow = scene->workflow->id;
    seen->step = step->id;
    seen->number = ++runner->number;
    size_t first = runner->result.verdicts.count;
    checks_exchange(&judged, seen, &runner->result.verdicts);
    for (size_t i = first; seen->is_doubtful && i < runner->result.verdicts.count; i++)
        runner->result.verdicts.items[i].kind = VERDICT_NOTE;
    if (attempt->sent.is_elsewhere) { /* outside the document: only the link itself is judged */
        runner->result.verdicts.count = first;
        seen->operation = NULL;
    }
    conversation_show(scene->talk, target, seen);
    runner_keep_verdicts(runner, first);
    attempt->seen = seen;
    runner->result.counts.exchanges++;
}

/* It may have been done or not, as after an answer of 503; and nobody is to blame. */
static void judge_silence(struct scene *scene, const struct arazzo_step *step,
                          const struct target *target, struct attempt *attempt,
                          struct http_reply *reply)
{
    struct runner *runner = scene->talk->runner;
    struct seen *seen = arena_alloc(attempt_arena(runner, attempt), sizeof *seen);
    size_t count = runner->result.verdicts.count;
    seen->memory = attempt->memory;
    seen->is_doubtful = true;
    seen->sent_order = ++runner->order;
    seen->sent_at = now(scene->talk);
    seen->is_silent = true;
    reply->status = 503;
    judge(scene, step, target, attempt, reply, seen);
    attempt->seen = NULL;
    runner->result.verdicts.count = count;
}

/* Our mock answers so before it looks at anything else. */
static const char *refusal_of(struct arena *arena, const struct http_reply *reply)
{
    if (reply->status != 400 || http_reply_header(reply, "X-Dryrun-Exchange"))
        return NULL;
    return arena_printf(arena, "the mock refuses the fault: %.*s", (int)reply->body.len,
                        reply->body.buf);
}

/* On a clock that skips what is waited for, a stream or a wait that goes on never ends. */
static void note_endless(struct runner *runner, const struct arazzo_step *step,
                         const struct target *target, struct attempt *attempt)
{
    const struct provider_operation *operation = step->operation;
    const struct stream_rule *stream = operation ? operation->stream : NULL;
    const struct wait_rule *wait = operation ? operation->wait : NULL;
    struct verdict verdict = {.kind = VERDICT_VIOLATION};
    if (!target->is_virtual || attempt->is_faulted || (!stream && !wait))
        return;
    verdict.rule = stream ? "end" : "wait";
    verdict.place = stream ? stream->place : wait->place;
    verdict.text = arena_printf(
        runner->arena, "%s does not end, while the clock has nothing to wait for: %s:%u says when",
        operation->name, verdict.place.file, verdict.place.line);
    verdict_add(&runner->result.verdicts, verdict);
}

/* Nobody there, or nobody to trust: the whole run ends. Anything else is this step's failure. */
static void note_failure(struct scene *scene, const struct arazzo_step *step,
                         const struct target *target, struct attempt *attempt,
                         struct http_reply *reply)
{
    struct runner *runner = scene->talk->runner;
    struct arena *arena = attempt_arena(runner, attempt);
    enum http_failure failure = reply->failure;
    attempt->failure = unanswered_reason(arena, reply, attempt->limit_ms, !step->stream.is_there);
    attempt->part = unanswered_part(arena, reply);
    if (!attempt->is_faulted &&
        (failure == HTTP_FAILURE_UNREACHABLE || failure == HTTP_FAILURE_TLS)) {
        runner->result.unreachable = arena_strdup(runner->arena, attempt->failure);
        runner->stop = true;
        return;
    }
    if (attempt->is_faulted || failure != HTTP_FAILURE_INVALID)
        judge_silence(scene, step, target, attempt, reply);
    if (failure == HTTP_FAILURE_TIMEOUT)
        note_endless(runner, step, target, attempt);
    if (failure == HTTP_FAILURE_BROKEN && !attempt->is_faulted) {
        struct verdict verdict = {
            .kind = VERDICT_VIOLATION,
            .rule = "http",
            .text = arena_printf(runner->arena, "%s %s: %s", attempt->sent.method,
                                 attempt->sent.path, attempt->failure),
            .place =
                step->operation ? tree_place(step->operation->operation->node) : (struct place){0}};
        verdict_add(&runner->result.verdicts, verdict);
    }
}

/* What is left of the step's own limit, or of one around it. */
static int limit_ms(const struct conversation *talk, const struct arazzo_step *step,
                    const struct target *target)
{
    const struct runner_options *options = talk->runner->options;
    nanos usual = target->is_virtual ? VIRTUAL_TIMEOUT_MS : TIMEOUT_MS; /* nothing lasts there */
    nanos limit = step->timeout      ? step->timeout
                  : options->timeout ? options->timeout
                                     : usual * NANOS_PER_MS;
    if (talk->deadline.at) {
        nanos left = talk->deadline.at - conversation_elapsed(talk);
        limit = left < limit ? left : limit;
    }
    return limit > NANOS_PER_MS ? (int)(limit / NANOS_PER_MS) : 1;
}

static int call_target(struct scene *scene, const struct arazzo_step *step, struct attempt *attempt,
                       struct seen *seen, struct http_reply *reply)
{
    struct runner *runner = scene->talk->runner;
    struct stream_reading reading;
    struct http_call call = {.method = attempt->sent.method,
                             .url = attempt->sent.url,
                             .headers = attempt->sent.headers.items,
                             .header_count = attempt->sent.headers.count,
                             .body = attempt->sent.body.ptr,
                             .body_len = attempt->sent.body.len,
                             .total_ms = attempt->limit_ms};
    if (!step->stream.is_there)
        return http_client_call(runner->options->client, &call, reply);
    stream_begin(&reading, scene, step);
    call.receive = stream_receive;
    call.data = &reading;
    int result = http_client_call(runner->options->client, &call, reply);
    seen->is_cut = stream_end(&reading, reply);
    if (result == 0 || seen->is_cut)
        attempt->lack = stream_shortfall(attempt_arena(runner, attempt), &reading, reply);
    stream_release(&reading);
    return seen->is_cut ? 0 : result;
}

static void send_request(struct scene *scene, const struct arazzo_step *step,
                         const struct target *target, struct attempt *attempt)
{
    struct runner *runner = scene->talk->runner;
    struct seen *seen = arena_alloc(attempt_arena(runner, attempt), sizeof *seen);
    struct http_reply reply;
    seen->sent_order = ++runner->order;
    seen->sent_at = now(scene->talk);
    seen->memory = attempt->memory;
    seen->is_doubtful = attempt->is_faulted;
    pace_wait(runner->options->pace);
    attempt->began = instant_real_now();
    attempt->limit_ms = limit_ms(scene->talk, step, target);
    http_reply_init(&reply);
    if (call_target(scene, step, attempt, seen, &reply) == 0)
        judge(scene, step, target, attempt, &reply, seen);
    else
        note_failure(scene, step, target, attempt, &reply);
    if (attempt->is_faulted)
        attempt->refusal = refusal_of(attempt_arena(runner, attempt), &reply);
    attempt->waited = reply.first_byte_after;
    attempt->took = reply.took;
    http_reply_release(&reply);
}

static void hold_criteria(struct scene *scene, const struct arazzo_step *step,
                          struct attempt *attempt)
{
    struct arena *arena = attempt_arena(scene->talk->runner, attempt);
    struct scope_names names;
    struct eval eval = scene_eval(scene, &names);
    const struct arazzo_criterion *criterion;
    struct strbuf why = STRBUF_INIT(LIMIT_MESSAGE);
    eval.arena = arena;
    attempt->passed = attempt->seen && !attempt->refusal && !attempt->lack;
    vec_foreach (criterion, &step->criteria) {
        bool holds = attempt->seen && criterion_eval(criterion->criterion, &eval) == TRUTH_TRUE;
        strbuf_clear(&why);
        if (!holds && attempt->seen)
            criterion_explain(criterion->criterion, &eval, &why);
        if (eval.problem)
            strbuf_addf(&why, " (%s)", eval.problem);
        eval.problem = NULL;
        struct criterion_result result = {criterion, holds, arena_strdup(arena, why.buf)};
        vec_push_arena(arena, &attempt->criteria, result);
        attempt->passed = attempt->passed && holds;
    }
    strbuf_release(&why);
}

/* "poll GET /runs/1?x=y 200" */
static void trace_exchange(struct conversation *talk, const struct arazzo_step *step,
                           const struct attempt *attempt)
{
    struct arena *arena = talk->runner->arena;
    const struct sent_request *sent = &attempt->sent;
    char digits[TEXT_DIGITS];
    const char *status = "no answer";
    if (attempt->seen)
        status = text_of_number((uint64_t)attempt->seen->response->status, digits);
    const char *const parts[] = {step->id,    " ",        sent->method,
                                 " ",         sent->path, *sent->query ? "?" : "",
                                 sent->query, " ",        status};
    const char *line = arena_join(arena, parts, sizeof parts / sizeof *parts);
    vec_push_arena(arena, &talk->played->trace, line);
}

static struct attempt *new_attempt(struct runner *runner, struct played_step *played)
{
    struct memory *memory = runner->memories ? memories_take(runner->memories) : NULL;
    struct attempt *attempt = arena_alloc(memory ? memory->arena : runner->arena, sizeof *attempt);
    attempt->memory = memory;
    attempt->of = played;
    return attempt;
}

/* The request as it will go out. 0, or -1 (played->reason says why). */
static int prepare(const struct scene *scene, const struct arazzo_step *step,
                   const struct target *target, struct attempt *attempt)
{
    struct runner *runner = scene->talk->runner;
    struct arena *arena = attempt_arena(runner, attempt);
    struct error err = {0};
    if (request_build(scene, arena, step, target, &attempt->sent, &err)) {
        attempt->of->reason =
            arena_printf(runner->arena, "the request cannot be made: %s", err.text);
        return -1;
    }
    if (target->is_mock && step->fault &&
        (int64_t)played_step_requests(attempt->of) < step->fault_tries) {
        struct http_header header = {"X-Dryrun-Fault", step->fault};
        vec_push_arena(arena, &attempt->sent.headers, header);
        attempt->is_faulted = true;
    }
    return 0;
}

struct attempt *exchange_play(struct scene *scene, const struct arazzo_step *step,
                              struct played_step *played)
{
    struct runner *runner = scene->talk->runner;
    const struct target *target = runner_target(runner, step->provider);
    if (conversation_is_late(scene->talk)) {
        played->reason = scene->talk->deadline.why;
        return NULL;
    }
    struct attempt *attempt = new_attempt(runner, played);
    if (prepare(scene, step, target, attempt)) {
        memory_drop(attempt->memory);
        return NULL;
    }
    attempt->first_verdict = runner->result.verdicts.count;
    vec_push_arena(runner->arena, &played->attempts, attempt);
    scene_turn_to(scene, attempt);
    scene->talk->exchanges++;
    send_request(scene, step, target, attempt);
    attempt->verdict_count = runner->result.verdicts.count - attempt->first_verdict;
    runner_count_verdicts(runner, attempt->first_verdict);
    hold_criteria(scene, step, attempt);
    if (!target->is_mock && !runner->result.unreachable)
        runner->result.unreachable = credentials_refusal(runner, attempt);
    runner->stop = runner->stop || runner->result.unreachable;
    trace_exchange(scene->talk, step, attempt);
    return attempt;
}
