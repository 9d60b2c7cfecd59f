/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/time_form.h"

#include "core/base/str.h"

#include <stdio.h>
#include <string.h>

const char *const time_form_names[] = {"rfc3339",        "rfc3339-millis", "rfc3339-micros",
                                       "rfc3339-offset", "naive-micros",   "unix",
                                       "unix-millis",    "http",           NULL};

bool time_form_find(const char *name, enum time_form *form)
{
    for (int i = 0; name && time_form_names[i]; i++) {
        if (text_is(name, time_form_names[i])) {
            *form = (enum time_form)i;
            return true;
        }
    }
    return false;
}

/* Downwards, also before 1970. */
static int64_t divide(nanos instant, nanos by)
{
    return instant / by - (instant % by < 0);
}

cJSON *time_form_node(enum time_form form, nanos instant, struct arena *arena)
{
    char text[INSTANT_TEXT];
    switch (form) {
    case TIME_UNIX:
        return tree_integer(arena, divide(instant, NANOS_PER_SECOND));
    case TIME_UNIX_MILLIS:
        return tree_integer(arena, divide(instant, NANOS_PER_MS));
    case TIME_HTTP:
        instant_http_date(instant, text);
        break;
    case TIME_NAIVE_MICROS:
        instant_naive(instant, 6, text);
        break;
    case TIME_RFC3339_OFFSET:
        instant_naive(instant, 0, text);
        memcpy(text + strlen(text), "+00:00", sizeof "+00:00");
        break;
    case TIME_RFC3339_MILLIS:
        instant_rfc3339(instant, 3, text);
        break;
    case TIME_RFC3339_MICROS:
        instant_rfc3339(instant, 6, text);
        break;
    case TIME_RFC3339:
        instant_rfc3339(instant, 0, text);
        break;
    }
    return tree_string(arena, text);
}

/* A number of `unit`s, exact for integers. */
static int read_number(const cJSON *node, nanos unit, nanos *result)
{
    int64_t whole;
    if (tree_as_int64(node, &whole))
        return __builtin_mul_overflow(whole, unit, result) ? -1 : 0;
    double value = node->valuedouble * (double)unit;
    if (!(value > -9.2e18 && value < 9.2e18))
        return -1;
    *result = (nanos)value;
    return 0;
}

/*
 * RFC 9110's preferred form, "Sun, 06 Nov 1994 08:49:37 GMT": its fields stand at fixed places, so
 * they are put where RFC 3339 has them, whose reader checks them.
 */
static int read_http_date(const char *text, nanos *instant)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char rfc3339[INSTANT_TEXT];
    if (strlen(text) != 29 || text[3] != ',' || strcmp(text + 25, " GMT") != 0)
        return -1;
    for (int month = 0; month < 12; month++) {
        if (strncmp(text + 8, months + (size_t)3 * (size_t)month, 3) != 0)
            continue;
        snprintf(rfc3339, sizeof rfc3339, "%.4s-%02d-%.2sT%.8sZ", text + 12, month + 1, text + 5,
                 text + 17);
        return instant_parse(rfc3339, false, instant);
    }
    return -1;
}

int time_form_read(enum time_form form, const cJSON *node, nanos *instant)
{
    if (cJSON_IsNumber(node))
        return read_number(node, form == TIME_UNIX_MILLIS ? NANOS_PER_MS : NANOS_PER_SECOND,
                           instant);
    const char *text = tree_text(node);
    if (!text)
        return -1;
    return instant_parse(text, true, instant) == 0 ? 0 : read_http_date(text, instant);
}

int duration_read(const cJSON *node, nanos *duration)
{
    if (cJSON_IsNumber(node))
        return read_number(node, NANOS_PER_SECOND, duration);
    const char *text = tree_text(node);
    if (!text)
        return -1;
    bool is_negative = text[0] == '-';
    if (duration_parse(text + is_negative, duration) < 0)
        return -1;
    if (is_negative)
        *duration = -*duration;
    return 0;
}
