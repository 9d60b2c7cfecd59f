/* SPDX-License-Identifier: Apache-2.0 */
/* What bytes may stand where in a head. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The characters of methods and field names (RFC 9110 section 5.6.2). */
static inline bool http_is_token_char(char c)
{
    /* a bit a character: none below 0x20; !#$%&'*+-. and digits; letters ^_; `letters|~ */
    static const uint32_t bits[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    unsigned char byte = (unsigned char)c;
    return bits[byte >> 5] >> (byte & 31) & 1;
}

/* Whether one of these eight bytes may be below 0x20 or 0x7f; now and then it says so of bytes that
 * are neither. */
static inline bool http_may_have_control(const char bytes[static 8])
{
    const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    uint64_t deleted = word ^ ones * 0x7f;
    return (((word - ones * 0x20) & ~word) | ((deleted - ones) & ~deleted)) & tops;
}
