/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources of one world: immutable counted texts, packed columns, links, moves. Not locked by
 * itself: the world's lock guards it. It knows no JSON; whoever changes a text gives the column
 * values that go with it. Memory is counted, and what would exceed the limit is refused before.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "mock/world/causes.h"
#include "mock/world/resource.h"

struct store;
struct index;

/* The shapes are copied; the names in them are not. `limit` is in bytes, 0 = none. */
struct store *store_new(const struct kind_shape *kinds, size_t kind_count, size_t limit);
/* More kinds, behind those that are there. */
void store_add_kinds(struct store *store, const struct kind_shape *kinds, size_t count);
void store_free(struct store *store);
/* Called with a resource's `outcome` (when not NULL) just before the resource's memory goes. */
void store_on_release(struct store *store, void (*release)(void *outcome));

/* Called at each birth, change, move and deletion; NULL: nobody is. */
void store_on_change(struct store *store, void (*changed)(void *data), void *data);

/* All that a resource is at one moment. Texts are referenced, not copied; the rest is copied. */
struct resource_data {
    struct text *view, *hidden;
    const struct column_value *columns; /* one a column of the kind; NULL = all unset */
    const char *const *links; /* target id of each link, NULL = not set; NULL = none set */
};

/*
 * Another shape for a kind whose resources stay: states are numbered by `states` (old to new), what
 * they are otherwise `fill` says when the states are the new ones; `filled` may free that. Nobody
 * is asked for room. Costs a pass over them. Held ones that were deleted before are left alone.
 */
struct reshaping {
    const struct kind_shape *shape;
    const uint8_t *states;
    void (*fill)(struct resource *resource, struct resource_data *data, void *how);
    void (*filled)(struct resource_data *data, void *how);
    void *data;
};
void store_reshape(struct store *store, unsigned kind, const struct reshaping *how);

struct birth {
    unsigned kind;
    const char *id, *owner; /* owner NULL = ids of this kind are unique in the store */
    uint8_t state;
    nanos at;
    const struct move_cause *cause; /* of the first move; may be NULL: a seed */
    struct resource_data data;
};

/*
 * NULL and `err`: ERROR_CONFLICT when (kind, owner, id) is there, ERROR_TOO_LARGE when the world is
 * full. On success the resource is owned by the store.
 */
struct resource *store_add(struct store *store, const struct birth *birth, struct error *err);
struct resource *store_find(const struct store *store, unsigned kind, const char *owner,
                            const char *id);
/* One that has the id, whoever owns it; `*count` (may be NULL): how many have. */
struct resource *store_find_any(const struct store *store, unsigned kind, const char *id,
                                size_t *count);
/* Replaces texts, columns and links together; version grows. -1 (ERROR_TOO_LARGE): nothing changed.
 */
int store_change(struct store *store, struct resource *resource, const struct resource_data *data,
                 struct error *err);
/* Moves it and writes the log; to the same state it logs a move, too. Never refused. */
void store_set_state(struct store *store, struct resource *resource, uint8_t state, nanos at,
                     const struct move_cause *cause);
/* For mock/rehearsal.h: texts, columns, links and state as they were; no limit is asked. */
struct rewind {
    uint8_t state;
    nanos entered;
    uint32_t sequence; /* moves that are younger are forgotten */
};
void store_rewind(struct store *store, struct resource *resource, const struct resource_data *data,
                  const struct rewind *to);
/* Takes it out of every list. Its memory goes when the last hold does; the id may be used again. */
void store_delete(struct store *store, struct resource *resource, nanos at,
                  const struct move_cause *cause);
/* Why a move was made. */
struct move_cause store_cause(const struct store *store, const struct move_record *move);

/* A resource as it was kept: nothing is logged or counted anew. */
struct rebirth {
    struct birth birth; /* without cause; `at` is when it was born */
    uint64_t serial;    /* not yet taken */
    nanos entered;
    uint32_t version;
    uint32_t moves_dropped;
    bool is_deleted; /* in no list; the caller gets the first hold */
};
/* NULL and `err`: as store_add. */
struct resource *store_restore(struct store *store, const struct rebirth *rebirth,
                               struct error *err);
void store_restore_move(struct store *store, struct resource *resource,
                        const struct move_record *move, const struct move_cause *cause);
uint64_t store_serial(const struct store *store); /* of the youngest */
void store_resume(struct store *store, uint64_t serial, uint32_t sequence);

/* Why moves were made, by number: a copy in the arena, but for the texts. */
struct move_cause *store_causes(const struct store *store, struct arena *arena, size_t *count);

/* Keeps the memory of a resource that may be deleted meanwhile (an outcome, a parked exchange). */
struct resource *store_hold(struct resource *resource); /* NULL is fine */
void store_drop(struct store *store, struct resource *resource);

size_t store_count(const struct store *store, unsigned kind);
void store_set_limit(struct store *store, size_t limit); /* bytes, 0 = none */
size_t store_bytes(const struct store *store); /* heap that is counted against the limit */
uint32_t
store_sequence(const struct store *store); /* of the newest change: births, moves, deletions */
size_t store_kind_count(const struct store *store);
/* All of a kind, in no order; good until the next birth or deletion. */
struct resource *const *store_rows(const struct store *store, unsigned kind, size_t *count);
struct index *store_index(const struct store *store, unsigned kind); /* for mock/world/scan.h */

/* What links to `target` by `link`: in birth order. All O(1), counting O(states). */
struct resource *store_related_first(const struct store *store, unsigned kind, unsigned link,
                                     const char *target);
struct resource *store_related_last(const struct store *store, unsigned kind, unsigned link,
                                    const char *target);
struct resource *store_related_next(const struct resource *resource, unsigned link);
struct resource *store_related_previous(const struct resource *resource, unsigned link);
/* How many of them are in one of the states of the mask (1 << state); ~0 = all. */
size_t store_related_count(const struct store *store, unsigned kind, unsigned link,
                           const char *target, uint64_t states);
/* The target id that a resource's link names, or NULL. */
const char *store_link_target(const struct resource *resource, unsigned link);
