/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one tree type: cJSON's node, made by us in an arena. Never pass these to cJSON_Delete,
 * cJSON_Print or cJSON's parse and create functions; cJSON's readers (cJSON_Is*,
 * cJSON_GetObjectItemCaseSensitive, cJSON_ArrayForEach) are fine. What differs from cJSON's own
 * nodes:
 *   - a number keeps its source text in `valuestring` and is written from it (RFC 8259 section 6;
 *     cJSON would lose integers beyond 2^53); `valuedouble` is its nearest double;
 *   - U+0000 inside a string is kept as the bytes C0 80 and written as \u0000;
 *   - every node knows where it stood in its file (tree_place);
 *   - duplicate keys never occur in what we read, and tree_set replaces.
 * Trees are immutable once shared between threads.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/findings.h"
#include "core/base/str.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Deepest nesting that is read; deeper documents are refused. Trees that are put together from
 * others may be deeper: what walks a tree stops at TREE_WALK_MAX (copies and prints null there).
 */
enum { TREE_DEPTH_MAX = 128, TREE_WALK_MAX = 512 };

/* cJSON's own questions, asked everywhere, without a call into its library. */
static inline bool tree_is(const cJSON *node, int types)
{
    return node && (node->type & types & 0xFF) != 0;
}
#define cJSON_IsNull(node)   tree_is((node), cJSON_NULL)
#define cJSON_IsTrue(node)   tree_is((node), cJSON_True)
#define cJSON_IsFalse(node)  tree_is((node), cJSON_False)
#define cJSON_IsBool(node)   tree_is((node), cJSON_True | cJSON_False)
#define cJSON_IsNumber(node) tree_is((node), cJSON_Number)
#define cJSON_IsString(node) tree_is((node), cJSON_String)
#define cJSON_IsArray(node)  tree_is((node), cJSON_Array)
#define cJSON_IsObject(node) tree_is((node), cJSON_Object)

cJSON *tree_null(struct arena *arena);
cJSON *tree_bool(struct arena *arena, bool value);
cJSON *tree_integer(struct arena *arena, int64_t value);
cJSON *tree_double(struct arena *arena,
                   double value); /* shortest text that reads back; NaN: null */
cJSON *tree_number(struct arena *arena, const char *text); /* JSON's number syntax, kept as it is */
cJSON *tree_string(struct arena *arena, const char *text); /* NULL gives a JSON null */
cJSON *tree_string_n(struct arena *arena, const char *bytes, size_t len); /* NUL becomes C0 80 */
cJSON *tree_array(struct arena *arena);
cJSON *tree_object(struct arena *arena);

/* Both take ownership of the node: a node stands in one place only. Append is O(1). */
void tree_append(cJSON *array, cJSON *item);
void tree_set(struct arena *arena, cJSON *object, const char *key,
              cJSON *value); /* replaces in place */
/* As tree_set, but the key is not copied: it lives as long as the object. */
void tree_put(cJSON *object, const char *key, cJSON *value);
void tree_add(cJSON *object, const char *key, cJSON *value); /* which is known to have none such */
void tree_set_string(struct arena *arena, cJSON *object, const char *key, const char *text);
/* Makes the member the last one; NULL when it is not there. */
cJSON *tree_move_last(cJSON *object, const char *key);
void tree_remove(cJSON *object, const char *key); /* nothing happens when it is not there */

cJSON *tree_copy(struct arena *arena, const cJSON *node); /* deep, places included */
/* Nodes of its own, but the texts and keys of the other, which lives as long; no places. */
cJSON *tree_share(struct arena *arena, const cJSON *node);

/* Convenience for reading; all accept NULL nodes. */
const cJSON *tree_get(const cJSON *object, const char *key); /* NULL when absent or no object */
const cJSON *tree_at(const cJSON *array, size_t index);      /* O(index) */
size_t tree_count(const cJSON *node);     /* items or members, 0 for others; O(n) */
const char *tree_text(const cJSON *node); /* its string, or NULL */
const char *tree_get_text(const cJSON *object, const char *key);
bool tree_is_true(const cJSON *node);
const char *
tree_type_name(const cJSON *node); /* null boolean number string array object; integer never */

/* JSON Schema's equality: numbers by value (1 == 1.0, exact for integers of any size), objects
 * without order. */
bool tree_equal(const cJSON *a, const cJSON *b);
uint64_t tree_hash(const cJSON *node); /* equal trees have equal hashes */
/* -1, 0, 1 by numeric value, exact for integers and decimals of any length. Both must be numbers.
 */
int tree_compare_numbers(const cJSON *a, const cJSON *b);
bool tree_is_integer(const cJSON *node);               /* a number without fraction: 1, 1.0, 1e2 */
bool tree_as_int64(const cJSON *node, int64_t *value); /* false when no integer or out of range */
bool tree_is_multiple(const cJSON *node, const cJSON *of); /* exact in decimal; `of` is above 0 */

struct place tree_place(const cJSON *node);       /* {0} for nodes that were not read from a file */
struct place tree_key_place(const cJSON *member); /* where its key stood; else tree_place */
/* Nothing happens for nodes of bodies (json_parse without a file), which have no room for it. */
void tree_set_place(cJSON *node, struct place place);
