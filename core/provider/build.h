/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that build a provider share; private to this folder. */
#pragma once

#include "core/base/map.h"
#include "core/contract/openapi.h"
#include "core/lifecycle/loader.h"
#include "core/provider/provider.h"

struct builder {
    struct loader loader; /* first: its compiler knows the roots and functions of fixtures */
    struct arena *arena;
    struct findings *findings;
    struct provider *provider;
    const struct contract *contract;
    const struct lifecycle *lifecycle;
    const cJSON *service, *resources, *outcomes; /* NULL when missing */

    struct kind *kinds;
    struct script *scripts;
    struct webhook *webhooks;
    struct page *pages;
    struct stream_style *styles;
    struct provider_operation *operations;
    struct {
        const char *name;
        const struct machine *machine; /* NULL: several, or not known */
    } bound[256];                      /* names that `as` gives to resources, whatever file */
    size_t bound_count;
    size_t depth; /* of steps within steps */
};

enum { STEP_DEPTH_MAX = 40 };

const char **builder_kind_names(struct builder *builder, size_t *count);
/* The kind; NULL after a finding. */
const struct kind *builder_kind(struct builder *builder, const cJSON *node);
const struct template *builder_template(struct builder *builder, const cJSON *node);
struct assignments builder_assignments(struct builder *builder, const cJSON *node);
/* An object with one key that begins with '$', or a text that is an expression. */
bool builder_is_call(const cJSON *node);
struct delay builder_delay(struct builder *builder, const cJSON *node);
nanos builder_duration(const cJSON *node); /* 0 when it is none */
/* The machine that an expression like "$run" or "$find" speaks of; NULL when it is not known. */
const struct machine *builder_machine_of(struct builder *builder, const cJSON *node);
struct target_state builder_target(struct builder *builder, const struct machine *machine,
                                   const cJSON *node);
struct change builder_change(struct builder *builder, const struct machine *machine,
                             const cJSON *node);
bool builder_has_change(const cJSON *node);
/* Steps: a list, or the name of a script. `machine` is that of the default subject; may be NULL. */
struct steps builder_steps(struct builder *builder, const struct machine *machine,
                           const cJSON *node);
const struct refusal *builder_refusal(struct builder *builder, const cJSON *node);

struct builder *builder_new(struct arena *arena, const char *name, struct findings *findings);
/* Loads the document, and makes room for its operations. */
void builder_load_contract(struct builder *builder, const char *path,
                           const struct contract_options *options);
/* The loader with its hooks, once lifecycle and contract are there. */
void builder_start(struct builder *builder, const char *directory);
void build_roots(struct builder *builder, const struct provider_options *options);
void build_kind_names(struct builder *builder); /* so that steps can speak of kinds */
void build_script_names(struct builder *builder);
void build_service_names(struct builder *builder); /* pages, streams, callbacks */
void build_kinds(struct builder *builder);
void build_outcomes(struct builder *builder);
void build_seeds(struct builder *builder);
void build_service(struct builder *builder);
struct answers builder_answers(struct builder *builder, const cJSON *entry);
void build_operations(struct builder *builder); /* participants, rows, rules */
void build_participants(struct builder *builder, struct provider_operation *operation);
void build_service_operations(struct builder *builder); /* do, cases, answers */

struct operation_list {
    struct provider_operation **items;
    size_t count;
};
/* Operations of a name: a group's, or one. Empty after a finding at `place`. */
struct operation_list builder_operations_named(struct builder *builder, const char *name,
                                               struct place place);

/* Looks for what is wrong between the files, and for what is odd. */
void check_contract(struct builder *builder);
void check_cells(struct builder *builder);
void check_reachable(struct builder *builder);
void check_names(struct builder *builder);
void check_outcomes(struct builder *builder);
void check_bodies(struct builder *builder);
