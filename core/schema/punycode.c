/* SPDX-License-Identifier: Apache-2.0 */
/* Punycode (RFC 3492 section 6), read and measured. */
#include "core/schema/formats.h"

enum {
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    FIRST_BIAS = 72,
    FIRST_POINT = 128
};

static uint32_t adapt(uint32_t delta, uint32_t count, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / count;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

/* Letters count from 0, digits from 26; BASE for anything else. */
static uint32_t digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 26;
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') : BASE;
}

/* A generalised integer of variable length; false when it is none. */
static bool take_delta(const char **text, const char *end, uint32_t bias, uint32_t *delta)
{
    uint64_t weight = 1, value = 0;

    for (uint32_t k = BASE;; k += BASE) {
        uint32_t digit = *text < end ? digit_value(*(*text)++) : BASE;
        uint32_t t = threshold(k, bias);

        value += digit * weight;
        if (digit == BASE || value > UINT32_MAX)
            return false;
        if (digit < t) {
            *delta = (uint32_t)value;
            return true;
        }
        weight *= BASE - t;
        if (weight > UINT32_MAX)
            return false;
    }
}

bool punycode_read(const char *text, size_t len, uint32_t *points, size_t max, size_t *count)
{
    const char *end = text + len, *dash = NULL;
    uint32_t n = FIRST_POINT, i = 0, bias = FIRST_BIAS, delta;

    for (const char *c = text; c < end; c++)
        if (*c == '-')
            dash = c;
    *count = 0;
    for (const char *c = text; dash && c < dash && *count < max; c++)
        points[(*count)++] = (uint32_t)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    text = dash ? dash + 1 : text;
    if (text == end || dash == end - len)
        return false;
    while (text < end) {
        uint32_t size = (uint32_t)*count + 1;

        if (*count == max || !take_delta(&text, end, bias, &delta))
            return false;
        bias = adapt(delta, size, i == 0 && n == FIRST_POINT);
        n += (uint32_t)(((uint64_t)i + delta) / size);
        i = (uint32_t)(((uint64_t)i + delta) % size);
        if (n > 0x10ffff)
            return false;
        memmove(points + i + 1, points + i, (*count - i) * sizeof *points);
        points[i++] = n;
        (*count)++;
    }
    return true;
}

static size_t delta_digits(uint32_t delta, uint32_t bias)
{
    size_t digits = 1;

    for (uint32_t k = BASE;; k += BASE, digits++) {
        uint32_t t = threshold(k, bias);

        if (delta < t)
            return digits;
        delta = (delta - t) / (BASE - t);
    }
}

static uint32_t next_point(const uint32_t *points, size_t count, uint32_t from)
{
    uint32_t least = UINT32_MAX;

    for (size_t i = 0; i < count; i++)
        if (points[i] >= from && points[i] < least)
            least = points[i];
    return least;
}

size_t punycode_length(const uint32_t *points, size_t count)
{
    uint32_t n = FIRST_POINT, delta = 0, bias = FIRST_BIAS;
    size_t done = 0, basic, length;

    for (size_t i = 0; i < count; i++)
        done += points[i] < 0x80;
    basic = done;
    length = 4 + basic + (basic > 0);
    while (done < count) {
        uint32_t next = next_point(points, count, n);

        delta += (next - n) * ((uint32_t)done + 1);
        n = next;
        for (size_t i = 0; i < count; i++) {
            delta += points[i] < n;
            if (points[i] != n)
                continue;
            length += delta_digits(delta, bias);
            bias = adapt(delta, (uint32_t)done + 1, done == basic);
            delta = 0;
            done++;
        }
        delta++;
        n++;
    }
    return length;
}
