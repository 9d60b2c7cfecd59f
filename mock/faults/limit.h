/* SPDX-License-Identifier: Apache-2.0 */
/* The row rate_limit of mock/faults/refusal.c. */
#pragma once

#include "mock/faults/act.h"

extern const struct fault_parameter limit_parameters[];
bool limit_rate(struct exchange *exchange, struct fault_hit *hit);
