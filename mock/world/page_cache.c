/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/page_cache.h"

#include "core/base/mem.h"
#include "core/base/str.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct page_entry {
    struct page_key key; /* its texts are the entry's own */
    struct text *body;   /* a reference; NULL: the entry is free */
};

struct page_cache {
    pthread_mutex_t lock;
    struct page_entry *entries; /* NULL before the first page */
    size_t next;                /* to be replaced */
    _Atomic size_t bytes;
};

struct page_cache *page_cache_new(void)
{
    struct page_cache *cache = mem_alloc(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void release(struct page_entry *entry)
{
    mem_free((char *)entry->key.host);
    mem_free((char *)entry->key.target);
    text_unref(entry->body);
}

void page_cache_free(struct page_cache *cache)
{
    for (size_t i = 0; cache->entries && i < PAGE_CACHE_ENTRIES; i++)
        release(&cache->entries[i]);
    mem_free(cache->entries);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

static size_t entry_bytes(const struct page_entry *entry)
{
    if (!entry->body)
        return 0;
    return text_memory(entry->body) + strlen(entry->key.target) + 32 +
           (entry->key.host ? strlen(entry->key.host) + 32 : 0);
}

size_t page_cache_bytes(const struct page_cache *cache)
{
    return atomic_load_explicit(&cache->bytes, memory_order_relaxed);
}

static bool is_same_question(const struct page_key *a, const struct page_key *b)
{
    return a->list == b->list && a->is_tls == b->is_tls && text_is(a->target, b->target) &&
           (a->host && b->host ? text_is(a->host, b->host) : a->host == b->host);
}

static struct page_entry *look_up(struct page_cache *cache, const struct page_key *key)
{
    for (size_t i = 0; cache->entries && i < PAGE_CACHE_ENTRIES; i++)
        if (cache->entries[i].body && is_same_question(&cache->entries[i].key, key))
            return &cache->entries[i];
    return NULL;
}

struct text *page_cache_find(struct page_cache *cache, const struct page_key *key)
{
    struct text *body = NULL;
    pthread_mutex_lock(&cache->lock);
    const struct page_entry *entry = look_up(cache, key);
    if (entry && entry->key.sequence == key->sequence)
        body = text_ref(entry->body);
    pthread_mutex_unlock(&cache->lock);
    return body;
}

void page_cache_put(struct page_cache *cache, const struct page_key *key, struct text *body)
{
    if (body->len > PAGE_CACHE_TEXT)
        return;
    struct page_entry entry = {*key, text_ref(body)};
    entry.key.target = mem_strdup(key->target);
    entry.key.host = key->host ? mem_strdup(key->host) : NULL;
    pthread_mutex_lock(&cache->lock);
    if (!cache->entries) {
        cache->entries = mem_alloc(PAGE_CACHE_ENTRIES * sizeof *cache->entries);
        cache->bytes = PAGE_CACHE_ENTRIES * sizeof *cache->entries;
    }
    struct page_entry *place = look_up(cache, key);
    if (!place)
        place = &cache->entries[cache->next++ % PAGE_CACHE_ENTRIES];
    struct page_entry old = *place;
    *place = entry;
    atomic_fetch_add(&cache->bytes, entry_bytes(&entry) - entry_bytes(&old));
    pthread_mutex_unlock(&cache->lock);
    release(&old);
}
