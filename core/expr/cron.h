/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cron expressions as crontab(5) has them: minute hour day-of-month month day-of-week, with lists,
 * ranges, steps, names (jan, mon), 7 for Sunday, and @yearly @annually @monthly @weekly @daily
 * @midnight @hourly. When both day fields are restricted, either fits. A time in a skipped hour
 * fires at the first instant after the gap; one in a doubled hour fires once.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/expr/zone.h"

#include <stdbool.h>
#include <stdint.h>

struct cron {
    uint64_t minutes; /* bit n = minute n fits */
    uint32_t hours, days, months, weekdays;
    bool any_day, any_weekday; /* the field began with '*' */
};

int cron_parse(const char *text, struct cron *cron, struct error *err);
bool cron_is_valid(const char *text);
/* The first instant after `after`; false when none comes within the next 30 years (30 February). */
bool cron_next(const struct cron *cron, const struct zone *zone, nanos after, nanos *next);
/* The shortest pause between two of its first 3000 firings from 2024 on, for minimum intervals. */
nanos cron_shortest_pause(const struct cron *cron);
