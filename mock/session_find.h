/* SPDX-License-Identifier: Apache-2.0 */
/* Which session a request is in: named by its path, a header or a credential. docs/MOCK.md */
#pragma once

#include "mock/exchange.h"

/*
 * Fills `session`, `path` (what is left of it) and `world`, made when it is new. Where the name is
 * in a credential of the service's own, the route is found here already (`is_routed`). False: it
 * was refused and answered, in the shape of the service that was asked.
 */
bool session_find(struct exchange *exchange);
/* HTTP's status of what sessions_enter says: 400, 404, 503, 507. */
int session_status(const struct error *err);
/* Retry-After: when a session may expire and make room; nothing where none does. Without any lock.
 */
void session_tell_when(struct exchange *exchange);
