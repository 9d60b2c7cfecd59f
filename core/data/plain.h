/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that stand in a JSON text as they are: ASCII, but no quote, backslash or control
 * character. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Eight bytes at once: zero says that all are plain; not zero may be wrong. */
static inline uint64_t find_special(const char *at)
{
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    return ((quote - ones) | (backslash - ones) | (word - ones * 0x20) | word) & tops;
}

/* Up to seven bytes in a word, the rest of it blanks. */
static inline uint64_t plain_word_of(const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t first, last;
    if (len < 4)
        return UINT64_C(0x2020202020000000) | (len ? at[0] : 0x20u) |
               (uint64_t)(len ? at[len / 2] : 0x20u) << 8 |
               (uint64_t)(len ? at[len - 1] : 0x20u) << 16;
    memcpy(&first, at, 4);
    memcpy(&last, at + len - 4, 4);
    return first | (uint64_t)last << 32;
}

/* Plain from end to end, which nearly all texts are. False may be wrong, true never is. */
static inline bool is_all_plain(const char *text, size_t len)
{
    if (len < 8) {
        uint64_t word = plain_word_of(text, len);
        return !find_special((const char *)&word);
    }
    uint64_t found = find_special(text + len - 8);
    for (size_t at = 0; at + 8 < len; at += 8)
        found |= find_special(text + at);
    return !found;
}

/* How many plain bytes there are before the first other one, or the end. */
static inline size_t plain_length(const char *text, size_t len)
{
    size_t at = 0;
    uint64_t found = 0;
    while (len - at >= 8 && !(found = find_special(text + at)))
        at += 8;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (found) /* right for the first one: what is borrowed is so from there on */
        return at + (size_t)__builtin_ctzll(found) / 8;
#endif
    while (at < len && is_plain(text[at]))
        at++;
    return at;
}
