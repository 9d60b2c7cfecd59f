/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A play that did not happen: resources are changed as ever, so that the answer can be made of
 * them, and put back before anybody else sees the world. Nothing that follows from a change and
 * reaches further than the store (outcomes, timers, events, webhooks) happens while it lasts. For
 * faults that answer what is not so. All of it with the world's lock held.
 */
#pragma once

#include "mock/play.h"

struct rehearsal;

/* A play that has one already goes on with it. */
void rehearsal_begin(struct play *play);
/* Whether it has changed anything so far. */
bool rehearsal_has_changed(const struct play *play);
bool rehearsal_has_kept(const struct play *play, const struct resource *resource);
/* Everything is as it was, and what was still to be done is forgotten. Nothing without one. */
void rehearsal_end(struct play *play);

/* For whoever changes a resource: what it is now is kept. Nothing without a rehearsal. */
void rehearsal_keep(struct play *play, struct resource *resource);
/* It was made just now. */
void rehearsal_born(struct play *play, struct resource *resource);
/* Instead of deleting it. */
void rehearsal_delete(struct play *play, struct resource *resource);

/* How a resource looked once: its texts are references of the holder's. */
struct resource_image {
    struct text *view, *hidden;
    nanos entered;
    uint8_t state;
};
/* Within a rehearsal: the resource is what it was. */
void rehearsal_show(struct play *play, struct resource *resource,
                    const struct resource_image *image);
