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
#include "mock/faults/webhook.h"
#include "mock/live.h"
#include "mock/mock.h"
#include "mock/outbox.h"
#include "mock/state.h"
#include "mock/steps.h"
#include "mock/world_view.h"

#include <stdio.h>

/* With the world's lock; a world that goes has no list any more. */
static void unlist(struct delivery *delivery)
{
    struct world_state *state = state_of(delivery->world);
    if (!state)
        return;
    struct delivery **older = delivery->younger ? &delivery->younger->older : &state->youngest_call;
    struct delivery **younger = delivery->older ? &delivery->older->younger : &state->oldest_call;
    *older = delivery->older;
    *younger = delivery->younger;
}

static void enlist(struct delivery *delivery)
{
    struct world_state *state = state_of(delivery->world);
    delivery->older = state->youngest_call;
    if (state->youngest_call)
        state->youngest_call->younger = delivery;
    else
        state->oldest_call = delivery;
    state->youngest_call = delivery;
}

/* With the world's lock. */
static void delivery_free(struct delivery *delivery)
{
    unlist(delivery);
    world_let_go(delivery->world, delivery->bytes);
    atomic_fetch_sub(&delivery->world->calls, 1);
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

/* ---- what comes of it ---- */

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
    key = draw_hash_text(key, resource->id);
    key = draw_hash(key, &delivery->number, sizeof delivery->number); /* it may be called often */
    play_begin(&play, delivery->world, state_unit_of(delivery->world, delivery->played), arena,
               key);
    play.cause = (struct move_cause){CAUSE_CALLBACK, delivery->webhook->name, NULL, 0};
    if (!resource->is_deleted) {
        world_view_bind(&play, resource);
        play_bind(&play, "delivery", delivery_tree(&play, delivery));
        steps_run_here(&play, &delivery->webhook->then, resource);
    }
    play_end(&play);
    arena_free(arena);
}

/* ---- one behind the other ---- */

static void go(void *data)
{
    struct delivery *delivery = data;
    delivery->event = NULL;
    delivery->number = journal_number(delivery->world->journal);
    outbox_put(delivery->outbox, delivery);
}

/* Its world goes, and the resource and what waits behind it go with it. */
static void drop_try(void *data)
{
    struct delivery *delivery = data, *behind;
    for (; delivery; delivery = behind) {
        behind = delivery->behind;
        delivery_free(delivery);
    }
}

/* With the world's lock: now, or when a fault lets it. */
static void set_out(void *data)
{
    struct delivery *delivery = data;
    nanos later = webhook_faults_choose(delivery), due;
    delivery->event = NULL;
    if (later <= 0 || __builtin_add_overflow(world_now(delivery->world), later, &due))
        go(delivery);
    else
        delivery->event = queue_add(delivery->world->queue, due, go, drop_try, delivery);
}

/* With the world's lock: those of one resource go one after the other, tries included. */
static void hand_over(struct delivery *delivery)
{
    struct live *live = live_of(delivery->world, delivery->resource);
    struct delivery *before = live->calling;
    delivery->number = journal_number(delivery->world->journal);
    live->calling = delivery;
    if (before)
        before->behind = delivery;
    else
        set_out(delivery);
}

/* With the world's lock: it is over; the one behind it goes, but in a closed world none does. */
static void finish(struct delivery *delivery)
{
    struct world *world = delivery->world;
    while (delivery) {
        struct delivery *behind = delivery->behind;
        if (!behind) {
            live_find(delivery->resource)->calling = NULL;
        } else if (!world_is_closed(world)) {
            set_out(behind);
            behind = NULL;
        }
        store_drop(world->store, delivery->resource);
        delivery_free(delivery);
        delivery = behind;
    }
}

/* ---- after a try ---- */

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
        .number = delivery->number,
        .world_time = world_now(delivery->world),
        .real_time = instant_real_now(),
        .method = delivery->method,
        .target = delivery->url,
        .request_body = body,
        .status = delivery->status,
        .provider = delivery->played->provider->name,
        .session = delivery->world->name,
        .callback = delivery->webhook->name,
        .remark = remark,
        .faults = &delivery->fault,
        .fault_count = delivery->fault ? 1 : 0,
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
    delivery->settled = delivery->tried;
    record(delivery);
    if (!is_delivered(delivery) && delivery->tried < delivery->webhook->tries &&
        !world_is_closed(world)) {
        nanos due = world_now(world) + pause_before(delivery->webhook, delivery->tried);
        delivery->event = queue_add(world->queue, due, set_out, drop_try, delivery);
    } else {
        run_then(delivery);
        finish(delivery);
    }
    world_unlock(world);
    atomic_fetch_sub(&world->in_flight, 1);
    world_delivery_end(world);
    world_unref(world);
}

/* The server stops. */
static void drop_delivery(struct delivery *delivery)
{
    struct world *world = delivery->world;
    world_close(world);
    world_lock(world);
    finish(delivery);
    world_unlock(world);
    atomic_fetch_sub(&world->in_flight, 1);
    world_delivery_end(world);
    world_unref(world);
}

/* ---- wording ---- */

static void add_header(struct delivery *delivery, const char *name, const char *value)
{
    delivery->headers =
        mem_realloc(delivery->headers, (delivery->header_count + 1) * sizeof *delivery->headers);
    delivery->headers[delivery->header_count++] =
        (struct http_header){mem_strdup(name), mem_strdup(value)};
}

static void count_bytes(struct delivery *delivery)
{
    size_t bytes = sizeof *delivery + strlen(delivery->url) + strlen(delivery->method) +
                   strlen(delivery->body) + 3;
    for (size_t i = 0; i < delivery->header_count; i++)
        bytes += sizeof *delivery->headers + strlen(delivery->headers[i].name) +
                 strlen(delivery->headers[i].value) + 2;
    delivery->bytes = bytes;
    world_hold(delivery->world, bytes);
    atomic_fetch_add(&delivery->world->calls, 1);
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
        count_bytes(delivery);
        enlist(delivery);
        hand_over(delivery);
    }
    play->env = outer;
}

/* ---- kept states ---- */

void webhook_restore(struct world *world, const struct kept_call *kept)
{
    struct delivery *delivery = mem_alloc(sizeof *delivery);
    delivery->outbox = state_of(world)->mock->outbox;
    delivery->world = world;
    delivery->played = kept->played;
    delivery->webhook = kept->webhook;
    delivery->resource = store_hold(kept->resource);
    delivery->url = mem_strdup(kept->url);
    delivery->method = mem_strdup(kept->method);
    delivery->body = mem_strdup(kept->body);
    delivery->tried = delivery->settled = kept->tried;
    delivery->number = kept->number;
    for (size_t i = 0; i < kept->header_count; i++)
        add_header(delivery, kept->headers[i].name, kept->headers[i].value);
    count_bytes(delivery);
    enlist(delivery);
    struct live *live = live_of(world, kept->resource);
    struct delivery *before = live->calling;
    live->calling = delivery;
    delivery->is_kept = !before && !kept->sequence;
    if (before)
        before->behind = delivery;
    else if (kept->sequence)
        delivery->event =
            queue_restore(world->queue, kept->due, kept->sequence, set_out, drop_try, delivery);
}

void webhooks_resume(struct world *world)
{
    struct delivery *delivery = state_of(world)->oldest_call;
    for (; delivery; delivery = delivery->younger) {
        if (!delivery->is_kept)
            continue;
        delivery->is_kept = false;
        delivery->copies = 1;
        outbox_put(delivery->outbox, delivery);
    }
}

void webhooks_forget(struct world *world)
{
    struct delivery *delivery = state_of(world)->oldest_call;
    while (delivery) {
        if (delivery->is_kept) {
            drop_try(delivery); /* and what waits behind it */
            delivery = state_of(world)->oldest_call;
        } else {
            delivery = delivery->younger;
        }
    }
}

struct outbox *webhooks_new(struct mock *mock)
{
    return outbox_new(mock, after_try, drop_delivery);
}
