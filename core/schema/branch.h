/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The branches of oneOf and anyOf, and which of them a value that fits none was meant for; private
 * to core/schema. OpenAPI's discriminator only helps to tell: it never decides
 * (OpenAPI 3.1.1, 4.8.25).
 */
#pragma once

#include "core/schema/run.h"

struct branch_tag {
    const char *value; /* of the discriminating member */
    size_t branch;
};

struct branches {
    VEC(const struct schema *);
    const char *tag; /* the discriminating member's name, or NULL */
    struct {
        VEC(struct branch_tag);
    } tags;
};

/* Compiles the list and the discriminator beside it; rule->as.data is then a struct branches. */
bool branches_compile(struct compiler *compiler, struct schema *schema, struct rule *rule);
/* Says that no branch fits and why the nearest one does not; returns false. */
bool branches_fail(struct run *run, const struct rule *rule, const cJSON *instance);
const char *branch_title(struct arena *arena, const struct branches *branches, size_t index);
