/* SPDX-License-Identifier: Apache-2.0 */
/* The player's parts; private to runner. */
#pragma once

#include "core/base/map.h"
#include "core/expr/eval.h"
#include "runner/play.h"

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
    const struct runner_options *options;
    struct {
        VEC(struct watched);
    } targets; /* `monitor` of foreign services */
    struct run_result result;
    uint64_t order, number, conversations;
    bool stop;
};

/* A workflow begun by itself, with all that it calls. */
struct conversation {
    struct runner *runner;
    struct played_workflow *played;
    struct {
        VEC(struct watched);
    } monitors;       /* of the session */
    cJSON *workflows; /* $workflows: id -> { inputs, outputs } */
    size_t jumps, exchanges;
    nanos slept; /* so far */
    nanos clock; /* the world's, as its last answer told (X-Dryrun-Clock); 0 = it tells nothing */
};

/* One workflow being played. */
struct scene {
    struct conversation *talk;
    const struct arazzo_workflow *workflow;
    cJSON *inputs, *steps;         /* $inputs, $steps: id -> { outputs } */
    const cJSON *outputs;          /* of the workflow that the step played: $outputs */
    const struct attempt *attempt; /* the latest: $request, $response ...; NULL */
    int depth;
};

/* ---- scope.c ---- */

struct scope_names {
    struct binding bindings[8];
    struct scope scope;
};
/* An eval for expressions in this scene; `names` is its storage. */
struct eval scene_eval(const struct scene *scene, struct scope_names *names);
/* NULL = nothing. In the run's arena. */
cJSON *scene_value(const struct scene *scene, const struct arazzo_value *value);
cJSON *scene_outputs(const struct scene *scene, const struct arazzo_outputs *outputs);
bool scene_criteria(const struct scene *scene, const struct arazzo_criteria *criteria);

/* ---- request.c ---- */

/* 0, or -1 and `err`: a value that cannot be sent. */
int request_build(const struct scene *scene, const struct arazzo_step *step,
                  const struct target *target, struct sent_request *out, struct error *err);

/* ---- exchange.c ---- */

const struct target *runner_target(const struct runner *runner, const struct provider *provider);
/* Sends, judges, adds to the step's attempts. NULL when the request could not be made or the target
 * is gone (played->reason says why). */
struct attempt *exchange_play(struct scene *scene, const struct arazzo_step *step,
                              struct played_step *played);
/* Lets time pass, and writes it to the trace. */
int conversation_sleep(struct conversation *talk, const struct target *target, nanos duration,
                       const char *why);
/* x-dryrun-signal. 0, or -1 and why. */
int conversation_signal(struct scene *scene, const struct arazzo_step *step, const char **why);
void conversation_trace(struct conversation *talk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

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

/* ---- workflow.c ---- */

/* Plays a workflow with these inputs; its outputs (never NULL) to `outputs`. */
enum play_result workflow_play(struct conversation *talk, const struct arazzo_workflow *workflow,
                               const cJSON *given, int depth, const cJSON **outputs,
                               const char **reason);
