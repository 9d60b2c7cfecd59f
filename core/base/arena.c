/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/arena.h"

#include "core/base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SEPARATE 1
#endif
#endif
#ifndef ARENA_SEPARATE
#define ARENA_SEPARATE 0
#endif

enum {
    FIRST_BLOCK = 8192 - 64,
    LARGEST_BLOCK = 256 * 1024,
    KEPT_BLOCK = 64 * 1024,
    LARGE_ARENA = 4 * 1024 * 1024, /* that grows on, as a rule */
    PAGE = 4096,
};

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena_deferred {
    struct arena_deferred *next;
    void (*fn)(void *);
    void *data;
};

static void use_block(struct arena *arena, struct arena_block *block)
{
    arena->blocks = block;
    arena->at = block ? block->bytes : NULL;
    arena->end = block ? block->bytes + block->size : NULL;
}

/* All of its pages in one call: each by itself, when it is first touched, costs three times as
 * much. */
static void touch(void *memory, size_t size)
{
#ifdef MADV_POPULATE_WRITE
    uintptr_t from = ((uintptr_t)memory + PAGE - 1) / PAGE * PAGE;
    uintptr_t to = ((uintptr_t)memory + size) / PAGE * PAGE;
    if (to > from)
        madvise((void *)from, to - from,
                MADV_POPULATE_WRITE); /* an old kernel knows no such advice */
#else
    (void)memory;
    (void)size;
#endif
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = mem_realloc(NULL, sizeof *block + size);
    if (arena->bytes > LARGE_ARENA && size == LARGEST_BLOCK)
        touch(block, sizeof *block + size);
    block->next = arena->blocks;
    block->size = size;
    use_block(arena, block);
    return block;
}

struct arena *arena_new(void)
{
    return mem_alloc(sizeof(struct arena));
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct arena_deferred *first = arena->deferred;
        arena->deferred = first->next;
        first->fn(first->data);
    }
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    struct arena_block *kept =
        NULL; /* the newest that is not too large: what was needed will be again */
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        if (!kept && block->size <= KEPT_BLOCK && !ARENA_SEPARATE)
            kept = block;
        else
            mem_free(block);
    }
    if (kept)
        kept->next = NULL;
    use_block(arena, kept);
    arena->bytes = 0;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    mem_free(arena->blocks);
    mem_free(arena);
}

/* A block for it and for what follows; for it alone where each has to be a block. */
void *arena_take_block(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = (size + align - 1) / align * align;
    if (rounded < size)
        rounded = SIZE_MAX - sizeof(struct arena_block); /* cannot be had: mem_realloc says so */
    arena->bytes += rounded;
    if (ARENA_SEPARATE) {
        struct arena_block *own = add_block(arena, size);
        arena->at = arena->end;
        return own->bytes;
    }
    size_t wanted = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (wanted > LARGEST_BLOCK)
        wanted = LARGEST_BLOCK;
    struct arena_block *block = add_block(arena, rounded > wanted ? rounded : wanted);
    arena->at = block->bytes + rounded;
    return block->bytes;
}

char *arena_join(struct arena *arena, const char *const *texts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += strlen(texts[i]);
    char *joined = arena_take(arena, len + 1), *at = joined;
    for (size_t i = 0; i < count; i++) {
        size_t part = strlen(texts[i]);
        memcpy(at, texts[i], part);
        at += part;
    }
    *at = '\0';
    return joined;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    char room[256]; /* most fit: then it is printed once */
    int len = vsnprintf(room, sizeof room, format, again);
    va_end(again);
    if (len < (int)sizeof room)
        return arena_strndup(arena, room, len < 0 ? 0 : (size_t)len);
    char *text = arena_take(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *data)
{
    struct arena_deferred *one = arena_alloc(arena, sizeof *one);
    one->fn = fn;
    one->data = data;
    one->next = arena->deferred;
    arena->deferred = one;
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->bytes;
}
