/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of Arazzo and the members each may have; for structure.c. */
#pragma once

#include <stddef.h>

enum object {
    OBJECT_NONE,
    OBJECT_ROOT,
    OBJECT_INFO,
    OBJECT_SOURCE,
    OBJECT_WORKFLOW,
    OBJECT_STEP,
    OBJECT_PARAMETER, /* or a Reusable Object */
    OBJECT_BODY,
    OBJECT_REPLACEMENT,
    OBJECT_CRITERION,
    OBJECT_SUCCESS, /* or a Reusable Object */
    OBJECT_FAILURE, /* or a Reusable Object */
    OBJECT_COMPONENTS,
    OBJECT_SELECTOR,
    OBJECT_EXPRESSION_TYPE,
    OBJECT_REUSABLE,
    OBJECT_OUTPUT, /* a text or a Selector Object */
};

enum type { TEXT = 1, NUMBER = 2, LIST = 4, MAP = 8, FLAG = 16, NULLS = 32, ANY = 63 };
enum shape { ONE, EACH_ITEM, EACH_MEMBER };
enum { REQUIRED = 1, NOT_EMPTY = 2, UNIQUE = 4, NOT_NEGATIVE = 8, NAMES = 16, WHOLE = 32 };

struct member_row {
    enum object owner;
    const char *name;
    unsigned types;
    enum object object;
    enum shape shape;
    unsigned flags;
    int since;           /* minor version */
    const char *choices; /* the only texts, blanks between; NULL = any */
};

extern const struct member_row arazzo_rows[];
extern const size_t arazzo_row_count;
extern const char *const arazzo_object_names[]; /* by object, as findings say it */
