/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds the threads: one slot a connection that has one. Where one waits for a head with its
 * thread, because it has said nothing yet or may not rest, it holds the thread for nothing: when
 * the last one is taken, the one idle for longest is shut down, as soon as it has been idle for
 * HTTP_REAP_MS (not to meet a request under way).
 */
#pragma once

#include "core/base/instant.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { HTTP_REAP_MS = 100 };

enum slot_state {
    SLOT_FREE,
    SLOT_IDLE,    /* waits for a head with its thread */
    SLOT_KEPT,    /* behind a request: it soon rests without a thread */
    SLOT_TOLD,    /* idle and shut down by the reaper */
    SLOT_READING, /* a body is being read */
    SLOT_BUSY     /* the handler runs */
};

struct http_slot {
    _Atomic int state;
    _Atomic nanos since; /* monotonic, of the last change to SLOT_IDLE */
    int socket;          /* guarded by the pool's lock: open as long as the slot is taken */
    int next_free;
    _Atomic unsigned long long served; /* requests, by all connections that ever had it */
    char apart[64];                    /* each is written by a thread of its own: not one line */
};

struct http_pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t reaper;
    struct http_slot *slots;
    int count, used, first_free;
    bool ending;
    _Atomic unsigned long long reaped;
};

int pool_init(struct http_pool *pool, int count); /* 0, or -1 when no thread can be started */
void pool_release(struct http_pool *pool);

struct http_slot *pool_take(struct http_pool *pool, int socket);
struct http_slot *pool_find(struct http_pool *pool, int socket); /* taken before, or NULL */
void pool_give(struct http_pool *pool, struct http_slot *slot);
/* The socket of a busy slot is another's from now on; pool_give is still to come. */
void pool_forget(struct http_pool *pool, struct http_slot *slot);

/* A request has come; false when the reaper was quicker: answer, but do not wait for another. */
bool slot_begin(struct http_slot *slot);
void slot_busy(struct http_slot *slot);
void slot_idle(struct http_slot *slot);
void slot_kept(struct http_slot *slot);
void slot_halfway(struct http_slot *slot); /* a head has begun, and is not there */

void slot_served(struct http_slot *slot); /* one request more */

int pool_active(struct http_pool *pool); /* slots reading or busy */
unsigned long long pool_served(struct http_pool *pool);

/* Ends every read of a connection that has no handler running, or every read and write. */
void pool_shutdown_readers(struct http_pool *pool);
void pool_shutdown_all(struct http_pool *pool);
