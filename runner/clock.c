/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the player counts it: pauses that cost nothing are counted, real ones pass by themselves.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/player.h"

enum { ASK_MS = 10000 };

nanos conversation_elapsed(const struct conversation *talk)
{
    return instant_monotonic_now() + talk->skipped;
}

bool conversation_is_late(const struct conversation *talk)
{
    return talk->deadline && conversation_elapsed(talk) >= talk->deadline;
}

struct deadline conversation_limit(struct conversation *talk, nanos limit, const char *why)
{
    struct deadline outer = {talk->deadline, talk->deadline_why};
    nanos end = limit ? conversation_elapsed(talk) + limit : 0;
    if (end && (!talk->deadline || end < talk->deadline)) {
        talk->deadline = end;
        talk->deadline_why = why;
    }
    return outer;
}

void conversation_unlimit(struct conversation *talk, struct deadline outer)
{
    talk->deadline = outer.at;
    talk->deadline_why = outer.why;
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
