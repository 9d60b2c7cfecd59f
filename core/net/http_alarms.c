/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_alarms.h"

#include "core/base/mem.h"

#include <stdint.h>

static void put(struct http_alarms *alarms, struct http_alarm *alarm, size_t spot)
{
    alarms->items[spot - 1] = alarm;
    alarm->spot = spot;
}

static void rise(struct http_alarms *alarms, struct http_alarm *alarm)
{
    size_t spot = alarm->spot;
    for (; spot > 1 && alarms->items[spot / 2 - 1]->at > alarm->at; spot /= 2)
        put(alarms, alarms->items[spot / 2 - 1], spot);
    put(alarms, alarm, spot);
}

static void sink(struct http_alarms *alarms, struct http_alarm *alarm)
{
    size_t spot = alarm->spot, child;
    while ((child = spot * 2) <= alarms->count) {
        if (child < alarms->count && alarms->items[child]->at < alarms->items[child - 1]->at)
            child++;
        if (alarms->items[child - 1]->at >= alarm->at)
            break;
        put(alarms, alarms->items[child - 1], spot);
        spot = child;
    }
    put(alarms, alarm, spot);
}

static void enter(struct http_alarms *alarms, struct http_alarm *alarm)
{
    if (alarms->count == alarms->cap) {
        alarms->cap = alarms->cap ? alarms->cap * 2 : 64;
        alarms->items = mem_realloc(alarms->items, alarms->cap * sizeof(struct http_alarm *));
    }
    put(alarms, alarm, ++alarms->count);
    rise(alarms, alarm);
}

bool alarms_set(struct http_alarms *alarms, struct http_alarm *alarm, nanos due)
{
    alarm->due = due;
    if (alarm->spot && alarm->at <= due)
        return false;
    if (!alarm->spot && due == INT64_MAX)
        return false;
    alarm->at = due;
    if (alarm->spot)
        rise(alarms, alarm);
    else
        enter(alarms, alarm);
    return alarm->spot == 1;
}

void alarms_drop(struct http_alarms *alarms, struct http_alarm *alarm)
{
    size_t spot = alarm->spot;
    if (!spot)
        return;
    alarm->spot = 0;
    struct http_alarm *last = alarms->items[--alarms->count];
    if (last == alarm)
        return;
    put(alarms, last, spot);
    rise(alarms, last);
    sink(alarms, last);
}

struct http_alarm *alarms_ring(struct http_alarms *alarms, nanos now, nanos *next)
{
    *next = INT64_MAX;
    while (alarms->count) {
        struct http_alarm *first = alarms->items[0];
        if (first->at > now) {
            *next = first->at;
            return NULL;
        }
        if (first->due <= now) {
            alarms_drop(alarms, first);
            return first;
        }
        if (first->due == INT64_MAX) {
            alarms_drop(alarms, first);
            continue;
        }
        first->at = first->due; /* it was put off */
        sink(alarms, first);
    }
    return NULL;
}

void alarms_free(struct http_alarms *alarms)
{
    mem_free(alarms->items);
}
