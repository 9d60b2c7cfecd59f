/* SPDX-License-Identifier: Apache-2.0 */
/* What stages share, and those need that stand in files of their own. */
#pragma once

#include "mock/exchange.h"

enum stage_result { STAGE_NEXT, STAGE_ANSWERED };

/* ---- pipeline_route.c ---- */

enum stage_result pipeline_route(struct exchange *exchange); /* provider, mount, operation */

/* ---- pipeline_enter.c ---- */

/*
 * Answers with the service's own error before any row was asked; nothing of the world is touched.
 * `status` 0: the error's own; `problems` may be NULL. Without the world's lock.
 */
enum stage_result pipeline_refuse(struct exchange *exchange, enum failure failure, int status,
                                  const struct problems *problems, const char *message)
    __attribute__((cold));
/* The same in two steps, for whoever words the error itself: enter, word it, respond. False: the
 * documents were loaded again meanwhile; leave it, it will be asked once more. */
bool pipeline_enter(struct exchange *exchange);
/* The same for a request that an operation reads: draws are keyed by what it read. */
bool pipeline_enter_operation(struct exchange *exchange);
/* What is asked, as a number: one for all spellings, for members have no order, and numbers are
 * values. */
uint64_t pipeline_hash(const struct exchange *exchange);

/* ---- pipeline.c ---- */

/* The end of a stream that was handed over; with the world's lock held, which it gives away. */
void pipeline_end(struct exchange *exchange);
