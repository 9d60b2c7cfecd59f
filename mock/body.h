/* SPDX-License-Identifier: Apache-2.0 */
/* Between a resource's whole tree and what the store keeps of it: texts, columns, links. */
#pragma once

#include "mock/play.h"

/*
 * Writes the tree (which may be changed by this) as the resource's texts, columns and links; makes
 * the computed members that depend on nothing else. The resource is NULL for a birth, then `data`
 * takes everything: give its texts back with body_release.
 */
int body_write(struct play *play, struct resource *resource, cJSON *tree);
void body_data(struct play *play, const struct kind_play *kind, cJSON *tree,
               struct resource_data *data);
/* Columns and links alone, of a tree whose texts are there (a kept state); in the arena. */
void body_index(struct arena *arena, const struct kind_play *kind, const cJSON *tree,
                struct resource_data *data);
/* Sets what the pointer leads to; `member` is its name when that is a member of the root. */
void body_put(struct play *play, cJSON *tree, const char *at, const char *member, cJSON *value);
void body_release(struct resource_data *data);

/* What an answer shows: a fresh tree without hidden members, with computed ones; `view` may be
 * NULL. */
cJSON *body_show(struct play *play, struct resource *resource, const struct view *view);
/* The same as a text, shared with the store where it can be; the caller holds a reference. */
struct text *body_text(struct play *play, struct resource *resource, const struct view *view);

/* A member's value as the column has it; `given` may come from a request. False: fits no value. */
bool column_value_from(const struct column *column, const cJSON *value, struct column_value *out);
