/* SPDX-License-Identifier: Apache-2.0 */
/* A request that got no whole answer: why, in words that need no HTTP library, and what came. */
#pragma once

#include "core/contract/response_check.h"
#include "core/net/http_client.h"

/* One line; `limit_ms` is how long the call might take, `sees_body` whether the reply keeps what
 * came of a body. In the arena. */
const char *unanswered_reason(struct arena *arena, const struct http_reply *reply, int limit_ms,
                              bool sees_body);
/* Status, headers and as much of the body as came; NULL when not even a status did. */
const struct raw_response *unanswered_part(struct arena *arena, const struct http_reply *reply);
