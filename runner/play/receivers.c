/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/receivers.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/net/http_server.h"

#include <pthread.h>
#include <time.h>

enum { THREADS = 8, KEPT_MAX = 10000 };

/* The HTTP library counts its servers without a lock, and with -j each thread may start one. */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

struct kept {
    struct arena *arena; /* of this call alone */
    const char *path;
    struct delivery delivery;
};

struct receivers {
    struct http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct {
        VEC(struct kept);
    } calls; /* under the lock; oldest first */
};

static void copy_call(struct arena *arena, const struct http_request *request, struct delivery *out)
{
    struct header_field *fields = arena_alloc(arena, (request->header_count + 1) * sizeof *fields);
    for (size_t i = 0; i < request->header_count; i++)
        fields[i] = (struct header_field){arena_strdup(arena, request->headers[i].name),
                                          arena_strdup(arena, request->headers[i].value)};
    *out = (struct delivery){
        .method = arena_strdup(arena, request->method),
        .query = arena_strdup(arena, request->query ? request->query : ""),
        .headers = {fields, request->header_count},
        .body = {arena_strndup(arena, request->body, request->body_len), request->body_len}};
}

static void answer(struct http_exchange *exchange, void *data)
{
    struct receivers *receivers = data;
    const struct http_request *request = http_exchange_request(exchange);
    struct kept kept = {.arena = arena_new()};
    struct http_response response;
    kept.path = arena_strdup(kept.arena, request->path);
    copy_call(kept.arena, request, &kept.delivery);
    pthread_mutex_lock(&receivers->lock);
    bool is_full = receivers->calls.count >= KEPT_MAX;
    if (!is_full)
        vec_push(&receivers->calls, kept);
    pthread_cond_broadcast(&receivers->came);
    pthread_mutex_unlock(&receivers->lock);
    if (is_full)
        arena_free(kept.arena);
    http_response_init(&response, is_full ? 503 : 200);
    http_respond(exchange, &response);
    http_response_release(&response);
}

struct receivers *receivers_new(struct error *err)
{
    struct receivers *receivers = mem_alloc(sizeof *receivers);
    struct http_options options = {.threads = THREADS, .handle = answer, .data = receivers};
    pthread_condattr_t attributes;
    *receivers = (struct receivers){0};
    pthread_mutex_init(&receivers->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&receivers->came, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_lock(&starting);
    receivers->server = http_server_start(&options, err);
    pthread_mutex_unlock(&starting);
    if (receivers->server)
        return receivers;
    receivers_free(receivers);
    return NULL;
}

void receivers_free(struct receivers *receivers)
{
    if (!receivers)
        return;
    pthread_mutex_lock(&starting);
    if (receivers->server)
        http_server_stop(receivers->server);
    pthread_mutex_unlock(&starting);
    for (size_t i = 0; i < receivers->calls.count; i++)
        arena_free(receivers->calls.items[i].arena);
    vec_free(&receivers->calls);
    pthread_cond_destroy(&receivers->came);
    pthread_mutex_destroy(&receivers->lock);
    mem_free(receivers);
}

const char *receivers_url(const struct receivers *receivers)
{
    return http_server_url(receivers->server);
}

static void free_call(void *arena)
{
    arena_free(arena);
}

/* Under the lock. */
static bool take_now(struct receivers *receivers, const char *path, struct kept *out)
{
    for (size_t i = 0; i < receivers->calls.count; i++) {
        if (!text_is(receivers->calls.items[i].path, path))
            continue;
        *out = receivers->calls.items[i];
        receivers->calls.count--;
        memmove(receivers->calls.items + i, receivers->calls.items + i + 1,
                (receivers->calls.count - i) * sizeof *receivers->calls.items);
        return true;
    }
    return false;
}

bool receivers_take(struct receivers *receivers, const char *path, nanos wait, struct arena *arena,
                    struct delivery *out)
{
    nanos end = instant_monotonic_now() + wait;
    struct timespec until = {(time_t)(end / NANOS_PER_SECOND), (long)(end % NANOS_PER_SECOND)};
    struct kept kept;
    bool found, is_late = false;
    pthread_mutex_lock(&receivers->lock);
    while (!(found = take_now(receivers, path, &kept)) && wait && !is_late)
        is_late = pthread_cond_timedwait(&receivers->came, &receivers->lock, &until) != 0;
    pthread_mutex_unlock(&receivers->lock);
    if (found)
        arena_defer(arena, free_call, kept.arena);
    if (found)
        *out = kept.delivery;
    return found;
}
