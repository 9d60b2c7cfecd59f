/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making examples; private to core/schema. At each place there is a list of schemas that the value
 * must satisfy together. They are flattened into parts ($ref and allOf followed, a branch of each
 * oneOf, anyOf and if taken), the parts say what to try, and the validator says what is right.
 */
#pragma once

#include "core/base/draw.h"
#include "core/schema/branch.h"
#include "core/schema/keywords.h"

enum {
    MAKE_DEPTH_MAX = 24,     /* of values within values */
    MAKE_DEPTH_OPTIONAL = 4, /* beyond it only what must be there */
    MAKE_STEPS_MAX = 20000,
    MAKE_ATTEMPTS_MAX = 48, /* ways through the branches of one place */
};

struct parts {
    VEC(const struct schema *);
};

struct maker {
    struct arena *arena;
    const struct schema_set *set;
    unsigned flags;
    struct schema_options options;
    unsigned depth, steps;
    bool lenient;    /* objects and arrays need not be valid as a whole */
    const char *why; /* the last thing that could not be made, or NULL */
};

/* A value for all of `wanted` together, or NULL. */
cJSON *make_value(struct maker *maker, const struct parts *wanted, uint64_t key);
/* The value when it satisfies all of `wanted`, else NULL. */
cJSON *example_accept(struct maker *maker, const struct parts *wanted, cJSON *value);
void add_part(struct maker *maker, struct parts *parts, const struct schema *schema);
const struct rule *part_rule(const struct parts *parts, size_t index, const char *keyword);
/* The largest minimum or smallest maximum that the parts count with; `other` when none does. */
uint64_t largest_count(const struct parts *parts, const char *keyword, uint64_t other);
uint64_t smallest_count(const struct parts *parts, const char *keyword, uint64_t other);
void say_why(struct maker *maker, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* example_text.c, example_number.c, example_object.c, example_array.c */
cJSON *make_text(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                 uint64_t key);
cJSON *make_number(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                   uint64_t key);
cJSON *make_object(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                   uint64_t key);
cJSON *make_array(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                  uint64_t key);
