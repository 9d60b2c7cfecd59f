/* SPDX-License-Identifier: Apache-2.0 */
/* What a router is made of; private to core/contract. */
#pragma once

#include "core/base/map.h"
#include "core/contract/router.h"
#include "core/contract/template.h"

/* One operation under one prefix. */
struct route {
    const struct operation *operation;
    const char *prefix;
    struct template template; /* prefix included */
    const char **names;       /* of its values, in order */
    size_t name_count;
};

struct route_node {
    const struct segment *segment; /* what leads here; NULL at the root */
    struct {
        VEC(struct route_node *);
    } literals;       /* one a text */
    struct map *many; /* text -> node, of the same: once there are too many to look through */
    struct str text;  /* of a literal: the segment's */
    struct {
        VEC(struct route_node *);
    } templates; /* more literal text first */
    struct {
        VEC(const struct route *);
    } routes; /* that end here, one a method */
};

struct router {
    struct arena *arena;
    struct route_node root;
    struct {
        VEC(const struct route *);
    } routes; /* all of them */
};

/* The segments between the slashes of a raw path; -1 when it has no leading '/' or too many. */
int split_path(struct str path, struct str segments[static ROUTE_SEGMENTS_MAX + 1]);
