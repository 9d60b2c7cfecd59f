/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heap memory that never comes back NULL: out of memory ends the program with one line, for a
 * test tool has no better answer (worlds count their bytes and refuse long before). The rest of
 * the program takes memory from an arena; only objects that live and die on their own use this.
 */
#pragma once

#include <stddef.h>

/*
 * For a server of many threads: few heaps that grow in large steps and are not given back at once.
 * To be called before the first thread.
 */
void mem_tune(void);
void *mem_alloc(size_t size);              /* zeroed */
void *mem_realloc(void *old, size_t size); /* what is added is not zeroed */
char *mem_strdup(const char *text);        /* NULL gives NULL */
char *mem_strndup(const char *text, size_t len);
void mem_free(void *memory); /* NULL is fine */
