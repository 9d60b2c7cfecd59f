/* SPDX-License-Identifier: Apache-2.0 */
/* Machines: their states, how resources are observed, linked and moved, what their members do. Part
 * of core/lifecycle/lifecycle.h, which says how long it lives. */
#pragma once

#include "core/lifecycle/rows.h"

struct state {
    const char *name;
    const char *label;  /* "machine=STATE", as answers tell it */
    const cJSON *value; /* what the wire shows; NULL for `absent` and machines without states */
    const struct match *where; /* refined state: tried before the plain ones; NULL = plain */
    int twin; /* an earlier refined state that looks the same: only moves tell them apart; 0 = none
               */
    bool initial, terminal, waits;
    bool is_gone;             /* of an earlier loading: resources may still be in it */
    const char *const *has;   /* JSON Pointers of members that are there and not null */
    const char *const *lacks; /* null or absent */
    size_t has_count, lacks_count;
    const struct schema *schema; /* of the resource's view in this state; NULL = any */
    struct place place;
};

struct observation {
    const char *schema;    /* name of a component schema; NULL: by operation */
    const char *operation; /* with `status` (0 = any 2xx) */
    int status;
    const char *id;       /* JSON Pointer in the value; NULL = it has none */
    const char *state_at; /* JSON Pointer; NULL = none, or `is` */
    int is;               /* a fixed state, or STATE_NONE */
    bool partial;         /* absence of a member says nothing */
    struct place place;
};

struct link {
    const char *name;
    int machine;    /* where it leads */
    const char *at; /* JSON Pointer of the other's id in this machine's resource */
    struct place place;
};

/* A move that the service may make by itself. */
struct move {
    int from, to;
    enum source source;
    const char *note;
    struct place place;
};

enum member_rule {
    MEMBER_CONSTANT,
    MEMBER_ONCE,
    MEMBER_GROWS,
    MEMBER_PER_VIEW,
    MEMBER_ASKED,  /* changes only when somebody asks for it */
    MEMBER_STAMPS, /* grows, and tells when anything else was changed */
    MEMBER_BIRTH,  /* constant, and tells when it was made */
};

struct member {
    const char *at; /* JSON Pointer */
    enum member_rule rule;
    struct place place;
};

/* What the members show after a request: what it said of them. */
struct taken {
    const char *at; /* JSON Pointer in what is shown */
    const struct template *value;
};

struct take_rule {
    const char *const *operations; /* as written */
    size_t operation_count;
    const struct taken *members;
    size_t member_count;
    bool birth;    /* only when it is made by that */
    bool keeps;    /* what the request does not give stays as it was */
    bool clears;   /* what it does not give is there no more */
    bool merges;   /* an object is laid over what was there */
    bool is_whole; /* the two are equal; else all that was sent is in what is shown */
    enum source source;
    struct place place;
};

struct machine {
    const char *name;
    int index; /* in the lifecycle: parents before children */
    struct place place;
    const char *where; /* the same as "file:line"; or NULL */

    const struct state *states; /* states[0] is `absent` */
    size_t state_count;
    bool is_stateless; /* no `states` were given: the single state is `present` */
    state_set present, open, terminal, waits, initial; /* `initial`: all that are marked so */
    int first_initial;                                 /* STATE_NONE when none is marked */

    const struct observation *observe;
    size_t observe_count;
    const char *id_at;    /* of the first `observe` by schema; NULL when there is none */
    const char *state_at; /* likewise */

    const struct template *const
        *named_by;                    /* which resource a request speaks of: first that is there */
    const char *const *named_by_text; /* as written, such as "$request.path.runId" */
    size_t named_by_count;

    const struct link *links;
    size_t link_count;
    int within; /* the link within whose target ids are unique; -1: everywhere */
    const struct move *moves;
    size_t move_count;
    const state_set *reach_one; /* by state: where one move leads (without itself unless said) */
    const struct row *always;
    size_t always_count;
    const struct member *members;
    size_t member_count;
    const struct take_rule *takes;
    size_t take_count;
    bool is_told;                   /* it is born by requests alone, whose answers show it */
    const struct row_block *blocks; /* `operations`, in file order */
    size_t block_count;
    const struct refusal *missing; /* for a path that names what is absent; NULL = none was given */
};
