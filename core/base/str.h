/* SPDX-License-Identifier: Apache-2.0 */
/* A view of some bytes that others own, and the few questions asked of text everywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr; /* not terminated, may be NULL when len is 0 */
    size_t len;
};

#define STR_LITERAL(text) ((struct str){(text), sizeof(text) - 1})

static inline struct str str_from(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *text);
static inline bool text_is(const char *a, const char *b) /* NULL equals only NULL */
{
    return a == b || (a && b && a[0] == b[0] && strcmp(a, b) == 0);
}
enum { TEXT_DIGITS = 21 }; /* of a uint64_t, the end included */
/* In decimal digits, at the end of the room: where they begin. */
char *text_of_number(uint64_t number, char room[static TEXT_DIGITS]);
bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);
bool text_same_letters(const char *a, const char *b); /* text_is_any_case() in full */

/* ASCII letters only. Most names differ at once, in more than the bit that tells a's case. */
static inline bool text_is_any_case(const char *a, const char *b)
{
    return !((*a ^ *b) & ~0x20) && text_same_letters(a, b);
}

/*
 * The candidate that a person most likely meant, or NULL when none is near (edit distance at most
 * a third of the length). `next` gives one candidate a call and NULL at the end.
 */
const char *text_nearest(const char *text, const char *(*next)(void *state), void *state);
/* The same over an array of `count` texts. */
const char *text_nearest_of(const char *text, const char *const *candidates, size_t count);
