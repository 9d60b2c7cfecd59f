/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Match objects: pointer -> value, or pointer -> object of operators; all must hold
 * (docs/EXPRESSIONS.md). Exact and three-valued. For many rows, bind once (the templates are
 * evaluated) and test often; a store may read the bound tests to use its indexes and columns.
 */
#pragma once

#include "core/base/strbuf.h"
#include "core/expr/compiler.h"
#include "core/expr/eval.h"

struct match;

/* NULL after a finding (for a NULL node: without one). */
const struct match *match_compile(struct compiler *compiler, const cJSON *node);
/* Binds and tests one value. A NULL match fits everything; a NULL value is nothing. */
enum truth match_eval(const struct match *match, const cJSON *value, struct eval *eval);
const struct uses *match_uses(const struct match *match);
/* The members that it tests, as written: for whoever keeps columns. A NULL match tests none. */
size_t match_test_count(const struct match *match);
const char *match_test_pointer(const struct match *match, size_t index);

enum match_operator {
    MATCH_EQUAL, /* a plain value, or one `query` term */
    MATCH_IN,    /* `value` is an array */
    MATCH_NOT,   /* `value` is an array of what it must not be */
    MATCH_GT,
    MATCH_GTE,
    MATCH_LT,
    MATCH_LTE,
    MATCH_EXISTS, /* `value` is true or false */
    MATCH_HAS,
    MATCH_SOME, /* `some` */
    MATCH_SAME,
    MATCH_TEXT, /* `value` is the text; `at`: any of these pointers under `pointer` */
    MATCH_UNDER,
    MATCH_LIKE,  /* of `query`: % and _; */
    MATCH_ILIKE, /* without case */
    MATCH_OPERATORS
};

/* One test, its value known. All tests of a bound match must hold. */
struct bound_test {
    const char *pointer;
    enum match_operator relation;
    const cJSON *value;    /* NULL: came to nothing, matches nothing; maybe expr_is_unknown */
    bool is_literal;       /* written so: only then does null match absence */
    const char *const *at; /* MATCH_TEXT; ends by NULL, or NULL */
    const struct bound_match *some; /* MATCH_SOME */
};

struct bound_match {
    const struct bound_test *tests;
    size_t count;
    bool is_empty;     /* fits nothing, whatever the value: a template came to nothing */
    const char *error; /* `query` held no such text: what is wrong with it; fits nothing then */
    struct eval *eval; /* for `under` */
};

/* In eval->arena; `eval` must live as long. Never NULL; a NULL match binds to no tests. */
const struct bound_match *match_bind(const struct match *match, struct eval *eval);
enum truth match_bound_test(const struct bound_match *bound, const cJSON *value);
/* One of its tests against the member itself (already fetched by a column; NULL = absent). */
enum truth match_test_member(const struct bound_match *bound, const struct bound_test *test,
                             const cJSON *member);
/* The first test that does not hold: `/state: expected one of .. but was ..`; for near misses. */
void match_explain(const struct bound_match *bound, const cJSON *value, struct strbuf *out);
