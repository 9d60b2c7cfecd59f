/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/session_expiry.h"

#include "core/base/mem.h"
#include "mock/world/session.h"

#include <pthread.h>
#include <time.h>

struct expiry {
    struct sessions *sessions;
    pthread_mutex_t lock; /* never held while the sessions are asked */
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread, is_stopping;
    _Atomic nanos planned; /* changed with the lock */
};

struct expiry *expiry_new(struct sessions *sessions)
{
    struct expiry *expiry = mem_alloc(sizeof *expiry);
    pthread_condattr_t attributes;
    expiry->sessions = sessions;
    pthread_mutex_init(&expiry->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&expiry->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    atomic_init(&expiry->planned, INT64_MAX);
    return expiry;
}

void expiry_free(struct expiry *expiry)
{
    if (!expiry)
        return;
    pthread_mutex_lock(&expiry->lock);
    expiry->is_stopping = true;
    bool has_thread = expiry->has_thread;
    pthread_cond_signal(&expiry->changed);
    pthread_mutex_unlock(&expiry->lock);
    if (has_thread)
        pthread_join(expiry->thread, NULL);
    pthread_cond_destroy(&expiry->changed);
    pthread_mutex_destroy(&expiry->lock);
    mem_free(expiry);
}

/* With the lock. */
static void plan(struct expiry *expiry, nanos at)
{
    if (at < expiry->planned)
        expiry->planned = at;
}

/* With the lock, which it gives away: whoever says something meanwhile finds nothing planned. */
static void expire_now(struct expiry *expiry)
{
    expiry->planned = INT64_MAX;
    pthread_mutex_unlock(&expiry->lock);
    sessions_expire(expiry->sessions);
    nanos next = sessions_next_expiry(expiry->sessions);
    pthread_mutex_lock(&expiry->lock);
    plan(expiry, next);
}

static void *run(void *data)
{
    struct expiry *expiry = data;
    pthread_mutex_lock(&expiry->lock);
    while (!expiry->is_stopping) {
        nanos at = expiry->planned;
        struct timespec until = {.tv_sec = (time_t)(at / NANOS_PER_SECOND),
                                 .tv_nsec = (long)(at % NANOS_PER_SECOND)};
        if (at == INT64_MAX)
            pthread_cond_wait(&expiry->changed, &expiry->lock);
        else if (at > instant_monotonic_now())
            pthread_cond_timedwait(&expiry->changed, &expiry->lock, &until);
        else
            expire_now(expiry);
    }
    pthread_mutex_unlock(&expiry->lock);
    return NULL;
}

void expiry_expect(struct expiry *expiry, nanos at)
{
    if (at >= atomic_load_explicit(&expiry->planned, memory_order_relaxed))
        return;
    pthread_mutex_lock(&expiry->lock);
    plan(expiry, at);
    if (!expiry->has_thread && !expiry->is_stopping)
        expiry->has_thread = !pthread_create(&expiry->thread, NULL, run, expiry);
    pthread_cond_signal(&expiry->changed);
    pthread_mutex_unlock(&expiry->lock);
}
