/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers of a kind: cron, an instant, a time after a state was entered, or a signal of the admin
 * API. A timer is armed while its conditions hold, and armed anew only when its own text changes or
 * (for `after`) the state is entered again; an instant that has passed never fires.
 */
#pragma once

#include "mock/live.h"

void timers_arm(struct play *play, struct resource *resource, bool entered);
void timers_disarm(struct play *play, struct resource *resource);
/* Those of that name in the kind as it is now; others go. */
void timers_renew(struct live *live, const struct kind *kind);
void timers_release(struct live *live);
/* One of a kept state. `sequence` 0: it is spent, and knows what it was armed with. */
void timers_restore(struct world *world, struct resource *resource, const struct armed_timer *armed,
                    uint64_t sequence);

struct signal {
    const char *name;
    const char *id, *provider; /* NULL = any */
    const cJSON *data;         /* $signal.data; may be NULL */
};
/* Fires every timer that listens to it and whose conditions hold, with the lock held; how many. */
size_t timers_signal(struct world *world, const struct signal *signal);
