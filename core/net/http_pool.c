/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_pool.h"

#include "core/base/mem.h"

#include <sys/socket.h>
#include <time.h>

static struct http_slot *find_longest_idle(struct http_pool *pool, bool *reaping)
{
    struct http_slot *longest = NULL;
    *reaping = false;
    for (int i = 0; i < pool->count; i++) {
        struct http_slot *slot = &pool->slots[i];
        int state = atomic_load(&slot->state);
        if (state == SLOT_TOLD)
            *reaping = true;
        if (state == SLOT_IDLE &&
            (!longest || atomic_load(&slot->since) < atomic_load(&longest->since)))
            longest = slot;
    }
    return longest;
}

static bool says_something(int socket)
{
    char byte;
    return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Shuts one connection down if that is due; returns when to look again, in nanoseconds from now. */
static nanos reap(struct http_pool *pool)
{
    bool reaping;
    struct http_slot *longest = find_longest_idle(pool, &reaping);
    if (reaping || !longest)
        return HTTP_REAP_MS / 10 * NANOS_PER_MS;
    nanos left =
        atomic_load(&longest->since) + HTTP_REAP_MS * NANOS_PER_MS - instant_monotonic_now();
    if (left > 0)
        return left;
    int idle = SLOT_IDLE;
    if (says_something(longest->socket)) { /* whoever serves it has not come to it yet */
        atomic_store(&longest->since, instant_monotonic_now());
        return NANOS_PER_MS;
    }
    if (atomic_compare_exchange_strong(&longest->state, &idle, SLOT_TOLD)) {
        shutdown(longest->socket, SHUT_RD);
        atomic_fetch_add(&pool->reaped, 1);
    }
    return NANOS_PER_MS;
}

static void *run_reaper(void *data)
{
    struct http_pool *pool = data;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ending) {
        if (pool->used < pool->count) {
            pthread_cond_wait(&pool->changed, &pool->lock);
            continue;
        }
        nanos until = instant_monotonic_now() + reap(pool);
        struct timespec deadline = {.tv_sec = until / NANOS_PER_SECOND,
                                    .tv_nsec = until % NANOS_PER_SECOND};
        pthread_cond_timedwait(&pool->changed, &pool->lock, &deadline);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

int pool_init(struct http_pool *pool, int count)
{
    *pool = (struct http_pool){.count = count};
    pool->slots = mem_alloc((size_t)count * sizeof *pool->slots);
    for (int i = 0; i < count; i++)
        pool->slots[i].next_free = i + 1;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (!pthread_create(&pool->reaper, NULL, run_reaper, pool))
        return 0;
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->slots);
    return -1;
}

void pool_release(struct http_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    pthread_join(pool->reaper, NULL);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->slots);
}

struct http_slot *pool_take(struct http_pool *pool, int socket)
{
    struct http_slot *slot = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->first_free < pool->count) {
        slot = &pool->slots[pool->first_free];
        pool->first_free = slot->next_free;
        slot->socket = socket;
        atomic_store(&slot->since, instant_monotonic_now());
        atomic_store(&slot->state, SLOT_IDLE);
        if (++pool->used == pool->count)
            pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return slot;
}

struct http_slot *pool_find(struct http_pool *pool, int socket)
{
    struct http_slot *found = NULL;
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count && !found; i++)
        if (atomic_load(&pool->slots[i].state) != SLOT_FREE && pool->slots[i].socket == socket)
            found = &pool->slots[i];
    pthread_mutex_unlock(&pool->lock);
    return found;
}

void pool_give(struct http_pool *pool, struct http_slot *slot)
{
    pthread_mutex_lock(&pool->lock);
    atomic_store(&slot->state, SLOT_FREE);
    slot->socket = -1;
    slot->next_free = pool->first_free;
    pool->first_free = (int)(slot - pool->slots);
    pool->used--;
    pthread_mutex_unlock(&pool->lock);
}

void pool_forget(struct http_pool *pool, struct http_slot *slot)
{
    pthread_mutex_lock(&pool->lock);
    slot->socket = -1;
    pthread_mutex_unlock(&pool->lock);
}

bool slot_begin(struct http_slot *slot)
{
    return atomic_exchange(&slot->state, SLOT_READING) != SLOT_TOLD;
}

void slot_busy(struct http_slot *slot)
{
    atomic_store(&slot->state, SLOT_BUSY);
}

void slot_idle(struct http_slot *slot)
{
    atomic_store_explicit(&slot->since, instant_monotonic_tick(), memory_order_relaxed);
    atomic_store(&slot->state, SLOT_IDLE);
}

void slot_served(struct http_slot *slot)
{
    /* nobody else writes it */
    unsigned long long before = atomic_load_explicit(&slot->served, memory_order_relaxed);
    atomic_store_explicit(&slot->served, before + 1, memory_order_relaxed);
}

/* Asked for seldom: counting them as they come and go would cost each request two turns at a line
 * that all processors write. */
int pool_active(struct http_pool *pool)
{
    int active = 0;
    for (int i = 0; i < pool->count; i++) {
        int state = atomic_load(&pool->slots[i].state);
        active += state == SLOT_READING || state == SLOT_BUSY;
    }
    return active;
}

unsigned long long pool_served(struct http_pool *pool)
{
    unsigned long long served = 0;
    for (int i = 0; i < pool->count; i++)
        served += atomic_load_explicit(&pool->slots[i].served, memory_order_relaxed);
    return served;
}

void slot_kept(struct http_slot *slot)
{
    atomic_store(&slot->state, SLOT_KEPT);
}

void slot_halfway(struct http_slot *slot)
{
    int kept = SLOT_KEPT;
    atomic_store(&slot->since, instant_monotonic_now());
    atomic_compare_exchange_strong(&slot->state, &kept, SLOT_IDLE);
}

static void shut_down(struct http_pool *pool, bool also_busy, int how)
{
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++) {
        int state = atomic_load(&pool->slots[i].state);
        if (state != SLOT_FREE && (also_busy || state != SLOT_BUSY))
            shutdown(pool->slots[i].socket, how);
    }
    pthread_mutex_unlock(&pool->lock);
}

void pool_shutdown_readers(struct http_pool *pool)
{
    shut_down(pool, false, SHUT_RD);
}

void pool_shutdown_all(struct http_pool *pool)
{
    shut_down(pool, true, SHUT_RDWR);
}
