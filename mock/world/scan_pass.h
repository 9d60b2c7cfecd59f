/* SPDX-License-Identifier: Apache-2.0 */
/* For scan.c: predicates made ready for packed columns, and the pass over all rows of a kind. */
#pragma once

#include "mock/world/scan.h"

struct compiled_test {
    enum predicate_test test;
    bool is_text, holds_unset;
    const int64_t *column;
    int64_t *numbers; /* what to compare with, unset ones left out; a text that nobody has is left
                         out, too */
    size_t count;
    struct str text; /* for comparing texts */
    const uint8_t *state_column;
    uint64_t states;
};

struct compiled {
    struct compiled_test *tests;
    size_t count;
};

void compiled_init(struct compiled *compiled, const struct index *index,
                   const struct predicate *predicates, size_t count);
void compiled_release(struct compiled *compiled);
bool compiled_fit(const struct compiled *compiled, size_t slot);

/* Fills rows, count, has_more, total, adds to examined. */
void scan_pass(const struct index *index, const struct scan *scan, const struct compiled *compiled,
               struct scan_result *result);
