/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read a kept state share. */
#pragma once

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/data/json_walk.h"
#include "core/data/tree.h"
#include "mock/keep/restore.h"
#include "mock/live.h"

/* ---- restore_fields.c: the text and its values ---- */

struct reading {
    struct mock *mock;
    struct findings *findings;
    const char *file;
    struct str whole;
    struct arena *arena;   /* as long as the reading */
    struct arena *scratch; /* emptied after each resource */
    struct map *told;      /* what is told once only */
};

enum { READING_PROBLEMS_MAX = 100 };

/* `at`: in the text, where it is wrong. */
void reading_problem(struct reading *reading, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reading_remark(struct reading *reading, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool reading_first_time(struct reading *reading, const char *what); /* asked for this */

/*
 * The members of an object by `names` (as many as `values`); those that are not there have no
 * pointer. Unknown and doubled ones are problems. False: it is no object.
 */
bool read_members(struct reading *reading, struct str piece, const char *const *names, size_t count,
                  struct str *values);
/* A walk over an array that may be missing; false: there is nothing to walk. */
bool read_items(struct reading *reading, struct str piece, struct json_walk *walk);
bool read_next(struct reading *reading, struct json_walk *walk, struct str *item);
/* Values; each leaves `*out` as it is when the piece is missing, and tells of what does not fit. */
cJSON *read_tree(struct reading *reading, struct arena *arena, struct str piece);      /* or NULL */
const char *read_text(struct reading *reading, struct arena *arena, struct str piece); /* or NULL */
void read_integer(struct reading *reading, struct str piece, int64_t least, int64_t most,
                  int64_t *out);
void read_instant(struct reading *reading, struct str piece, nanos *out);
void read_flag(struct reading *reading, struct str piece, bool *out);
void read_hex(struct reading *reading, struct str piece, uint64_t *out);

/* ---- one session in the making ---- */

struct later_outcome { /* once all resources are there */
    struct resource *resource;
    struct str piece;
};

struct queued_outcome {
    struct playing *playing;
    int64_t place;
};

struct restoring {
    struct reading *reading;
    struct world *world;
    struct restored_session *session; /* counted */
    struct table serials;
    size_t table_bytes;
    uint64_t last_serial;
    struct {
        VEC(struct move_cause);
    } causes;
    struct {
        VEC(struct later_outcome);
    } later;
    struct {
        VEC(struct queued_outcome);
    } queued;
    struct {
        VEC(struct resource *);
    } gone; /* held until everything that knows them does so itself */
};

/* restore_resource.c */
void restore_resources(struct restoring *restoring, struct str piece);
void restore_serials_init(struct restoring *restoring);
struct resource *restore_find(const struct restoring *restoring, uint64_t serial); /* or NULL */
const struct played *restore_provider(struct restoring *restoring, struct str piece,
                                      const char *name); /* NULL: told */
struct kind_play *restore_kind(struct restoring *restoring, const struct played *played,
                               struct str piece, const char *name);
const char *restore_name(struct restoring *restoring, const char *text); /* as long as the world */
/* restore_live.c: timers and events */
void restore_timers(struct restoring *restoring, struct resource *resource, struct str piece);
void restore_events(struct restoring *restoring, struct resource *resource, struct str piece,
                    int64_t dropped);
/* restore_items.c: one row each */
void restore_cause(struct restoring *restoring, struct str piece);
void restore_call(struct restoring *restoring, struct str piece);
void restore_forced(struct restoring *restoring, struct str piece);
void restore_draw(struct restoring *restoring, struct str piece);
/* restore_terms.c: one reference; NULL: nobody declared it */
struct session_terms *restore_terms(struct reading *reading, struct str piece);
/* restore_outcome.c */
void restore_outcomes(struct restoring *restoring);
/* restore_session.c: becomes one more of `restored` */
void restore_session(struct reading *reading, struct restored *restored, struct str piece,
                     const struct restore_options *options);
