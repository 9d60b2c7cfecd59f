/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of one kind: walk an order from a position, from an offset, with or without predicates.
 * Without a filter (or one that fits a row in 100 or more) a page costs O(log n + page); any other
 * filter is one pass over packed columns. No JSON is read, except by the caller's own `fits`.
 */
#pragma once

#include "mock/world/resource.h"

struct index;

enum predicate_test {
    TEST_EQUAL,
    TEST_IN,
    TEST_NOT_IN,
    TEST_LESS,
    TEST_LESS_EQUAL,
    TEST_GREATER,
    TEST_GREATER_EQUAL,
    TEST_SET,
    TEST_UNSET,
    TEST_STATE
};

/*
 * One test; all of a scan's tests must hold. An unset value fits TEST_UNSET and TEST_NOT_IN only
 * (and TEST_EQUAL, TEST_IN when the values hold an unset one). Comparisons of texts are by bytes.
 */
struct predicate {
    enum predicate_test test;
    int column;                        /* not for TEST_STATE */
    const struct column_value *values; /* one, or `count` for TEST_IN, TEST_NOT_IN */
    size_t count;
    uint64_t states; /* TEST_STATE: a mask of 1 << state */
};

/* A place between rows: just after the row that has (or had) this value and serial. */
struct scan_position {
    bool is_set; /* false: from the beginning */
    struct column_value value;
    uint64_t serial;
};

struct scan {
    unsigned order; /* of the kind's orders */
    bool is_backward;
    struct scan_position after;
    size_t offset; /* rows that fit to be passed over (after the position) */
    size_t limit;  /* rows wanted at most */
    const struct predicate *predicates;
    size_t predicate_count;
    /* Everything that predicates cannot say: asked only of rows that fit them. May be NULL. */
    bool (*fits)(const struct resource *resource, void *data);
    void *data;
    bool wants_total; /* count all that fit, whatever the position: costs a pass when filtered */
};

struct scan_result {
    struct resource **rows; /* in order, owned by the result */
    size_t count;
    bool has_more;
    size_t total;    /* when wanted */
    size_t examined; /* rows looked at: for tests and metrics */
};

void scan_run(const struct index *index, const struct scan *scan, struct scan_result *result);
void scan_release(struct scan_result *result);
/* The position of a row in an order, for a cursor. A text in it is the store's: copy it before
 * unlocking. */
struct scan_position scan_position_of(const struct index *index, unsigned order,
                                      const struct resource *resource);
