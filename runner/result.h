/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of the scenarios that were played: the reporters read it. All of it lives in the
 * run's arena, or in the memory of exchanges that are kept.
 */
#pragma once

#include "core/net/http_client.h"
#include "runner/arazzo/arazzo.h"
#include "runner/judge.h"

/* A request as it went out. */
struct sent_request {
    const char *method, *url;
    const char *path, *query; /* behind the target's base; as sent */
    struct {
        VEC(struct http_header);
    } headers;
    struct str body;
    const cJSON *values; /* path, query, header, cookie before they were encoded */
    bool is_elsewhere;   /* a link led out of the service: what is there, no operation documents */
};

struct criterion_result {
    const struct arazzo_criterion *criterion;
    bool holds;
    const char *why; /* "$statusCode == 200: $statusCode was 404" */
};

/* One request of a step; a retry is another one. */
struct attempt {
    struct memory *memory;  /* where it is, with all it points at; NULL: the run's arena */
    struct played_step *of; /* whose it is; NULL on a tape */
    struct sent_request sent;
    const struct seen *seen;         /* NULL: no answer came */
    const char *failure;             /* why none came; NULL */
    const struct raw_response *part; /* what came of an answer that was not whole; NULL */
    int limit_ms;                    /* how long it might take */
    nanos began, waited, took;       /* real time: when, until the first byte, until the end */
    struct {
        VEC(struct criterion_result);
    } criteria;
    bool is_faulted;     /* by x-dryrun-fault */
    const char *refusal; /* why our mock does not know that fault; NULL */
    const char *lack;    /* what the stream lacked that x-dryrun-stream waits for; NULL */
    bool passed;
    size_t first_verdict, verdict_count; /* in the run's list */
};

enum play_result { PLAYED_PASSED, PLAYED_FAILED, PLAYED_SKIPPED };
extern const char *const played_names[]; /* passed failed skipped */

struct played_step {
    const struct arazzo_workflow *workflow; /* it stands in; maybe a sub-workflow */
    const struct arazzo_step *step;
    enum play_result result;
    const char *reason; /* why it failed or was skipped; NULL */
    bool is_handled;    /* it failed, and an action said where to go on */
    struct {
        VEC(struct attempt *);
    } attempts;       /* that are remembered */
    size_t forgotten; /* others, before those or between (runner_options.forgets) */
};

static inline size_t played_step_requests(const struct played_step *played)
{
    return played->attempts.count + played->forgotten;
}

struct played_workflow {
    const struct arazzo_workflow *workflow;
    const char *session; /* on our mock; NULL elsewhere */
    enum play_result result;
    const char *reason; /* NULL when it passed */
    const cJSON *outputs;
    struct {
        VEC(struct played_step *);
    } steps; /* in the order played, those of sub-workflows among them */
    /* What happened, a line each: "create POST /runs 201", "wait 500ms", "goto poll", "end". */
    struct {
        VEC(const char *);
    } trace;
    size_t first_verdict, verdict_count;
    uint64_t first_number, exchanges; /* numbers of its exchanges: behind this one, so many */
    nanos took;                       /* real time */
};

struct run_counts {
    size_t workflows, passed, failed, skipped;
    size_t steps, steps_skipped;
    size_t exchanges; /* judged */
    size_t violations, deviations, notes;
};

/* What was met of one provider's contract, by all its worlds together. */
struct run_coverage {
    const char *provider;
    const struct provider *contract;
    struct coverage *met;
};

/* A kind of fault: how often requests asked our mock for it, and answers told of it. */
struct run_fault {
    const char *name;
    size_t asked, told;
};

struct run_result {
    struct {
        VEC(struct played_workflow *);
    } workflows;
    struct verdicts verdicts;
    struct run_counts counts;
    struct {
        VEC(struct run_coverage);
    } coverage;
    struct {
        VEC(struct run_fault);
    } faults;
    const char *unreachable; /* why the target cannot be judged; NULL */
    const char *refused;     /* what was wrong with how it was asked for (inputs); NULL */
    bool is_strict;          /* a deviation breaks the contract, too */
    nanos took;
};

/* enum exit_code */
int run_exit_code(const struct run_result *result);
