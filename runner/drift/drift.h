/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drift: where two sides that played the same workflows behave differently. Each side was played
 * (and judged) by a runner of its own; here their results are laid side by side, step by step, and
 * what differs is told once with how often it was seen and what the contract says about it
 * (docs/DRIFT.md). Everything lives in the arena that is given; the results must live as long.
 */
#pragma once

#include "core/base/options.h"
#include "runner/reports/reports.h"
#include "runner/result.h"

enum { DRIFT_LEFT, DRIFT_RIGHT, DRIFT_SIDES };

enum drift_kind {
    DRIFT_BREACH,     /* one side breaks the contract, or both do in their own way */
    DRIFT_DIFFERENCE, /* the contract allows both */
    DRIFT_VARIATION,  /* the contract says itself that it may be so or so: an optional member */
    DRIFT_NOTE,       /* for people; no difference */
    DRIFT_KINDS
};
extern const char *const drift_kind_names[DRIFT_KINDS]; /* "breach" ... */

enum drift_aspect {
    DRIFT_STEP, /* one side could not go on */
    DRIFT_STATUS,
    DRIFT_MEDIA,
    DRIFT_HEADER,
    DRIFT_MEMBER,
    DRIFT_TYPE,
    DRIFT_FORMAT,
    DRIFT_VALUE,
    DRIFT_RULE, /* the answers look alike, but one breaks a rule */
    DRIFT_STATES,
    DRIFT_EVENTS,
    DRIFT_ASPECTS
};
extern const char *const drift_aspect_names[DRIFT_ASPECTS]; /* "step", "status" ... */

/* What one side shows, and what of the contract that breaks. */
struct drift_shown {
    const char *text;        /* "404", "string (date-time)", "absent" */
    const char *like;        /* a value, as JSON; NULL */
    const char *broken;      /* what the judge says; NULL: it breaks nothing here */
    struct place rule;       /* that is broken; {0} = unknown */
    const struct seen *seen; /* the first exchange; NULL */
};

struct drift_finding {
    enum drift_kind kind;
    enum drift_aspect aspect;
    const char *provider, *operation;
    /* Of the operation: "/data/[]/state", a header, a machine, "event NAME/path"; "" = the whole.
     */
    const char *path;
    struct drift_shown side[DRIFT_SIDES];
    struct place contract; /* what allows both; {0} = nothing says so */
    struct place place;    /* of the first step that showed it */
    const char *workflow, *step;
    size_t count;   /* so often it was seen */
    size_t hanging; /* steps that were not compared because of it */
};

struct drift_operation {
    const char *provider, *name;
    size_t compared; /* steps */
    size_t made;     /* of those, where our mock does not play but shows an example of the schema */
    size_t only[DRIFT_SIDES]; /* played at this side alone */
    size_t hanging;           /* not compared: the sides had parted before */
    size_t told[DRIFT_KINDS]; /* findings */
};

struct drift_counts {
    size_t workflows;              /* at both sides */
    size_t steps;                  /* compared */
    size_t exchanges[DRIFT_SIDES]; /* of those steps */
    size_t kinds[DRIFT_KINDS];     /* findings */
    size_t ignored;                /* by --ignore */
};

/* Who was played. */
struct drift_side {
    const char *name;  /* short: "staging.example.com", "mock" */
    const char *where; /* a URL, or which data a mock plays */
    const struct run_result *result;
};

struct drift {
    struct drift_side side[DRIFT_SIDES];
    struct {
        VEC(struct drift_finding);
    } findings; /* by operation, in the order met */
    struct {
        VEC(struct drift_operation);
    } operations; /* in the order of the contracts, those that were asked for */
    struct drift_counts counts;
};

/* `ignored`: patterns of drift_is_ignored. */
struct drift *drift_compare(struct arena *arena, const struct drift_side sides[DRIFT_SIDES],
                            const struct texts *ignored);
/* "variation", or OPERATION#ASPECT and OPERATION#/path (or #header, #machine) with * and ?. */
bool drift_is_ignored(const struct drift_finding *finding, const struct texts *patterns);
/* enum exit_code: 0 the same, 1 they differ, 3 a side cannot be judged, 5 nothing was compared. */
int drift_exit_code(const struct drift *drift);

/* ---- how it is told; texts are masked ---- */

struct drift_reporter {
    const char *name; /* of the row in `reporters` that takes the same options */
    void (*write)(const struct drift *drift, const struct report_context *context,
                  struct strbuf *out);
};
extern const struct drift_reporter drift_reporters[]; /* ended by a row without name */
const struct drift_reporter *drift_reporter_for(const struct reporter *reporter);

void drift_console(const struct drift *drift, const struct report_context *context,
                   struct strbuf *out);
void drift_junit(const struct drift *drift, const struct report_context *context,
                 struct strbuf *out);
void drift_json(const struct drift *drift, const struct report_context *context,
                struct strbuf *out);
void drift_tap(const struct drift *drift, const struct report_context *context, struct strbuf *out);
void drift_html(const struct drift *drift, const struct report_context *context,
                struct strbuf *out);
void drift_github(const struct drift *drift, const struct report_context *context,
                  struct strbuf *out);
