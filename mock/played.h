/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider with what the mock derives from it once, at load: the shape of each kind in the store
 * (which members are columns, which orders lists ask for), what is hidden and what is computed, and
 * which machines follow which. Immutable afterwards.
 */
#pragma once

#include "core/data/member_set.h"
#include "core/provider/provider.h"
#include "mock/world/resource.h"

#include <stdbool.h>

struct path;
struct router;
struct schema;

/* A pointer into a resource's body. */
struct place_in_body {
    const struct path *path; /* NULL: leads nowhere */
    int root;                /* in kind_play.roots; -1: the whole body */
};

/* A member that sorting or filtering needs, kept packed beside the text. */
struct column {
    const char *at; /* JSON Pointer */
    struct place_in_body path;
    enum column_type type;
    bool is_instant; /* a text on the wire, nanoseconds in the column */
};

/* One way in which some list sorts this kind. */
struct order {
    const char *at; /* NULL: by birth */
    bool absent_first, ties_descending;
};

/* A declared member that a resource may lack (`unset` of service.yaml). */
struct unset_member {
    const char *name;
};

struct kind_play {
    const struct kind *kind;
    struct played *played;
    unsigned index; /* in the store: unique among all providers of a mock */
    const struct column *columns;
    size_t column_count;
    const struct order *orders;
    size_t order_count;
    const struct place_in_body *links; /* where the machine's links stand */
    struct member_set roots;           /* members of the body that columns and links are in */
    const struct unset_member *unset;  /* shown as null when they are not there */
    size_t unset_count;
    bool computes_at_read;     /* the view must be made at each look */
    bool computes_at_write;    /* some computed member reads only the resource */
    bool is_streamed;          /* its events are kept: a stream shows it, or what links to it */
    const bool *reads_request; /* by outcome: its steps look at the request that started it */
    bool is_plain;             /* the stored view is what is shown: text can be sent as it is */
};

/* A machine whose `always` has rows, and a link by which it looks at another. */
struct follower {
    const struct machine *machine;
    unsigned link; /* of `machine`; or of the machine followed, for an upward one */
};

struct followers {
    struct follower *items;
    size_t count, cap;
};

/* One generation of a provider: what its documents said when they were loaded. */
struct played {
    const struct provider *provider;
    struct kind_play *kinds;           /* by kind->index */
    const struct kind_shape *shapes;   /* likewise, for a store */
    struct kind_play *const *by_index; /* by index in a store; NULL: another provider's kind */
    size_t index_count;
    unsigned generation;          /* from 1; 0: nothing was loaded (yet) */
    const char *failure;          /* why it cannot be played; NULL: it can, or nobody asked yet */
    bool is_gone;                 /* its documents were taken away */
    const struct played *before;  /* the generation before it; NULL */
    const struct followers *down; /* by machine index: machines that link to it and follow it */
    const struct followers *up; /* by machine index: machines that it links to and that follow it */
    const struct router *router; /* paths without the provider's own prefix */
    size_t index;                /* in the mock */
    _Atomic unsigned *shows;     /* by operation: what answer.c found out last, for itself */
};

/*
 * Derives everything; findings for what cannot be derived. `indexes` has the place in the store for
 * each kind: the same kind has the same in each generation, so that resources stay where they are.
 */
struct played *played_new(struct arena *arena, const struct provider *provider,
                          const unsigned *indexes, struct findings *findings);

/* The kind; of another generation's kind the one of that name, or NULL. */
struct kind_play *played_kind(const struct played *played, const struct kind *kind);
/* The one that has this place in the store; NULL: not this provider's. */
static inline struct kind_play *played_at(const struct played *played, unsigned index)
{
    return index < played->index_count ? played->by_index[index] : NULL;
}
/* The first kind that plays this machine; NULL when none does. */
struct kind_play *played_kind_of(const struct played *played, const struct machine *machine);
int kind_column(const struct kind_play *kind, const char *at); /* -1 when it is none */
/* Which order to walk; `key` NULL: by birth. Absent members stay at their end in both directions.
 */
int kind_order(const struct kind_play *kind, const struct sort_key *key, bool ties_descending,
               bool is_backward);
