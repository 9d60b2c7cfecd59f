/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printed pages of lists, kept while nothing in the world's store has changed: clients poll lists
 * far more often than these change. Bounded; any change makes all of them old. Has a lock of its
 * own, taken with or without the world's.
 */
#pragma once

#include "mock/world/text.h"

#include <stdbool.h>

struct page_cache;

enum {
    PAGE_CACHE_ENTRIES = 64,
    PAGE_CACHE_TEXT = 64 * 1024, /* bytes of the largest page that is kept */
};

/* What was asked: all of it must be the same. Copied when it is kept. */
struct page_key {
    const void *list;   /* whose page; compared, never followed */
    const char *target; /* path and query */
    const char *host;   /* pages may hold absolute URLs; may be NULL */
    bool is_tls;        /* likewise */
    uint32_t sequence;  /* of the store when the page is, or was, made */
};

struct page_cache *page_cache_new(void);
size_t page_cache_bytes(const struct page_cache *cache); /* without any lock */
void page_cache_free(struct page_cache *cache);
/* The whole body, a reference; NULL: it is not there, or something has changed since. */
struct text *page_cache_find(struct page_cache *cache, const struct page_key *key);
/* Replaces the page of another sequence, else the oldest place. Too large a body is not kept. */
void page_cache_put(struct page_cache *cache, const struct page_key *key, struct text *body);
