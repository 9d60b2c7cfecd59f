/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a contract and the references between them; private to core/contract. A spot is a
 * node together with where it stands, so that a schema below it can be compiled by its pointer.
 */
#pragma once

#include "core/base/map.h"
#include "core/contract/openapi.h"
#include "core/contract/structure.h"

struct spot {
    const cJSON *node; /* NULL = nothing is there */
    const char *uri;   /* of its document */
    const char *pointer;
};

struct loaded {
    struct arena *arena;
    struct findings *findings;
    struct schema_set *schemas;
    struct map *documents; /* URI -> cJSON */
    int minor;
    bool is_lazy; /* schemas are compiled when they are used */
    bool is_foreign;
    const char **component_names;
    size_t component_count;
    struct map *components; /* name -> struct schema */
};

struct spot spot_root(const struct loaded *loaded, const char *uri);
struct spot spot_child(const struct loaded *loaded, const struct spot *spot, const char *key);
/* The same where the member is at hand: nothing has to be looked for. */
struct spot spot_member(const struct loaded *loaded, const struct spot *spot, const cJSON *member);
struct spot spot_item(const struct loaded *loaded, const struct spot *spot, const cJSON *item,
                      size_t index);
/* Follows $ref to its end; a finding and a spot without node when it leads nowhere. */
struct spot spot_follow(const struct loaded *loaded, struct spot spot);
/* The same, and what a reference led to must be such an object. */
struct spot spot_follow_to(const struct loaded *loaded, struct spot spot, enum object object);
/* The schema at a spot, compiled; NULL when the spot is empty or findings were added. */
const struct schema *spot_schema(const struct loaded *loaded, const struct spot *spot);

/* Loads what `document` and its neighbours refer to, all added to the documents and to the set. */
int documents_gather(struct loaded *loaded, const char *uri, const cJSON *document,
                     enum schema_dialect dialect);
/* Applies an overlay file to the document. */
int overlay_apply(struct arena *arena, cJSON *document, const char *path,
                  struct findings *findings);
