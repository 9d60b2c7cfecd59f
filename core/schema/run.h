/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One validation under way; private to core/schema. Three kinds share the keywords: a quick answer
 * (errors and sightings NULL: stop at the first failure), a report (errors) and a visit
 * (sightings).
 */
#pragma once

#include "core/schema/model.h"

enum {
    RUN_DEPTH_MAX = 640, /* schemas within schemas; a stack of 512 KB holds them */
    STEP_SAME = -1,      /* the same value again */
    STEP_MEMBER = -2,    /* a member of an object; others are indexes of an array */
    MARKS_INLINE = 64,
};

struct frame {
    const struct schema *schema;
    const cJSON *instance;
    const struct frame *outer;
    long step;
};

/* Which items or members have been evaluated, by their order; NULL where nobody asks. */
struct marks {
    size_t count;
    uint64_t *bits;
    uint64_t small;
};

struct error_list {
    struct schema_error *first, **end;
    size_t count, max;
    bool more;
};

struct sighting {
    const struct schema *schema;
    const cJSON *value;
    const char *pointer;
};

struct sightings {
    VEC(struct sighting);
};

struct run {
    struct schema_options options;
    struct arena *arena;
    struct error_list *errors;
    struct sightings *sightings;
    bool lenient;   /* a visit goes on after a failure */
    bool in_branch; /* but not within a branch */
    bool sees_all;  /* sightings of schemas without a name, too */
    const struct frame *frame;
    unsigned depth;
    uint64_t steps;
    bool gave_up;
};

/* The value is held against the schema. `marks` are those of the value when it is the same one. */
bool run_apply(struct run *run, const struct schema *schema, const cJSON *instance, long step,
               struct marks *marks);
/* As above, but a failure says nothing yet: of a branch, an `if`, a `not`, a `contains`. */
bool run_probe(struct run *run, const struct schema *schema, const cJSON *instance, long step,
               struct marks *marks);
/* True when keywords should look on after a failure, to find all. */
bool run_goes_on(const struct run *run);
void run_init(struct run *run, const struct schema_options *options, struct arena *arena);

void marks_init(struct marks *marks, const cJSON *instance, struct arena *arena);
void marks_set(struct marks *marks, size_t index); /* `marks` may be NULL */
bool marks_has(const struct marks *marks, size_t index);
void marks_set_all(struct marks *marks);
void marks_merge(struct marks *into, const struct marks *from);

/* Says what is wrong with the frame's value at `rule`; returns false. No texts are made when nobody
 * listens. */
bool run_fail(struct run *run, const struct rule *rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same about a member or item of it. */
bool run_fail_at(struct run *run, const struct rule *rule, const cJSON *child, long step,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
const char *run_pointer(const struct run *run, const struct frame *frame); /* of its value */
const char *value_brief(struct arena *arena,
                        const cJSON *value); /* for texts: 'abc', 12, an object */
/* The last error gets the causes; for oneOf and anyOf. */
void run_add_causes(struct run *run, struct schema_error *causes);
