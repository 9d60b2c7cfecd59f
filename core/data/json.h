/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text (RFC 8259) read and written exactly. Refused, with the position: duplicate keys,
 * invalid UTF-8, lone surrogates, nesting beyond TREE_DEPTH_MAX, anything after the value, a BOM.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/strbuf.h"
#include "core/data/tree.h"

/*
 * The tree, in the arena; NULL and `err` ("line:column: text") when it is no JSON. `file` names the
 * document in places and may be NULL, then nodes carry no place (quicker, for bodies).
 */
cJSON *json_parse(struct arena *arena, const char *bytes, size_t len, const char *file,
                  struct error *err);

enum json_style {
    JSON_COMPACT,
    JSON_PRETTY,    /* two spaces, for people */
    JSON_CANONICAL, /* compact, members sorted by key bytes: for hashing and comparing */
};

enum { JSON_ASCII = 1u << 8 }; /* or'ed to a style: everything beyond ASCII as \u escapes */

/* Always valid JSON: bytes in strings that are no UTF-8 (from headers, say) become U+FFFD. */
void json_print(const cJSON *node, unsigned style, struct strbuf *out);
/* The object of the members from `first` up to (without) `end`, compact; either may be NULL. */
void json_print_members(const cJSON *first, const cJSON *end, struct strbuf *out);
const char *json_text(struct arena *arena, const cJSON *node); /* compact, in the arena */
void json_print_string(const char *text, struct strbuf *out);  /* one string, quoted and escaped */
