/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is different between two contracts, seen by a client of the first that meets the second:
 * what it sends must still be taken, what it gets must still be what it knows. So the same change
 * breaks in one direction and not in the other: docs/DIFF.md
 */
#pragma once

#include "core/contract/openapi.h"

struct difference {
    const char *operation; /* "POST /runs/{id}", as the first spells it where it has it */
    const char *part;      /* "request body", "query limit", "response 200"; "" = the operation */
    const char *at;        /* below it, as a pointer into values: "/runs/0/state"; "" = all of it */
    const char *code;      /* "enum-removed": the kind, stable for programs */
    const char *text;      /* "no longer takes 'fast'" */
    bool is_breaking;
    struct place first, second; /* where it stands; file NULL = nowhere in that one */
};

struct differences {
    VEC(struct difference);
    size_t breaking;
};

/* In the first document's order, then what only the second has; everything in the arena. */
void contract_diff(struct arena *arena, const struct contract *first, const struct contract *second,
                   struct differences *out);
