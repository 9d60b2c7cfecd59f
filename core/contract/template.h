/* SPDX-License-Identifier: Apache-2.0 */
/* A path template ("/runs/{id}:cancel") in pieces; private to core/contract. */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/base/vec.h"

enum { PIECES_MAX = 16 }; /* of one segment */

/* A literal (name == NULL), or a parameter. */
struct piece {
    const char *literal, *name;
    size_t len; /* of the literal */
};

/* Between two slashes: literals and parameters by turns, at least a literal between two parameters.
 */
struct segment {
    const char *text;   /* as written; the same text but for names is the same segment */
    const char *shape;  /* with {} for each parameter */
    size_t literal_len; /* bytes of its literals */
    bool is_literal;
    struct {
        VEC(struct piece);
    } pieces;
};

struct template
{
    struct {
        VEC(struct segment);
    } segments;
};

/* An operation's own: what others may hold of it. */
struct path_template {
    struct template template;
};

/* 0, or -1 and `err`. The text begins with '/' (or is empty: no segment). */
int template_parse(struct arena *arena, const char *text, struct template *out, struct error *err);
/* Whether a raw segment fits; its values (as many as it has parameters) go to `values`. */
bool segment_match(const struct segment *segment, struct str raw, struct str *values);
