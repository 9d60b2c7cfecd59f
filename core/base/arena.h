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

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);  /* runs deferred calls, last first; NULL is fine */
void arena_reset(struct arena *arena); /* as freed and made anew, but keeps a block */

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
void *arena_copy(struct arena *arena, const void *bytes, size_t size); /* not terminated */
char *arena_strdup(struct arena *arena, const char *text);             /* NULL gives NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_join(struct arena *arena, const char *const *texts,
                 size_t count); /* one behind the other */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Calls `fn(data)` when the arena is freed or reset: foreign handles join an arena this way. */
void arena_defer(struct arena *arena, void (*fn)(void *), void *data);

size_t arena_bytes(const struct arena *arena); /* what was asked for so far, in bytes */
