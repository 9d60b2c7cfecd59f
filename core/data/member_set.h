/* SPDX-License-Identifier: Apache-2.0 */
/* Many members of one object, found in one pass over it. */
#pragma once

#include "core/data/tree.h"

struct member_set {
    const char *const *names;
    size_t count;
    unsigned char slots[256]; /* by hash: place in `names` from 1, 0 = free */
};

enum { MEMBER_SET_MAX = 128 };

/* The names (at most MEMBER_SET_MAX, none twice) live as long as the set. */
void member_set_init(struct member_set *set, const char *const *names, size_t count);
/* found[i] is the member names[i], or NULL. */
void member_set_find(const struct member_set *set, const cJSON *object, const cJSON **found);
