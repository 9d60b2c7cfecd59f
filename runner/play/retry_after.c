/* SPDX-License-Identifier: Apache-2.0 */
/* How long a Retry-After header asks to wait (RFC 9110 section 10.2.3): seconds, or a date. */
#include "runner/play/retry_after.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SECONDS = 1000000 };

/* What was read of a date, by the letter that stands for it. */
struct date {
    int fields[128];
};

static int month_of(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (strncmp(text, months + 3 * (size_t)i, 3) == 0)
            return i + 1;
    return 0;
}

/* Two digits, or a blank and one. */
static const char *read_two(const char *text, bool may_be_blank, int *out)
{
    bool is_short = may_be_blank && text[0] == ' ';
    if ((!is_short && !isdigit((unsigned char)text[0])) || !isdigit((unsigned char)text[1]))
        return NULL;
    *out = (is_short ? 0 : text[0] - '0') * 10 + (text[1] - '0');
    return text + 2;
}

/* One letter of a form: w a weekday, b a month, C the hundreds of a year, y its last two digits, D
 * h m s two digits each; anything else is itself. */
static const char *read_field(const char *text, char letter, struct date *date)
{
    int *field = &date->fields[(unsigned char)letter & 127];
    size_t len = 0;
    if (strchr("DhmsCy", letter))
        return read_two(text, letter == 'D', field);
    if (letter == 'b')
        return (*field = month_of(text)) != 0 ? text + 3 : NULL;
    while (letter == 'w' && isalpha((unsigned char)text[len]))
        len++;
    if (letter == 'w')
        return len ? text + len : NULL;
    return *text == letter ? text + 1 : NULL;
}

static bool read_form(const char *text, const char *form, struct date *date)
{
    *date = (struct date){.fields['C'] = -1};
    for (; *form && text; form++)
        text = read_field(text, *form, date);
    return text && !*text && !*form;
}

/* The three forms of section 5.6.7; two digits of a year are of the century that comes nearest. */
int retry_after_date(const char *text, nanos *instant)
{
    static const char *const forms[] = {"w, D b Cy h:m:s GMT", "w, D-b-y h:m:s GMT",
                                        "w b D h:m:s Cy"};
    struct date date;
    const int *at = date.fields;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!read_form(text, forms[i], &date))
            continue;
        if (at['D'] < 1 || at['D'] > 31 || at['h'] > 23 || at['m'] > 59 || at['s'] > 60)
            return -1;
        int year = at['C'] >= 0 ? at['C'] * 100 + at['y'] : at['y'] + (at['y'] < 70 ? 2000 : 1900);
        *instant =
            (civil_days(year, at['b'], at['D']) * 86400 + at['h'] * 3600 + at['m'] * 60 + at['s']) *
            NANOS_PER_SECOND;
        return 0;
    }
    return -1;
}

bool retry_after_parse(const char *text, const char *date, nanos now, nanos *wait)
{
    char *end;
    nanos until, base;
    if (!text)
        return false;
    long long seconds = strtoll(text, &end, 10);
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
