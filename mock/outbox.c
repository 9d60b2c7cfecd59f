/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/outbox.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_client.h"
#include "mock/mock.h"

#include <pthread.h>
#include <stdio.h>

enum { OUTBOX_THREADS = 4 };

struct sender {
    struct outbox *outbox;
    pthread_t thread;
    const struct world
        *serving; /* whose delivery is under way: to compare; NULL: it waits for work */
};

struct outbox {
    struct mock *mock;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct delivery *first, **last;
    void (*after)(struct delivery *delivery);
    void (*drop)(struct delivery *delivery);
    struct sender senders[OUTBOX_THREADS];
    size_t sender_count; /* started */
    bool stopping;
};

/* ---- who may be called ---- */

/* The host of a URL, without port and brackets. */
static char *host_of(struct arena *arena, const char *url)
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    const char *user = strpbrk(at, "@/?#");
    if (user && *user == '@')
        at = user + 1;
    if (*at == '[')
        return arena_strndup(arena, at + 1, strcspn(at + 1, "]"));
    return arena_strndup(arena, at, strcspn(at, ":/?#"));
}

static bool is_allowed(const struct mock *mock, const char *host)
{
    if (text_is_any_case(host, "localhost") || text_is(host, "::1") ||
        (text_starts_with(host, "127.") && strspn(host, "0123456789.") == strlen(host)))
        return true;
    for (size_t i = 0; i < mock->options.callback_host_count; i++)
        if (text_is_any_case(mock->options.callback_hosts[i], host))
            return true;
    return false;
}

/* ---- calling ---- */

static void call_out(struct http_client *client, struct delivery *delivery)
{
    struct http_reply reply;
    struct http_call call = {
        .method = delivery->method,
        .url = delivery->url,
        .headers = delivery->headers,
        .header_count = delivery->header_count,
        .body = delivery->body,
        .body_len = strlen(delivery->body),
        .total_ms = (int)(delivery->webhook->timeout / NANOS_PER_MS),
    };
    http_reply_init(&reply);
    if (http_client_call(client, &call, &reply))
        snprintf(delivery->problem, sizeof delivery->problem, "%s", reply.reason);
    delivery->status = reply.status;
    http_reply_release(&reply);
}

static void make_call(struct outbox *outbox, struct http_client *client, struct delivery *delivery)
{
    struct arena *arena = arena_new();
    const char *host = host_of(arena, delivery->url);
    delivery->tried++;
    delivery->status = 0;
    delivery->problem[0] = '\0';
    if (is_allowed(outbox->mock, host) && delivery->is_lost) {
        snprintf(delivery->problem, sizeof delivery->problem, "lost on the way: a fault");
    } else if (is_allowed(outbox->mock, host)) {
        for (unsigned i = 0; i < delivery->copies; i++)
            call_out(client, delivery);
    } else {
        delivery->tried = delivery->webhook->tries;
        snprintf(delivery->problem, sizeof delivery->problem,
                 "'%s' is not loopback: allow it with --allow-callbacks", host);
    }
    arena_free(arena);
    outbox->after(delivery);
}

/* ---- whose turn it is ---- */

static bool may_go(const struct outbox *outbox, const struct delivery *delivery)
{
    bool alone = delivery->world->clock.settings.mode == MODE_VIRTUAL;
    for (size_t i = 0; alone && i < outbox->sender_count; i++) {
        if (outbox->senders[i].serving == delivery->world)
            return false;
    }
    return true;
}

/* The first that may go, out of the list; NULL: none. */
static struct delivery *take_next(struct outbox *outbox)
{
    struct delivery **link = &outbox->first;
    while (*link && !may_go(outbox, *link))
        link = &(*link)->next;
    struct delivery *delivery = *link;
    if (!delivery)
        return NULL;
    *link = delivery->next;
    if (!*link)
        outbox->last = link;
    return delivery;
}

static void *send_all(void *data)
{
    struct sender *sender = data;
    struct outbox *outbox = sender->outbox;
    struct http_client *client = http_client_new(NULL);
    pthread_mutex_lock(&outbox->lock);
    while (!outbox->stopping) {
        struct delivery *delivery = take_next(outbox);
        if (!delivery) {
            pthread_cond_wait(&outbox->changed, &outbox->lock);
            continue;
        }
        sender->serving = delivery->world;
        pthread_mutex_unlock(&outbox->lock);
        make_call(outbox, client, delivery); /* it may be gone afterwards */
        pthread_mutex_lock(&outbox->lock);
        sender->serving = NULL;
        pthread_cond_broadcast(&outbox->changed); /* another of its session may go now */
    }
    pthread_mutex_unlock(&outbox->lock);
    http_client_free(client);
    return NULL;
}

static size_t count_free_senders(const struct outbox *outbox)
{
    size_t count = 0;
    for (size_t i = 0; i < outbox->sender_count; i++)
        count += outbox->senders[i].serving == NULL;
    return count;
}

static void start_sender(struct outbox *outbox)
{
    struct sender *sender = &outbox->senders[outbox->sender_count];
    *sender = (struct sender){.outbox = outbox};
    if (!pthread_create(&sender->thread, NULL, send_all, sender))
        outbox->sender_count++;
}

void outbox_put(struct outbox *outbox, struct delivery *delivery)
{
    atomic_fetch_add(&world_ref(delivery->world)->in_flight, 1);
    world_delivery_begin(delivery->world);
    pthread_mutex_lock(&outbox->lock);
    delivery->next = NULL;
    *outbox->last = delivery;
    outbox->last = &delivery->next;
    if (!count_free_senders(outbox) && outbox->sender_count < OUTBOX_THREADS)
        start_sender(outbox);
    pthread_cond_signal(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
}

struct outbox *outbox_new(struct mock *mock, void (*after)(struct delivery *delivery),
                          void (*drop)(struct delivery *delivery))
{
    struct outbox *outbox = mem_alloc(sizeof *outbox);
    outbox->mock = mock;
    outbox->after = after;
    outbox->drop = drop;
    outbox->last = &outbox->first;
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->changed, NULL);
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->stopping = true;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
    for (size_t i = 0; i < outbox->sender_count; i++)
        pthread_join(outbox->senders[i].thread, NULL);
    while (outbox->first) {
        struct delivery *delivery = outbox->first;
        outbox->first = delivery->next;
        outbox->drop(delivery);
    }
    pthread_mutex_destroy(&outbox->lock);
    pthread_cond_destroy(&outbox->changed);
    mem_free(outbox);
}
