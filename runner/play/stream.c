/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x-dryrun-stream: an event stream is read until an event is the one that was waited for, or so
 * many have come; then the client leaves. Whether each event is valid is checked afterwards with
 * the rest (runner/play/checks.h).
 */
#include "runner/play/stream.h"

#include "core/base/str.h"
#include "core/data/json.h"

#include <strings.h>

void stream_begin(struct stream_reading *reading, struct scene *scene,
                  const struct arazzo_step *step)
{
    *reading = (struct stream_reading){.scene = scene, .stream = &step->stream};
    strbuf_init(&reading->body, LIMIT_BODY);
}

void stream_release(struct stream_reading *reading)
{
    if (reading->is_stream)
        sse_parser_release(&reading->parser);
    strbuf_release(&reading->body);
}

static const cJSON *event_tree(struct arena *arena, const struct sse_event *event)
{
    struct error err;
    cJSON *item = tree_object(arena);
    cJSON *data = json_parse(arena, event->data, event->data_len, NULL, &err);
    if (*event->id)
        tree_set_string(arena, item, "id", event->id);
    tree_set_string(arena, item, "event", event->type);
    tree_set(arena, item, "data", data ? data : tree_string_n(arena, event->data, event->data_len));
    return item;
}

static void see_event(const struct sse_event *event, void *data)
{
    struct stream_reading *reading = data;
    struct scene *scene = reading->scene;
    const struct arazzo_stream *stream = reading->stream;
    if (reading->is_done)
        return;
    reading->events++;
    if (stream->until) {
        struct scope_names names;
        struct arena *arena = attempt_arena(scene->talk->runner, scene->attempt);
        scene->event = event_tree(arena, event);
        struct eval eval = scene_eval(scene, &names);
        eval.arena = arena;
        reading->is_held = criterion_eval(stream->until, &eval) == TRUTH_TRUE;
        scene->event = NULL;
    }
    reading->is_done =
        reading->is_held || (stream->max_events && (int64_t)reading->events >= stream->max_events);
}

int stream_receive(const struct http_reply *reply, const char *bytes, size_t len, void *data)
{
    struct stream_reading *reading = data;
    const char *type = http_reply_header(reply, "Content-Type");
    if (!reading->has_begun) {
        reading->has_begun = true;
        reading->is_stream = type && strncasecmp(type, "text/event-stream", 17) == 0;
        if (reading->is_stream)
            sse_parser_init(&reading->parser, LIMIT_BODY, see_event, reading);
    }
    /* Byte by byte, so that what came in one piece behind the last event wanted is left unread. */
    for (size_t i = 0; reading->is_stream && !reading->is_done && i < len; i++) {
        sse_parser_feed(&reading->parser, bytes + i, 1);
        strbuf_add(&reading->body, bytes + i, 1);
    }
    if (!reading->is_stream)
        strbuf_add(&reading->body, bytes, len);
    return reading->is_done || reading->body.overflowed;
}

bool stream_end(struct stream_reading *reading, struct http_reply *reply)
{
    strbuf_clear(&reply->body);
    strbuf_add(&reply->body, reading->body.buf, reading->body.len);
    return reading->is_done && reply->failure == HTTP_FAILURE_STOPPED;
}

const char *stream_shortfall(struct arena *arena, const struct stream_reading *reading,
                             const struct http_reply *reply)
{
    if (reply->status < 200 || reply->status > 299)
        return NULL; /* for the criteria to say */
    const char *type = http_reply_header(reply, "Content-Type");
    if (!type || strncasecmp(type, "text/event-stream", 17) != 0)
        return arena_printf(arena, "the answer is no event stream but '%s'", type ? type : "");
    if (reading->stream->until && !reading->is_held)
        return arena_printf(arena, "none of %zu events was the one to wait for: %s",
                            reading->events, reading->stream->until_text);
    return NULL;
}
