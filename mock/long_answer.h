/* SPDX-License-Identifier: Apache-2.0 */
/* What waits and streams share: a place among those that may be parked, and parking itself. */
#pragma once

#include "mock/answer.h"

struct parked {
    struct exchange *exchange;
    int keepalive_ms; /* real time; -1 = none */
    const char *keepalive_text;
    struct resource *watched;
    state_set waits; /* of its machine: no time is granted in these */
};

/* -1: too many wait already; the exchange was answered with 503. */
int long_begin(struct exchange *exchange);
/* The client went away before the end: what the service does then. */
void long_left(struct exchange *exchange, const struct steps *left, struct resource *resource);
/* Parks until what is watched changes or `until` comes; time in the play goes on. */
enum wake long_park(struct parked *parked, nanos until, bool grants_next_move);
