/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share; for nobody else. */
#pragma once

#include "mock/world/index.h"
#include "mock/world/related.h"
#include "mock/world/store.h"

struct kind_rows {
    struct kind_shape shape;
    struct index index;
};

struct store {
    struct kind_rows **kinds; /* each stays where it is: indexes know their shapes */
    size_t kind_count;
    struct table ids; /* every resource, by (kind, owner, id) */
    struct interns interns;
    struct relations relations;
    struct causes causes;
    size_t bytes, limit;
    uint64_t serial;
    uint32_t sequence;
    void (*release)(void *outcome);
    void (*changed)(void *data);
    void *changed_data;
};

/* Shapes are the store's own, so that a caller may build them on its stack. */
void store_copy_shape(struct kind_shape *copy, const struct kind_shape *shape);
/* What a resource is charged with, beside the lists that it stands in; bytes. */
size_t store_own_memory(const struct resource *resource);
/* Target ids, one a link; NULL: none is set. */
void store_set_links(struct store *store, struct resource *resource, const char *const *links);
/* One that no list knows yet; NULL and `err` when the id is taken (asked for when `wants_id`) or
 * the world is full. */
struct resource *store_make(struct store *store, const struct birth *birth, bool wants_id,
                            struct error *err);
void store_put_into_lists(struct store *store, struct resource *resource,
                          const struct birth *birth);
