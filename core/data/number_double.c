/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal text to double and back, whatever the locale says about points. */
#include "core/data/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t plain_locale;
static pthread_once_t plain_once = PTHREAD_ONCE_INIT;

static void make_plain_locale(void)
{
    plain_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
}

static locale_t enter_plain_locale(void)
{
    pthread_once(&plain_once, make_plain_locale);
    return uselocale(plain_locale);
}

/* Powers of ten that are exact doubles: with at most 15 digits one operation rounds rightly. */
static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool read_quickly(const char *text, size_t len, double *value)
{
    const char *at = text, *end = text + len;
    bool negative = at < end && *at == '-';
    uint64_t digits = 0;
    size_t count = 0, fraction = 0;
    bool in_fraction = false;
    for (at += negative; at < end; at++) {
        if (*at == '.') {
            in_fraction = true;
            continue;
        }
        if (*at < '0' || *at > '9' || ++count > 15)
            return false;
        digits = digits * 10 + (uint64_t)(*at - '0');
        fraction += in_fraction;
    }
    double magnitude = (double)digits / exact_powers[fraction];
    *value = negative ? -magnitude : magnitude;
    return true;
}

double number_double(const char *text, size_t len)
{
    double value = 0;
    if (!read_quickly(text, len, &value)) {
        locale_t before = enter_plain_locale();
        value = strtod(text, NULL); /* stops by itself: what follows a number is no part of one */
        uselocale(before);
    }
    return value;
}

bool number_print(double value, char out[static NUMBER_TEXT])
{
    if (!isfinite(value))
        return false;
    locale_t before = enter_plain_locale();
    /* 15 digits always survive; only subnormal numbers have fewer. */
    int digits = fabs(value) < DBL_MIN ? 1 : 15;
    do
        snprintf(out, NUMBER_TEXT, "%.*g", digits, value);
    while (digits++ < 17 && strtod(out, NULL) != value);
    uselocale(before);
    return true;
}
