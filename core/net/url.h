/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Percent-encoding (RFC 3986 section 2) and query strings (application/x-www-form-urlencoded,
 * WHATWG URL section 5). Nothing is decoded before it is split, so that %2F never becomes a
 * separator.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The decoded text in the arena, terminated; `*decoded_len` (may be NULL) for texts with %00. NULL
 * when a '%' is not followed by two hexadecimal digits. `plus_is_space` is for queries only.
 */
char *url_decode(struct arena *arena, struct str text, bool plus_is_space, size_t *decoded_len);

/* Encodes all but the unreserved characters A-Z a-z 0-9 - . _ ~ and those in `keep` (may be NULL).
 */
void url_encode(struct strbuf *out, struct str text, const char *keep);

struct url_pair {
    struct str name, value; /* decoded; the value is "" when there is no '=' */
    bool has_value;         /* there was a '=' */
};

struct url_pairs {
    struct url_pair *items;
    size_t count;
};

/*
 * "a=1&b=two+words&c" in order, in the arena; empty parts are dropped. 0, or -1 when a part is
 * badly encoded: then `*bad` (may be NULL) is that part, as it stands in `query`.
 */
int url_split_query(struct arena *arena, const char *query, struct url_pairs *pairs,
                    struct str *bad);
/* The first value of that name, or NULL. */
const struct str *url_find(const struct url_pairs *pairs, const char *name);
/* Adds "name=value", after '&' when `out` is not empty; both encoded. */
void url_add_pair(struct strbuf *out, struct str name, struct str value);
