/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions (PCRE2 behind), in three dialects. Matching cannot hang: match and depth
 * limits bound it, and a match that meets them counts as no match. Compiled patterns are immutable
 * and may be used by many threads.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum pattern_dialect {
    PATTERN_ECMA, /* ECMA-262 with the u flag, unanchored: JSON Schema's `pattern`, Arazzo's `regex`
                   */
    PATTERN_IREGEXP,        /* RFC 9485, whole text: JSONPath's match() */
    PATTERN_IREGEXP_SEARCH, /* RFC 9485, anywhere: JSONPath's search() */
};

struct pattern;

/* Lives as long as the arena; NULL and `err` (text and offset) when it is no expression of the
 * dialect. */
const struct pattern *pattern_compile(struct arena *arena, const char *text,
                                      enum pattern_dialect dialect, struct error *err);
bool pattern_matches(const struct pattern *pattern, struct str subject);
/*
 * A text that matches, made from `key` (the same key gives the same text), in the arena; NULL when
 * the pattern uses what cannot be generated (look-around, back-references) or no text within `max`
 * bytes was found.
 */
const char *pattern_example(struct arena *arena, const struct pattern *pattern, uint64_t key,
                            size_t max);
