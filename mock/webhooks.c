/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/webhooks.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/expr/criterion.h"
#include "core/expr/template.h"
#include "core/expr/time_form.h"
#include "core/net/http_client.h"
#include "mock/mock.h"
#include "mock/state.h"
#include "mock/steps.h"
#include "mock/world_view.h"

#include <pthread.h>
#include <stdio.h>

/* One call with its tries. Owned by the outbox or by an event in its world's queue. */
struct delivery {
    struct outbox *outbox;
    struct world *world; /* a reference */
    const struct played *played;
    const struct webhook *webhook;
    struct resource *resource; /* held */
    char *url, *method, *body;
    struct http_header *headers;
    size_t header_count;
    int64_t tried;
    int status;
    char problem[256];
    struct delivery *next;
};

struct outbox {
    struct mock *mock;
    pthread_t thread;
    bool started, stopping;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct delivery *first, **last;
};

static void delivery_free(struct delivery *delivery)
{
    for (size_t i = 0; i < delivery->header_count; i++) {
        mem_free((char *)delivery->headers[i].name);
        mem_free((char *)delivery->headers[i].value);
    }
    mem_free(delivery->headers);
    mem_free(delivery->url);
    mem_free(delivery->method);
    mem_free(delivery->body);
    mem_free(delivery);
}

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

/* ---- after a try ---- */

static cJSON *delivery_tree(struct play *play, const struct delivery *delivery)
{
    cJSON *tree = tree_object(play->arena);
    tree_set(play->arena, tree, "at",
             time_form_node(play->eval.time_form, world_now(play->world), play->arena));
    if (delivery->status)
        tree_set(play->arena, tree, "status", tree_integer(play->arena, delivery->status));
    if (*delivery->problem)
        tree_set_string(play->arena, tree, "error", delivery->problem);
    tree_set(play->arena, tree, "tries", tree_integer(play->arena, delivery->tried));
    return tree;
}

static void run_then(struct delivery *delivery)
{
    struct arena *arena = arena_new();
    struct play play;
    struct resource *resource = delivery->resource;
    uint64_t key = draw_hash_text(delivery->world->seed, delivery->webhook->name);
    play_begin(&play, delivery->world, delivery->played, arena, draw_hash_text(key, resource->id));
    play.cause = delivery->webhook->name;
    if (!resource->is_deleted) {
        world_view_bind(&play, resource);
        play_bind(&play, "delivery", delivery_tree(&play, delivery));
        steps_run_here(&play, &delivery->webhook->then, resource);
    }
    play_end(&play);
    arena_free(arena);
}

static void hand_over(struct delivery *delivery);

static void try_again(void *data)
{
    hand_over(data);
}

static void drop_try(void *data)
{
    struct delivery *delivery = data;
    delivery_free(delivery); /* its world goes: resource and reference go with it */
}

static nanos pause_before(const struct webhook *webhook, int64_t tried)
{
    double pause = (double)webhook->delay;
    for (int64_t i = 1; i < tried && pause < 1e18; i++)
        pause *= webhook->factor > 0 ? webhook->factor : 1;
    nanos length = pause < 1e18 ? (nanos)pause : INT64_MAX / 4;
    return webhook->max && length > webhook->max ? webhook->max : length;
}

static bool is_delivered(const struct delivery *delivery)
{
    return delivery->status >= 200 && delivery->status < 300;
}

static void record(struct delivery *delivery)
{
    struct text *body = text_copy(delivery->body);
    struct journal_touched touched = {delivery->webhook->name, delivery->resource->id, "callback"};
    char remark[384];
    snprintf(remark, sizeof remark, "callback %s%s%s", delivery->webhook->name,
             *delivery->problem ? ": " : "", delivery->problem);
    struct journal_record journal = {
        .number = journal_number(delivery->world->journal),
        .world_time = world_now(delivery->world),
        .real_time = instant_real_now(),
        .method = delivery->method,
        .target = delivery->url,
        .request_body = body,
        .status = delivery->status,
        .provider = delivery->played->provider->name,
        .session = delivery->world->name,
        .remark = remark,
        .touched = &touched,
        .touched_count = 1,
    };
    journal_add(delivery->world->journal, &journal);
    text_unref(body);
}

static void after_try(struct delivery *delivery)
{
    struct world *world = delivery->world;
    world_lock(world);
    record(delivery);
    if (!is_delivered(delivery) && delivery->tried < delivery->webhook->tries &&
        !world_is_closed(world)) {
        nanos due = world_now(world) + pause_before(delivery->webhook, delivery->tried);
        queue_add(world->queue, due, try_again, drop_try, delivery);
        world_unlock(world);
        world_delivery_end(world);
        world_unref(world);
        return;
    }
    run_then(delivery);
    store_drop(world->store, delivery->resource);
    world_unlock(world);
    world_delivery_end(world);
    world_unref(world);
    delivery_free(delivery);
}

static void make_call(struct outbox *outbox, struct http_client *client, struct delivery *delivery)
{
    struct arena *arena = arena_new();
    struct http_reply reply;
    const char *host = host_of(arena, delivery->url);
    delivery->tried++;
    delivery->status = 0;
    delivery->problem[0] = '\0';
    http_reply_init(&reply);
    if (!is_allowed(outbox->mock, host)) {
        delivery->tried = delivery->webhook->tries;
        snprintf(delivery->problem, sizeof delivery->problem,
                 "'%s' is not loopback: allow it with --allow-callbacks", host);
    } else {
        struct http_call call = {
            .method = delivery->method,
            .url = delivery->url,
            .headers = delivery->headers,
            .header_count = delivery->header_count,
            .body = delivery->body,
            .body_len = strlen(delivery->body),
            .total_ms = (int)(delivery->webhook->timeout / NANOS_PER_MS),
        };
        if (http_client_call(client, &call, &reply))
            snprintf(delivery->problem, sizeof delivery->problem, "%s", reply.reason);
        delivery->status = reply.status;
    }
    http_reply_release(&reply);
    arena_free(arena);
    after_try(delivery);
}

static void *deliver(void *data)
{
    struct outbox *outbox = data;
    struct http_client *client = http_client_new(NULL);
    pthread_mutex_lock(&outbox->lock);
    while (!outbox->stopping) {
        struct delivery *delivery = outbox->first;
        if (!delivery) {
            pthread_cond_wait(&outbox->changed, &outbox->lock);
            continue;
        }
        outbox->first = delivery->next;
        if (!outbox->first)
            outbox->last = &outbox->first;
        pthread_mutex_unlock(&outbox->lock);
        make_call(outbox, client, delivery);
        pthread_mutex_lock(&outbox->lock);
    }
    pthread_mutex_unlock(&outbox->lock);
    http_client_free(client);
    return NULL;
}

/* With the world's lock held. */
static void hand_over(struct delivery *delivery)
{
    struct outbox *outbox = delivery->outbox;
    world_ref(delivery->world);
    world_delivery_begin(delivery->world);
    pthread_mutex_lock(&outbox->lock);
    delivery->next = NULL;
    *outbox->last = delivery;
    outbox->last = &delivery->next;
    if (!outbox->started)
        outbox->started = !pthread_create(&outbox->thread, NULL, deliver, outbox);
    pthread_cond_signal(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
}

/* ---- wording ---- */

static void add_header(struct delivery *delivery, const char *name, const char *value)
{
    delivery->headers =
        mem_realloc(delivery->headers, (delivery->header_count + 1) * sizeof *delivery->headers);
    delivery->headers[delivery->header_count++] =
        (struct http_header){mem_strdup(name), mem_strdup(value)};
}

static char *body_of(struct play *play, const struct webhook *webhook, struct resource *resource)
{
    const cJSON *body = template_value(webhook->body, &play->eval);
    if (!webhook->body || (body && body == play_tree(play, resource)))
        return mem_strndup(resource->view->bytes, resource->view->len);
    return mem_strdup(body ? json_text(play->arena, body) : "null");
}

void webhook_send(struct play *play, const struct pending_call *call)
{
    const struct webhook *webhook = call->webhook;
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    if (!call->resource->is_deleted)
        world_view_bind(play, call->resource);
    const char *url = template_text(webhook->url, &play->eval);
    bool wanted = url && *url && !call->resource->is_deleted &&
                  criterion_gate(webhook->when, webhook->unless, &play->eval) == TRUTH_TRUE;
    if (wanted) {
        struct delivery *delivery = mem_alloc(sizeof *delivery);
        const char *method = template_text(webhook->method, &play->eval);
        delivery->outbox = play->mock->outbox;
        delivery->world = play->world;
        delivery->played = play->played;
        delivery->webhook = webhook;
        delivery->resource = store_hold(call->resource);
        delivery->url = mem_strdup(url);
        delivery->method = mem_strdup(method ? method : "POST");
        delivery->body = body_of(play, webhook, call->resource);
        add_header(delivery, "Content-Type", "application/json");
        for (size_t i = 0; i < webhook->headers.count; i++) {
            const char *value = template_text(webhook->headers.items[i].value, &play->eval);
            if (value)
                add_header(delivery, webhook->headers.items[i].name, value);
        }
        hand_over(delivery);
    }
    play->env = outer;
}

struct outbox *outbox_new(struct mock *mock)
{
    struct outbox *outbox = mem_alloc(sizeof *outbox);
    outbox->mock = mock;
    outbox->last = &outbox->first;
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->changed, NULL);
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->stopping = true;
    pthread_cond_signal(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
    if (outbox->started)
        pthread_join(outbox->thread, NULL);
    while (outbox->first) {
        struct delivery *delivery = outbox->first;
        outbox->first = delivery->next;
        world_lock(delivery->world);
        store_drop(delivery->world->store, delivery->resource);
        world_unlock(delivery->world);
        world_delivery_end(delivery->world);
        world_unref(delivery->world);
        delivery_free(delivery);
    }
    pthread_mutex_destroy(&outbox->lock);
    pthread_cond_destroy(&outbox->changed);
    mem_free(outbox);
}
