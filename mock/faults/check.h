/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in a plan that nothing has: such a rule would never fit, and nobody would know why. Asked
 * of providers one after the other, and no more of them than it takes to find a name.
 */
#pragma once

#include "core/provider/provider.h"
#include "mock/faults/plan.h"

/* The providers that a plan may be about. */
struct fault_providers {
    size_t count;
    const char *(*name)(void *data, size_t index);
    /* Loads it if need be; NULL: it cannot be loaded (which was told elsewhere). */
    const struct provider *(*get)(void *data, size_t index);
    void *data;
};

/* A finding for each provider, operation, state, method or error that is not there. */
void fault_plan_check(const struct fault_plan *plan, const struct fault_providers *providers,
                      struct findings *findings);
