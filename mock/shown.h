/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers out of the document alone, for operations that nothing plays: declared examples first,
 * else values made from schemas. A client chooses with Prefer (RFC 7240), or with query
 * parameters where it cannot set headers: code, example, dynamic. docs/MOCK.md
 */
#pragma once

#include "core/provider/service.h"
#include "mock/exchange.h"

void shown_answer(struct exchange *exchange);
/* Says in a header that the body was made of the schema: nothing plays it, nothing is declared. */
void shown_is_made(struct exchange *exchange);
/* What the document itself says is answered to a request that fails. False: it says nothing. */
bool shown_refusal(struct exchange *exchange, enum failure failure);
/* The operation's documented response of this status; false: there is none with a body. */
bool shown_status(struct exchange *exchange, int status);
