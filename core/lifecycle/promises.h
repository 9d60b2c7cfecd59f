/* SPDX-License-Identifier: Apache-2.0 */
/* What a service promises beside its rows: invariants, waits and deadlines, answers, streams,
 * lists, links that expire, callbacks. Part of core/lifecycle/lifecycle.h, which says how long it
 * lives. */
#pragma once

#include "core/lifecycle/rows.h"

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
