/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/mem.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE                                                                        \
    23 /* since Linux 5.14; refused before, and the pages come one by one                          \
        */
#endif

static _Atomic uintptr_t furnished; /* the heap has its pages up to here */

/*
 * The heap has grown: all its new pages at once cost a third of what they cost as so many faults,
 * each in the middle of a request and mostly under a session's lock.
 */
static void furnish_heap(uintptr_t block)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = atomic_load(&furnished), top = (uintptr_t)sbrk(0);
    if (block >= top)
        return; /* it is a mapping of its own */
    from = ((from ? from : block) + page - 1) & ~(page - 1);
    if (from < top)
        madvise((void *)from, top - from, MADV_POPULATE_WRITE); // NOLINT(performance-no-int-to-ptr)
    atomic_store(&furnished, top);
}

static void *or_die(void *memory)
{
    if (!memory) {
        fputs("dryrun: out of memory\n", stderr);
        abort();
    }
    if ((uintptr_t)memory >= atomic_load_explicit(&furnished, memory_order_relaxed))
        furnish_heap((uintptr_t)memory);
    return memory;
}

void *mem_alloc(size_t size)
{
    return or_die(calloc(1, size ? size : 1));
}

void *mem_realloc(void *old, size_t size)
{
    return or_die(realloc(old, size ? size : 1));
}

char *mem_strdup(const char *text)
{
    return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t len)
{
    char *copy = or_die(malloc(len + 1));
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

/*
 * One heap: the others of glibc grow by a few pages at a time, with a system call for each, which
 * costs more than taking turns. Most small blocks come from what a thread keeps for itself anyway.
 */
void mem_tune(void)
{
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
}

void mem_free(void *memory)
{
    free(memory);
}
