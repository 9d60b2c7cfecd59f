/* SPDX-License-Identifier: Apache-2.0 */
/* What stages that stand in files of their own need of mock/pipeline.c. */
#pragma once

#include "mock/exchange.h"

/*
 * Answers with the service's own error before any row was asked; nothing of the world is touched.
 * `status` 0: the error's own; `problems` may be NULL. Without the world's lock.
 */
void pipeline_refuse(struct exchange *exchange, enum failure failure, int status,
                     const struct problems *problems, const char *message) __attribute__((cold));
/* The same in two steps, for whoever words the error itself: enter, word it, respond. False: the
 * documents were loaded again meanwhile; leave it, it will be asked once more. */
bool pipeline_enter(struct exchange *exchange);
/* The end of a stream that was handed over; with the world's lock held, which it gives away. */
void pipeline_end(struct exchange *exchange);
