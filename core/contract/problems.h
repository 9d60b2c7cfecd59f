/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a request or an answer, as data: each problem says where, what was expected
 * and what was found. All are collected; in the order found. */
#pragma once

#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/data/tree.h"
#include "core/schema/schema.h"

struct contract;

enum { PROBLEMS_MAX = 100 };

struct problem {
    const char *in;       /* path query header cookie body status */
    const char *name;     /* of the parameter or header; NULL for a body */
    const char *pointer;  /* JSON Pointer inside the value, "" = the whole */
    const char *keyword;  /* of the schema: "enum"; or required, media_type, syntax, encoding,
                             unknown,  status */
    const char *message;  /* lower case, no full stop: "expected an integer but found 'x'" */
    const char *expected; /* the keyword's value as JSON text, cut when long; may be NULL */
    const char *found;    /* the value as JSON text, cut when long; NULL = it is missing */
    struct place place;   /* where the contract says so; {0} = unknown */
};

struct problems {
    VEC(struct problem);
    bool more; /* there were more than PROBLEMS_MAX */
};

/* Everything in the arena; texts are copied. */
void problem_add(struct arena *arena, struct problems *problems, struct problem problem);
/* A value that was held against a schema. */
struct problem_source {
    const struct contract *contract; /* to say what was expected; may be NULL */
    const cJSON *value;
    const struct schema_report *report;
};

/* The report's errors as problems of a value that is called `in` and `name`. */
void problems_add_report(struct arena *arena, struct problems *problems, const char *in,
                         const char *name, const struct problem_source *source);
/* "query 'limit': expected an integer but found 'x'" */
void problem_print(const struct problem *problem, struct strbuf *out);
/* In one line, parted by "; ", the same but once (two branches may say the same). */
void problems_list(const struct problems *problems, struct strbuf *out);
/* [{in, name?, pointer?, keyword, message, expected?, found?}] */
cJSON *problems_json(struct arena *arena, const struct problems *problems);
