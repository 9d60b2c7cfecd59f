/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arazzo documents (1.0.x and 1.1.x, with 1.1's clarified semantics for both), loaded with all
 * findings at their place, every expression compiled and every name resolved. Sources are OpenAPI
 * documents of providers that are loaded already, and other Arazzo documents; AsyncAPI is refused.
 * Immutable after loading, lives as long as its arena. docs/SCENARIOS.md says what is played.
 */
#pragma once

#include "core/base/instant.h"
#include "core/base/vec.h"
#include "core/expr/criterion.h"
#include "core/expr/template.h"
#include "core/provider/provider.h"

struct arazzo;
struct arazzo_workflow;
struct jsonpath;

/* A value: a template, or a Selector Object. */
struct arazzo_value {
    const struct template *template; /* NULL: a selector */
    const struct expr *context;
    const struct jsonpath *path; /* NULL: `pointer` */
    const char *pointer;
};

struct arazzo_parameter {
    const char *name;
    const char *in; /* "path", ...; NULL for the input of a workflow */
    struct arazzo_value value;
    struct place place;
};

struct arazzo_parameters {
    VEC(struct arazzo_parameter);
};

struct arazzo_replacement {
    const char *pointer;         /* or */
    const struct jsonpath *path; /* every node that it selects */
    const char *text;            /* as written */
    struct arazzo_value value;
    struct place place;
};

struct arazzo_body {
    const char *content_type; /* NULL: what the operation documents */
    const struct template *payload;
    struct {
        VEC(struct arazzo_value);
    } selected; /* Selector Objects in the payload: $selected#/0 and so on */
    struct {
        VEC(struct arazzo_replacement);
    } replacements;
};

struct arazzo_criterion {
    const struct criterion *criterion;
    const char *text; /* as written: "$statusCode == 200" */
    struct place place;
};

struct arazzo_criteria {
    VEC(struct arazzo_criterion);
};

enum arazzo_action_type { ACTION_END, ACTION_GOTO, ACTION_RETRY };

struct arazzo_action {
    const char *name;
    enum arazzo_action_type type;
    int step;                               /* of the workflow it stands in; -1 = none */
    const struct arazzo_workflow *workflow; /* NULL = none */
    struct arazzo_parameters parameters;    /* of the workflow */
    nanos retry_after;
    int64_t retry_limit; /* 1 when not said */
    struct arazzo_criteria criteria;
    struct place place;
};

struct arazzo_actions {
    VEC(struct arazzo_action);
};

struct arazzo_output {
    const char *name;
    struct arazzo_value value;
};

struct arazzo_outputs {
    VEC(struct arazzo_output);
};

/* x-dryrun-until: the request is sent again (or another one is) until this holds. */
struct arazzo_until {
    bool is_there;
    const char *const *states; /* ends by NULL; NULL = any */
    const struct criterion *condition;
    nanos every, within;
    nanos most;     /* the longest pause, when they grow */
    double backoff; /* each pause is so much longer; 1 = they are the same */
    const struct arazzo_step
        *by; /* only its request: it looks; NULL: the step's own is sent again */
};

/* x-dryrun-stream: how an event stream is read. */
struct arazzo_stream {
    bool is_there;
    const struct criterion *until; /* of $event: it and all before it were wanted; NULL */
    const char *until_text;
    int64_t max_events; /* 0 = any number */
    bool has_last_id;
    struct arazzo_value last_id; /* Last-Event-ID */
};

/* x-dryrun-receive: a call that must come to $dryrun.receivers.STEP. */
struct arazzo_receive {
    bool is_there;
    const struct callback *callback; /* whose schema it must fit; NULL: any */
    struct arazzo_criteria criteria; /* of $message */
    nanos within;
};

/* x-dryrun-expect-path: the states that were seen one after the other. */
struct arazzo_path_state {
    const char *name;
    bool may_be_missed; /* written with a '?' behind it */
};
struct arazzo_path {
    const struct machine *machine;
    bool has_id;
    struct arazzo_value id;
    struct {
        VEC(struct arazzo_path_state);
    } states;
    const char *text; /* as written */
    struct place place;
};

/* A step that must have been completed before (dependsOn). */
struct arazzo_dependency {
    const struct arazzo_workflow *workflow;
    int step;
    const char *text; /* as written */
};

/* A step whose outputs an expression reads. */
struct arazzo_read {
    int step;
    struct place place;
};

struct arazzo_step {
    const char *id;
    int index;
    int next; /* the step that follows; -1: it is the last */
    struct {
        VEC(struct arazzo_dependency);
    } depends_on;
    struct {
        VEC(struct arazzo_read);
    } reads;
    const struct provider_operation *operation; /* or */
    const struct arazzo_workflow *workflow;
    const struct provider *provider;     /* of the operation */
    struct arazzo_parameters parameters; /* the workflow's are merged in */
    const struct arazzo_body *body;      /* NULL = none */
    struct arazzo_criteria criteria;
    struct arazzo_actions on_success, on_failure; /* the workflow's are merged in */
    struct arazzo_outputs outputs;
    nanos timeout;       /* 0 = none */
    const char *outcome; /* x-dryrun-outcome, or NULL */
    const char *fault;   /* x-dryrun-fault as X-Dryrun-Fault spells it, or NULL */
    int64_t fault_tries; /* so many of the step's requests carry it, the first ones */
    struct arazzo_until until;
    struct arazzo_stream stream;
    struct arazzo_receive receive;
    const struct arazzo_path *path; /* x-dryrun-expect-path; NULL */
    nanos within;                   /* x-dryrun-within, in the target's time; 0 = none */
    bool is_always;                 /* x-dryrun-always: played whatever happened before */
    bool has_link;
    struct arazzo_value link;      /* x-dryrun-link: goes to this URL */
    const struct template *signal; /* x-dryrun-signal: given before the request; NULL */
    struct place place;
};

struct arazzo_workflow {
    const char *id;
    const struct arazzo *document;
    const cJSON *node;
    const struct schema *inputs; /* NULL = none were described */
    struct {
        VEC(const struct arazzo_workflow *);
    } depends_on;
    struct {
        VEC(struct arazzo_step);
    } steps;
    int first; /* the step that begins: dependsOn may ask for another order than the document's */
    struct arazzo_outputs outputs;
    nanos within;                   /* x-dryrun-within */
    const struct arazzo_path *path; /* x-dryrun-expect-path; NULL */
    bool is_used; /* a step, an action or `dependsOn` plays it: not begun by itself */
    struct place place;
};

struct arazzo_source {
    const char *name, *url;
    const struct provider *provider; /* of an OpenAPI document, or */
    struct arazzo *document;
};

struct arazzo {
    const char *file;
    const char *title;
    const char *self; /* absolute: it is its identity; NULL */
    const cJSON *root;
    const cJSON *components, *self_node; /* of the root; NULL */
    const cJSON *descriptions; /* $sourceDescriptions: name -> Source Description Object */
    int minor;
    struct {
        VEC(struct arazzo_source);
    } sources;
    struct {
        VEC(struct arazzo_workflow);
    } workflows;
};

/*
 * Loads a document. A source belongs to the provider whose openapi file its url (relative to the
 * document) names. NULL when there were errors.
 */
const struct arazzo *arazzo_load(struct arena *arena, const char *path,
                                 const struct provider *const *providers, size_t count,
                                 struct findings *findings);
