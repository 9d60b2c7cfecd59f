/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks on their way: a few threads that call out, so that a receiver who is slow to answer
 * delays its own session or resource only. A session on the virtual clock has one call under way at
 * a time, so that the order of things is the same again; on other clocks those of different
 * resources overlap. Who comes after whom for one resource is webhooks.c's.
 */
#pragma once

#include "mock/play.h"

/* One call with its tries. Owned by the outbox, by an event in its world's queue, or by the one
 * that it waits behind. */
struct delivery {
    struct outbox *outbox;
    struct world *world; /* a reference while it is in the outbox */
    const struct played *played;
    const struct webhook *webhook;
    struct resource *resource; /* held */
    char *url, *method, *body;
    struct http_header *headers;
    size_t header_count;
    size_t bytes; /* counted for it */
    int64_t tried;
    uint64_t number; /* of this try in the journal: taken when it becomes due, so whoever asks
                        meanwhile finds the same numbers however long the receiver takes */
    /* of the next try: a fault may lose it, or make the same call more than once */
    bool is_lost;
    unsigned copies;
    const char *fault; /* its name; NULL */
    int status;        /* of the last try; 0: nobody answered */
    char problem[256];
    int64_t settled;                  /* tries that are over; the lock's, `tried` is the sender's */
    struct event *event;              /* waits for its next try; NULL */
    bool is_kept;                     /* of a kept state, and not yet in the outbox */
    struct delivery *behind;          /* of the same resource: goes when this one is over */
    struct delivery *older, *younger; /* of its world, in the order in which they were worded */
    struct delivery *next;            /* in the outbox */
};

/* `after` is called without any lock on a thread of the outbox when a try is over, `drop` for what
 * is left when the outbox ends; both take the delivery over. */
struct outbox *outbox_new(struct mock *mock, void (*after)(struct delivery *delivery),
                          void (*drop)(struct delivery *delivery));
void outbox_free(struct outbox *outbox);                           /* what is under way ends */
void outbox_put(struct outbox *outbox, struct delivery *delivery); /* with its world's lock */
