/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the player shows to the monitor, and what the monitor says about it. The player holds every
 * exchange against the contract (runner/play/checks.h) and then shows it here; the monitor
 * (runner/monitor/monitor.c) holds it against the lifecycle. One monitor belongs to one world: a
 * session of our mock, or a whole foreign service; and to one thread at a time.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/instant.h"
#include "core/base/vec.h"
#include "core/contract/response_check.h"
#include "core/lifecycle/lifecycle.h"
#include "core/provider/provider.h"
#include "runner/memory.h"

/* A value of an answer that is declared with a component schema and satisfies it (schema_visit). */
struct observed {
    const char *schema;
    const cJSON *value;
    const char *pointer; /* in the body or the event's data, "" = the whole */
};

struct observed_list {
    VEC(struct observed);
};

/* One event of a stream, in order. */
struct seen_event {
    const char *event, *id; /* NULL = there was none */
    const cJSON *data;      /* parsed when it is JSON, else a string */
    struct observed_list observed;
};

/*
 * One exchange, sent and answered. It and all it points at live as long as somebody holds its
 * memory (verdicts and beliefs refer to it), without one as long as the monitor. Never changed
 * after it was shown.
 */
struct seen {
    struct memory *memory; /* where it is; NULL = it lives as long as the monitor */
    const struct provider *provider;
    const struct provider_operation *operation; /* NULL: no operation fits the request */

    /* The request; the objects are typed by the contract, and NULL when `operation` is. */
    const char *method;
    const char *url; /* whole, as sent */
    const cJSON *path, *query;
    const cJSON *header; /* names in lower case where no parameter describes them */
    const cJSON *body;   /* defaults filled in; NULL = none, or not readable */
    const cJSON *sent;   /* as it was sent; for $request.sent */

    /* The answer. */
    const struct raw_response *response;
    const struct checked_response *checked; /* NULL when `operation` is */
    const cJSON *answer; /* its body as a tree (JSON or text); NULL = none; the stream's is NULL */
    state_set refusals;  /* bit i: status and body fit lifecycle->refusals[i]; 0 with a success */
    bool is_documented;  /* the status stands in the document, a row or the catalogue */
    struct observed_list observed; /* of the body, outer values first */
    struct {
        VEC(struct seen_event);
    } events; /* of a stream */

    /* Two exchanges overlap when one was sent before the other was answered. One counter for
     * both orders, rising. */
    uint64_t sent_order, answered_order;
    /* Another exchange of this world, not yet shown, was sent before this one was answered: it may
     * have come first, so little is sure. */
    bool others_in_flight;
    /* A fault was asked for with it: what it tells may not be so. */
    bool is_doubtful;
    /* No answer came: the status stands for one that may have done it or not. */
    bool is_silent;
    /* A stream that we left before its end: what did not come proves nothing. */
    bool is_cut;
    nanos sent_at, answered_at; /* the target's clock on our mock with virtual time, else real */

    const char *workflow, *step; /* who sent it; NULL = nobody of a scenario */
    uint64_t number;             /* in the run, from 1 */
    bool is_counted;             /* the number is that of the whole run (jobs.c) */
};

enum verdict_kind {
    VERDICT_VIOLATION, /* breaks the document, or a row of source seed spec sdk docs observed */
    VERDICT_DEVIATION, /* breaks an inferred row */
    VERDICT_NOTE,      /* for people; breaks nothing */
};

struct verdict {
    enum verdict_kind kind;
    const char *rule; /* short and stable, for reports and tests: "status", "body", "row", "move" */
    const char *text; /* lower case, no full stop */
    struct place place;        /* the row, rule or schema that is broken; {0} = unknown */
    const char *machine;       /* NULL: none is concerned */
    const char *id;            /* of the resource; NULL */
    const struct seen *first;  /* an earlier exchange that it contradicts; NULL */
    const struct seen *second; /* the exchange that breaks it */
};

struct verdicts {
    VEC(struct verdict); /* in the arena of whoever passes the list */
    struct arena *arena;
};

static inline void verdict_add(struct verdicts *verdicts, struct verdict verdict)
{
    vec_push_arena(verdicts->arena, verdicts, verdict);
}

struct monitor;
struct coverage; /* runner/monitor/monitor.h */

struct monitor_options {
    /* Time is the world's own and stands still between exchanges (our mock on its virtual clock);
     * elsewhere timers may fire at any moment. */
    bool is_virtual;
    /* Nobody but whoever shows exchanges here acts in this world (a session of our mock). */
    bool is_alone;
    struct coverage *coverage; /* what is met is counted here; NULL: in one of its own */
};

/* Of the lifecycle of one provider; lives as long as the arena. `options` may be NULL. */
struct monitor *monitor_new(struct arena *arena, const struct provider *provider,
                            const struct monitor_options *options);
/* Something was done to the service that no exchange shows (a signal): sets are exact no more. */
void monitor_disturb(struct monitor *monitor);
/* A call that the service made; it lives as long as the monitor. */
struct heard {
    const char *callback;          /* its name in the document */
    const char *to;                /* where it went: the same call elsewhere is another one */
    const cJSON *body;             /* NULL = none, or not readable */
    struct observed_list observed; /* of the body */
    uint64_t number;               /* of the calls of this run, from 1 */
};
/* In the order they came. Adds what is wrong to `out`. */
void monitor_webhook(struct monitor *monitor, const struct heard *heard, struct verdicts *out);
/* All calls have come that will, as far as anybody knows. Adds what was never told to `out`. */
void monitor_silence(struct monitor *monitor, struct verdicts *out);
/*
 * For a failure that no verdict explains, in words and with their places: what of the contract may
 * answer the exchange with `status`; how a machine comes to these states. NULL: nothing says so.
 */
const char *monitor_wanted(struct monitor *monitor, const struct seen *seen, int status,
                           struct arena *arena);
const char *monitor_ways(const struct machine *machine, state_set to, struct arena *arena);
/* Exchanges in the order they were answered. Adds what is wrong to `out`. */
void monitor_see(struct monitor *monitor, const struct seen *seen, struct verdicts *out);
