/* SPDX-License-Identifier: Apache-2.0 */
/* The answer `stream`: what happens to a resource, framed as the service does it. */
#include "core/expr/template.h"
#include "mock/long_answer.h"
#include "mock/pipeline.h"
#include "mock/respond.h"
#include "mock/stream_parts.h"
#include "mock/world_view.h"

#include <stdlib.h>

/* How far it has come. */
enum progress { STREAM_WAITS, STREAM_WRITES, STREAM_IS_OVER, STREAM_WAS_LEFT };

static bool is_over(const struct streaming *streaming)
{
    return streaming->root->is_deleted || play_is_in(&streaming->exchange->play, streaming->root,
                                                     streaming->machine, streaming->ends);
}

static void collect(struct streaming *streaming)
{
    const struct happening *happening;
    const uint64_t last =
        streaming->faults && is_over(streaming) ? stream_last_event(streaming) : 0;
    while ((happening = events_after(streaming->root, streaming->seen))) {
        streaming->seen = happening->number;
        streaming->role = happening->number == last ? FRAME_LAST : FRAME_EVENT;
        stream_write_happening(streaming, happening);
    }
}

/* The lock is given away while bytes are written. */
static int flush(struct streaming *streaming)
{
    struct world *world = streaming->exchange->play.world;
    world_unlock(world);
    int failed = streaming->out.len ? http_stream_write(streaming->exchange->http,
                                                        streaming->out.buf, streaming->out.len)
                                    : 0;
    strbuf_release(&streaming->out); /* the next frame may be long in coming */
    world_lock(world);
    play_renew(&streaming->exchange->play);
    return failed;
}

/* The same with faults: false when the client has left, or sees the connection break. */
static bool flush_faulty(struct streaming *streaming, bool over)
{
    struct stream_faults *faults = streaming->faults;
    if (over)
        stream_faults_flush(faults, &streaming->out);
    bool is_there = !flush(streaming);
    while (is_there && !faults->end && faults->stall)
        is_there = stream_faults_stall(faults, &streaming->out) && !flush(streaming);
    return is_there && (!faults->end || faults->end == STREAM_ENDS);
}

/* The frame that is sent while nothing happens, as it is now. The socket's loop sends it without
 * the lock, so it is a text by then; NULL when its condition does not hold. */
static const char *keepalive(struct streaming *streaming)
{
    const struct frame *frame = streaming->style->keepalive;
    struct play *play = &streaming->exchange->play;
    if (!frame)
        return streaming->style->keepalive_text;
    struct strbuf out = streaming->out;
    struct play_aside aside;
    play_aside(play, &aside);
    cJSON *event = tree_object(play->arena);
    uint64_t number = streaming->style->numbers_frames ? streaming->framed : streaming->seen;
    tree_set(play->arena, event, "number", tree_integer(play->arena, (int64_t)number));
    strbuf_clear(&streaming->ping);
    streaming->out = streaming->ping;
    world_view_bind(play, streaming->root);
    play_bind(play, "event", event);
    streaming->is_pinging = true;
    stream_write_frame(streaming, frame, NULL);
    streaming->is_pinging = false;
    play_aside_end(play, &aside);
    streaming->ping = streaming->out;
    streaming->out = out;
    return streaming->ping.len ? streaming->ping.buf : NULL;
}

/* Frames are made aside: a stream may live long. */
static void tell(struct streaming *streaming)
{
    struct play *play = &streaming->exchange->play;
    struct play_aside aside;
    const bool is_ended = is_over(streaming);
    if (!is_ended && events_newest(streaming->root) <= streaming->seen)
        return;
    play_aside(play, &aside);
    collect(streaming);
    streaming->is_told = is_ended;
    streaming->role = FRAME_MARKER;
    if (is_ended && streaming->style->last)
        stream_write_frame(streaming, streaming->style->last, NULL);
    play_aside_end(play, &aside);
}

static enum progress go_on(struct streaming *streaming)
{
    const struct stream_faults *faults = streaming->faults;
    for (;;) {
        if (!streaming->is_told)
            tell(streaming);
        if (streaming->is_told && !faults)
            return STREAM_IS_OVER; /* what is left is sent with the end */
        if (faults ? !flush_faulty(streaming, streaming->is_told) : flush(streaming))
            return STREAM_WAS_LEFT;
        if (http_stream_is_stuck(streaming->exchange->http))
            return STREAM_WRITES;
        if (streaming->is_told || (faults && faults->end))
            return STREAM_IS_OVER;
        if (events_newest(streaming->root) <= streaming->seen && !is_over(streaming))
            return STREAM_WAITS;
    }
}

/* What the wait needs to know, as it is now. */
static void prepare_wait(struct streaming *streaming)
{
    const struct stream_style *style = streaming->style;
    struct parked *parked = &streaming->parked;
    parked->waits = play_machine(&streaming->exchange->play, streaming->root)->waits;
    parked->keepalive_text = style->keepalive_every ? keepalive(streaming) : NULL;
    parked->keepalive_ms =
        parked->keepalive_text ? (int)(style->keepalive_every / NANOS_PER_MS) : -1;
}

static void end_in_order(struct http_exchange *http)
{
    http_stream_end(http);
}

/* It comes when the stream is in the journal: who has seen it may ask there. */
static void end_stream(struct streaming *streaming)
{
    enum stream_end end = streaming->faults ? streaming->faults->end : STREAM_GOES_ON;
    streaming->exchange->finish = end == STREAM_RESETS   ? http_close_abruptly
                                  : end == STREAM_CLOSES ? http_close_quietly
                                                         : end_in_order;
    const struct strbuf *left = &streaming->out;
    streaming->exchange->last =
        (struct str){arena_strndup(streaming->exchange->arena, left->buf, left->len), left->len};
    stream_faults_release(streaming->faults);
}

/* With the lock held. */
static void end(struct streaming *streaming, bool was_left)
{
    struct exchange *exchange = streaming->exchange;
    if (was_left)
        long_left(exchange, &streaming->answer->left, streaming->root);
    end_stream(streaming);
    strbuf_release(&streaming->out);
    strbuf_release(&streaming->ping);
}

/* ---- without a thread ---- */

static enum progress come_back(struct streaming *streaming, bool has_left)
{
    enum wake why;
    if (!streaming->parked.waiter) {
        park_take_up(streaming->exchange->play.world, streaming->was_woken);
        streaming->was_woken = false;
        play_renew(&streaming->exchange->play);
        return has_left ? STREAM_WAS_LEFT : go_on(streaming);
    }
    if (!long_return(&streaming->parked, has_left, &why))
        return STREAM_WAITS;
    if (why == WAKE_LEFT || why == WAKE_CLOSED)
        return why == WAKE_LEFT ? STREAM_WAS_LEFT : STREAM_IS_OVER;
    return go_on(streaming);
}

static enum progress take_turn(struct streaming *streaming, bool has_left)
{
    enum progress progress = come_back(streaming, has_left);
    if (progress == STREAM_WAITS && !streaming->parked.waiter) {
        prepare_wait(streaming);
        if (!long_park_away(&streaming->parked))
            return STREAM_IS_OVER;
    }
    if (progress == STREAM_WRITES)
        streaming->was_woken = park_lay_down(streaming->exchange->play.world);
    return progress;
}

static enum http_next step(struct http_exchange *http, enum http_wake why, void *data)
{
    struct streaming *streaming = data;
    struct exchange *exchange = streaming->exchange;
    const struct parked *parked = &streaming->parked;
    bool has_left = why == HTTP_CLIENT_LEFT || why == HTTP_STOPPING;
    if (why == HTTP_TIMED_OUT)
        has_left =
            http_stream_write(http, parked->keepalive_text, strlen(parked->keepalive_text)) != 0;
    world_lock(exchange->world);
    enum progress progress = take_turn(streaming, has_left);
    if (progress == STREAM_WAITS || progress == STREAM_WRITES) {
        http_step_within(http, progress == STREAM_WAITS ? parked->keepalive_ms : -1);
        world_unlock(exchange->world);
        return HTTP_GOES_ON;
    }
    end(streaming, progress == STREAM_WAS_LEFT);
    pipeline_end(exchange);
    return HTTP_IS_OVER;
}

/* ---- with a thread ---- */

/* Only one without faults goes on elsewhere: these have their own times, and break connections. */
static bool hand_over(struct streaming *streaming)
{
    struct exchange *exchange = streaming->exchange;
    if (exchange->fault_count || http_hand_over(exchange->http, step, streaming))
        return false;
    streaming->was_woken = park_lay_down(exchange->play.world);
    exchange->is_handed_over = true;
    return true;
}

static enum progress play_stream(struct streaming *streaming)
{
    streaming->role = FRAME_OPENING;
    if (streaming->style->open)
        stream_write_frame(streaming, streaming->style->open, NULL);
    for (;;) {
        enum progress progress = go_on(streaming);
        if (progress != STREAM_WAITS || hand_over(streaming))
            return progress;
        prepare_wait(streaming);
        enum wake wake = long_park(&streaming->parked, HORIZON_NONE, true);
        if (wake == WAKE_LEFT || wake == WAKE_CLOSED)
            return wake == WAKE_LEFT ? STREAM_WAS_LEFT : STREAM_IS_OVER;
    }
}

static uint64_t first_event(struct exchange *exchange, const struct stream_answer *stream,
                            const struct resource *root)
{
    const cJSON *after = template_value(stream->after, &exchange->play.eval);
    int64_t number = 0;
    if (cJSON_IsString(after))
        return strtoull(after->valuestring, NULL, 10);
    if (after && tree_as_int64(after, &number) && number >= 0)
        return (uint64_t)number;
    return root == exchange->made ? 0 : exchange->events_before;
}

/* So many frames before `seen`: most events make one, some make none. */
static uint64_t step_back(struct streaming *streaming, uint64_t frames)
{
    uint64_t seen = streaming->seen;
    while (seen > 0 && frames > 0) {
        stream_write_happening(streaming, events_after(streaming->root, --seen));
        frames -= streaming->out.len > 0;
        strbuf_clear(&streaming->out);
    }
    streaming->framed = 0;
    return seen;
}

/* A resumed stream that repeats itself begins before the place that the client named. */
static void begin_at(struct streaming *streaming, const struct stream_answer *stream)
{
    struct exchange *exchange = streaming->exchange;
    streaming->seen = first_event(exchange, stream, streaming->root);
    const bool is_resumed =
        streaming->seen && template_value(stream->after, &exchange->play.eval) != NULL;
    if (streaming->seen > events_newest(streaming->root))
        streaming->seen = events_newest(streaming->root);
    struct stream_faults *faults = stream_faults_begin(exchange, is_resumed);
    uint64_t repeated = faults ? faults->resume_repeats : 0;
    if (streaming->style->numbers_frames) { /* told from the beginning: only so they are counted */
        streaming->skipped = is_resumed ? streaming->seen : 0;
        streaming->skipped -= repeated < streaming->skipped ? repeated : streaming->skipped;
        streaming->seen = 0;
    } else {
        streaming->seen = step_back(streaming, repeated);
    }
    streaming->faults = faults;
}

static struct streaming *new_stream(struct exchange *exchange, const struct stream_answer *stream,
                                    struct resource *root)
{
    struct streaming *streaming = arena_alloc(exchange->arena, sizeof *streaming);
    streaming->exchange = exchange;
    streaming->answer = stream;
    streaming->style = stream->style;
    streaming->root = root;
    streaming->machine = play_machine(&exchange->play, root);
    streaming->ends = stream->rule ? stream->rule->ends : streaming->machine->terminal;
    streaming->parked = (struct parked){.exchange = exchange, .watched = root};
    strbuf_init(&streaming->out, LIMIT_DOCUMENT);
    strbuf_init(&streaming->ping, LIMIT_DOCUMENT);
    begin_at(streaming, stream);
    return streaming;
}

void answer_stream(struct exchange *exchange, const struct answer *answer)
{
    struct play *play = &exchange->play;
    const struct stream_answer *stream = &answer->stream;
    struct resource *root = play_resource(play, template_value(stream->of, &play->eval));
    if (!root || long_begin_away(exchange))
        return;
    struct streaming *streaming = new_stream(exchange, stream, root);
    if (exchange->fault_count && long_begin(exchange)) {
        stream_faults_release(streaming->faults);
        return;
    }
    answer_note_state(exchange, root);
    play_hold(play, root);
    play_flush(play);
    exchange->media_type = stream->style->media_type;
    if (!exchange->media_type)
        exchange->media_type =
            stream->style->framing == FRAMING_SSE ? "text/event-stream" : "application/x-ndjson";
    exchange_header(exchange, "Cache-Control", "no-cache");
    exchange->answered = true;
    world_unlock(play->world);
    int failed = respond_stream_begin(exchange);
    world_lock(play->world);
    play_renew(play);
    enum progress progress = failed ? STREAM_WAS_LEFT : play_stream(streaming);
    if (!exchange->is_handed_over)
        end(streaming, progress == STREAM_WAS_LEFT);
}
