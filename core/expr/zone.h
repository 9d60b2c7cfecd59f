/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named time zones, IANA ("Europe/Berlin") or Windows ("W. Europe Standard Time"). The one place
 * that knows ICU, which is opened when the first zone is asked for. Zones are interned for the life
 * of the process and may be used by many threads.
 */
#pragma once

#include "core/base/instant.h"

#include <stdbool.h>

struct zone;

/* NULL when there is no such zone. "UTC" is always there. */
const struct zone *zone_find(const char *name);
bool zone_is_valid(const char *name);

/* A calendar time in the proleptic Gregorian calendar. */
struct civil {
    int year, month, day;     /* month and day from 1 */
    int hour, minute, second; /* 0..23, 0..59, 0..59 */
};

/* What a clock on the wall shows at the instant. */
struct civil zone_civil(const struct zone *zone, nanos instant);
/*
 * The instant at which the wall shows `civil`. In a doubled hour: the first one. In a skipped hour:
 * the first instant after the gap.
 */
nanos zone_instant(const struct zone *zone, struct civil civil);
