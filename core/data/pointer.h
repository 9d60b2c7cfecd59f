/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Pointer (RFC 6901) and JSON Merge Patch (RFC 7396). */
#pragma once

#include "core/base/error.h"
#include "core/data/tree.h"

/* The node, or NULL when there is none (also for a text that is no pointer). "" is the whole. */
const cJSON *pointer_get(const cJSON *root, const char *pointer);
bool pointer_is_valid(const char *pointer);
/* Sets a member, making objects on the way; "-" appends to an array. 0, or -1 where a scalar is in
 * the way. */
int pointer_set(struct arena *arena, cJSON *root, const char *pointer, cJSON *value,
                struct error *err);
void pointer_remove(cJSON *root, const char *pointer); /* nothing happens when it is not there */
/* One reference token, escaped (~ as ~0, / as ~1), added to `out` with its leading slash. */
void pointer_add_token(const char *token, struct strbuf *out);

/* A pointer taken apart once, for those that are followed again and again. */
struct path;
/* Lives in the arena. NULL when it is no pointer. */
const struct path *path_compile(struct arena *arena, const char *pointer);
const cJSON *path_get(const cJSON *root, const struct path *path); /* a NULL path: NULL */
/* Its first name (NULL: it is the whole root), and where it leads from that member on. */
const char *path_first(const struct path *path);
const cJSON *path_get_below(const cJSON *member, const struct path *path);
/* The name when it leads to a member of the root, else NULL. */
const char *path_member(const struct path *path);

/* RFC 7396: a new tree; neither argument is changed. */
cJSON *merge_patch(struct arena *arena, const cJSON *target, const cJSON *patch);
