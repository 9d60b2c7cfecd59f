/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lifecycle.yaml, loaded (docs/LIFECYCLE.md is the grammar): machines, states, moves, rows, rules,
 * the catalogue of errors. Everything is resolved to indexes and compiled once; rows of variants
 * that were not chosen are gone. Immutable after loading, lives as long as its arena, may be used
 * by many threads. What needs the OpenAPI document or the fixtures is checked by core/provider.
 * The functions that decide things are in core/lifecycle/machine.h.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/findings.h"
#include "core/base/map.h"
#include "core/data/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct template;
struct match;
struct criterion;
struct schema;
struct schema_set;

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

struct variant {
    const char *name;
    const char *const *values;
    size_t value_count;
    const char *chosen; /* one of the values */
    enum source source;
    struct place place;
};

struct variant_choice {
    const char *name, *value;
};

struct overlay {
    const char *file; /* beside lifecycle.yaml */
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

struct invariant {
    const char *name;
    int machine;
    state_set in;
    const struct match *where;
    const struct criterion *when, *unless; /* `if`: it is about those; `unless`: what must hold */
    const struct schema *schema;           /* NULL = any */
    const struct template *equal[2];       /* these two are; NULL */
    enum source source;
    struct place place;
};

/* What an operation that waits may answer instead, when its time is over. */
struct timeout_rule {
    const char *operation; /* as written: operationId, "METHOD /path", or a group */
    int status;
    struct place place;
};

/* An operation that answers when a resource has come somewhere, or after some time. */
struct wait_rule {
    const char *name;
    const char *const *operations;
    size_t operation_count;
    int of;
    state_set until;
    int64_t lasts;               /* nanoseconds before it may give up; 0 = nobody knows */
    const struct schema **shows; /* by state: what the answer looks like then; NULL = any */
    enum source source;
    struct place place;
};

/* What must have left these states by an instant that it shows. */
struct deadline_rule {
    const char *name;
    int of;
    state_set in;
    const char *at; /* JSON Pointer of the instant */
    state_set to;   /* it is not in these before; 0 = nobody knows */
    enum source source;
    struct place place;
};

/* What answers look like beyond the document. */
struct answer_rule {
    const char *name;
    const char *const *operations;
    size_t operation_count;
    int status;                      /* 0 = any success */
    const struct criterion *when;    /* NULL = always */
    const struct schema *schema;     /* of the body; NULL = any */
    const struct template *equal[2]; /* over request and answer; NULL */
    enum source source;
    struct place place;
};

/* Where the answer says, by id, what became of each resource (`says` of rows with `each`). */
struct outcome_rule {
    const char *name;
    const char *const *operations;
    size_t operation_count;
    int of;
    const char *at; /* JSON Pointer of an object: id -> word */
    enum source source;
    struct place place;
};

/* Events about one machine are called PREFIX.STATE; PREFIX.created for what is born in the stream.
 */
struct event_names {
    int machine;
    const char *prefix;
};

enum number_rule { NUMBERS_NONE, NUMBERS_RISE, NUMBERS_FOLLOW };

/* Events are numbered: by their id, or by a member of their data. */
struct event_numbers {
    enum number_rule rule;        /* each larger than the last, or larger by one */
    const char *at;               /* JSON Pointer in the data; NULL = the event's id */
    const char *of;               /* JSON Pointer in the data of whose stream it is; NULL */
    const struct match *where;    /* of the data; others show a number and do not count */
    bool all;                     /* each of these has one */
    const struct template *after; /* the number after which the client asked to go on */
};

/* What the pieces say, one after the other, is what the whole says in the end. */
struct event_sum {
    const char *piece, *piece_id, *piece_text; /* schema, JSON Pointers */
    const char *whole, *whole_id, *whole_text;
    struct place place;
};

struct event_marker {
    const char *event, *data; /* NULL = any */
};

struct stream_rule {
    const char *name;
    const char *const *operations;
    size_t operation_count;
    int of;                          /* machine */
    state_set ends;                  /* the stream ends in these */
    state_set tells;                 /* it never ends in one of these without having shown it */
    bool complete;                   /* it shows every single move */
    const struct event_names *names; /* of the events that show resources */
    size_t name_count;
    const struct event_marker *first; /* one of these begins it */
    size_t first_count;
    const struct event_marker *last; /* one of these ends it, and only that */
    size_t last_count;
    bool all_end; /* what it names has ended when it does */
    struct event_numbers numbers;
    const struct event_sum *sums; /* pieces that add up to a whole */
    size_t sum_count;
    struct place place;
};

/*
 * A list that is read page by page. What it answers is held against itself, its other pages and
 * what is known to be there.
 */
struct list_rule {
    const char *name;
    const char *const *operations;
    size_t operation_count;
    int of;                    /* machine */
    const char *items;         /* JSON Pointer of the array in the answer; "" = the answer */
    const char *more, *next;   /* of the flag and of the next page's place; NULL = there is none */
    const char *after, *limit; /* query parameters; NULL = there is none */
    bool in_body;              /* these are members of the body instead */
    const char *rising;        /* a flag among them that says asc, whatever `order` says; NULL */
    bool is_offset;            /* `after` counts the items before the page */
    const char *before;        /* query parameter: the page that ends before this id; NULL */
    const char *first_id;      /* JSON Pointers in the answer: the ids of the first and the last */
    const char *last_id;       /* item; NULL */
    int64_t size;              /* of a page when none was asked for; -1 = nobody knows */
    const char *by, *order;    /* sorted by this member; the query parameter that says how; NULL */
    const char *chosen;        /* the query parameter that names another member to sort by; NULL */
    const cJSON *keys;         /* its values -> JSON Pointer */
    const char *usual;         /* "asc", "desc" when no order was asked for; NULL = nobody knows */
    bool is_full;              /* a page that is not full is the last one */
    bool is_whole;             /* all that links to what the path names is in it */
    const cJSON *filters;      /* query parameter -> JSON Pointer of the member that equals it */
    enum source source;
    struct place place;
};

/* Whether requests need a credential; which ones do, and of what kind, the document says. */
struct credentials_rule {
    bool required;
    bool first; /* it is asked for before anything else is looked at */
    enum source source;
    struct place place;
};

/* Links that are handed out and stop working. */
struct download_rule {
    const char *name;
    const char *operation, *header; /* whose answers have it in this header; NULL */
    const char *schema, *at;        /* or where values of this schema have it; NULL */
    const char *expires;            /* JSON Pointer of the instant; NULL: after `lives` */
    int64_t lives;                  /* nanoseconds; 0 = unknown */
    bool is_signed;                 /* its query cannot be changed */
    enum source source;
    struct place place;
};

/* Which names of members are meant: "*_at", "created". */
struct name_globs {
    const char *const *items;
    size_t count;
    bool ends[256]; /* what names that fit may end with: most do not */
};

/* How this service writes instants as numbers. */
struct times_rule {
    struct name_globs members;
    struct name_globs past; /* those that lie in the past */
    int64_t unit;           /* nanoseconds; 0 = there is no such rule */
    struct place place;
};

struct callback_rule {
    const char *name;
    int of;             /* machine */
    const char *schema; /* component schema of the body; may be NULL */
    state_set states;   /* reaching these is announced */
    struct place place;
};

struct group {
    const char *name;
    const char *const *operations; /* nested groups taken apart; names as written */
    size_t operation_count;
    struct place place;
};

struct lifecycle {
    const char *file;
    const cJSON *document;
    const char *openapi;            /* file name beside it; "openapi.yaml" when not given */
    const struct overlay *overlays; /* those of the chosen variants */
    size_t overlay_count;
    const struct variant *variants;
    size_t variant_count;
    const cJSON *variant_values; /* object name -> chosen value: $variant */
    const cJSON *tables;         /* object; never NULL: $tables */
    const struct group *groups;
    size_t group_count;
    const struct refusal *refusals;
    size_t refusal_count;
    const struct refusal *missing;
    const struct rule *rules;
    size_t rule_count;
    const struct machine *machines;
    size_t machine_count;
    const struct invariant *invariants;
    size_t invariant_count;
    const struct stream_rule *streams;
    size_t stream_count;
    const struct timeout_rule *timeouts;
    size_t timeout_count;
    const struct wait_rule *waits;
    size_t wait_count;
    const struct deadline_rule *deadlines;
    size_t deadline_count;
    const struct outcome_rule *outcomes;
    size_t outcome_count;
    const struct answer_rule *answers;
    size_t answer_count;
    const struct callback_rule *callbacks;
    size_t callback_count;
    const struct list_rule *lists;
    size_t list_count;
    const struct download_rule *downloads;
    size_t download_count;
    struct times_rule times;
    struct credentials_rule credentials;
    struct schema_set *schemas; /* holds the schemas written in the file */
};

/*
 * Loads the file and checks all that it says by itself. `choices` pick values of variants (their
 * defaults otherwise). NULL when it cannot be read at all; with findings->errors grown it is
 * usable for more checks, not for work.
 */
struct lifecycle *lifecycle_load(struct arena *arena, const char *path,
                                 const struct variant_choice *choices, size_t choice_count,
                                 struct findings *findings);

/* The same from a document that was read already; it must live as long as the arena. Never NULL. */
struct lifecycle *lifecycle_from_document(struct arena *arena, const char *path,
                                          const cJSON *document,
                                          const struct variant_choice *choices, size_t choice_count,
                                          struct findings *findings);

const struct machine *lifecycle_machine(const struct lifecycle *lifecycle, const char *name);
const struct refusal *lifecycle_refusal(const struct lifecycle *lifecycle, const char *name);
const struct group *lifecycle_group(const struct lifecycle *lifecycle, const char *name);
