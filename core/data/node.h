/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How our nodes are laid out, for the files of this folder only: a cJSON first, then where it
 * stood. Nodes of bodies have no room for the place; a bit of `type` above cJSON's own tells which
 * is which.
 */
#pragma once

#include "core/data/number.h"
#include "core/data/tree.h"

struct node {
    cJSON json;
    struct place place;
    unsigned key_line, key_column; /* of a member's key, in the same file */
};

enum { NODE_PLACED = 1 << 20 };

cJSON *node_new(struct arena *arena, int type, bool placed);
/* `text` is terminated, a number, and stays as long as the node. */
void node_set_number(cJSON *node, char *text, size_t len);
static inline struct node *node_placed(const cJSON *node)
{
    return node && (node->type & NODE_PLACED) ? (struct node *)node : NULL;
}
static inline struct number node_number(const cJSON *node)
{
    return number_read(node->valuestring, strlen(node->valuestring));
}

/* Takes a child out of its parent. */
void node_detach(cJSON *parent, cJSON *child);
/* Puts `value` where `old` stands, under its key. */
void node_replace(cJSON *object, cJSON *old, cJSON *value);

/* Building an object member by member with quick checks for duplicates; zero it but for `object`.
 */
struct members {
    cJSON *object;
    size_t count;
    cJSON **table; /* open addressing, only for objects beyond a few members */
    size_t table_size;
};

cJSON *members_find(const struct members *members, const char *key);
/* The member's key must be set and new. */
void members_add(struct arena *arena, struct members *members, cJSON *member);
