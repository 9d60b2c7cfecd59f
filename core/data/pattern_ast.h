/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular expression as a tree: read in a dialect's own syntax, then either spelled for PCRE2 or
 * walked to make an example. For the pattern_*.c files only.
 */
#pragma once

#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/data/pattern.h"

enum { CODE_MAX = 0x10FFFF, PATTERN_DEPTH_MAX = 200 };

enum pattern_kind {
    PATTERN_CHOICE,   /* children: the alternatives */
    PATTERN_SEQUENCE, /* children: one after the other */
    PATTERN_SET,      /* one character */
    PATTERN_REPEAT,   /* one child */
    PATTERN_GROUP,    /* one child; number is 0 when it does not capture */
    PATTERN_LOOK,     /* one child; text opens it */
    PATTERN_ASSERT,   /* text is PCRE2's spelling */
    PATTERN_BACK,     /* to the group of that number, or that name (in text) */
};

struct code_range {
    uint32_t low, high;
};

/* Characters: ranges and Unicode properties, each as PCRE2 spells it (\p{Lu}). */
struct code_set {
    struct {
        VEC(struct code_range);
    } ranges;
    struct {
        VEC(const char *);
    } properties;
    bool negated;
};

struct pattern_node {
    enum pattern_kind kind;
    struct pattern_node *child, *next;
    struct code_set *set;
    unsigned min, max; /* of repeats; UINT_MAX is without end */
    bool lazy;
    unsigned number;
    const char *text;
    size_t offset;
};

struct group_name {
    const char *name;
    unsigned number;
};

struct pattern_tree {
    struct pattern_node *root;
    unsigned groups;
    struct {
        VEC(struct group_name);
    } names;
};

/* 0, or -1 and `err` with the offset in bytes. */
int pattern_read(struct arena *arena, const char *text, enum pattern_dialect dialect,
                 struct pattern_tree *tree, struct error *err);
void pattern_spell(const struct pattern_tree *tree, struct strbuf *out);
/* The category that a property name stands for in PCRE2 (Lu for Uppercase_Letter), or NULL. */
const char *category_of(const char *name, bool short_only);
