/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory with a lifetime. Everything allocated from an arena goes when the arena is freed or
 * reset; nothing is freed alone. Three lifetimes are in use: provider (load to reload), exchange
 * (one request) and run (one scenario). Not thread-safe: an arena belongs to one thread at a time.
 * Under AddressSanitizer every allocation is a block of its own, so that overruns are caught.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* Its members are for the functions below, which are here because they are called so often. */
struct arena {
    unsigned char *at, *end; /* what is free of the newest block */
    size_t bytes;
    struct arena_block *blocks; /* the newest first */
    struct arena_deferred *deferred;
};

struct arena *arena_new(void);
void arena_free(struct arena *arena);  /* runs deferred calls, last first; NULL is fine */
void arena_reset(struct arena *arena); /* as freed and made anew, but keeps a block */

void *arena_take_block(struct arena *arena, size_t size) __attribute__((cold));

/* Not zeroed, aligned for any type. */
static inline void *arena_take(struct arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    size_t rounded = (size + align - 1) / align * align;
    if (rounded < size || rounded >= (size_t)(arena->end - arena->at))
        return arena_take_block(arena, size);
    void *memory = arena->at;
    arena->at += rounded;
    arena->bytes += rounded;
    return memory;
}

/* Zeroed. */
static inline void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

/* Not terminated. */
static inline void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *memory = arena_take(arena, size);
    return size ? memcpy(memory, bytes, size) : memory;
}

static inline char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_take(arena, len + 1);
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static inline char *arena_strdup(struct arena *arena, const char *text) /* NULL gives NULL */
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_join(struct arena *arena, const char *const *texts,
                 size_t count); /* one behind the other */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Calls `fn(data)` when the arena is freed or reset: foreign handles join an arena this way. */
void arena_defer(struct arena *arena, void (*fn)(void *), void *data);

size_t arena_bytes(const struct arena *arena); /* what was asked for so far, in bytes */
