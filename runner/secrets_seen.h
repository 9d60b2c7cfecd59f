/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "runner/result.h"
#include "runner/secrets.h"

/*
 * Adds what the exchanges of a run carried in headers that are hidden (Authorization, cookies,
 * keys), in keys of the query, and under names that --secret gave: so that it is hidden where the
 * service echoes it, too. Before the reports are written.
 */
void secrets_add_seen(struct secrets *secrets, const struct run_result *result);
/* The same of one that the run will not remember. */
void secrets_add_attempt(struct secrets *secrets, const struct attempt *attempt);
