/* SPDX-License-Identifier: Apache-2.0 */
/* How long a Retry-After header asks to wait (RFC 9110 section 10.2.3): seconds, or a date. */
#include "runner/retry_after.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SECONDS = 1000000 };

static int month_of(const char *name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *at = strlen(name) == 3 ? strstr(months, name) : NULL;
    return at && (at - months) % 3 == 0 ? (int)(at - months) / 3 + 1 : 0;
}

/* The three forms of section 5.6.7; two digits of a year are of the century that comes nearest. */
int retry_after_date(const char *text, nanos *instant)
{
    char month[4] = "", weekday[10] = "";
    int day, year, hour, minute, second, used = 0;
    bool found = (sscanf(text, "%9[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", weekday, &day,
                         month, &year, &hour, &minute, &second, &used) == 7 &&
                  used) ||
                 (sscanf(text, "%9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", weekday, &day,
                         month, &year, &hour, &minute, &second, &used) == 7 &&
                  used) ||
                 (sscanf(text, "%9[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", weekday, month, &day,
                         &hour, &minute, &second, &year, &used) == 7 &&
                  used);
    if (!found || text[used] || !month_of(month) || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return -1;
    if (year < 100)
        year += year < 70 ? 2000 : 1900;
    int64_t seconds =
        civil_days(year, month_of(month), day) * 86400 + hour * 3600 + minute * 60 + second;
    *instant = seconds * NANOS_PER_SECOND;
    return 0;
}

bool retry_after_parse(const char *text, const char *date, nanos now, nanos *wait)
{
    char *end;
    nanos until, base;
    long long seconds = text ? strtoll(text, &end, 10) : -1;
    if (!text)
        return false;
    if (end > text && !*end && *text >= '0' && *text <= '9' && seconds < LONGEST_SECONDS) {
        *wait = seconds * NANOS_PER_SECOND;
        return true;
    }
    if (retry_after_date(text, &until))
        return false;
    base = date && retry_after_date(date, &base) == 0 ? base : now;
    *wait = until > base ? until - base : 0;
    return *wait < LONGEST_SECONDS * NANOS_PER_SECOND;
}
