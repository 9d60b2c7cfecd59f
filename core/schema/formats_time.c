/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339: dates and times (section 5.6) and durations (appendix A). */
#include "core/schema/formats.h"

/* `count` digits; -1 when there are fewer. */
static int take_digits(const char **text, unsigned count)
{
    int value = 0;

    for (; count; count--, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool take(const char **text, char wanted)
{
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **text)
{
    int year, month, day;

    year = take_digits(text, 4);
    if (year < 0 || !take(text, '-'))
        return false;
    month = take_digits(text, 2);
    if (month < 1 || month > 12 || !take(text, '-'))
        return false;
    day = take_digits(text, 2);
    return day >= 1 && day <= days_in_month(year, month);
}

/* Minutes east of UTC. */
static bool take_offset(const char **text, int *offset)
{
    int sign, hour, minute;

    *offset = 0;
    if (take(text, 'Z') || take(text, 'z'))
        return true;
    sign = **text == '-' ? -1 : 1;
    if (!take(text, '+') && !take(text, '-'))
        return false;
    hour = take_digits(text, 2);
    if (hour < 0 || hour > 23 || !take(text, ':'))
        return false;
    minute = take_digits(text, 2);
    *offset = sign * (hour * 60 + minute);
    return minute >= 0 && minute <= 59;
}

static bool take_time(const char **text)
{
    int hour, minute, second, offset, utc;

    hour = take_digits(text, 2);
    if (hour < 0 || hour > 23 || !take(text, ':'))
        return false;
    minute = take_digits(text, 2);
    if (minute < 0 || minute > 59 || !take(text, ':'))
        return false;
    second = take_digits(text, 2);
    if (second < 0 || second > 60)
        return false;
    if (take(text, '.')) {
        if (take_digits(text, 1) < 0)
            return false;
        *text += strspn(*text, "0123456789");
    }
    if (!take_offset(text, &offset))
        return false;
    /* a leap second comes at the end of a day in UTC only */
    utc = ((hour * 60 + minute - offset) % 1440 + 1440) % 1440;
    return second < 60 || utc == 23 * 60 + 59;
}

bool is_date(const char *text)
{
    return take_date(&text) && !*text;
}

bool is_time(const char *text)
{
    return take_time(&text) && !*text;
}

bool is_date_time(const char *text)
{
    if (!take_date(&text) || (!take(&text, 'T') && !take(&text, 't')))
        return false;
    return take_time(&text) && !*text;
}

/*
 * Numbers with units, in the order of `units` and without a gap between the first and the last, as
 * the grammar nests them ("P1Y2D" is none). How many there were; -1 for a mistake.
 */
static int take_units(const char **text, const char *units)
{
    const char *last = NULL;
    int count = 0;

    while (**text >= '0' && **text <= '9') {
        const char *unit;

        *text += strspn(*text, "0123456789");
        unit = **text ? strchr(units, **text) : NULL;
        if (!unit || (last && unit != last + 1))
            return -1;
        last = unit;
        (*text)++;
        count++;
    }
    return count;
}

bool is_duration(const char *text)
{
    const char *week;
    int dates;

    if (!take(&text, 'P'))
        return false;
    week = text + strspn(text, "0123456789");
    if (week > text && text_is(week, "W"))
        return true;
    dates = take_units(&text, "YMD");
    if (dates < 0 || (!*text && !dates))
        return false;
    if (!*text)
        return true;
    return take(&text, 'T') && take_units(&text, "HMS") > 0 && !*text;
}
