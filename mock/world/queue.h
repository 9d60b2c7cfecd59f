/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Future events by (due, sequence): those of one instant happen in the order in which they were
 * added. Not locked by itself.
 */
#pragma once

#include "core/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an event is to whoever wants to know whether anything is still going on. */
enum event_sort {
    EVENT_ARRANGED,  /* something that was set going and will be over */
    EVENT_RECURRING, /* the next time of a schedule that never ends by itself */
    EVENT_ALARM,     /* the end of somebody's waiting */
    EVENT_SORTS
};

struct event; /* a handle: valid until the event has been taken or cancelled */
struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *queue); /* drops what is left */

/*
 * It is EVENT_ARRANGED until it is said to be of another sort. `fn` gets `data` when it is due;
 * `drop` (may be NULL) gets it instead when the event is cancelled or the queue freed before.
 * Exactly one of them is called, once.
 */
struct event *queue_add(struct queue *queue, nanos due, void (*fn)(void *data),
                        void (*drop)(void *data), void *data);
void queue_sort(struct queue *queue, struct event *event, enum event_sort sort);
void queue_cancel(struct queue *queue, struct event *event); /* NULL is fine */
nanos queue_event_due(const struct event *event);
uint64_t queue_event_sequence(const struct event *event); /* its place among those of one instant */
/* As queue_add, at the place that an event had before (0: the next one). For a kept state. */
struct event *queue_restore(struct queue *queue, nanos due, uint64_t sequence,
                            void (*fn)(void *data), void (*drop)(void *data), void *data);

uint64_t queue_sequence(const struct queue *queue);        /* of the event that was added last */
void queue_resume(struct queue *queue, uint64_t sequence); /* at least this many were added */

bool queue_next(const struct queue *queue, nanos *due); /* false: nothing is to come */
/* Takes the next event out when it is due at `now` or before, and calls it. False: none is. */
bool queue_fire(struct queue *queue, nanos now);
size_t queue_count(const struct queue *queue);
size_t queue_count_of(const struct queue *queue, enum event_sort sort);
size_t queue_bytes(const struct queue *queue);
