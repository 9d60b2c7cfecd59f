/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fault plan: which faults, on which requests, how often (docs/FAULTS.md; the format is
 * contracts/schemas/faults.schema.json). Immutable once read and counted, since worlds, and
 * exchanges under way, use it while others replace it.
 */
#pragma once

#include "core/base/findings.h"
#include "mock/faults/kind.h"

/* Texts with shell wildcards; without any, everything fits. */
struct fault_globs {
    const char *const *items;
    size_t count;
};

struct fault_header { /* of the request */
    const char *name, *glob;
};

struct fault_match {
    struct fault_globs providers, operations, states, sessions, paths, methods;
    const struct fault_header *headers;
    size_t header_count;
};

struct fault {
    const struct fault_kind *kind;
    const struct fault_value *values;
    struct fault_match match;
    uint64_t first, last;  /* of the requests that match, from 1; 0 = any */
    uint64_t every;        /* 0 = each */
    double probability;    /* 1 = always */
    uint64_t times;        /* 0 = no end */
    nanos lasts;           /* from when it was set; 0 = for ever */
    bool is_of_world_time; /* waits, windows and `for` go by the world's clock */
    const char *text;      /* the rule as JSON */
    const cJSON *node;     /* the rule, where it stands in its file; NULL in headers */
};

struct fault_plan {
    _Atomic unsigned references;
    struct arena *arena;
    const char *name; /* of the file or the shipped plan; "" */
    const char *summary;
    struct fault *faults;
    size_t count;
};

/*
 * Reads a document: a plan, or (of the admin API) one rule alone. NULL: findings say why, all of
 * them. The plan copies what it keeps; the caller holds one reference.
 */
struct fault_plan *fault_plan_read(const cJSON *document, const char *name,
                                   struct findings *findings);
/* The same out of a YAML or JSON file. */
struct fault_plan *fault_plan_load(const char *file, struct findings *findings, struct error *err);
/*
 * `status=503;retry_after=2s, delay=200ms`: kinds with parameters, the first of which may go
 * without its name. For one request. NULL and `err`.
 */
struct fault_plan *fault_plan_of_header(const char *header, struct error *err);
struct fault_plan *fault_plan_ref(struct fault_plan *plan);
void fault_plan_unref(struct fault_plan *plan); /* NULL is fine */
