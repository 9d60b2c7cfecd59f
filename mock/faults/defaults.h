/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plans of every session: those of the command line, and what was set for all since. A session
 * that is made gets them; has a lock of its own, below a world's.
 */
#pragma once

#include "mock/faults/check.h"
#include "mock/faults/set.h"

struct fault_defaults;
struct mock;

/* Reads the plans named: files, or names of plans that come along. NULL: findings (or `err`) say
 * why, all of them. */
struct fault_defaults *fault_defaults_new(const char *const *names, size_t count,
                                          struct findings *findings, struct error *err);
/* Names in them that nothing has; providers are loaded as far as it takes. */
int fault_defaults_check(const struct fault_defaults *defaults, struct mock *mock,
                         struct findings *findings, struct error *err);
void fault_defaults_free(struct fault_defaults *defaults); /* NULL is fine */

/* For a world that is made. */
void fault_defaults_give(struct fault_defaults *defaults, struct fault_set *set, nanos world_now);
/* For all sessions, those that are there and those to come. */
void fault_defaults_add(struct mock *mock, struct fault_plan *plan);
/* Removes every rule of every session. How many there were. */
size_t fault_defaults_clear(struct mock *mock);

/* One plan by the name of a file or of one that comes along; NULL: findings or `err`. */
struct fault_plan *fault_plan_named(const char *name, struct findings *findings, struct error *err);
/* The mock's providers, to be asked. */
struct fault_providers fault_providers_of(struct mock *mock);
