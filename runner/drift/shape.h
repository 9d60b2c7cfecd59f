/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the values of one place look like, however many were seen there: types, members, forms.
 * Items of an array are one place, "[]". Two shapes are compared place by place; what a difference
 * is worth, others say (runner/drift/contract.c).
 */
#pragma once

#include "core/base/vec.h"
#include "core/data/tree.h"

enum shape_type {
    SHAPE_NULL = 1,
    SHAPE_BOOLEAN = 2,
    SHAPE_NUMBER = 4,
    SHAPE_STRING = 8,
    SHAPE_ARRAY = 16,
    SHAPE_OBJECT = 32,
};

/* How texts and numbers are written; a bit each. */
enum shape_form {
    FORM_DATE_TIME = 1,
    FORM_DATE = 2,
    FORM_DIGITS = 4, /* a text of digits */
    FORM_OTHER_TEXT = 8,
    FORM_SECONDS = 16, /* a number that is an instant of our days in this unit */
    FORM_MILLISECONDS = 32,
    FORM_OTHER_NUMBER = 64,
};

enum { SHAPE_VALUES_MAX = 12, SHAPE_TEXT_MAX = 64 };

struct shape {
    const char *name;                      /* of the member; "[]" for items; "" for the whole */
    unsigned types;                        /* enum shape_type: all that were seen */
    unsigned forms;                        /* enum shape_form */
    size_t seen;                           /* so often it was there */
    size_t objects;                        /* so often as an object */
    const cJSON *like;                     /* the first that is not null, else the first */
    const cJSON *values[SHAPE_VALUES_MAX]; /* short scalars, each once */
    size_t value_count;
    bool has_more; /* than were kept */
    struct {
        VEC(struct shape *);
    } members;
    struct shape *items; /* NULL: no array had any */
};

/* Lives in the arena, as what is added must. */
struct shape *shape_new(struct arena *arena, const char *name);
void shape_add(struct arena *arena, struct shape *shape, const cJSON *value);

enum shape_aspect {
    SHAPE_MEMBER_ASPECT, /* always there at one side, never at the other */
    SHAPE_NULL_ASPECT,   /* never but null at one side */
    SHAPE_TYPE_ASPECT,
    SHAPE_FORM_ASPECT,
    SHAPE_VALUE_ASPECT, /* other values: for whoever knows whether that matters */
};

struct shape_difference {
    enum shape_aspect aspect;
    const char *path;            /* "/data/[]/state" */
    const struct shape *side[2]; /* left, right; NULL: it is not there */
};

/* Calls `found` for each; what hangs below a difference is not looked at. */
void shape_compare(struct arena *arena, const struct shape *left, const struct shape *right,
                   void (*found)(void *data, const struct shape_difference *difference),
                   void *data);

/* "string (date-time) or null", "absent" for NULL; in the arena. */
const char *shape_text(struct arena *arena, const struct shape *shape);
/* "'QUEUED'", "'a', 'b'" */
const char *shape_values_text(struct arena *arena, const struct shape *shape);
