/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/strbuf.h"

#include "core/base/mem.h"
#include "core/base/str.h"

#include <stdio.h>
#include <string.h>

char strbuf_empty[1];

void strbuf_init(struct strbuf *text, size_t max)
{
    *text = (struct strbuf)STRBUF_INIT(max);
}

void strbuf_init_spilling(struct strbuf *text, size_t max,
                          void (*spill)(void *data, const char *bytes, size_t len), void *data)
{
    strbuf_init(text, max);
    text->spill = spill;
    text->spill_data = data;
}

void strbuf_flush(struct strbuf *text)
{
    if (text->len)
        text->spill(text->spill_data, text->buf, text->len);
    strbuf_clear(text);
}

void strbuf_release(struct strbuf *text)
{
    if (text->cap && !text->is_lent)
        mem_free(text->buf);
    strbuf_init(text, text->max);
}

void strbuf_clear(struct strbuf *text)
{
    text->len = 0;
    text->overflowed = false;
    if (text->cap)
        text->buf[0] = '\0';
}

/* Makes room for `more` bytes and the end; false when the cap forbids it. */
static bool make_room(struct strbuf *text, size_t more)
{
    if (text->overflowed || more > text->max - text->len) {
        text->overflowed = true;
        return false;
    }
    size_t needed = text->len + more + 1;
    if (needed > text->cap) {
        size_t cap = text->cap ? text->cap * 2 : 64;
        while (cap < needed)
            cap *= 2;
        if (cap - 1 > text->max)
            cap = text->max + 1; /* what fits in is within the limit, without asking */
        char *larger = mem_realloc(text->cap && !text->is_lent ? text->buf : NULL, cap);
        if (text->is_lent)
            memcpy(larger, text->buf, text->len + 1);
        text->buf = larger;
        text->cap = cap;
        text->is_lent = false;
    }
    return true;
}

void strbuf_grow_and_add(struct strbuf *text, const void *bytes, size_t len)
{
    if (text->spill && len > text->max - text->len) {
        strbuf_flush(text);
        if (len > text->max) {
            text->spill(text->spill_data, bytes, len);
            return;
        }
    }
    if (!len || !make_room(text, len))
        return;
    memcpy(text->buf + text->len, bytes, len);
    text->len += len;
    text->buf[text->len] = '\0';
}

void strbuf_reserve(struct strbuf *text, size_t more)
{
    if (more <= text->max - text->len)
        make_room(text, more);
}

void strbuf_add_number(struct strbuf *text, unsigned long long number)
{
    char digits[TEXT_DIGITS];
    strbuf_adds(text, text_of_number(number, digits));
}

/* What does not fit in any more. */
__attribute__((format(printf, 2, 0))) static void
add_formatted(struct strbuf *text, const char *format, va_list args, size_t len)
{
    char *whole = mem_alloc(len + 1);
    vsnprintf(whole, len + 1, format, args);
    strbuf_grow_and_add(text, whole, len);
    mem_free(whole);
}

void strbuf_vaddf(struct strbuf *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (text->spill && len > 0 && (size_t)len > text->max - text->len) {
        add_formatted(text, format, args, (size_t)len);
        return;
    }
    if (len <= 0 || !make_room(text, (size_t)len))
        return;
    vsnprintf(text->buf + text->len, (size_t)len + 1, format, args);
    text->len += (size_t)len;
}

void strbuf_addf(struct strbuf *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vaddf(text, format, args);
    va_end(args);
}

char *strbuf_detach(struct strbuf *text, size_t *len)
{
    char *buf = text->cap && !text->is_lent ? text->buf : mem_strndup(text->buf, text->len);
    if (len)
        *len = text->len;
    strbuf_init(text, text->max);
    return buf;
}
