/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/blob.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/contract/parameters.h"
#include "core/contract/percent.h"
#include "core/expr/template.h"
#include "core/net/digest.h"
#include "mock/generation.h"
#include "mock/mock.h"
#include "mock/respond.h"
#include "mock/world_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What is signed, and the signature. */
static void signature_of(const struct world *world, const char *path, int64_t expires,
                         char out[static SHA256_HEX])
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    char key[64];
    snprintf(key, sizeof key, "signed links %" PRIx64, draw_hash_text(world->seed, world->name));
    strbuf_addf(&text, "%s %" PRId64, path, expires);
    digest_hmac_sha256_hex(key, strlen(key), text.buf, text.len, out);
    strbuf_release(&text);
}

const char *blob_sign(struct play *play, const char *blob, struct resource *resource, nanos expires)
{
    char signature[SHA256_HEX];
    struct strbuf path = STRBUF_INIT(LIMIT_MESSAGE);
    int64_t seconds = (expires + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND;
    strbuf_addf(&path, BLOB_PREFIX "%s/%s/", blob, play_kind(play, resource)->kind->name);
    percent_encode(str_from(resource->id), PERCENT_UNRESERVED, &path);
    signature_of(play->world, path.buf, seconds, signature);
    const char *url =
        arena_printf(play->arena, "%s%s?expires=%" PRId64 "&signature=%s",
                     play->exchange ? exchange_base(play->exchange)
                                    : mock_base(play->mock, play->played, play->world),
                     path.buf, seconds, signature);
    strbuf_release(&path);
    return url;
}

/* The pieces of BLOB/KIND/ID. */
static struct resource *find_resource(struct play *play, const char *path, const struct blob **blob)
{
    struct arena *arena = play->arena;
    char *blob_name = arena_strdup(arena, path + strlen(BLOB_PREFIX));
    char *kind_name = strchr(blob_name, '/');
    char *id = kind_name ? strchr(kind_name + 1, '/') : NULL;
    if (!id)
        return NULL;
    *kind_name++ = *id++ = '\0';
    *blob = service_blob(&play->played->provider->service, blob_name);
    const struct kind *kind = provider_kind(play->played->provider, kind_name);
    if (!*blob || !kind)
        return NULL;
    return play_find(play, kind->machine, percent_decode(arena, str_from(id), false));
}

static bool link_is_good(struct exchange *exchange, const char *path)
{
    struct pairs pairs = {0};
    char expected[SHA256_HEX];
    if (!exchange->request->query)
        return false;
    pairs_parse(exchange->arena, str_from(exchange->request->query), &pairs);
    const char *expires = pairs_find(&pairs, "expires");
    const char *signature = pairs_find(&pairs, "signature");
    if (!expires || !signature)
        return false;
    int64_t seconds = strtoll(expires, NULL, 10);
    signature_of(exchange->world, path, seconds, expected);
    return digest_is_equal(signature, expected) &&
           world_now(exchange->world) < seconds * NANOS_PER_SECOND;
}

static void serve(struct exchange *exchange, const char *path)
{
    struct play *play = &exchange->play;
    const struct blob *blob = NULL;
    exchange->media_type = "text/plain; charset=utf-8";
    if (!link_is_good(exchange, path)) {
        exchange->status = 403;
        exchange->reply_text = text_copy("this link has expired or was changed\n");
        return;
    }
    struct resource *resource = find_resource(play, path, &blob);
    if (!resource) {
        exchange->status = 404;
        exchange->reply_text = text_copy("there is nothing behind this link any more\n");
        return;
    }
    world_view_bind(play, resource);
    play_bind_resource(play, play->env, "of", resource);
    const char *media_type = template_text(blob->media_type, &play->eval);
    const char *text = template_text(blob->text, &play->eval);
    const char *filename = template_text(blob->filename, &play->eval);
    exchange->status = 200;
    exchange->media_type = media_type ? media_type : "application/octet-stream";
    exchange->reply_text = text_copy(text ? text : "");
    if (filename)
        exchange_header(exchange, "Content-Disposition",
                        arena_printf(exchange->arena, "attachment; filename=\"%s\"", filename));
}

void blob_serve(struct exchange *exchange)
{
    const char *path = arena_strndup(exchange->arena, exchange->path.ptr, exchange->path.len);
    world_begin(exchange->world);
    if (!generation_enter(exchange->world, exchange->played))
        exchange->played = state_unit_of(exchange->world, exchange->played);
    play_begin(&exchange->play, exchange->world, exchange->played, exchange->arena, 0);
    exchange->play.exchange = exchange;
    exchange->in_world = true;
    serve(exchange, path);
    respond(exchange);
}
