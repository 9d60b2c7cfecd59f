/* SPDX-License-Identifier: Apache-2.0 */
/* Where the contract says what a failed step wanted. */
#pragma once

#include "runner/play/player.h"

/* The step's reason, and the rows that lead to the status or the state that it wanted; as it was
 * when a verdict tells already, or the contract has no such row. In the run's arena. */
const char *wanted_reason(struct scene *scene, const struct arazzo_step *step,
                          const struct played_step *played);
