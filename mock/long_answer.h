/* SPDX-License-Identifier: Apache-2.0 */
/* What waits and streams share: a place among those that may be parked, and parking itself. */
#pragma once

#include "mock/answer.h"

struct parked {
    struct exchange *exchange;
    int keepalive_ms; /* real time; -1 = none */
    const char *keepalive_text;
    struct resource *watched;
    state_set waits;         /* of its machine: no time is granted in these */
    struct park_terms terms; /* of long_park_away */
    struct waiter *waiter;   /* NULL: it is not parked, or has a thread */
};

/* A place with a thread, or without. -1: too many wait already; the exchange was answered with 503.
 */
int long_begin(struct exchange *exchange);
int long_begin_away(struct exchange *exchange);
/* The client went away before the end: what the service does then. */
void long_left(struct exchange *exchange, const struct steps *left, struct resource *resource);
/* Parks until what is watched changes or `until` comes; time in the play goes on. */
enum wake long_park(struct parked *parked, nanos until, bool grants_next_move);
/*
 * The same without a thread, for an exchange that was handed over: up to what is watched moves
 * next. False: the session is closed. When its step is called, long_return says whether (and why)
 * it goes on; false: it stays parked.
 */
bool long_park_away(struct parked *parked);
bool long_return(struct parked *parked, bool has_left, enum wake *why);
