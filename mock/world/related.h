/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links read backwards: for each (kind, link, target id) the resources that link there, in birth
 * order, with a counter a state. A list exists while it has items.
 */
#pragma once

#include "mock/world/resource.h"
#include "mock/world/table.h"

struct related {
    struct resource *first, *last;
    uint32_t count, hash;
    uint16_t kind;
    uint8_t link, state_count;
    uint32_t states[]; /* a counter a state; then the target id, terminated */
};

struct relations {
    struct table table;
    size_t *bytes;
};

void relations_init(struct relations *relations, size_t *bytes);
void relations_release(struct relations *relations); /* the lists, not the resources */
struct related *related_find(const struct relations *relations, unsigned kind, unsigned link,
                             const char *target);
const char *related_target(const struct related *related);
/* Makes `resource` link to `target` (NULL = to nothing) instead of what it did. */
void related_set(struct relations *relations, const struct kind_shape *shape,
                 struct resource *resource, unsigned link, const char *target);
void related_state(struct resource *resource, uint8_t from, uint8_t to);
