/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the tool itself, not of a service: RFC 9457 problem+json, with members that explain.
 * For what no provider is there to word.
 */
#pragma once

#include "mock/exchange.h"

/* `detail` may be NULL; `members` (may be NULL) are added. Answers at once. */
void problem_answer(struct exchange *exchange, int status, const char *title, const cJSON *members)
    __attribute__((cold));
void problem_no_provider(struct exchange *exchange);
