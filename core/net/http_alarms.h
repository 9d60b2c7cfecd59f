/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is to be looked after when: a heap of alarms, each part of what it belongs to. Most are put
 * off before they ring, which costs nothing: an alarm that is put off stays where it is, and is
 * moved when its old time comes.
 */
#pragma once

#include "core/base/instant.h"

#include <stdbool.h>
#include <stddef.h>

struct http_alarm {
    nanos due;   /* monotonic; INT64_MAX: never */
    nanos at;    /* its place in the heap, never after `due` */
    size_t spot; /* in the heap, from 1; 0: in none */
};

struct http_alarms {
    struct http_alarm **items; /* from 0 */
    size_t count, cap;
};

/* Whether it is the first of all now and was not before: who sleeps must look again. */
bool alarms_set(struct http_alarms *alarms, struct http_alarm *alarm, nanos due);
void alarms_drop(struct http_alarms *alarms, struct http_alarm *alarm);
/* One that is due is taken out; NULL: none is, and `*next` is when to look again (INT64_MAX). */
struct http_alarm *alarms_ring(struct http_alarms *alarms, nanos now, nanos *next);
void alarms_free(struct http_alarms *alarms);
