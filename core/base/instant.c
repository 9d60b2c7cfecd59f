/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/instant.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static nanos read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (nanos)now.tv_sec * NANOS_PER_SECOND + now.tv_nsec;
}

nanos instant_real_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

nanos instant_monotonic_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

nanos instant_monotonic_tick(void)
{
    return read_clock(CLOCK_MONOTONIC_COARSE);
}

static const struct unit {
    const char *name;
    nanos length;
} units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", NANOS_PER_MS},
    {"s", NANOS_PER_SECOND},
    {"m", 60 * NANOS_PER_SECOND},
    {"h", 3600 * NANOS_PER_SECOND},
    {"d", 86400 * NANOS_PER_SECOND},
    {NULL, 0},
};

/* ISO 8601: before and after the T. Years and months have no one length. */
static const struct unit day_units[] = {
    {"W", 7 * 86400 * NANOS_PER_SECOND},
    {"D", 86400 * NANOS_PER_SECOND},
    {NULL, 0},
};
static const struct unit time_units[] = {
    {"H", 3600 * NANOS_PER_SECOND},
    {"M", 60 * NANOS_PER_SECOND},
    {"S", NANOS_PER_SECOND},
    {NULL, 0},
};

static const struct unit *find_unit(const struct unit *known, const char *text, size_t len)
{
    for (; known->name; known++)
        if (strlen(known->name) == len && memcmp(known->name, text, len) == 0)
            return known;
    return NULL;
}

/* One number with its unit ("1.5s"); advances `text`. */
static int parse_part(const struct unit *known, const char **text, nanos *part)
{
    nanos whole = 0, fraction = 0, scale = 1;
    const char *at = *text;
    if (!isdigit((unsigned char)*at))
        return -1;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, *at - '0', &whole))
            return -1;
    if (*at == '.') {
        at++;
        if (!isdigit((unsigned char)*at))
            return -1;
        for (; isdigit((unsigned char)*at); at++)
            if (scale < NANOS_PER_SECOND) {
                fraction = fraction * 10 + (*at - '0');
                scale *= 10;
            }
    }
    const char *name = at;
    while (isalpha((unsigned char)*at))
        at++;
    const struct unit *unit = find_unit(known, name, (size_t)(at - name));
    if (!unit || __builtin_mul_overflow(whole, unit->length, part))
        return -1;
    /* the fraction is below one unit, at most a day: no overflow beyond 128 bits */
    nanos rest = (nanos)((__int128)fraction * unit->length / scale);
    *text = at;
    return __builtin_add_overflow(*part, rest, part) ? -1 : 0;
}

static int parse_parts(const struct unit *known, const char *text, nanos *total)
{
    nanos part;
    while (*text)
        if (parse_part(known, &text, &part) || __builtin_add_overflow(*total, part, total))
            return -1;
    return 0;
}

/* What follows the P: "1D", "T2H30M", "1DT12H". */
static int parse_iso8601(const char *text, nanos *total)
{
    char days[INSTANT_TEXT];
    const char *time = strchr(text, 'T');
    size_t len = time ? (size_t)(time - text) : strlen(text);
    if (len >= sizeof days || !*text || (time && !time[1]))
        return -1;
    memcpy(days, text, len);
    days[len] = '\0';
    if (parse_parts(day_units, days, total))
        return -1;
    return time ? parse_parts(time_units, time + 1, total) : 0;
}

int duration_parse(const char *text, nanos *duration)
{
    nanos total = 0;
    if (strcmp(text, "0") == 0) {
        *duration = 0;
        return 0;
    }
    if (!*text)
        return -1;
    if (*text == 'P' ? parse_iso8601(text + 1, &total) : parse_parts(units, text, &total))
        return -1;
    *duration = total;
    return 0;
}

int64_t civil_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

enum { DAY_SECONDS = 86400 };

static nanos split_seconds(nanos instant, struct tm *tm)
{
    nanos seconds = instant / NANOS_PER_SECOND, rest = instant % NANOS_PER_SECOND;
    if (rest < 0) {
        seconds--;
        rest += NANOS_PER_SECOND;
    }
    int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
    int of_day = (int)(seconds - days * DAY_SECONDS), year;
    civil_from_days(days, &year, &tm->tm_mon, &tm->tm_mday);
    tm->tm_year = year - 1900;
    tm->tm_mon--;
    tm->tm_hour = of_day / 3600;
    tm->tm_min = of_day / 60 % 60;
    tm->tm_sec = of_day % 60;
    tm->tm_wday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    return rest;
}

/* `width` decimal digits and what follows them; printf would cost more than all the rest. */
static char *put_digits(char *out, int64_t number, int width, char after)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    out[width] = after;
    return out + width + 1;
}

void instant_naive(nanos instant, int digits, char out[static INSTANT_TEXT])
{
    struct tm tm;
    nanos rest = split_seconds(instant, &tm);
    int year = tm.tm_year + 1900;
    if (year < 0 || year > 9999) { /* beyond what RFC 3339 can say: 292 years around 1970 at most */
        out[0] = '\0';
        return;
    }
    out = put_digits(out, year, 4, '-');
    out = put_digits(out, tm.tm_mon + 1, 2, '-');
    out = put_digits(out, tm.tm_mday, 2, 'T');
    out = put_digits(out, tm.tm_hour, 2, ':');
    out = put_digits(out, tm.tm_min, 2, ':');
    out = put_digits(out, tm.tm_sec, 2, digits > 0 ? '.' : '\0');
    if (digits > 0) {
        put_digits(out, rest, 9, '\0');
        out[digits] = '\0';
    }
}

void instant_rfc3339(nanos instant, int digits, char out[static INSTANT_TEXT])
{
    instant_naive(instant, digits, out);
    size_t len = strlen(out);
    if (len + 2 <= INSTANT_TEXT)
        memcpy(out + len, "Z", 2);
}

static int digits_of(const char **text, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++) {
        char c = (*text)[i];
        if (!isdigit((unsigned char)c))
            return -1;
        *number = *number * 10 + (c - '0');
    }
    *text += count;
    return 0;
}

static int expect(const char **text, const char *any_of)
{
    if (!**text || !strchr(any_of, **text))
        return -1;
    (*text)++;
    return 0;
}

static int parse_date_time(const char **at, struct tm *tm)
{
    int year, month;
    if (digits_of(at, 4, &year) || expect(at, "-") || digits_of(at, 2, &month) || expect(at, "-") ||
        digits_of(at, 2, &tm->tm_mday) || expect(at, "Tt ") || digits_of(at, 2, &tm->tm_hour) ||
        expect(at, ":") || digits_of(at, 2, &tm->tm_min) || expect(at, ":") ||
        digits_of(at, 2, &tm->tm_sec))
        return -1;
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || tm->tm_mday < 1 ||
        tm->tm_mday > days[month - 1] + (month == 2 && leap) || tm->tm_hour > 23 ||
        tm->tm_min > 59 || tm->tm_sec > 60)
        return -1;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return 0;
}

static int parse_fraction(const char **at, nanos *fraction)
{
    *fraction = 0;
    if (**at != '.')
        return 0;
    (*at)++;
    if (!isdigit((unsigned char)**at))
        return -1;
    nanos scale = NANOS_PER_SECOND;
    for (; isdigit((unsigned char)**at); (*at)++) {
        scale /= 10;
        *fraction += scale * (**at - '0');
    }
    return 0;
}

static int parse_offset(const char **at, bool naive_ok, nanos *offset)
{
    *offset = 0;
    if (!**at)
        return naive_ok ? 0 : -1;
    if (**at == 'Z' || **at == 'z') {
        (*at)++;
        return 0;
    }
    int sign = **at == '-' ? -1 : 1, hours, minutes;
    if (expect(at, "+-") || digits_of(at, 2, &hours) || expect(at, ":") ||
        digits_of(at, 2, &minutes) || hours > 23 || minutes > 59)
        return -1;
    *offset = sign * (hours * 60 + minutes) * 60 * NANOS_PER_SECOND;
    return 0;
}

int instant_parse(const char *text, bool naive_ok, nanos *instant)
{
    struct tm tm = {0};
    nanos fraction, offset;
    if (parse_date_time(&text, &tm) || parse_fraction(&text, &fraction) ||
        parse_offset(&text, naive_ok, &offset) || *text)
        return -1;
    nanos whole;
    int64_t seconds = civil_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * DAY_SECONDS +
                      tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    if (__builtin_mul_overflow(seconds, NANOS_PER_SECOND, &whole) ||
        __builtin_add_overflow(whole, fraction, &whole) ||
        __builtin_sub_overflow(whole, offset, instant))
        return -1;
    return 0;
}

void instant_http_date(nanos instant, char out[static INSTANT_TEXT])
{
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm;
    split_seconds(instant, &tm);
    snprintf(out, INSTANT_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT", weekdays[tm.tm_wday],
             tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void duration_iso8601(nanos duration, char out[static INSTANT_TEXT])
{
    const char *sign = duration < 0 ? "-" : "";
    uint64_t left = duration < 0 ? 0 - (uint64_t)duration : (uint64_t)duration;
    uint64_t fraction = left % (uint64_t)NANOS_PER_SECOND,
             seconds = left / (uint64_t)NANOS_PER_SECOND;
    int len = snprintf(out, INSTANT_TEXT, "%sPT", sign);
    if (seconds >= 3600)
        len += snprintf(out + len, (size_t)(INSTANT_TEXT - len), "%lluH",
                        (unsigned long long)(seconds / 3600));
    if (seconds % 3600 >= 60)
        len += snprintf(out + len, (size_t)(INSTANT_TEXT - len), "%lluM",
                        (unsigned long long)(seconds % 3600 / 60));
    if (seconds % 60 == 0 && fraction == 0 && seconds > 0)
        return;
    len += snprintf(out + len, (size_t)(INSTANT_TEXT - len), "%llu",
                    (unsigned long long)(seconds % 60));
    if (fraction) {
        char digits[16];
        snprintf(digits, sizeof digits, "%09llu", (unsigned long long)fraction);
        size_t used = 9;
        while (used && digits[used - 1] == '0')
            digits[--used] = '\0';
        len += snprintf(out + len, (size_t)(INSTANT_TEXT - len), ".%s", digits);
    }
    snprintf(out + len, (size_t)(INSTANT_TEXT - len), "S");
}
