/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API under /__admin: what is going on in a session, and how to steer it. docs/ADMIN.md
 */
#pragma once

#include "mock/exchange.h"

/* exchange->path is what follows /__admin. Answers; JSON only, loopback hosts only. */
void admin_handle(struct exchange *exchange);
/*
 * Whether this client may steer the mock by headers (X-Dryrun-Fault, X-Dryrun-Outcome): from
 * loopback always, from elsewhere with X-Dryrun-Admin-Token. False: it was answered with 403.
 */
bool admin_may_steer(struct exchange *exchange); /* access.c */
