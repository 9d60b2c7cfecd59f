/* SPDX-License-Identifier: Apache-2.0 */
/* No more than so many requests a second, by all threads of a run together. */
#pragma once

#include "core/base/arena.h"
#include "core/base/instant.h"

struct pace;

/* NULL for 0: no limit. Lives as long as the arena. */
struct pace *pace_new(struct arena *arena, int64_t per_second);
/* Waits, in real time, until it is the caller's turn; NULL is fine. */
void pace_wait(struct pace *pace);
