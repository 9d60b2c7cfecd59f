/* SPDX-License-Identifier: Apache-2.0 */
/* resources.yaml, compiled: the kinds of resources that a mock keeps, and the seed. */
#pragma once

#include "core/provider/step.h"

struct view {
    const char *name;
    const char *const *omit; /* JSON Pointers */
    size_t omit_count;
    struct assignments set;
    struct place place;
};

/* What happens whatever caused a move; all that fit, in order. */
struct hook {
    bool created;
    state_set leaves, enters; /* 0 = not asked */
    const struct criterion *when, *unless;
    struct change change; /* `set`, `unset`, `merge`: without `change` of the kind */
    bool has_change;
    struct steps steps;
    struct place place;
};

struct timer {
    const char *name;
    const struct template *cron, *zone; /* cron: expression; zone NULL = UTC */
    const struct template *at;          /* an instant */
    const struct template *after;       /* a duration's text, from when the state was entered */
    const char *signal;                 /* fires when the admin API gives it */
    state_set in;                       /* armed only in these; STATES_ANY when nothing was said */
    const struct criterion *when, *unless;
    const struct template *each; /* one timer an item; NULL = one alone */
    const char *as;
    struct target_state to; /* the move it makes; may have none */
    struct assignments set;
    struct steps steps;
    struct place place;
};

struct computed {
    const char *at;     /* JSON Pointer */
    const char *member; /* the name when it is a member of the root, else NULL */
    const struct template *value;
    bool at_write; /* reads only the resource itself: made when written */
    struct place place;
};

struct kind {
    const char *name;
    int index;
    const struct machine *machine;
    const char *label;              /* for error texts; the name when not given */
    const char *id_at;              /* JSON Pointer, such as "/run_id" */
    const struct template *id_make; /* NULL: the client gives it */
    const struct kind *owner;       /* NULL = none */
    int owner_link;                 /* of the machine: the link that names the owner; -1 without */
    struct assignments fresh;       /* `new`, when an object: top to bottom, $self grows */
    const struct template *fresh_all; /* `new`, when it is one function call */
    bool has_new;                     /* false: the body is what was given, with the id */
    const char *state_at; /* JSON Pointer; NULL for machines without states on the wire */
    struct assignments change;
    const char *const *hidden; /* JSON Pointers */
    size_t hidden_count;
    const struct computed *computed;
    size_t computed_count;
    const struct view *views;
    size_t view_count;
    const struct hook *hooks;
    size_t hook_count;
    const struct timer *timers;
    size_t timer_count;
    struct outcomes outcomes; /* outcomes.yaml */
    const struct schema
        *schema; /* component schema of the first `observe`; NULL when there is none */
    struct place place;
};

/* One seeded resource. */
struct seed {
    const struct kind *kind;
    const char *id;                 /* as given; NULL: made */
    int state;                      /* STATE_NONE: the initial one */
    const struct template *members; /* an object: $given of `new` */
    struct assignments stored; /* put over what `new` made: what it does not read as $given.NAME */
    nanos at;                  /* birth, relative to the epoch: zero or negative */
    const struct outcome *outcome; /* goes on playing; NULL = none */
    struct place place;
};

const struct view *kind_view(const struct kind *kind, const char *name);
const struct outcome *kind_outcome(const struct kind *kind, const char *name);
