/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text looked through without making a tree of it, for documents that are much larger than
 * their parts: the members of an object or the items of an array, each as a piece of the text. Only
 * brackets, strings and separators are looked at: json_parse of a piece says whether it is right.
 */
#pragma once

#include "core/base/str.h"

#include <stdbool.h>

struct json_walk {
    const char *at, *end;
    char close;        /* '}' or ']' */
    bool is_begun;     /* behind the first item */
    const char *wrong; /* what was wrong, at `at`; NULL: nothing so far */
};

/* False: the piece does not begin with this bracket. */
bool json_walk_begin(struct json_walk *walk, struct str piece, char open);
/*
 * The next one: its value, and for an object its name as it is written (without quotes, escapes
 * kept). False at the end and when something is wrong (`wrong`).
 */
bool json_walk_next(struct json_walk *walk, struct str *name, struct str *value);
/* The text of one value at the beginning, without what follows it; empty when there is none. */
struct str json_walk_value(struct str text);
