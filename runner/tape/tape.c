/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/tape/tape.h"

#include "runner/monitor/monitor.h"
#include "runner/play/checks.h"
#include "runner/play/player.h"
#include "runner/tape/find.h"

#include <inttypes.h>
#include <stdlib.h>

/* A world: nothing of one shows in another. */
struct tape_world {
    const struct tape_service *service;
    const char *session; /* of our mock; NULL */
    struct played_workflow *played;
    struct arazzo_workflow *workflow;
    struct monitor *monitor;
    size_t open;     /* exchanges sent and not yet answered */
    bool is_virtual; /* every answer tells where a virtual clock stands */
    nanos told;      /* the latest that it told; 0: nothing yet */
};

struct taped {
    const struct har_entry *entry;
    struct tape_world *world;
    struct tape_path path;
    nanos began, ended;
    nanos told; /* what the world's clock had told when it was sent */
    uint64_t sent_order;
};

/* Either end of an exchange. */
struct tape_end {
    nanos at;
    size_t index; /* of the exchange */
    bool is_answer;
};

struct tape_run {
    struct runner *runner;
    const struct har *har;
    struct arazzo *document; /* that never was: what reports show of a scenario */
    struct {
        VEC(struct tape_world *);
    } worlds;
    struct {
        VEC(struct taped);
    } taped;
};

/* ---- worlds ---- */

static bool is_same_session(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct coverage *coverage_of(struct runner *runner, const struct target *target)
{
    const struct run_coverage *coverage;
    for (int again = 0; again < 2; again++) {
        vec_foreach (coverage, &runner->result.coverage)
            if (strcmp(coverage->provider, target->provider->name) == 0)
                return coverage->met;
        runner_add_target(runner, target);
    }
    return NULL;
}

static struct tape_world *find_world(struct tape_run *run, const struct tape_service *service,
                                     const char *session)
{
    struct arena *arena = run->runner->arena;
    struct tape_world *world;
    for (size_t i = 0; i < run->worlds.count; i++)
        if (run->worlds.items[i]->service == service &&
            is_same_session(run->worlds.items[i]->session, session))
            return run->worlds.items[i];
    world = arena_alloc(arena, sizeof *world);
    *world = (struct tape_world){.service = service, .session = session, .is_virtual = true};
    world->workflow = arena_alloc(arena, sizeof *world->workflow);
    world->workflow->document = run->document;
    world->workflow->id =
        arena_printf(arena, "%s at %s%s%s", service->target->provider->name, service->target->base,
                     session ? ", session " : "", session ? session : "");
    world->played = arena_alloc(arena, sizeof *world->played);
    world->played->workflow = world->workflow;
    world->played->session = session;
    vec_push_arena(arena, &run->worlds, world);
    return world;
}

static void begin_worlds(struct tape_run *run)
{
    struct runner *runner = run->runner;
    for (size_t i = 0; i < run->worlds.count; i++) {
        struct tape_world *world = run->worlds.items[i];
        struct monitor_options options = {.is_virtual = world->is_virtual,
                                          .coverage = coverage_of(runner, world->service->target)};
        world->monitor = monitor_new(runner->arena, world->service->target->provider, &options);
    }
}

/* ---- which entries ---- */

/* Entries without a time come when the one before them was over. */
static void collect(struct tape_run *run, const struct tape_services *services,
                    struct tape_summary *summary)
{
    const struct har_entry *entry;
    nanos latest = 0;
    vec_foreach (entry, &run->har->entries) {
        struct taped taped = {.entry = entry};
        const struct tape_service *service = tape_whose(services, entry, &taped.path);
        if (!service) {
            summary->foreign_url = summary->foreign++ ? summary->foreign_url : entry->url;
            summary->foreign_method =
                summary->foreign_method ? summary->foreign_method : entry->method;
            continue;
        }
        taped.world = find_world(run, service, har_header(&entry->sent, "X-Dryrun-Session"));
        taped.world->is_virtual =
            taped.world->is_virtual && har_header(&entry->given, "X-Dryrun-Clock");
        taped.began = entry->started ? entry->started : latest;
        taped.ended = taped.began + entry->took;
        latest = taped.ended;
        vec_push_arena(run->runner->arena, &run->taped, taped);
    }
}

static int compare_ends(const void *a, const void *b)
{
    const struct tape_end *one = a, *other = b;
    if (one->at != other->at)
        return one->at < other->at ? -1 : 1;
    if (one->index != other->index)
        return one->index < other->index ? -1 : 1;
    return (int)one->is_answer - (int)other->is_answer;
}

/* ---- one exchange ---- */

static void fill_sent(struct arena *arena, const struct taped *taped, struct sent_request *sent)
{
    const struct har_entry *entry = taped->entry;
    const struct http_header *header;
    sent->method = entry->method;
    sent->url = entry->url;
    sent->path = arena_strndup(arena, taped->path.path.ptr, taped->path.path.len);
    sent->query = arena_strndup(arena, taped->path.query.ptr, taped->path.query.len);
    sent->body = entry->request_body;
    vec_foreach (header, &entry->sent)
        vec_push_arena(arena, &sent->headers, *header);
}

/* On a virtual clock the answer tells the time, also that of the question: nothing takes time but
 * waiting, and then the later instant promises less. What a stream tells is when it began. */
static void set_times(const struct taped *taped, struct seen *seen)
{
    const char *clock = har_header(&taped->entry->given, "X-Dryrun-Clock");
    seen->sent_at = taped->began;
    seen->answered_at = taped->ended;
    if (taped->world->is_virtual && clock) {
        const char *type = har_header(&taped->entry->given, "Content-Type");
        seen->sent_at = strtoll(clock, NULL, 10);
        seen->answered_at = seen->sent_at + (type && strncmp(type, "text/event-stream", 17) == 0);
    }
}

/* In an operation that waits time passes on a virtual clock, too: it began no earlier than the
 * clock had told by then; where it had told nothing yet, as long ago as it waits. */
static void set_waited(const struct taped *taped, struct seen *seen)
{
    const struct wait_rule *wait = seen->operation ? seen->operation->wait : NULL;
    if (!taped->world->is_virtual || !wait || seen->answered_at != seen->sent_at)
        return;
    nanos earliest = taped->told ? taped->told : seen->answered_at - wait->lasts;
    if (earliest < seen->sent_at)
        seen->sent_at = earliest;
}

static void add_note(struct runner *runner, const struct seen *seen, const char *text)
{
    struct verdict verdict = {.kind = VERDICT_NOTE, .rule = "tape", .text = text, .second = seen};
    verdict_add(&runner->result.verdicts, verdict);
}

/* What the tape does not hold proves nothing: such verdicts become notes, or go. */
static void weaken(struct runner *runner, const struct har_entry *entry, struct seen *seen,
                   size_t first)
{
    struct verdicts *verdicts = &runner->result.verdicts;
    if (!entry->status) {
        verdicts->count = first;
        add_note(runner, seen,
                 arena_printf(runner->arena, "no answer: %s",
                              entry->error ? entry->error : "the tape holds none"));
    } else if (!entry->has_body) {
        size_t kept = first;
        for (size_t i = first; i < verdicts->count; i++)
            if (strcmp(verdicts->items[i].rule, "body") != 0 &&
                strcmp(verdicts->items[i].rule, "error") != 0)
                verdicts->items[kept++] = verdicts->items[i];
        verdicts->count = kept;
        add_note(runner, seen, "the tape left the body of the answer out");
    } else if (entry->error) {
        for (size_t i = first; i < verdicts->count; i++)
            verdicts->items[i].kind = VERDICT_NOTE;
        add_note(runner, seen,
                 arena_printf(runner->arena, "the answer was not whole: %s", entry->error));
    }
}

static void count_verdicts(struct runner *runner, size_t from)
{
    for (size_t i = from; i < runner->result.verdicts.count; i++) {
        enum verdict_kind kind = runner->result.verdicts.items[i].kind;
        runner->result.counts.violations += kind == VERDICT_VIOLATION;
        runner->result.counts.deviations += kind == VERDICT_DEVIATION;
        runner->result.counts.notes += kind == VERDICT_NOTE;
    }
}

static void hold(struct tape_run *run, const struct taped *taped, struct attempt *attempt,
                 const char *step)
{
    struct runner *runner = run->runner;
    const struct har_entry *entry = taped->entry;
    struct tape_world *world = taped->world;
    struct seen *seen = arena_alloc(runner->arena, sizeof *seen);
    struct http_reply reply = {
        .status = entry->status ? entry->status : 503,
        .headers = entry->given.items,
        .header_count = entry->given.count,
        .body = {.buf = (char *)(entry->body.len ? entry->body.ptr : ""), .len = entry->body.len},
    };
    struct judged judged = {runner->arena, world->service->target, &attempt->sent, &reply};
    seen->sent_order = taped->sent_order;
    seen->answered_order = ++runner->order;
    seen->others_in_flight = world->open > 0;
    seen->is_doubtful = !entry->status || !entry->has_body || entry->error ||
                        har_header(&entry->sent, "X-Dryrun-Fault");
    seen->workflow = world->workflow->id;
    seen->step = step;
    seen->number = ++runner->number;
    set_times(taped, seen);
    checks_exchange(&judged, seen, &runner->result.verdicts);
    set_waited(taped, seen);
    if (world->is_virtual && seen->answered_at > world->told)
        world->told = seen->answered_at;
    weaken(runner, entry, seen, attempt->first_verdict);
    monitor_see(world->monitor, seen, &runner->result.verdicts);
    attempt->seen = entry->status ? seen : NULL;
    attempt->failure = entry->status ? NULL : "the tape holds no answer";
    runner->result.counts.exchanges += entry->status != 0;
}

static void judge_taped(struct tape_run *run, const struct taped *taped)
{
    struct runner *runner = run->runner;
    struct arena *arena = runner->arena;
    struct arazzo_step *step = arena_alloc(arena, sizeof *step);
    struct played_step *played = arena_alloc(arena, sizeof *played);
    struct attempt *attempt = arena_alloc(arena, sizeof *attempt);
    step->id = arena_printf(arena, "entries[%zu]", taped->entry->index);
    step->place = taped->entry->place;
    step->provider = taped->world->service->target->provider;
    played->workflow = taped->world->workflow;
    played->step = step;
    attempt->passed = true;
    attempt->began = taped->began ? taped->began : 1; /* it was sent, whenever that was */
    attempt->waited = taped->entry->waited;
    attempt->took = taped->entry->took;
    attempt->first_verdict = runner->result.verdicts.count;
    fill_sent(arena, taped, &attempt->sent);
    vec_push_arena(arena, &played->attempts, attempt);
    vec_push_arena(arena, &taped->world->played->steps, played);
    hold(run, taped, attempt, step->id);
    attempt->verdict_count = runner->result.verdicts.count - attempt->first_verdict;
    count_verdicts(runner, attempt->first_verdict);
    runner->result.counts.steps++;
    const char *line =
        arena_printf(arena, "%s %s %s%s%s %d", step->id, attempt->sent.method, attempt->sent.path,
                     *attempt->sent.query ? "?" : "", attempt->sent.query, taped->entry->status);
    vec_push_arena(arena, &taped->world->played->trace, line);
}

/* ---- the whole tape ---- */

static void judge_all(struct tape_run *run)
{
    struct runner *runner = run->runner;
    size_t count = run->taped.count * 2;
    struct tape_end *ends = arena_alloc(runner->arena, (count + 1) * sizeof *ends);
    for (size_t i = 0; i < run->taped.count; i++) {
        ends[2 * i] = (struct tape_end){run->taped.items[i].began, i, false};
        ends[2 * i + 1] = (struct tape_end){run->taped.items[i].ended, i, true};
    }
    qsort(ends, count, sizeof *ends, compare_ends);
    for (size_t i = 0; i < count && !runner->stop; i++) {
        struct taped *taped = &run->taped.items[ends[i].index];
        if (!ends[i].is_answer) {
            taped->sent_order = ++runner->order;
            taped->told = taped->world->told;
            taped->world->open++;
            continue;
        }
        taped->world->open--;
        judge_taped(run, taped);
        runner->stop = runner->options->fail_fast && runner->result.counts.violations;
    }
}

/* Verdicts of one world stand together in reports: so its exchanges are judged one after the other,
 * but for the order within. */
static void judge_worlds(struct tape_run *run)
{
    struct runner *runner = run->runner;
    struct tape_run one = *run;
    for (size_t i = 0; i < run->worlds.count && !runner->stop; i++) {
        struct tape_world *world = run->worlds.items[i];
        nanos began = instant_monotonic_now();
        one.taped.items = NULL;
        one.taped.count = one.taped.cap = 0;
        for (size_t j = 0; j < run->taped.count; j++)
            if (run->taped.items[j].world == world)
                vec_push_arena(runner->arena, &one.taped, run->taped.items[j]);
        world->played->first_verdict = runner->result.verdicts.count;
        vec_push_arena(runner->arena, &runner->result.workflows, world->played);
        judge_all(&one);
        world->played->verdict_count = runner->result.verdicts.count - world->played->first_verdict;
        world->played->took = instant_monotonic_now() - began;
        runner->result.took += world->played->took;
        runner->result.counts.workflows++;
        runner->result.counts.passed++;
    }
}

void runner_judge_tape(struct runner *runner, const struct har *har,
                       const struct tape_options *options, struct tape_summary *summary)
{
    struct tape_run run = {.runner = runner, .har = har};
    struct tape_services services = tape_find(runner->arena, har, options);
    *summary = (struct tape_summary){0};
    run.document = arena_alloc(runner->arena, sizeof *run.document);
    run.document->file = har->file;
    run.document->title = "tape";
    collect(&run, &services, summary);
    summary->judged = run.taped.count;
    begin_worlds(&run);
    judge_worlds(&run);
}
