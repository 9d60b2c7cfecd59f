/* SPDX-License-Identifier: Apache-2.0 */
/* The members that each object of OpenAPI may have; for structure.c. */
#pragma once

#include "core/contract/structure.h"

enum type { TEXT = 1, FLAG = 2, NUMBER = 4, LIST = 8, MAP = 16, NULLS = 32, ANY = 63, SCHEMA = 80 };
enum shape { ONE, EACH_ITEM, EACH_MEMBER, EACH_PATH, EACH_STATUS };
enum { REQUIRED = 1, MAY_REFER = 2, NOT_EMPTY = 4 };

struct member_row {
    enum object owner;
    const char *name;
    unsigned types;     /* of the member itself */
    enum object object; /* of it, or of what it holds */
    enum shape shape;
    unsigned flags;
    int since, until; /* minor versions; until 0 = still there */
};

extern const struct member_row openapi_rows[];
extern const size_t openapi_row_count;
