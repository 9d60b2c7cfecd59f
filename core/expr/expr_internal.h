/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of an expression, and its scanner for the places where one may end early. */
#pragma once

#include "core/expr/compiler_internal.h"
#include "core/expr/expr.h"

struct segment {
    const char *name; /* NULL: an index */
    size_t index;
    bool is_dotted; /* written as .name: a key that has dots itself may be several of these */
};

struct expr {
    const char *text, *root;
    struct place place;
    bool is_http;
    enum http_part part;
    struct str name; /* of a header, query or path parameter */
    struct segment *segments;
    size_t count, cap;
    const char *pointer;     /* behind '#', or "" */
    const struct path *path; /* the same taken apart; NULL for "" */
    size_t root_len;
    const char *read; /* what expr_pointer gives */
};

enum expr_setting {
    EXPR_WHOLE,     /* the text is the expression */
    EXPR_EMBEDDED,  /* ends at '}' */
    EXPR_CONDITION, /* ends at a blank or an operator */
};

/*
 * Scans one expression from `text`, which begins with '$'; `*used` bytes were read. NULL with
 * `*error` (in the arena) when it is none.
 */
struct expr *expr_scan(struct arena *arena, const char *text, enum expr_setting setting,
                       bool is_arazzo, size_t *used, const char **error);
/* Checks the root and notes the use. */
void expr_note(struct compiler *compiler, struct expr *expr, struct place place);
