/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened to a resource that can be streamed, and to what links to it: kept as snapshots in
 * one numbered log of the resource, so that a stream can begin anywhere and be resumed.
 */
#pragma once

#include "mock/live.h"

enum { EVENTS_KEPT = 4096 }; /* of one resource; the oldest half goes then */

/* Does nothing for kinds that no stream shows. `data` may be NULL. */
void events_add(struct play *play, struct resource *resource, const char *name, const cJSON *data);
/* One of a kept state: takes over its references; the name is copied. */
void events_restore(struct live *live, const struct happening *what);
/* The number of the newest event, 0 = none. */
uint64_t events_newest(const struct resource *root);
/* The event after `number`, or NULL. */
const struct happening *events_after(const struct resource *root, uint64_t number);
void events_release(struct live *live);
