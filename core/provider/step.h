/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps (docs/FIXTURES.md): one vocabulary for requests, hooks, timers, callbacks and outcomes,
 * here as compiled data. Only the mock plays them; `struct step` says everything it needs.
 */
#pragma once

#include "core/base/instant.h"
#include "core/lifecycle/lifecycle.h"

struct kind;
struct webhook;
struct script;
struct outcome;

enum verb {
    VERB_CHANGE, /* `to`, `set`, `unset`, `merge`, `replace` + `keep`, alone or together */
    VERB_CREATE,
    VERB_COPY,
    VERB_EMIT,
    VERB_LET,
    VERB_EACH,
    VERB_DO,
    VERB_START,
    VERB_REPEAT,
    VERB_CALL,
    VERBS
};

/* `member: template`, top to bottom; `at` is a JSON Pointer ("/name" for a plain key). */
struct assignment {
    const char *at;
    const char *name;   /* the key as written */
    const char *member; /* the name when `at` is a member of the root, else NULL */
    const struct template *value;
    struct place place;
};

struct assignments {
    const struct assignment *items;
    size_t count;
    bool are_distinct; /* all are members of the root, none twice */
};

struct steps {
    const struct step *items;
    size_t count;
};

enum delay_kind { DELAY_NONE, DELAY_FIXED, DELAY_TEMPLATE, DELAY_BETWEEN, DELAY_SIGNAL };

struct delay {
    enum delay_kind kind;
    nanos least, most;            /* FIXED: both the same; BETWEEN: drawn */
    const struct template *value; /* TEMPLATE: a duration's text, or a number of seconds */
    const char *signal;           /* SIGNAL: until the admin API gives it */
};

enum if_exists { IF_EXISTS_FAIL, IF_EXISTS_KEEP, IF_EXISTS_REPLACE };

/* Where `to` leads: a state's name is looked up in the machine of the step's subject. */
struct target_state {
    const char *name; /* a literal name ("absent" included); NULL: `value` gives it, or none */
    const struct template *value; /* NULL: `name`, or nothing when both are NULL */
};

struct change {
    struct target_state to;
    struct assignments set;
    const struct template
        *set_all;             /* `set: $expression`: an object whose members are set; or NULL */
    const char *const *unset; /* JSON Pointers */
    size_t unset_count;
    const struct template *merge;   /* RFC 7396 patch */
    const struct template *replace; /* a whole new body */
    const char *const *keep;        /* JSON Pointers that survive `replace` */
    size_t keep_count;
    bool quiet; /* without the kind's `change` */
};

struct start {
    bool wanted;
    const struct template *outcome; /* text; NULL = `choose` */
    const char *name;               /* when it was written literally, for lint; "choose" included */
    const struct template *queue;   /* text; NULL = none */
};

struct create {
    const struct kind *kind;
    const struct template *id;    /* NULL: the kind makes it */
    const struct template *given; /* NULL = nothing */
    struct target_state to;
    struct assignments set;
    const char *const *keep; /* JSON Pointers that survive if_exists: replace */
    size_t keep_count;
    struct start start; /* at the end of the exchange */
    enum if_exists if_exists;
    const struct template *same; /* a resource, or nothing: it is taken instead; NULL = none */
};

struct copy {
    const struct template *of; /* the resource */
    struct assignments set;
    const struct kind *const *related; /* kinds whose resources that link to it are copied too */
    size_t related_count;
};

struct emit {
    const char *name; /* as written when literal; else NULL */
    const struct template *name_value;
    const struct template *data; /* NULL = none */
};

struct each {
    const struct template *in;
    const char *as;     /* "item" when not given */
    struct delay every; /* before each round */
    struct steps steps;
};

struct run_steps {               /* `do` */
    const struct script *script; /* NULL: `steps` */
    struct steps steps;
    struct assignments with; /* $with, frozen */
};

struct repeat {
    const struct template *times;   /* a number; NULL = no limit of its own */
    const struct criterion *while_; /* NULL = always */
    nanos delay, max;               /* before the second round and after; 0 = none, no limit */
    double factor;                  /* by which the delay grows; 1 = not */
    struct steps steps;
};

struct step {
    enum verb verb;
    const struct criterion *when, *unless; /* NULL = none */
    struct steps otherwise;                /* `else` */
    struct delay after;
    const struct template *subject; /* NULL: the owner, the hook's resource, the operation's */
    const char *subject_text;       /* as written; NULL */
    const char *as;                 /* name for what was made; NULL: the kind's name */
    struct place place;
    union {
        struct change change;
        struct create create;
        struct copy copy;
        struct emit emit;
        struct assignments let;
        struct each each;
        struct run_steps run;
        struct start start;
        struct repeat repeat;
        const struct webhook *call;
    };
};

/* One row a verb: the key that tells it and the keys that may stand with it. */
struct verb_row {
    const char *key; /* "create" */
    enum verb verb;
    const char *with; /* space-separated keys that belong to it */
};
extern const struct verb_row verb_rows[];
extern const size_t verb_row_count;

struct script {
    const char *name;
    struct steps steps;
    struct place place;
    uint64_t fingerprint; /* of its text: a position in it outlives a program only while it holds */
};

struct outcome {
    const char *name;
    const char *summary; /* may be NULL */
    const struct kind *kind;
    struct steps steps;
    struct place place;
    uint64_t fingerprint; /* as of a script */
};

struct choice {
    const struct criterion *when, *unless;
    const struct outcome *outcome; /* NULL: `value` names it */
    const struct template *value;
    struct place place;
};

/* What may happen to resources of one kind. */
struct outcomes {
    const struct outcome *items;
    size_t count;
    const struct choice *choices; /* first that fits; none: the first outcome */
    size_t choice_count;
};
