/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/mem.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *memory)
{
    if (!memory) {
        fputs("dryrun: out of memory\n", stderr);
        abort();
    }
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
