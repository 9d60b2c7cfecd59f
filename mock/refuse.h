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
                    const struct problems *problems, const char *message);
