/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/unanswered.h"

#include "core/base/str.h"

/* "30 s", "250 ms" */
static const char *duration_words(struct arena *arena, int ms)
{
    return ms % 1000 ? arena_printf(arena, "%d ms", ms) : arena_printf(arena, "%d s", ms / 1000);
}

/* ": 212 of the 464 bytes of its body came" */
static const char *what_came(struct arena *arena, const struct http_reply *reply)
{
    const char *promised = http_reply_header(reply, "Content-Length");
    const char *coding = http_reply_header(reply, "Transfer-Encoding");
    if (promised)
        return arena_printf(arena, ": %zu of the %s bytes of its body came", reply->body.len,
                            promised);
    return arena_printf(arena, ": %zu bytes of its body came%s", reply->body.len,
                        coding ? ", and the chunk that ends it did not" : "");
}

static const char *broken_words(struct arena *arena, const struct http_reply *reply, bool sees_body)
{
    const char *how = strstr(reply->reason, "reset") ? "reset" : "closed";
    bool is_lost = strstr(reply->reason, "reset") || strstr(reply->reason, "Empty reply") ||
                   strstr(reply->reason, "closed");
    if (!is_lost)
        return arena_printf(arena, "no whole HTTP answer: %s", reply->reason);
    if (!reply->status)
        return arena_printf(arena, "the connection was %s before any answer came", how);
    return arena_printf(arena, "the connection was %s within the answer (%d)%s", how, reply->status,
                        sees_body ? what_came(arena, reply) : "");
}

const char *unanswered_reason(struct arena *arena, const struct http_reply *reply, int limit_ms,
                              bool sees_body)
{
    bool is_late = reply->failure == HTTP_FAILURE_TIMEOUT;
    if (reply->failure == HTTP_FAILURE_BROKEN)
        return broken_words(arena, reply, sees_body);
    if (is_late && reply->status)
        return arena_printf(arena, "the answer (%d) did not end within %s%s", reply->status,
                            duration_words(arena, limit_ms),
                            sees_body ? what_came(arena, reply) : "");
    if (is_late && reply->took >= (nanos)limit_ms * NANOS_PER_MS)
        return arena_printf(arena, "no answer within %s", duration_words(arena, limit_ms));
    if (reply->failure == HTTP_FAILURE_TOO_LARGE)
        return arena_printf(arena, "the body of the answer (%d) is larger than %zu bytes",
                            reply->status, reply->body.max);
    return arena_strdup(arena, reply->reason);
}

const struct raw_response *unanswered_part(struct arena *arena, const struct http_reply *reply)
{
    struct raw_response *part = arena_alloc(arena, sizeof *part);
    struct header_field *fields = arena_alloc(arena, (reply->header_count + 1) * sizeof *fields);
    if (!reply->status)
        return NULL;
    for (size_t i = 0; i < reply->header_count; i++)
        fields[i] = (struct header_field){arena_strdup(arena, reply->headers[i].name),
                                          arena_strdup(arena, reply->headers[i].value)};
    part->status = reply->status;
    part->headers = (struct header_fields){fields, reply->header_count};
    part->body =
        (struct str){arena_strndup(arena, reply->body.buf, reply->body.len), reply->body.len};
    return part;
}
