/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing string with a mandatory cap. `buf` is never NULL and always terminated at `len`;
 * adding beyond `max` bytes keeps what was there, sets `overflowed` and ignores what follows, so a
 * caller may check once at the end. A text with `spill` gives what it holds away whenever it is
 * full, and begins anew: it has no end, and its caller must not look back.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct strbuf {
    char *buf;
    size_t len, cap, max; /* bytes; cap 0 = buf points at a shared empty string */
    bool overflowed;
    bool is_lent;                                             /* buf is the caller's room */
    void (*spill)(void *data, const char *bytes, size_t len); /* NULL: none */
    void *spill_data;
};

extern char strbuf_empty[];
#define STRBUF_INIT(limit)                                                                         \
    {                                                                                              \
        strbuf_empty, 0, 0, (limit), false, false, NULL, NULL                                      \
    }

/* Every cap has its name here, in bytes. */
enum {
    LIMIT_MESSAGE = 64 * 1024,         /* a line or two for people */
    LIMIT_BODY = 32 * 1024 * 1024,     /* a request body, unless a service says less */
    LIMIT_DOCUMENT = 64 * 1024 * 1024, /* a file we read or a text we print */
    LIMIT_REPORT =
        1024 * 1024 * 1024, /* what one workflow gives to a report, and a report we read */
};

void strbuf_init(struct strbuf *text, size_t max);
/* Begins in room of the caller's (a local array, at most `max` bytes) and moves when it outgrows
 * it. */
static inline struct strbuf strbuf_over(char *room, size_t size, size_t max)
{
    room[0] = '\0';
    return (struct strbuf){room, 0, size, max, false, true, NULL, NULL};
}
/* At most `max` bytes are held; all that was added goes to `spill` in order, with strbuf_flush the
 * last of it. What is added at once may be longer. */
void strbuf_init_spilling(struct strbuf *text, size_t max,
                          void (*spill)(void *data, const char *bytes, size_t len), void *data);
void strbuf_flush(struct strbuf *text);
void strbuf_release(struct strbuf *text);              /* frees and is empty again */
void strbuf_clear(struct strbuf *text);                /* keeps the memory */
void strbuf_reserve(struct strbuf *text, size_t more); /* one growth instead of many */
void strbuf_grow_and_add(struct strbuf *text, const void *bytes, size_t len) __attribute__((cold));

static inline void strbuf_add(struct strbuf *text, const void *bytes, size_t len)
{
    if (len >= text->cap - text->len || text->overflowed) { /* the end takes a byte, too */
        strbuf_grow_and_add(text, bytes, len);
        return;
    }
    if (len)
        memcpy(text->buf + text->len, bytes, len);
    text->len += len;
    text->buf[text->len] = '\0';
}

void strbuf_add_number(struct strbuf *text, unsigned long long number);

/* Room for `len` bytes at the end, which the caller fills; NULL when the cap forbids it, or where
 * it has to grow first: then strbuf_add does. */
static inline char *strbuf_extend(struct strbuf *text, size_t len)
{
    if (len >= text->cap - text->len || text->overflowed)
        return NULL;
    char *room = text->buf + text->len;
    text->len += len;
    text->buf[text->len] = '\0';
    return room;
}

static inline void strbuf_adds(struct strbuf *text, const char *add)
{
    strbuf_add(text, add, strlen(add));
}

static inline void strbuf_addch(struct strbuf *text, char c)
{
    strbuf_add(text, &c, 1);
}

void strbuf_addf(struct strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *text, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
char *strbuf_detach(struct strbuf *text, size_t *len); /* the caller frees it with mem_free */
