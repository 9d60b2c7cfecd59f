/* SPDX-License-Identifier: Apache-2.0 */
/* The player's parts; private to runner. */
#pragma once

#include "core/base/map.h"
#include "core/expr/eval.h"
#include "runner/memory.h"
#include "runner/play/play.h"
#include "runner/play/receivers.h"

enum {
    JUMPS_MAX = 1000,      /* gotos of one workflow */
    EXCHANGES_MAX = 20000, /* requests of one workflow */
    DEPTH_MAX = 16,        /* workflows inside workflows */
};

struct watched {
    const struct target *target;
    struct monitor *monitor;
};

struct runner {
    struct arena *arena;
    struct memories *memories; /* of exchanges; NULL: the arena holds them all */
    struct meetings *meetings; /* coverage of those that are forgotten; NULL until there is one */
    const struct runner_options *options;
    struct {
        VEC(struct watched);
    } targets; /* `monitor` of foreign services */
    struct run_result result;
    uint64_t order, number, conversations, calls;
    struct receivers *receivers; /* NULL until a step needs them */
    size_t taken; /* workflows of a thread's runner that the whole run has (jobs.c) */
    bool stop;
    bool was_let_in; /* by a foreign service, to what wants credentials */
};

/* When what is being done must be done; 0 = never. */
struct deadline {
    nanos at;        /* by conversation_elapsed */
    nanos slept;     /* by the pauses */
    const char *why; /* to say when it was not */
};

/* A workflow begun by itself, with all that it calls. */
struct conversation {
    struct runner *runner;
    struct played_workflow *played;
    uint64_t number; /* in the run */
    struct {
        VEC(struct watched);
    } monitors;          /* of the session */
    struct arena *world; /* what those monitors believe: goes with the conversation */
    size_t paths;        /* that are followed right now: what they show is remembered */
    cJSON *workflows;    /* $workflows: of each document (by its file) id -> { inputs, outputs } */
    struct {
        VEC(struct arazzo_dependency);
    } done; /* steps that were completed; step -1: the workflow was */
    size_t jumps, exchanges, retries;
    nanos slept;   /* pauses so far */
    nanos skipped; /* those of them that took no real time */
    nanos clock;   /* the world's, as its last answer told (X-Dryrun-Clock); 0 = it tells nothing */
    struct deadline deadline;
};

/* One workflow being played. */
struct scene {
    struct conversation *talk;
    const struct arazzo_workflow *workflow;
    struct arena *arena;            /* of what its expressions come to */
    cJSON *inputs, *steps;          /* $inputs, $steps: id -> { outputs } */
    const cJSON *outputs;           /* of the workflow that the step played: $outputs */
    struct attempt *attempt;        /* the latest: $request, $response ...; NULL */
    const cJSON *event;             /* of x-dryrun-stream: $event; NULL */
    const cJSON *selected;          /* values of a payload's Selector Objects: $selected; NULL */
    const cJSON *ours;              /* $dryrun; NULL */
    const struct delivery *message; /* of x-dryrun-receive: $message; NULL */
    const cJSON *message_body;
    bool *was_played; /* by step */
    int depth;
};

/* ---- clock.c ---- */

/* Nanoseconds that only differ meaningfully: real time, and the pauses that took none. */
nanos conversation_elapsed(const struct conversation *talk);
/* By the clock of the service: our mock's own where it is virtual, else as above. */
nanos conversation_service_now(const struct conversation *talk, const struct target *target);
/* Why this was longer than `within` (0 = anything is right), in the arena; NULL when it was not. */
const char *conversation_overrun(struct conversation *talk, const struct target *target,
                                 nanos began, nanos within);
/* What is done from here on takes no longer than this (0 = as before). Gives the deadline before,
 * to be put back. The second counts by the clock of the service: on our mock's virtual one pauses
 * alone, however slow this machine is. */
struct deadline conversation_limit(struct conversation *talk, nanos limit, const char *why);
struct deadline conversation_limit_service(struct conversation *talk, const struct target *target,
                                           nanos limit, const char *why);
/* So much of what is wanted is left before the deadline. */
nanos conversation_left(const struct conversation *talk, nanos wanted);
bool conversation_is_late(const struct conversation *talk);

/* ---- path.c ---- */

/* How what was seen since that attempt of that played step differs from the path; NULL = not. */
const char *path_differs(struct scene *scene, const struct arazzo_path *path, size_t first_step,
                         size_t first_attempt);

/* ---- receive.c ---- */

/* Makes $dryrun for the scene. 0, or -1 and why. */
int receive_prepare(struct scene *scene, const char **why);
/* Why the target's calls cannot come here; NULL when they can. */
const char *receive_excuse(const struct target *target);
/* Waits for the step's call, and judges it. 0, or -1 and why. */
void receive_rest(struct scene *scene); /* what came and nobody waited for */
int receive_call(struct scene *scene, const struct arazzo_step *step, const char **why);

/* ---- scope.c ---- */

struct scope_names {
    struct binding bindings[11];
    struct scope scope;
};
/* An eval for expressions in this scene; `names` is its storage. */
struct eval scene_eval(const struct scene *scene, struct scope_names *names);
/* NULL = nothing. In the scene's arena. */
cJSON *scene_value(const struct scene *scene, const struct arazzo_value *value);
cJSON *scene_outputs(const struct scene *scene, const struct arazzo_outputs *outputs);
bool scene_criteria(const struct scene *scene, const struct arazzo_criteria *criteria);

/* ---- forget.c ---- */

/* What it is made of; NULL: of what no attempt owns. */
struct arena *attempt_arena(const struct runner *runner, const struct attempt *attempt);
/* Expressions read this one from now on (NULL: none); the one before is let go. */
void scene_turn_to(struct scene *scene, struct attempt *attempt);
/* A step is over: what reports show of one that failed is kept. */
void step_keep(struct played_step *played);
/* The exchanges that the run's verdicts from there on name are kept. */
void runner_keep_verdicts(struct runner *runner, size_t from);

/* ---- request.c ---- */

/* 0, or -1 and `err`: a value that cannot be sent. */
int request_build(const struct scene *scene, struct arena *arena, const struct arazzo_step *step,
                  const struct target *target, struct sent_request *out, struct error *err);

/* ---- conversation.c ---- */

const struct target *runner_target(const struct runner *runner, const struct provider *provider);
/* Lets time pass. 0, or -1: the target is gone. */
int conversation_pass(struct conversation *talk, const struct target *target, nanos duration);
/* The same, written to the trace. */
int conversation_sleep(struct conversation *talk, const struct target *target, nanos duration,
                       const char *why);
/* Counts what the run's list of verdicts has from there on. */
void runner_count_verdicts(struct runner *runner, size_t from);
/* An exchange, for its monitor. */
void conversation_show(struct conversation *talk, const struct target *target,
                       const struct seen *seen);
/* A call of the service, for its monitor. */
void conversation_hear(struct conversation *talk, const struct target *target,
                       const struct heard *heard);
/* No call comes any more, for its monitor. */
void conversation_hear_end(struct conversation *talk, const struct target *target);
/* The rows that may answer with that status; NULL: none (monitor_wanted). */
const char *conversation_wanted(struct conversation *talk, const struct target *target,
                                const struct seen *seen, int status);
/* x-dryrun-signal. 0, or -1 and why. */
int conversation_signal(struct scene *scene, const struct arazzo_step *step, const char **why);
void conversation_trace(struct conversation *talk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* It was completed in this conversation; step -1: the workflow was. */
bool conversation_has_done(const struct conversation *talk, const struct arazzo_workflow *workflow,
                           int step);
void conversation_note_done(struct conversation *talk, const struct arazzo_workflow *workflow,
                            int step);

/* ---- exchange.c ---- */

/* Sends, judges, adds to the step's attempts. NULL when the request could not be made or the target
 * is gone (played->reason says why). */
struct attempt *exchange_play(struct scene *scene, const struct arazzo_step *step,
                              struct played_step *played);

/* ---- play.c ---- */

/* What the command line gives it. */
cJSON *runner_inputs(struct runner *runner, const struct arazzo_workflow *workflow);
/* Plays a workflow that is begun by itself, and adds it to the result. */
void runner_begin(struct runner *runner, const struct arazzo_workflow *workflow);
void runner_count_workflow(struct run_counts *counts, const struct played_workflow *played);

/* ---- try.c ---- */

/* The inputs that parameters give a workflow. */
cJSON *step_inputs(struct scene *scene, const struct arazzo_parameters *parameters);
/* The request, what it waits for, and what must be so when it has passed. */
enum play_result step_try(struct scene *scene, const struct arazzo_step *step,
                          struct played_step *played);

/* ---- step.c ---- */

enum flow { FLOW_NEXT, FLOW_STEP, FLOW_END, FLOW_FAIL, FLOW_SKIP };
struct next {
    enum flow flow;
    int step;                               /* FLOW_STEP */
    const struct arazzo_workflow *workflow; /* FLOW_END, when control goes there */
    const struct arazzo_action *action;     /* that decided; NULL */
    const char *reason;                     /* FLOW_FAIL, FLOW_SKIP */
};
struct next step_play(struct scene *scene, const struct arazzo_step *step);
const struct target *step_target(const struct scene *scene, const struct arazzo_step *step);

/* ---- workflow.c ---- */

/* Plays a workflow with these inputs; its outputs (never NULL) to `outputs`. */
enum play_result workflow_play(struct conversation *talk, const struct arazzo_workflow *workflow,
                               const cJSON *given, int depth, const cJSON **outputs,
                               const char **reason);
