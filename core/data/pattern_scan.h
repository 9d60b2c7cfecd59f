/* SPDX-License-Identifier: Apache-2.0 */
/* Characters, escapes and classes of regular expressions; for pattern_read.c only. */
#pragma once

#include "core/data/pattern_ast.h"

struct scanner {
    const char *text, *at;
    struct arena *arena;
    struct pattern_tree *tree;
    bool ecma;
    struct error *err;
};

int scan_refuse(struct scanner *scanner, const char *what);    /* -1 */
int scan_atom(struct scanner *scanner, struct code_set *set);  /* one character, escape or dot */
int scan_class(struct scanner *scanner, struct code_set *set); /* from its bracket on */
