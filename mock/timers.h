/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers of a kind: cron, an instant, or a time after a state was entered. A timer is armed while
 * its conditions hold, and armed anew only when its own text changes or (for `after`) the state is
 * entered again; an instant that has passed never fires.
 */
#pragma once

#include "mock/live.h"

void timers_arm(struct play *play, struct resource *resource, bool entered);
void timers_disarm(struct play *play, struct resource *resource);
void timers_release(struct live *live);
