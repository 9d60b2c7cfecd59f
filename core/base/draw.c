/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/draw.h"

#include <string.h>

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Eight bytes, the same on any byte order. */
static uint64_t read_word(const unsigned char *at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t word;
    memcpy(&word, at, sizeof word);
#else
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word |= (uint64_t)at[i] << (8 * i);
#endif
    return word;
}

uint64_t draw_hash(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ (uint64_t)len;
    for (; len >= 8; at += 8, len -= 8)
        hash = mix(hash ^ read_word(at)) + UINT64_C(0x9e3779b97f4a7c15);
    uint64_t tail = 0;
    for (size_t i = 0; i < len; i++)
        tail |= (uint64_t)at[i] << (8 * i);
    return mix(hash ^ tail);
}

uint64_t draw_hash_text(uint64_t seed, const char *text)
{
    return draw_hash(seed, text, strlen(text) + 1);
}

uint64_t draw_hash_word(uint64_t seed, uint64_t word)
{
    return mix(mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ word);
}

struct draw draw_from(uint64_t key)
{
    return (struct draw){key};
}

uint64_t draw_next(struct draw *draw)
{
    draw->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(draw->state);
}

uint64_t draw_below(struct draw *draw, uint64_t limit)
{
    uint64_t skip =
        (0 - limit) % limit; /* 2^64 mod limit: these first values would be drawn twice */
    uint64_t number;
    do
        number = draw_next(draw);
    while (number < skip);
    return number % limit;
}

double draw_unit(struct draw *draw)
{
    return (double)(draw_next(draw) >> 11) * 0x1p-53;
}
