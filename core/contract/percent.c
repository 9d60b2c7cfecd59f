/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/percent.h"

#include "core/data/utf8.h"

#include <stdint.h>
#include <string.h>

enum { DECODE_ROUNDS = 8 };

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte at `*at`, which is moved on. */
static unsigned char next_byte(const char **at, const char *end, bool plus_is_blank)
{
    const char *here = (*at)++;
    if (*here == '+' && plus_is_blank)
        return ' ';
    if (*here != '%' || end - here < 3)
        return (unsigned char)*here;
    int high = hex_value(here[1]), low = hex_value(here[2]);
    if (high < 0 || low < 0)
        return '%';
    *at = here + 3;
    return (unsigned char)(high << 4 | low);
}

/* Bytes to the text of trees: valid UTF-8, U+0000 as C0 80. */
static const char *repair_text(struct arena *arena, const char *bytes, size_t len)
{
    char *out = arena_alloc(arena, 3 * len + 1);
    size_t count = 0;
    for (size_t i = 0; i < len;) {
        size_t length = utf8_length(bytes + i, bytes + len);
        if (!length || !bytes[i]) {
            bool is_zero = !bytes[i];
            memcpy(out + count, is_zero ? "\xc0\x80" : "\xef\xbf\xbd", is_zero ? 2 : 3);
            count += is_zero ? 2 : 3;
            i++;
            continue;
        }
        memcpy(out + count, bytes + i, length);
        count += length;
        i += length;
    }
    out[count] = '\0';
    return out;
}

static bool is_plain_ascii(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!bytes[i] || (unsigned char)bytes[i] >= 0x80)
            return false;
    return true;
}

/* Nothing to decode or to repair in it: most names and ids. */
static bool is_literal(struct str text, bool plus_is_blank)
{
    const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
    size_t i = 0;
    for (uint64_t word; i + sizeof word <= text.len; i += sizeof word) {
        memcpy(&word, text.ptr + i, sizeof word);
        uint64_t percent = word ^ ones * '%', plus = plus_is_blank ? word ^ ones * '+' : ones;
        /* a byte that is zero in one of them, or not ASCII: seen surely, if not by its place */
        if (((word - ones) | (percent - ones) | (plus - ones) | word) & tops)
            break;
    }
    for (; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (!c || c >= 0x80 || c == '%' || (c == '+' && plus_is_blank))
            return false;
    }
    return true;
}

const char *percent_decode(struct arena *arena, struct str text, bool plus_is_blank)
{
    if (!text.len)
        return "";
    if (is_literal(text, plus_is_blank))
        return arena_strndup(arena, text.ptr, text.len);
    char *out = arena_alloc(arena, text.len + 1);
    const char *at = text.ptr, *end = text.ptr + text.len;
    size_t len = 0;
    while (at < end)
        out[len++] = (char)next_byte(&at, end, plus_is_blank);
    out[len] = '\0';
    return is_plain_ascii(out, len) ? out : repair_text(arena, out, len);
}

const char *percent_decode_fully(struct arena *arena, struct str text)
{
    const char *decoded = percent_decode(arena, text, true);
    for (int round = 1; round < DECODE_ROUNDS && strchr(decoded, '%'); round++) {
        const char *again = percent_decode(arena, str_from(decoded), false);
        if (text_is(again, decoded))
            break;
        decoded = again;
    }
    return decoded;
}

bool percent_equal(struct str encoded, const char *text)
{
    if (!encoded.len)
        return !*text;
    const char *at = encoded.ptr, *end = encoded.ptr + encoded.len;
    for (; at < end && *text; text++)
        if (next_byte(&at, end, false) != (unsigned char)*text)
            return false;
    return at == end && !*text;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

static bool is_kept(const char *at, const char *end, enum percent_keep keep)
{
    if (is_unreserved(*at))
        return true;
    if (keep != PERCENT_RESERVED || !*at)
        return false;
    if (*at == '%')
        return end - at >= 3 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0;
    return strchr(":/?#[]@!$&'()*+,;=", *at) != NULL;
}

void percent_encode(struct str text, enum percent_keep keep, struct strbuf *out)
{
    if (!text.len)
        return;
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end; at++) {
        const char *plain = at;
        while (at < end && is_kept(at, end, keep))
            at++;
        strbuf_add(out, plain, (size_t)(at - plain));
        if (at == end)
            return;
        if (*at == ' ' && keep == PERCENT_FORM)
            strbuf_addch(out, '+');
        else
            strbuf_addf(out, "%%%02X", (unsigned)(unsigned char)*at);
    }
}
