/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a store keeps: resources, and the shape of a kind (its columns, orders and links), which the
 * engine derives from a provider's data. Everything here belongs to one world and is touched under
 * its lock; only texts may be used after unlocking (text_ref).
 */
#pragma once

#include "core/base/instant.h"
#include "core/base/str.h"
#include "mock/world/moves.h"
#include "mock/world/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    KIND_STATES_MAX = 64,  /* states are 0..63, so that a set of them is a 64-bit mask */
    KIND_COLUMNS_MAX = 64, /* of one kind */
    KIND_LINKS_MAX = 32,
};

/* How a column's values compare. */
enum column_type {
    COLUMN_INTEGER, /* integers, instants (nanoseconds), booleans: by value */
    COLUMN_REAL,    /* any number, as a double: column_real() */
    COLUMN_TEXT,    /* interned; equality by id, order by bytes (= by code point) */
};

#define COLUMN_NULL INT64_MIN /* in a packed column: null or absent */

/* One value given for a column. A text is copied (interned) by the store. */
struct column_value {
    bool is_set;     /* false = null or absent */
    int64_t number;  /* COLUMN_INTEGER; COLUMN_REAL through column_real() */
    struct str text; /* COLUMN_TEXT */
};

/* A double as an integer with the same order. */
int64_t column_real(double value);

enum { ORDER_BY_BIRTH = -1 }; /* as `column`: by serial alone */

/*
 * One way to sort a kind. Rows are kept by (column, serial). Walking it backwards turns ties round
 * as well; for "newest first, ties oldest first" declare the order with `ties_reversed`.
 */
struct order_shape {
    int column;         /* index into the kind's columns, or ORDER_BY_BIRTH */
    bool absent_last;   /* where unset values stand when walked forwards; else first */
    bool ties_reversed; /* younger rows first among equals, when walked forwards */
};

struct kind_shape {
    const char *name; /* outlives the store */
    size_t state_count;
    const enum column_type *columns;
    size_t column_count;
    const struct order_shape *orders;
    size_t order_count;
    size_t link_count; /* links are 0 .. link_count - 1 */
};

struct related; /* a list of resources that link to one target: mock/world/related.h */
struct resource;

struct link_node {
    struct related *list; /* NULL: this link is not set */
    struct resource *previous, *next;
};

struct resource {
    uint64_t serial;     /* birth sequence in its world, from 1 */
    nanos born, entered; /* instants: birth, and when the state was entered */
    struct text *view,
        *hidden;   /* JSON texts: what is shown, what is kept beside it; hidden may be NULL */
    void *outcome; /* the engine's own; released through store_on_release */
    struct move_log moves;
    const char *id;   /* in the resource's own memory, as its owner's: resource_owner() */
    uint32_t version; /* from 1; counts changes of text or state */
    uint32_t hash;    /* of (kind, id) */
    uint32_t slot;    /* row in its kind's packed columns */
    uint32_t holds;   /* see store_hold */
    uint16_t kind;
    uint8_t state;
    bool is_deleted; /* no longer in the store; memory stays while somebody holds it */
    uint8_t link_count;
    bool has_owner;
    bool has_own_links;      /* they were made anew, apart from the resource */
    struct link_node *links; /* behind the resource, then the bytes of id and owner */
};

/* NULL: ids of its kind are unique in the store. */
static inline const char *resource_owner(const struct resource *resource)
{
    return resource->has_owner ? resource->id + strlen(resource->id) + 1 : NULL;
}
