/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/utf8.h"

/* RFC 3629 section 4: what the first byte allows for the second, so that nothing is overlong. */
struct lead {
    unsigned char first, last, second_min, second_max;
    size_t length;
};

static const struct lead leads[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

size_t utf8_length(const char *bytes, const char *end)
{
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t i = 0; bytes < end && i < sizeof leads / sizeof *leads; i++) {
        const struct lead *lead = &leads[i];
        if (at[0] < lead->first || at[0] > lead->last)
            continue;
        if ((size_t)(end - bytes) < lead->length)
            return 0;
        if (lead->length > 1 && (at[1] < lead->second_min || at[1] > lead->second_max))
            return 0;
        for (size_t j = 2; j < lead->length; j++)
            if ((at[j] & 0xC0) != 0x80)
                return 0;
        return lead->length;
    }
    return 0;
}

uint32_t utf8_decode(const char **at)
{
    const unsigned char *byte = (const unsigned char *)*at;
    size_t more = byte[0] < 0x80 ? 0 : byte[0] < 0xE0 ? 1 : byte[0] < 0xF0 ? 2 : 3;
    uint32_t code = more == 0 ? byte[0] : byte[0] & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++)
        code = code << 6 | (byte[i] & 0x3Fu);
    *at += more + 1;
    return code;
}

size_t utf8_encode(uint32_t code, char out[static UTF8_MAX])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char marks[] = {0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(marks[more] | code);
    return more + 1;
}

size_t utf8_count(const char *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return count;
}
