/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the player counts it: pauses that cost nothing are counted, real ones pass by themselves.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/play/player.h"

enum { ASK_MS = 10000 };

nanos conversation_elapsed(const struct conversation *talk)
{
    return instant_monotonic_now() + talk->skipped;
}

bool conversation_is_late(const struct conversation *talk)
{
    const struct deadline *deadline = &talk->deadline;
    return (deadline->at && conversation_elapsed(talk) > deadline->at) ||
           (deadline->slept && talk->slept > deadline->slept);
}

nanos conversation_left(const struct conversation *talk, nanos wanted)
{
    const struct deadline *deadline = &talk->deadline;
    nanos real = deadline->at ? deadline->at - conversation_elapsed(talk) : wanted;
    nanos slept = deadline->slept ? deadline->slept - talk->slept : wanted;
    nanos left = real < slept ? real : slept;
    return left >= wanted ? wanted : left > 0 ? left : 0;
}

struct deadline conversation_limit(struct conversation *talk, nanos limit, const char *why)
{
    struct deadline outer = talk->deadline;
    nanos end = conversation_elapsed(talk) + limit;
    if (limit && (!outer.at || end < outer.at)) {
        talk->deadline.at = end;
        talk->deadline.why = why;
    }
    return outer;
}

struct deadline conversation_limit_service(struct conversation *talk, const struct target *target,
                                           nanos limit, const char *why)
{
    struct deadline outer = talk->deadline;
    if (!target || !target->is_virtual)
        return conversation_limit(talk, limit, why);
    if (limit && (!outer.slept || talk->slept + limit < outer.slept)) {
        talk->deadline.slept = talk->slept + limit;
        talk->deadline.why = why;
    }
    return outer;
}

/* The session's instant, when its clock is virtual. */
static bool ask_clock(const struct conversation *talk, const struct target *target, nanos *now)
{
    struct arena *arena = arena_new();
    struct http_header headers[] = {{"X-Dryrun-Session", talk->played->session}};
    struct http_call call = {.method = "GET",
                             .url = arena_printf(arena, "%s/__admin/clock", target->origin),
                             .headers = headers,
                             .header_count = talk->played->session ? 1 : 0,
                             .total_ms = ASK_MS};
    struct http_reply reply;
    struct error err;
    bool is_told = false;
    http_reply_init(&reply);
    if (http_client_call(talk->runner->options->client, &call, &reply) == 0) {
        const cJSON *body = json_parse(arena, reply.body.buf, reply.body.len, NULL, &err);
        const char *text = tree_get_text(body, "now");
        is_told = text && instant_parse(text, true, now) == 0;
    }
    http_reply_release(&reply);
    arena_free(arena);
    return is_told;
}

nanos conversation_service_now(const struct conversation *talk, const struct target *target)
{
    nanos now;
    if (target && target->is_virtual && ask_clock(talk, target, &now))
        return now;
    return conversation_elapsed(talk);
}

/* "40s is longer than 30s"; NULL when it is not. */
const char *conversation_overrun(struct conversation *talk, const struct target *target,
                                 nanos began, nanos within)
{
    nanos took = within ? conversation_service_now(talk, target) - began : 0;
    if (took <= within)
        return NULL;
    return arena_printf(talk->runner->arena, "it took %.3fs: 'x-dryrun-within' allows %.3fs",
                        (double)took / (double)NANOS_PER_SECOND,
                        (double)within / (double)NANOS_PER_SECOND);
}
