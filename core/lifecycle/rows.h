/* SPDX-License-Identifier: Apache-2.0 */
/* What may happen and when: states as sets, tests of what must hold, rows of operations, rules.
 * Part of core/lifecycle/lifecycle.h, which says how long it lives. */
#pragma once

#include "core/base/findings.h"
#include "core/data/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct template;
struct match;
struct criterion;
struct schema;

/* A set of states of one machine: bit i is state i. Bit 0 is `absent`: before birth, after
 * deletion. */
typedef uint64_t state_set;

enum {
    STATE_ABSENT = 0,
    STATE_NONE = -1, /* no state: nothing moves, or none fits */
    STATES_MAX = 64, /* absent included */
};
#define STATE_BIT(state) ((state_set)1 << (state))
#define STATES_ANY       (~(state_set)0)

/* Where a row comes from. A broken inferred one is a deviation, any other a violation. */
enum source {
    SOURCE_SEED,
    SOURCE_SPEC,
    SOURCE_SDK,
    SOURCE_DOCS,
    SOURCE_OBSERVED,
    SOURCE_INFERRED,
};
const char *source_name(enum source source);

/* One error of the catalogue (`errors`): how a reader recognises it. */
struct refusal {
    const char *name;
    int status;
    const struct schema *schema; /* NULL: the status alone tells */
    struct place place;
};

/* Selects resources: `exists`, `none`, `last`, `each`. All that is given must hold. */
struct query {
    int machine;
    int of_machine;             /* the machine of what `of` gives; -1 without `of` */
    int link;                   /* of `machine`: its link that leads to `of_machine`; -1 without */
    const struct template *of;  /* gives a resource (a tree) */
    const struct template *id;  /* gives an id */
    const struct template *ids; /* gives a list of ids (`each`) */
    state_set in;               /* STATES_ANY without `absent` when nothing was said */
    const struct match *where;  /* NULL = any */
    struct place place;
};

/* What must hold, all of it. */
struct tests {
    state_set in;                          /* STATES_ANY when nothing was said */
    const struct match *where;             /* about the resource */
    const struct criterion *when, *unless; /* `if`, `unless` */
    const struct query *exists, *none, *last;
};

/* A row of an operation, a rule, or a row of `always` (which has no error and no case). */
struct row {
    struct tests tests;
    const struct refusal *error; /* NULL: it accepts */
    int status; /* 0: the operation's first documented 2xx (or the error's status) */
    int to;     /* state of the machine (of each->machine with `each`); STATE_NONE: nothing
                   moves, or to_template says it */
    const struct template *to_template; /* gives the name of a state; NULL = `to` says it */
    state_set to_any;                   /* every state that `to` may come to */
    const char *case_name;              /* picks a case in service.yaml; NULL = none */
    const struct query *each;           /* the row is about these resources, not the participant */
    const struct template *says;        /* the verdict for each target */
    enum source source;
    const char *note; /* may be NULL */
    bool has_variant; /* it was chosen by a variant */
    struct place place;
    const char *where; /* the same as "file:line", as answers tell it; or NULL */
};

struct rows {
    const struct row *items;
    size_t count;
};

/* Rows under one key of a machine's `operations`, still by the name as written. */
struct row_block {
    const char *name; /* operationId, "METHOD /path", or a group */
    struct place place;
    struct rows rows;
};

/* A rule: a row about the request alone, for some operations. */
struct rule {
    const char *const *operations; /* names as written, groups not yet taken apart */
    size_t operation_count;
    struct row row;
};
