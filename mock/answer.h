/* SPDX-License-Identifier: Apache-2.0 */
/* What an accepted exchange does and answers: steps, the rows' moves, then exactly one answer. */
#pragma once

#include "mock/exchange.h"

/*
 * Called with the world's lock held, inside the play; leaves the answer in the exchange (or, for
 * streams, on the wire). May give the lock away while it waits.
 */
void answer(struct exchange *exchange);
/* A value of the documented schema: where nothing else is there to answer. */
void answer_example(struct exchange *exchange);
/* What the request is about: the youngest machine whose resource it names; NULL. */
struct resource *answer_subject(const struct exchange *exchange);
/* The lists of mock/list.c and the long ones of mock/long_answer.c: */
void answer_list(struct exchange *exchange, const struct list *list);
void answer_wait(struct exchange *exchange, const struct answer *answer);
void answer_stream(struct exchange *exchange, const struct answer *answer);
/* A reply template, or the resource itself when there is none. */
void answer_reply(struct exchange *exchange, const struct answer *answer,
                  struct resource *resource);
/* The status of an answer: its own template, the deciding row's, or the first documented 2xx. */
void answer_status(struct exchange *exchange, const struct answer *answer);
/* X-Dryrun-State, as it is now: once more after waiting. */
void answer_note_state(struct exchange *exchange, const struct resource *subject);
