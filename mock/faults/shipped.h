/* SPDX-License-Identifier: Apache-2.0 */
/* The plans that come with the program (fixtures/faults), built in, so that a name is enough. */
#pragma once

#include "mock/faults/plan.h"

struct shipped_plan {
    const char *name; /* NULL ends the table */
    const unsigned char *text;
};
extern const struct shipped_plan shipped_plans[];

bool is_shipped_plan(const char *name);
/* NULL: findings say that there is none of that name, and the nearest. */
struct fault_plan *shipped_plan(const char *name, struct arena *arena, struct findings *findings);
