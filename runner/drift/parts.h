/* SPDX-License-Identifier: Apache-2.0 */
/* Drift's parts; private to runner/drift. */
#pragma once

#include "core/base/map.h"
#include "runner/drift/drift.h"
#include "runner/drift/shape.h"

struct drifting;

/* ---- align.c: what belongs together ---- */

/* A step as one side played it: all its requests. When the sides played it a different number of
 * times (a loop that polls), all times are one. */
struct unit {
    const struct arazzo_workflow *workflow;
    const struct arazzo_step *step;
    struct {
        VEC(const struct attempt *);
    } attempts;
    enum play_result result; /* of the last time */
    const char *reason;
    size_t times;
};

struct units {
    VEC(struct unit);
};

/* Of `played`, in the order first played. */
struct units units_of(struct arena *arena, const struct played_workflow *played,
                      const struct played_workflow *other);
/* The unit of `other` that belongs to units->items[at]; NULL when there is none. */
const struct unit *units_match(const struct units *units, size_t at, const struct units *other);

/* ---- findings.c ---- */

/* Where one is: two units and what was asked there. */
struct spot_of_drift {
    struct drifting *drifting;
    const struct provider *provider;
    const struct provider_operation *operation; /* NULL: of a step without one */
    const struct unit *unit[DRIFT_SIDES];
};

/* A rule that one side alone breaks, though the answers look alike. */
struct broken_rule {
    struct spot_of_drift at;
    struct drift_finding finding;
};

struct drifting {
    struct arena *arena;
    const struct texts *ignored;
    struct drift *drift;
    struct map *known; /* findings by what they say -> index + 1 */
    struct map *spots; /* what the contract says of places, once asked */
    struct {
        VEC(struct broken_rule);
    } rules; /* of this workflow: told at its end */
};

/* Fills in where it is; folds it into one that says the same. Gives the finding (NULL: ignored). */
struct drift_finding *drift_tell(const struct spot_of_drift *at, struct drift_finding finding);
struct drift_operation *drift_operation_row(struct drifting *drifting,
                                            const struct provider *provider, const char *name);
/* How often something was told so far, what is ignored too. */
size_t drift_told(const struct drift *drift);
/* breach when a side breaks something, else this. */
enum drift_kind drift_kind_of(const struct drift_finding *finding, enum drift_kind otherwise);

/* ---- looks.c: answers to one request, polls folded ---- */

struct sample {
    const struct attempt *attempt;
    const cJSON *value;          /* a body, or an event's data */
    const struct schema *schema; /* what the contract says it is; NULL */
    const struct observed_list *observed;
    bool is_event;
    bool is_made;                    /* our mock does not play it: an example of the schema */
    const struct problems *problems; /* of an event, once asked */
    bool was_asked;
};

struct samples {
    VEC(struct sample);
};

/* All answers with one status that show the same states. */
struct look {
    int status;
    const char *key; /* "200 run=QUEUED" */
    struct {
        VEC(const struct attempt *);
    } attempts;
    bool is_matched;
};

struct looks {
    VEC(struct look);
};

struct looks looks_of(struct arena *arena, const struct unit *unit,
                      const struct provider_operation *operation, bool by_look);
/* The last request, answered or not; NULL when nothing was sent. */
const struct attempt *looks_last(const struct unit *unit,
                                 const struct provider_operation *operation, bool by_look);
/* "503, 200": one after the other, what stays the same once; NULL when nothing was sent. */
const char *looks_statuses(struct arena *arena, const struct unit *unit,
                           const struct provider_operation *operation, bool by_look);

/* Our mock made the answer of the schema, since nothing plays the operation. */
bool is_made_of_schema(const struct seen *seen);

/* ---- answers.c ---- */

/* Compares what two units got by one operation. */
void answers_compare(const struct spot_of_drift *at, bool by_look);

/* ---- values.c: bodies and events' data ---- */

struct values {
    const struct spot_of_drift *at;
    struct samples samples[DRIFT_SIDES];
    const char *event;     /* whose data they are; NULL: bodies */
    bool has_other_states; /* then members come and go with them */
};
void values_compare(const struct values *values);

/* ---- events.c ---- */

void events_compare(const struct spot_of_drift *at, const struct look *const looks[DRIFT_SIDES]);

/* ---- contract.c: what the contract says ---- */

struct contract_says {
    bool is_named;      /* the object's schemas name this member */
    bool is_closed;     /* the object is described by its members, not as a map of anything */
    bool is_required;   /* by one of them */
    bool is_listed;     /* the value is one of an enum or a const */
    struct place place; /* of what names or lists it */
};

/* Of the place (as shape paths spell it) in these samples. */
struct contract_says contract_ask(struct drifting *drifting, const struct samples *samples,
                                  const char *path);
/* The first thing that the document has against the value there: filled into `shown`. */
bool contract_breaks(struct drifting *drifting, const struct samples *samples, const char *path,
                     struct drift_shown *shown);
/* The first violation of the attempt, or deviation by one of these rules (ended by NULL; NULL: any
 * rule, and violations alone), likewise. NULL when there is none. */
const struct verdict *attempt_breaks(const struct drift_side *side, const struct attempt *attempt,
                                     const char *const *rules, struct drift_shown *shown);
/* What the document has against the sample; NULL when nothing. */
const struct problems *sample_problems(struct drifting *drifting, struct sample *sample);
/* "/data/[]/state" of a pointer into the value. */
const char *fold_pointer(struct arena *arena, const cJSON *value, const char *pointer);

/* ---- states.c ---- */

/* Orders of states of the resources that both sides showed in the first `count` units of each
 * that were compared. */
struct compared_unit {
    const struct unit *unit[DRIFT_SIDES];
};
struct compared_units {
    VEC(struct compared_unit);
    bool has_parted; /* it is known why one side went on alone: what came last is no other reason */
};
void states_compare(struct drifting *drifting, const struct compared_units *units,
                    const struct played_workflow *const played[DRIFT_SIDES]);
/* "run=QUEUED run=DONE": of what is no item of a list; in the arena. */
const char *states_shown(struct arena *arena, const struct seen *seen);
/* The place shows the state of a resource: their order is compared, not the values. */
bool states_has_member(struct arena *arena, const struct sample *sample, const char *path);
