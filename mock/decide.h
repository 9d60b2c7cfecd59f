/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes part in an exchange, and what the rows of the lifecycle say about it. */
#pragma once

#include "mock/exchange.h"

/* Why nothing happens: an error of the catalogue, and what its text may read. */
struct refused {
    const struct refusal *refusal;
    const struct row *row;       /* NULL: `missing` */
    const struct taking *taking; /* of the machine that refused; NULL: a rule */
};

/*
 * Rules, participants (bound by their names), rows, targets of `each`. True when all agree; else
 * `refused` says who does not, and nothing has changed.
 */
bool decide(struct exchange *exchange, struct refused *refused);
/* Who takes part alone, within a play; for those who only want to look. */
void decide_participants(struct exchange *exchange);
