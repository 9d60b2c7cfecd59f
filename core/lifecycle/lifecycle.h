/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lifecycle.yaml, loaded (docs/LIFECYCLE.md is the grammar): machines, states, moves, rows, rules,
 * the catalogue of errors, promises. Everything is resolved to indexes and compiled once; rows of
 * variants that were not chosen are gone. Immutable after loading, lives as long as its arena, may
 * be used by many threads. What needs the OpenAPI document or the fixtures is checked by
 * core/provider. The functions that decide things are in core/lifecycle/machine.h.
 */
#pragma once

#include "core/base/arena.h"
#include "core/lifecycle/machines.h"
#include "core/lifecycle/promises.h"

struct schema_set;

struct variant {
    const char *name;
    const char *const *values;
    size_t value_count;
    const char *chosen; /* one of the values */
    enum source source;
    struct place place;
};

struct variant_choice {
    const char *name, *value;
};

struct overlay {
    const char *file; /* beside lifecycle.yaml */
    struct place place;
};

struct group {
    const char *name;
    const char *const *operations; /* nested groups taken apart; names as written */
    size_t operation_count;
    struct place place;
};

struct lifecycle {
    const char *file;
    const cJSON *document;
    const char *openapi;            /* file name beside it; "openapi.yaml" when not given */
    const struct overlay *overlays; /* those of the chosen variants */
    size_t overlay_count;
    const struct variant *variants;
    size_t variant_count;
    const cJSON *variant_values; /* object name -> chosen value: $variant */
    const cJSON *tables;         /* object; never NULL: $tables */
    const struct group *groups;
    size_t group_count;
    const struct refusal *refusals;
    size_t refusal_count;
    const struct refusal *missing;
    const struct rule *rules;
    size_t rule_count;
    const struct machine *machines;
    size_t machine_count;
    const struct invariant *invariants;
    size_t invariant_count;
    const struct stream_rule *streams;
    size_t stream_count;
    const struct timeout_rule *timeouts;
    size_t timeout_count;
    const struct wait_rule *waits;
    size_t wait_count;
    const struct deadline_rule *deadlines;
    size_t deadline_count;
    const struct outcome_rule *outcomes;
    size_t outcome_count;
    const struct answer_rule *answers;
    size_t answer_count;
    const struct callback_rule *callbacks;
    size_t callback_count;
    const struct list_rule *lists;
    size_t list_count;
    const struct download_rule *downloads;
    size_t download_count;
    struct times_rule times;
    struct credentials_rule credentials;
    struct schema_set *schemas; /* holds the schemas written in the file */
};

/*
 * Loads the file and checks all that it says by itself. `choices` pick values of variants (their
 * defaults otherwise). NULL when it cannot be read at all; with findings->errors grown it is
 * usable for more checks, not for work.
 */
struct lifecycle *lifecycle_load(struct arena *arena, const char *path,
                                 const struct variant_choice *choices, size_t choice_count,
                                 struct findings *findings);

/* The same from a document that was read already; it must live as long as the arena. Never NULL. */
struct lifecycle *lifecycle_from_document(struct arena *arena, const char *path,
                                          const cJSON *document,
                                          const struct variant_choice *choices, size_t choice_count,
                                          struct findings *findings);

const struct machine *lifecycle_machine(const struct lifecycle *lifecycle, const char *name);
const struct refusal *lifecycle_refusal(const struct lifecycle *lifecycle, const char *name);
const struct group *lifecycle_group(const struct lifecycle *lifecycle, const char *name);
