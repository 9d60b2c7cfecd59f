/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the parts of an Arazzo document; private to the loader. */
#pragma once

#include "core/contract/openapi.h"
#include "core/expr/compiler.h"
#include "core/expr/expr.h"
#include "runner/arazzo.h"

struct arazzo_loader {
    struct arena *arena;
    struct findings *findings;
    struct compiler compiler;
    struct arazzo *document;
    const struct provider *const *providers;
    size_t provider_count;
    struct schema_set *schemas;
    const cJSON *workflow; /* being read */
    struct arazzo_workflow *reading;
};

/* What `reference` ($components.KIND.NAME) names, or the node itself; NULL after a finding. */
const cJSON *arazzo_follow(struct arazzo_loader *loader, const cJSON *node, const char *kind);
/* NULL after a finding; it is marked as used. */
const struct arazzo_workflow *arazzo_find_workflow(struct arazzo_loader *loader, const cJSON *id);
struct arazzo_value arazzo_read_value(struct arazzo_loader *loader, const cJSON *node);
void arazzo_read_outputs(struct arazzo_loader *loader, const cJSON *node,
                         struct arazzo_outputs *out);
void arazzo_read_parameters(struct arazzo_loader *loader, const cJSON *list,
                            struct arazzo_parameters *out);
/* Names in expressions: steps, workflows, inputs that there are not, are findings. */
void arazzo_check_uses(struct arazzo_loader *loader, const struct uses *uses);
void arazzo_read_step(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step);

/* ": (did you mean 'x'?)" or "" */
const char *arazzo_hint(struct arazzo_loader *loader, const char *given, const char *near);
