/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/jobs.h"

#include "runner/coverage_seen.h"
#include "runner/monitor/monitor.h"
#include "runner/play/player.h"

#include <pthread.h>
#include <stdatomic.h>

struct crew {
    struct runner *runner; /* where everything comes together */
    const struct jobs *jobs;
    struct worker **done_by;  /* by job; NULL: it was not played */
    atomic_size_t next, last; /* the next to take; none behind `last` is begun */
    pthread_mutex_t lock;     /* of the progress */
};

struct worker {
    struct crew *crew;
    struct arena *arena;
    struct runner_options options;
    struct secrets secrets;
    struct runner *runner;
    struct http_client *client;
    pthread_t thread;
    bool is_running;
};

void jobs_add(struct arena *arena, struct jobs *jobs, const struct arazzo *document,
              bool (*wanted)(void *data, const struct arazzo_workflow *workflow), void *data)
{
    const struct arazzo_workflow *workflow;
    bool all_used = true;
    vec_foreach (workflow, &document->workflows)
        all_used = all_used && workflow->is_used;
    vec_foreach (workflow, &document->workflows) {
        struct job job = {workflow};
        if ((all_used || !workflow->is_used) && (!wanted || wanted(data, workflow)))
            vec_push_arena(arena, jobs, job);
    }
}

/* ---- one thread ---- */

static void tell_progress(void *data, const struct played_workflow *workflow,
                          const struct played_step *step)
{
    struct worker *worker = data;
    const struct runner_options *options = worker->crew->runner->options;
    pthread_mutex_lock(&worker->crew->lock);
    options->progress(options->data, workflow, step);
    pthread_mutex_unlock(&worker->crew->lock);
}

/* Whoever stops a run stops it for what comes later, so that the same is played each time. */
static void stop_behind(struct crew *crew, size_t job)
{
    size_t last = atomic_load(&crew->last);
    while (job < last && !atomic_compare_exchange_weak(&crew->last, &last, job))
        continue;
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct crew *crew = worker->crew;
    for (;;) {
        size_t job = atomic_fetch_add(&crew->next, 1);
        if (job >= crew->jobs->count || job > atomic_load(&crew->last))
            return NULL;
        worker->runner->conversations = job; /* for the session's name */
        worker->runner->stop = false;
        crew->done_by[job] = worker;
        runner_begin(worker->runner, crew->jobs->items[job].workflow);
        if (worker->runner->stop)
            stop_behind(crew, job);
    }
}

static void free_arena(void *data)
{
    arena_free(data);
}

static struct worker *worker_new(struct crew *crew, struct http_client *client)
{
    struct arena *arena = arena_new();
    struct worker *worker = arena_alloc(arena, sizeof *worker);
    const struct watched *watched;
    arena_defer(crew->runner->arena, free_arena, arena);
    *worker = (struct worker){
        .crew = crew, .arena = arena, .options = *crew->runner->options, .client = client};
    if (worker->options.secrets) {
        worker->secrets = secrets_copy(worker->options.secrets, arena);
        worker->options.secrets = &worker->secrets;
    }
    worker->options.client = client;
    worker->options.data = worker;
    if (worker->options.progress)
        worker->options.progress = tell_progress;
    worker->runner = runner_new(arena, &worker->options);
    vec_foreach (watched, &crew->runner->targets)
        runner_add_target(worker->runner, watched->target);
    return worker;
}

/* ---- together ---- */

/* It is ours again: its thread is done. */
static void number_again(const struct seen *shown, uint64_t later)
{
    struct seen *seen = (struct seen *)(uintptr_t)shown;
    if (!seen || seen->is_counted)
        return;
    seen->number += later;
    seen->is_counted = true;
}

/* It may name exchanges that are in no list of their step any more. */
static void take_verdict(struct run_result *into, struct verdict verdict, uint64_t later)
{
    number_again(verdict.first, later);
    number_again(verdict.second, later);
    verdict_add(&into->verdicts, verdict);
}

/* The next workflow of a worker, whose results stand in the order that it played them. */
static void take_workflow(struct crew *crew, struct worker *worker, size_t at)
{
    struct run_result *into = &crew->runner->result;
    const struct run_result *from = &worker->runner->result;
    struct played_workflow *played = from->workflows.items[at];
    size_t moved = into->verdicts.count - played->first_verdict;
    uint64_t later = crew->runner->number - played->first_number;
    for (size_t i = 0; i < played->verdict_count; i++)
        take_verdict(into, from->verdicts.items[played->first_verdict + i], later);
    played->first_verdict += moved;
    for (size_t i = 0; i < played->steps.count; i++)
        for (size_t j = 0; j < played->steps.items[i]->attempts.count; j++) {
            struct attempt *attempt = played->steps.items[i]->attempts.items[j];
            attempt->first_verdict += moved;
            number_again(attempt->seen, later);
        }
    crew->runner->number += played->exchanges;
    vec_push_arena(crew->runner->arena, &into->workflows, played);
    runner_count_workflow(&into->counts, played);
    runner_count_verdicts(crew->runner, played->first_verdict);
}

/* What belongs to no workflow. */
static void take_rest(struct crew *crew, struct worker *worker)
{
    struct run_result *into = &crew->runner->result;
    const struct run_result *from = &worker->runner->result;
    for (size_t i = 0; i < into->coverage.count; i++)
        coverage_add(into->coverage.items[i].met, from->coverage.items[i].met);
    run_add_faults(into, from);
    into->counts.steps += from->counts.steps;
    into->counts.steps_skipped += from->counts.steps_skipped;
    into->counts.exchanges += from->counts.exchanges;
    into->unreachable = into->unreachable ? into->unreachable : from->unreachable;
    into->refused = into->refused ? into->refused : from->refused;
    if (crew->runner->options->secrets)
        secrets_join(crew->runner->options->secrets, &worker->secrets);
}

static void gather(struct crew *crew, struct worker **workers, size_t count)
{
    size_t last = atomic_load(&crew->last);
    for (size_t job = 0; job < crew->jobs->count && job <= last; job++) {
        struct worker *worker = crew->done_by[job];
        if (worker) /* each plays its jobs in their order */
            take_workflow(crew, worker, worker->runner->taken++);
    }
    for (size_t i = 0; i < count; i++)
        take_rest(crew, workers[i]);
    crew->runner->stop = last < crew->jobs->count;
}

static bool has_sessions(const struct runner *runner)
{
    const struct watched *watched;
    vec_foreach (watched, &runner->targets)
        if (!watched->target->is_mock)
            return false;
    return true;
}

void jobs_play(struct runner *runner, const struct jobs *jobs, size_t threads,
               struct http_client *(*new_client)(void *data), void *data)
{
    struct crew crew = {.runner = runner, .jobs = jobs};
    struct worker **workers = arena_alloc(runner->arena, (threads + 1) * sizeof *workers);
    nanos began = instant_monotonic_now();
    if (threads <= 1 || jobs->count <= 1 || !has_sessions(runner)) {
        for (size_t i = 0; i < jobs->count && !runner->stop; i++)
            runner_begin(runner, jobs->items[i].workflow);
        return;
    }
    threads = threads < jobs->count ? threads : jobs->count;
    crew.done_by = arena_alloc(runner->arena, jobs->count * sizeof *crew.done_by);
    atomic_init(&crew.next, 0);
    atomic_init(&crew.last, jobs->count);
    pthread_mutex_init(&crew.lock, NULL);
    for (size_t i = 0; i < threads; i++)
        workers[i] = worker_new(&crew, new_client(data));
    for (size_t i = 0; i < threads; i++)
        workers[i]->is_running = !pthread_create(&workers[i]->thread, NULL, work, workers[i]);
    if (!workers[0]->is_running)
        work(workers[0]);
    for (size_t i = 0; i < threads; i++) {
        if (workers[i]->is_running)
            pthread_join(workers[i]->thread, NULL);
        runner_end(workers[i]->runner);
        http_client_free(workers[i]->client);
    }
    gather(&crew, workers, threads);
    pthread_mutex_destroy(&crew.lock);
    runner->result.took += instant_monotonic_now() - began;
}
