/* SPDX-License-Identifier: Apache-2.0 */
/* Putting an exchange's answer on the wire, with the headers that explain it, and into the journal.
 */
#pragma once

#include "mock/exchange.h"

enum { REMARK_SHOWN = 1000 }; /* bytes: clients limit header lines; the journal has it whole */

/* Ends the play, gives the lock away, writes, journals, lets the world go on. */
void respond(struct exchange *exchange);
/* The head of a stream, without the world's lock. -1: the client has left. */
int respond_stream_begin(struct exchange *exchange);
/* Status and headers as they would be sent. */
void respond_head(struct exchange *exchange, struct http_response *response);
