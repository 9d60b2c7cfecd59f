/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"

#include <strings.h>

enum { LONGEST_NAME = 64 };

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(struct str a, const char *text)
{
    return str_equal(a, str_from(text));
}

char *text_of_number(uint64_t number, char room[static TEXT_DIGITS])
{
    char *at = &room[TEXT_DIGITS - 1];
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return at;
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text), tail = strlen(suffix);
    return len >= tail && memcmp(text + len - tail, suffix, tail) == 0;
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool text_same_letters(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0; /* in the C locale, which nothing here leaves */
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance, case ignored; SIZE_MAX for texts too long to be names. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[LONGEST_NAME + 1], a_len = strlen(a), b_len = strlen(b);
    if (a_len > LONGEST_NAME || b_len > LONGEST_NAME)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t same = lower((unsigned char)a[i - 1]) == lower((unsigned char)b[j - 1]) ? 0 : 1;
            size_t next = smallest(row[j] + 1, row[j - 1] + 1, corner + same);
            corner = row[j];
            row[j] = next;
        }
    }
    return row[b_len];
}

const char *text_nearest(const char *text, const char *(*next)(void *state), void *state)
{
    size_t limit = strlen(text) / 3 + 1, best = SIZE_MAX;
    const char *nearest = NULL;
    for (const char *candidate = next(state); candidate; candidate = next(state)) {
        size_t distance = edit_distance(text, candidate);
        if (distance <= limit && distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

struct array {
    const char *const *texts;
    size_t count;
};

static const char *next_of_array(void *state)
{
    struct array *array = state;
    if (!array->count)
        return NULL;
    array->count--;
    return *array->texts++;
}

const char *text_nearest_of(const char *text, const char *const *candidates, size_t count)
{
    struct array array = {candidates, count};
    return text_nearest(text, next_of_array, &array);
}
