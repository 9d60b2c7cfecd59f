/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API under /__admin: what is going on in a session, and how to steer it. docs/ADMIN.md
 */
#pragma once

#include "mock/exchange.h"

/* exchange->path is what follows /__admin. Answers; JSON only, loopback hosts only. */
void admin_handle(struct exchange *exchange);
