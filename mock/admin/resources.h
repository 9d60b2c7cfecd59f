/* SPDX-License-Identifier: Apache-2.0 */
/* Finding resources by what a person knows of them. */
#pragma once

#include "mock/admin/call.h"

struct resource_filter {
    const char *provider, *kind; /* NULL = any */
    const char *state;           /* a state, or open terminal waits present; NULL = any */
};

/* Of the query; what is not known at all is a problem. */
struct resource_filter resource_filter_read(struct admin_call *call);
void resource_filter_check(struct admin_call *call, const struct resource_filter *filter);

/* Calls for every resource that fits, in birth order a kind; with the lock held. */
void resource_each(struct admin_call *call, const struct resource_filter *filter,
                   void (*visit)(struct kind_play *kind, struct resource *resource, void *data),
                   void *data);

struct found_resource {
    struct kind_play *kind;
    struct resource *resource;
};

/*
 * The one resource with this id; with the lock held. When there is none or several the result has
 * no resource and `status` is 404 or 409, `detail` says why.
 */
struct found_resource resource_lookup(struct admin_call *call, const char *id,
                                      const struct resource_filter *filter, int *status,
                                      const char **detail);

/* Answers what resource_lookup said of one that is not there, or not the only one. */
void resource_refuse(struct admin_call *call, int status, const char *detail);

/* Kind, id, state, instants: what every answer about a resource begins with. */
cJSON *resource_json(struct arena *arena, const struct kind_play *kind,
                     const struct resource *resource);
const char *resource_state(const struct kind_play *kind, const struct resource *resource);
