/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the parts of an Arazzo document; private to the loader. */
#pragma once

#include "core/contract/openapi.h"
#include "core/expr/compiler.h"
#include "core/expr/expr.h"
#include "runner/arazzo/arazzo.h"

/* All documents that were loaded together: the one that was asked for, and its sources. */
struct arazzo_documents {
    VEC(struct arazzo *);
};

struct arazzo_loader {
    struct arena *arena;
    struct arazzo_documents *documents;
    struct findings *findings;
    struct compiler compiler;
    struct arazzo *document;
    const struct provider *const *providers;
    size_t provider_count;
    struct schema_set *schemas;
    const cJSON *workflow; /* being read */
    struct arazzo_workflow *reading;
    struct arazzo_step *step; /* being read; NULL */
    bool has_message;         /* $message is there: the step receives */
};

/* ---- sources.c ---- */

/* Parses a document and those that it names, registers their workflows; NULL after findings. */
struct arazzo *arazzo_open(struct arazzo_loader *loader, const char *path);
const struct arazzo_source *arazzo_find_source(const struct arazzo *document, const char *name,
                                               size_t len);

/* ---- order.c ---- */

/* dependsOn of a step, as written. */
void arazzo_read_depends_on(struct arazzo_loader *loader, const cJSON *list,
                            struct arazzo_step *step);
/* The order of the steps; outputs that are read too early are findings. */
void arazzo_order_steps(struct arazzo_loader *loader, struct arazzo_workflow *workflow);
/* Workflows that depend on each other in a circle are findings. */
void arazzo_check_circles(struct arazzo_loader *loader);

/* ---- values.c ---- */

/* The payload, with Selector Objects anywhere in it. */
void arazzo_read_payload(struct arazzo_loader *loader, const cJSON *node, struct arazzo_body *body);

/* "jsonpath" or "jsonpointer" of a text or an Expression Type Object; NULL after a finding. */
const char *arazzo_selector_type(struct arazzo_loader *loader, const cJSON *node);

/* ---- extensions.c ---- */

/* Holds every x-dryrun-... of the document against its schema. */
void arazzo_check_extensions(struct arazzo_loader *loader);
void arazzo_read_limits(struct arazzo_loader *loader, struct arazzo_workflow *workflow);
void arazzo_read_extensions(struct arazzo_loader *loader, const cJSON *node,
                            struct arazzo_step *step);

/* ---- arazzo.c, step.c ---- */

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
/* `$sourceDescriptions.NAME.ID`, or ID alone where one source describes operations. */
void arazzo_read_operation(struct arazzo_loader *loader, const cJSON *node,
                           struct arazzo_step *step);
void arazzo_check_parameters(struct arazzo_loader *loader, const struct arazzo_step *step);
void arazzo_read_criteria(struct arazzo_loader *loader, const cJSON *list,
                          struct arazzo_criteria *out);
int arazzo_find_step(struct arazzo_loader *loader, const struct arazzo_workflow *workflow,
                     const cJSON *id, const char *name);
void arazzo_read_step(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step);

/* ": (did you mean 'x'?)" or "" */
const char *arazzo_hint(struct arazzo_loader *loader, const char *given, const char *near);
