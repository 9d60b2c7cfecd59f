/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is broken, each cause once: a service that forgets one member breaks every scenario that
 * reads it, and its maintainer wants to be told once, how often, and where first. Worst first.
 */
#pragma once

#include "runner/reports/reports.h"

struct broken_cause {
    const char *kind;   /* violation, deviation; failure: a step failed and no rule was broken */
    const char *rule;   /* of the verdict; "" of a failure */
    const char *text;   /* as it was told first; not masked */
    struct place place; /* the rule; of a failure what did not hold */
    bool breaks;        /* the contract; a deviation need not */
    size_t count;       /* how often it was met */
    size_t workflows;   /* in how many */
    struct {
        VEC(const char *);
    } operations;                                  /* each once, as met */
    const struct played_workflow *workflow, *last; /* where first, and newest */
    const struct played_step *step; /* where first; NULL: a call of the service's own */
    const struct attempt *attempt;  /* NULL: none */
    uint64_t exchange;              /* 0: none */
    bool is_told;                   /* for who tells it in full only once */
};

struct skipping {
    const char *reason;
    size_t count;
};

struct broken_causes {
    VEC(struct broken_cause *);
    struct broken_cause **of_verdict; /* by the verdict's index; NULL: a note, or what follows from
                                  another breach of the same exchange */
    struct {
        VEC(struct skipping);
    } skipped; /* workflows, by why */
};

/* All in the arena. */
struct broken_causes *causes_find(struct arena *arena, const struct run_result *result);
/* "9 times in 8 workflows (getRun, listRuns and 2 more), first in NAME, step STEP, exchange 7" */
void cause_where(const struct broken_cause *cause, struct strbuf *out);
/* The numbered list, at most `most` of them, behind `indent`; texts are masked. */
void causes_print(const struct broken_causes *causes, const struct report_context *context,
                  size_t most, const char *indent, struct strbuf *out);
