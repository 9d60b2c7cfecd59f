/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread that makes due what is due in all worlds on real and scaled clocks, so that streams
 * and webhooks move without requests. Started by the first event, stopped by scheduler_free. Lock
 * order: a world's lock, then the scheduler's.
 */
#pragma once

#include "core/base/instant.h"

struct scheduler;
struct world;

struct scheduler *scheduler_new(void);
void scheduler_free(
    struct scheduler *scheduler); /* after all worlds are closed; joins the thread */

/* For world.c. `at` is on CLOCK_MONOTONIC; INT64_MAX = nothing to come. Called with the world's
 * lock. */
void scheduler_announce(struct scheduler *scheduler, struct world *world, nanos at);
void scheduler_forget(struct scheduler *scheduler, struct world *world);
