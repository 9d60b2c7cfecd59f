/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSONPath (RFC 9535), compiled once and evaluated without side effects. match() and search() take
 * I-Regexp (RFC 9485). Results are nodes of the tree asked (shared, not copied), in the order of
 * the RFC.
 */
#pragma once

#include "core/base/error.h"
#include "core/data/tree.h"

struct jsonpath;

/* Compiled into the arena; NULL and `err` (with the offset) when the text is no JSONPath. */
const struct jsonpath *jsonpath_compile(struct arena *arena, const char *text, struct error *err);
/* The nodes found: an array of `*count` pointers in the arena. */
const cJSON **jsonpath_select(struct arena *arena, const struct jsonpath *path, const cJSON *root,
                              size_t *count);
