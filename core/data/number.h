/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON's number syntax (RFC 8259 section 6) as exact decimals of any length, read in place: the
 * digits stay in the source text. Magnitudes beyond 10^(10^15) are held to be alike, so that
 * 1e999999999999999999 costs nothing. Nothing here depends on the locale.
 */
#pragma once

#include "core/base/str.h"

#include <stdint.h>

struct number {
    bool negative; /* never for zero */
    struct str
        source;    /* from the first significant digit to the last, maybe with a point between */
    size_t digits; /* significant ones, no zeros on either side; 0 is zero */
    int64_t point; /* value = 0.DIGITS * 10^point */
};

/* How many bytes at the start are a number, 0 when none; `end` bounds the text. */
size_t number_length(const char *text, const char *end);
struct number number_read(const char *text, size_t len); /* the text must be a number */
double number_double(const char *text, size_t len);      /* the nearest double, as strtod */

int number_compare(const struct number *a, const struct number *b); /* -1, 0, 1 */
bool number_is_integer(const struct number *number);
bool number_int64(const struct number *number, int64_t *value);
bool number_is_multiple(const struct number *number, const struct number *of);
uint64_t number_hash(const struct number *number);

enum { NUMBER_TEXT = 40 }; /* bytes for any text that number_print writes, the end included */
/* The shortest text that reads back as the same double; false for infinities and NaN. */
bool number_print(double value, char out[static NUMBER_TEXT]);
