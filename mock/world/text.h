/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A counted, immutable text (mostly JSON). The count is atomic, so a reader may take a reference
 * under a world's lock and print the bytes after unlocking, whatever happens to the resource. The
 * journal refers to the same texts.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    _Atomic uint32_t references;
    uint32_t len; /* bytes, without the end */
    char bytes[]; /* terminated */
};

struct text *text_new(const char *bytes, size_t len); /* a copy; the caller holds one reference */
struct text *text_blank(size_t len);                  /* to be filled before anybody sees it */
struct text *text_copy(const char *terminated);       /* NULL gives NULL */
struct text *text_ref(struct text *text);             /* NULL is fine; returns its argument */
void text_unref(struct text *text);                   /* NULL is fine */
size_t text_memory(const struct text *text);          /* bytes of heap; 0 for NULL */
