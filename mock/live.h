/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a resource has while something goes on with it: the outcome that plays, timers that are
 * armed, events kept for streams. Made when first needed; hangs on the resource (its `outcome`
 * pointer) and goes with it.
 */
#pragma once

#include "mock/play.h"

struct armed_timer {
    struct live *live;
    const struct timer *timer;
    size_t item;         /* of the timer's `each`; 0 */
    char *key;           /* what it was armed with: armed anew only when that changes */
    struct event *event; /* NULL: spent */
    nanos due;
};

/* One thing that happened, for streams: numbered from 1 in its log. */
struct happening {
    uint64_t number;
    const char *name;           /* in the log's memory */
    struct kind_play *kind;     /* of the resource it happened to */
    struct text *view, *hidden; /* as it was then */
    struct text *data;          /* of `emit`, JSON; NULL */
    nanos at;
    size_t bytes; /* counted for it */
};

struct live {
    struct world *world;
    struct resource *resource; /* not held: it goes with the resource */
    struct playing *playing;
    struct delivery *calling; /* the last of its webhooks that is not over; NULL: none */
    struct {
        struct armed_timer **items;
        size_t count, cap;
    } timers;
    struct {
        struct happening *items;
        size_t count, cap;
        uint64_t dropped; /* the first item is number dropped + 1 */
    } log;
};

struct live *live_of(struct world *world, struct resource *resource); /* made when there is none */
struct live *live_find(const struct resource *resource);              /* or NULL */
void live_release(void *data);                                        /* for store_on_release */
