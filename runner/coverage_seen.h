/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "runner/result.h"

/*
 * Declares the members ("Run.error") of the component schemas that answers and events are made of.
 * Members of schemas without a name are not counted, nor those that are only ever sent.
 */
void coverage_declare_members(struct coverage *coverage, const struct provider *provider);
/* Counts members and faults of all exchanges; once, when the run is over. */
void run_meet_seen(struct run_result *result);
