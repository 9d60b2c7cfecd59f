/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One provider, loaded and cross-checked: OpenAPI contract, lifecycle, and the three files of
 * fixtures. Everything is compiled and resolved; immutable after loading and shared by threads. A
 * judge may load it without fixtures (service, kinds and outcomes are then empty).
 */
#pragma once

#include "core/base/error.h"
#include "core/lifecycle/machine.h"
#include "core/provider/service.h"
#include "core/schema/schema.h"

struct contract;
struct operation;
struct function_table;

/* A machine that takes part in an operation: it has rows there, or the path names its resource. */
struct participant {
    const struct machine *machine;
    struct row_list rows; /* in file order; may be none */
    bool by_path;         /* the path names its resource: absent answers `missing` */
    bool creates;         /* some row leads out of absent */
    const struct template *const *named_by; /* those that this operation can give, in order */
    size_t named_by_count;
    bool has_absent_row; /* some row decides for `absent` */
};

struct provider_operation {
    const struct operation *operation; /* of the contract */
    int index;                         /* in the contract and in provider->operations */
    const char *name;                  /* operationId when it is unique, else "METHOD /path" */
    const struct participant *participants;
    size_t participant_count;
    const struct rule *const *rules;
    size_t rule_count;
    struct service_entry service;
    const struct stream_rule *stream; /* of the lifecycle; NULL */
    const struct list_rule *list;     /* likewise */
    const struct wait_rule *wait;
    const struct outcome_rule *outcome;
    const struct answer_rule *const *answers; /* what its answers look like beyond the document */
    size_t answer_count;
    struct take_part {
        int machine;
        const struct take_rule *rule;
    } const *takes; /* what the resources show after it */
    size_t take_count;
    int timeout_status; /* what it may answer when it waited too long; 0 = none */
    int success_status; /* first documented 2xx (or a row's); 200 when there is none */
    bool is_played;     /* false: nothing but an example of its schema */
};

struct provider {
    const char *name;
    const struct contract *contract;
    const struct lifecycle *lifecycle;
    struct schema_set *schemas;                  /* of the contract */
    const struct provider_operation *operations; /* one each of the contract's, same order */
    size_t operation_count;

    bool has_fixtures;
    bool is_bare; /* a document alone: made by provider_from_document */
    struct service service;
    const struct kind *kinds; /* in file order */
    size_t kind_count;
    const struct kind *const
        *kind_of_machine; /* by machine index: the first kind that plays it; NULL */
    const struct seed *seeds;
    size_t seed_count;
    const cJSON *tables;            /* lifecycle's and resources' tables in one object: $tables */
    const struct expr_hooks *hooks; /* for struct eval: schemas of the contract and of criteria */
    const struct script *scripts;
    size_t script_count;
};

struct provider_options {
    const char *contracts_dir; /* holds NAME/openapi.yaml and NAME/lifecycle.yaml */
    const char *fixtures_dir;  /* holds NAME/service.yaml ...; NULL: contract alone */
    const struct variant_choice *choices;
    size_t choice_count;
    const struct function_table *functions; /* the mock's, chained to core_functions; NULL: core's
                                               and the signatures of those that need a world */
    bool lint;                              /* look for what is legal but odd, too (warnings) */
    bool is_lazy;          /* schemas are compiled when they are first used (core/contract) */
    schema_set_tell *tell; /* lazy: hears what is wrong with them then; NULL */
    void *tell_data;
};

/*
 * Loads NAME. With errors among the findings the result is for more checks only: refuse to work
 * with it. NULL when there is not enough to hold anything.
 */
struct provider *provider_load(struct arena *arena, const char *name,
                               const struct provider_options *options, struct findings *findings);

/*
 * NAME from an OpenAPI document alone: no machines, no fixtures. Every operation answers an example
 * of its schema; errors are problem+json. `options` as above, without directories and choices.
 */
struct provider *provider_from_document(struct arena *arena, const char *name, const char *file,
                                        const struct provider_options *options,
                                        struct findings *findings);

/*
 * $find $show $history $sign: their names and parameters; evaluating them is a problem. The mock
 * puts a table of its own before it, with the same rows and its own `eval`.
 */
extern const struct function_table world_signatures;

/* Names of the directories that hold a lifecycle.yaml, sorted, NULL-terminated; NULL and `err`. */
const char **provider_list(struct arena *arena, const char *contracts_dir, struct error *err);

const struct kind *provider_kind(const struct provider *provider, const char *name);
const struct provider_operation *provider_operation_named(const struct provider *provider,
                                                          const char *name);
const struct kind *provider_kind_for(const struct provider *provider,
                                     const struct machine *machine);
/* "NAME" or "MACHINE=NAME" as --outcome and X-Dryrun-Outcome spell it. 0, or -1 and what is near.
 */
int provider_outcome_named(const struct provider *provider, const char *text,
                           const struct outcome **outcome, struct error *err);
