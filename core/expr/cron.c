/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/cron.h"

#include "core/base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { CRON_TEXT_MAX = 256, SEARCH_DAYS = 30 * 366, PAUSE_FIRINGS = 3000, PAUSE_DAYS = 400 };

struct field {
    const char *name;
    int least, most;
    const char *const *names; /* of least, least + 1, ...; NULL = none */
};

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const struct field fields[] = {
    {"minute", 0, 59, NULL},
    {"hour", 0, 23, NULL},
    {"day of month", 1, 31, NULL},
    {"month", 1, 12, month_names},
    {"day of week", 0, 7, weekday_names},
};

static const struct {
    const char *name, *fields;
} shorthands[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

/* ---- reading ---- */

static bool read_number(const char **at, int *value)
{
    int digits = 0;
    *value = 0;
    for (; isdigit((unsigned char)**at) && digits < 4; digits++)
        *value = *value * 10 + (*(*at)++ - '0');
    return digits > 0;
}

static bool read_value(const struct field *field, const char **at, int *value)
{
    if (read_number(at, value))
        return *value >= field->least && *value <= field->most;
    for (int i = 0; field->names && field->names[i]; i++) {
        char word[4] = {(*at)[0], 0};
        for (int j = 1; j < 3 && word[j - 1]; j++)
            word[j] = (*at)[j];
        if (text_is_any_case(word, field->names[i]) && !isalpha((unsigned char)(*at)[3])) {
            *at += 3;
            *value = field->least + i;
            return true;
        }
    }
    return false;
}

/* One item of a list: * or a value or a range, with an optional step. */
static bool read_item(const struct field *field, const char **at, uint64_t *bits)
{
    int low = field->least, high = field->most, step = 1;
    bool is_single = false;
    if (**at == '*') {
        (*at)++;
    } else {
        if (!read_value(field, at, &low))
            return false;
        is_single = **at != '-';
        high = low;
        if (!is_single && ((*at)++, !read_value(field, at, &high)))
            return false;
        if (high < low)
            return false;
    }
    if (**at == '/') {
        (*at)++;
        if (!read_number(at, &step) || step < 1 || step > field->most)
            return false;
        if (is_single)
            high = field->most;
    }
    for (int value = low; value <= high; value += step)
        *bits |= UINT64_C(1) << value;
    return true;
}

static int read_field(const struct field *field, const char *text, uint64_t *bits,
                      struct error *err)
{
    const char *at = text;
    *bits = 0;
    do {
        if (!read_item(field, &at, bits))
            return fail(err, ERROR_INVALID, "bad %s '%s' in a cron expression", field->name, text);
    } while (*at == ',' && at++);
    if (*at)
        return fail(err, ERROR_INVALID, "bad %s '%s' in a cron expression", field->name, text);
    return 0;
}

/* Splits at blanks in place; -1 when there are not exactly five. */
static int split(char *text, char *parts[static 5])
{
    int count = 0;
    for (;;) {
        text += strspn(text, " \t");
        if (!*text)
            return count == 5 ? 0 : -1;
        if (count == 5)
            return -1;
        parts[count++] = text;
        text += strcspn(text, " \t");
        if (*text)
            *text++ = '\0';
    }
}

int cron_parse(const char *text, struct cron *cron, struct error *err)
{
    char copy[CRON_TEXT_MAX], *parts[5];
    uint64_t bits[5];
    const char *meant = text;
    for (size_t i = 0; i < sizeof shorthands / sizeof shorthands[0]; i++)
        if (text_is_any_case(text, shorthands[i].name))
            meant = shorthands[i].fields;
    int len = snprintf(copy, sizeof copy, "%s", meant);
    if (len < 0 || (size_t)len >= sizeof copy || split(copy, parts) < 0)
        return fail(err, ERROR_INVALID, "a cron expression has five fields but found '%.100s'",
                    text);
    for (size_t i = 0; i < 5; i++)
        if (read_field(&fields[i], parts[i], &bits[i], err) < 0)
            return -1;
    *cron = (struct cron){.minutes = bits[0],
                          .hours = (uint32_t)bits[1],
                          .days = (uint32_t)bits[2],
                          .months = (uint32_t)bits[3],
                          .weekdays = (uint32_t)((bits[4] | bits[4] >> 7) & 0x7f),
                          .any_day = parts[2][0] == '*',
                          .any_weekday = parts[4][0] == '*'};
    return 0;
}

bool cron_is_valid(const char *text)
{
    struct cron cron;
    return text && cron_parse(text, &cron, NULL) == 0;
}

/* ---- searching ---- */

static bool fits_day(const struct cron *cron, int64_t days)
{
    int year, month, day;
    civil_from_days(days, &year, &month, &day);
    if (!(cron->months >> month & 1))
        return false;
    int weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    bool in_month = cron->days >> day & 1, in_week = cron->weekdays >> weekday & 1;
    /* crontab(5): when both are restricted, either fits. */
    return cron->any_day || cron->any_weekday ? in_month && in_week : in_month || in_week;
}

/* The first minute of the day, from `minute` on, that fits; -1 when none. */
static int find_minute(const struct cron *cron, int minute)
{
    for (; minute < 24 * 60; minute++) {
        if (!(cron->hours >> (minute / 60) & 1))
            minute = minute / 60 * 60 + 59;
        else if (cron->minutes >> (minute % 60) & 1)
            return minute;
    }
    return -1;
}

/* Firings of one day after `after`, from `minute` on; wall times that came already are passed. */
static bool search_day(const struct cron *cron, const struct zone *zone, int64_t days, int minute,
                       nanos after, nanos *next)
{
    struct civil civil = {0};
    civil_from_days(days, &civil.year, &civil.month, &civil.day);
    while ((minute = find_minute(cron, minute)) >= 0) {
        civil.hour = minute / 60;
        civil.minute = minute % 60;
        *next = zone_instant(zone, civil);
        if (*next > after)
            return *next < INT64_MAX;
        minute++;
    }
    return false;
}

bool cron_next(const struct cron *cron, const struct zone *zone, nanos after, nanos *next)
{
    struct civil now = zone_civil(zone, after);
    int64_t today = civil_days(now.year, now.month, now.day);
    int minute = now.hour * 60 + now.minute;
    for (int64_t days = today; days <= today + SEARCH_DAYS; days++) {
        if (fits_day(cron, days) && search_day(cron, zone, days, minute, after, next))
            return true;
        minute = 0;
    }
    return false;
}

nanos cron_shortest_pause(const struct cron *cron)
{
    const struct zone *zone = zone_find("UTC");
    nanos at = civil_days(2024, 1, 1) * 86400 * NANOS_PER_SECOND - 1, next, shortest = INT64_MAX;
    nanos end = at + (nanos)PAUSE_DAYS * 86400 * NANOS_PER_SECOND;
    bool has_one = cron_next(cron, zone, at, &at);
    for (int i = 0; has_one && i < PAUSE_FIRINGS && at < end; i++) {
        if (!cron_next(cron, zone, at, &next))
            break;
        shortest = next - at < shortest ? next - at : shortest;
        at = next;
    }
    return shortest;
}
