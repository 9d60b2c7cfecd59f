/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an event stream piece by piece, as x-dryrun-stream of a step says. One call's; private to
 * runner. */
#pragma once

#include "core/net/sse.h"
#include "runner/play/player.h"

struct stream_reading {
    struct scene *scene;
    const struct arazzo_stream *stream;
    struct strbuf body; /* what was read */
    struct sse_parser parser;
    size_t events;
    bool has_begun, is_stream;
    bool is_held; /* `until` held for the last event */
    bool is_done; /* nothing more is wanted */
};

void stream_begin(struct stream_reading *reading, struct scene *scene,
                  const struct arazzo_step *step);
void stream_release(struct stream_reading *reading);
/* For struct http_call; `data` is the reading. */
int stream_receive(const struct http_reply *reply, const char *bytes, size_t len, void *data);
/* What was read becomes the reply's body. True when it was us who left. */
bool stream_end(struct stream_reading *reading, struct http_reply *reply);
/* What the stream lacked, in the arena; NULL = nothing. */
const char *stream_shortfall(struct arena *arena, const struct stream_reading *reading,
                             const struct http_reply *reply);
