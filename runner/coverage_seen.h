/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "runner/result.h"

/*
 * Declares the members ("Run.error") of the component schemas that answers and events are made of.
 * Members of schemas without a name are not counted, nor those that are only ever sent.
 */
void coverage_declare_members(struct coverage *coverage, const struct provider *provider);
/* Counts members and faults of all exchanges that are remembered; once, when the run is over. */
void run_meet_seen(struct run_result *result);

/* The same, for one after the other that will not be. */
struct meetings;
/* Lives as long as the arena; `result` has all its providers. */
struct meetings *meetings_new(struct arena *arena, struct run_result *result);
void meetings_add(struct meetings *meetings, const struct attempt *attempt);
/* The faults that were counted elsewhere, too. */
void run_add_faults(struct run_result *into, const struct run_result *from);
