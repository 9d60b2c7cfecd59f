/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of match objects share. */
#pragma once

#include "core/expr/match.h"
#include "core/expr/template.h"

/* One test as written. */
struct match_test {
    const char *pointer;
    enum match_operator relation;
    bool is_query;
    const struct template *value;
    const struct match *some;
    const char *const *at;
    const cJSON *names; /* of a query */
};

struct match {
    struct match_test *items;
    size_t count, cap;
    struct place place;
    const struct uses *uses;
};

/* Bound tests while they are collected. */
struct bound_tests {
    struct bound_test *items;
    size_t count, cap;
};

/* match_query.c: adds the terms of a query. 0, or -1 and `*error` (in eval->arena). */
int match_query_bind(const char *text, const cJSON *names, struct eval *eval,
                     struct bound_tests *tests, const char **error);

const char *match_operator_name(enum match_operator relation);
