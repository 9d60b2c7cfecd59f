/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals in the service's own shape: for rows, for what the pipeline refuses, for crashes. */
#pragma once

#include "mock/decide.h"

/* By a row or by `missing`; with the world's lock held, inside the play. */
void refuse(struct exchange *exchange, const struct refused *refused);
/*
 * By the pipeline itself: `problems` (may be NULL) are read as $problem and $problems. `status` 0:
 * the error's own. Needs no world: it makes a play of its own when none is there.
 */
void refuse_failure(struct exchange *exchange, enum failure failure, int status,
                    const struct problems *problems, const char *message) __attribute__((cold));
/*
 * What a service would say with this status, for faults: the error of its catalogue that the
 * pipeline itself uses, else one whose words need no row; else its usual one for such a status.
 */
void refuse_status(struct exchange *exchange, int status, const char *message);
/* One error of the catalogue; `status` 0: its own. */
void refuse_named(struct exchange *exchange, const struct refusal *refusal, int status,
                  const char *message);
