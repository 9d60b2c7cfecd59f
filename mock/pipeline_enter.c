/* SPDX-License-Identifier: Apache-2.0 */
/* Into the world: its lock is taken and the play begins. Draws are keyed by what was asked and how
 * often, never by when. */
#include "core/base/draw.h"
#include "mock/generation.h"
#include "mock/pipeline.h"
#include "mock/refuse.h"
#include "mock/respond.h"
#include "mock/state.h"

/* False: the documents were loaded again meanwhile, and nothing has happened yet. */
static bool enter_world(struct exchange *exchange, uint64_t (*make_draw_key)(struct eval *eval))
{
    world_begin(exchange->world);
    if (!generation_enter(exchange->world, exchange->played)) {
        world_unlock(exchange->world);
        world_end(exchange->world);
        exchange->is_stale = true;
        return false;
    }
    exchange->in_world = true;
    play_begin(&exchange->play, exchange->world, exchange->played, exchange->arena, 0);
    exchange->play.eval.make_draw_key = make_draw_key; /* most requests draw nothing */
    exchange->play.exchange = exchange;
    return true;
}

static uint64_t key_of(struct world *world, uint64_t request)
{
    uint32_t seen = draws_seen(world->draws, request);
    return draws_key(world->seed, world->name, request, seen, DRAW_IDS);
}

static const struct exchange *exchange_of(const struct eval *eval)
{
    const struct play *play = eval->host;
    return play->exchange;
}

/* Of a request that no operation reads: by its bytes. */
static uint64_t bytes_key(struct eval *eval)
{
    const struct exchange *exchange = exchange_of(eval);
    const struct http_request *request = exchange->request;
    uint64_t key = draw_hash_text(draw_hash_text(1, request->method), exchange->target);
    return key_of(exchange->world, draw_hash(key, request->body, request->body_len));
}

uint64_t pipeline_hash(const struct exchange *exchange)
{
    const struct http_request *request = exchange->request;
    const struct checked_request *checked = &exchange->checked;
    uint64_t hash = draw_hash_text(0, exchange->operation->name);
    hash = draw_hash(hash, exchange->path.ptr, exchange->path.len);
    if (checked->parameters.query)
        hash = draw_hash_word(hash, tree_hash(checked->parameters.query));
    return checked->sent ? draw_hash_word(hash, tree_hash(checked->sent))
                         : draw_hash(hash, request->body, request->body_len);
}

static uint64_t request_key(struct eval *eval)
{
    const struct exchange *exchange = exchange_of(eval);
    return key_of(exchange->world, exchange->hash ? exchange->hash : pipeline_hash(exchange));
}

bool pipeline_enter(struct exchange *exchange)
{
    return enter_world(exchange, bytes_key);
}

bool pipeline_enter_operation(struct exchange *exchange)
{
    return enter_world(exchange, request_key);
}

/* The service's own error needs a play. */
enum stage_result pipeline_refuse(struct exchange *exchange, enum failure failure, int status,
                                  const struct problems *problems, const char *message)
{
    if (!pipeline_enter(exchange))
        return STAGE_ANSWERED;
    refuse_failure(exchange, failure, status, problems, message);
    respond(exchange);
    return STAGE_ANSWERED;
}
