/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "runner/result.h"

/*
 * When the first request to a service that is not ours is refused with 401 or 403, and its step did
 * not expect it, there is no use in going on: why, in the arena. NULL when nothing speaks for it.
 */
const char *credentials_refusal(struct arena *arena, const struct attempt *attempt);
