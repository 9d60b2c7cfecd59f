/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One kind's rows: packed columns, one array a column, and the declared orders over them. Row
 * numbers (slots) are dense: the last row takes the place of one that goes.
 */
#pragma once

#include "mock/world/intern.h"
#include "mock/world/order.h"
#include "mock/world/resource.h"

struct index {
    const struct kind_shape *shape;
    struct interns *interns;
    struct resource **rows; /* by slot, as `states` and each of `columns` */
    uint8_t *states;
    int64_t **columns; /* COLUMN_TEXT: address of a struct interned */
    size_t count, cap;
    struct order *orders;
    size_t *bytes;
};

void index_init(struct index *index, const struct kind_shape *shape, struct interns *interns,
                size_t *bytes);
void index_release(struct index *index);

void index_add(struct index *index, struct resource *resource, const struct column_value *columns);
void index_remove(struct index *index, struct resource *resource);
/* Only the orders whose column really changes are touched. */
void index_update(struct index *index, struct resource *resource,
                  const struct column_value *columns);
void index_set_state(struct index *index, const struct resource *resource);

/* What a packed value says; for a text the view is the store's. */
struct column_value index_value(const struct index *index, const struct resource *resource,
                                int column);
