/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a monitor has met so far, for reports: how often each operation, answer, state, move and
 * cell was seen, out of how many the contract has. A monitor itself is in runner/judge.h.
 */
#pragma once

#include "core/base/map.h"
#include "core/base/strbuf.h"
#include "runner/judge.h"

enum coverage_kind {
    COVERAGE_OPERATIONS, /* "cancelRun" */
    COVERAGE_ANSWERS,    /* "cancelRun 409": documented statuses, ranges and default left out */
    COVERAGE_STATES,     /* "run PENDING" */
    COVERAGE_MOVES,      /* "run PENDING -> CLAIMED": own ones and those of rows */
    COVERAGE_CELLS,      /* "run cancelRun PENDING" */
    COVERAGE_MEMBERS,    /* "Run.error": of the schemas of answers; counted by run_meet_seen */
    COVERAGE_KINDS,
};
extern const char *const coverage_names[COVERAGE_KINDS];

struct coverage_count {
    const char *name;   /* lives as long as the coverage */
    uint64_t met;       /* times; 0 = declared and not met */
    const char *excuse; /* why no scenario can meet it: it does not count; NULL */
};

/* One table of names each; the value is a struct coverage_count. */
struct coverage {
    struct arena *arena;
    struct map *counts[COVERAGE_KINDS];
};

/* All that the contract declares, nothing met. Lives as long as the arena. */
struct coverage *coverage_new(struct arena *arena, const struct provider *provider);
/* Nothing happens when it is declared. The name is copied. */
void coverage_declare(struct coverage *coverage, enum coverage_kind kind, const char *name);
/* The count of a name, which is put together from its parts; NULL when it is not declared. */
struct coverage_count *coverage_find(const struct coverage *coverage, enum coverage_kind kind,
                                     const char *const *parts, size_t count);
/* Counts it; what is not declared is left out. */
void coverage_meet_parts(struct coverage *coverage, enum coverage_kind kind,
                         const char *const *parts, size_t count);
#define coverage_meet(coverage, kind, ...)                                                         \
    coverage_meet_parts((coverage), (kind), (const char *const[]){__VA_ARGS__},                    \
                        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
void coverage_add(struct coverage *into, const struct coverage *from); /* of the same provider */
size_t coverage_met(const struct coverage *coverage, enum coverage_kind kind);
size_t coverage_declared(const struct coverage *coverage, enum coverage_kind kind);
/* "operations 5 of 5, answers 9 of 14, states 7 of 7, moves 6 of 6, cells 28 of 40, ..." */
void coverage_line(const struct coverage *coverage, struct strbuf *out);
struct coverage_name {
    const char *name; /* NULL ends a list */
    const struct coverage_count *count;
};
/* All that is declared, in the order of the contract. */
struct coverage_name *coverage_all(const struct coverage *coverage, enum coverage_kind kind);
/* The names that were not met and have no excuse, sorted; ends by NULL. */
const char **coverage_unmet(const struct coverage *coverage, enum coverage_kind kind);

/*
 * Reads unreachable.yaml (docs/JUDGE.md): what it names gets its reason as an excuse. A name that
 * nothing has is a finding; so is one that was met after all, unless nothing was played yet.
 */
void coverage_excuse(struct coverage *coverage, const char *file, struct findings *findings);
