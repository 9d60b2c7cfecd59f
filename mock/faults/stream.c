/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/stream.h"

#include "core/base/str.h"
#include "mock/faults/act.h"

/* ---- rows ---- */

static const char *const endings[] = {"close", "reset", "end", NULL};
static const char *const terminals[] = {"both", "marker", NULL};

#define NTH_FRAME(text)                                                                            \
    {                                                                                              \
        .name = "event", .type = FAULT_INTEGER, .least = 1, .most = 1e9, .fallback = "1",          \
        .help = (text)                                                                             \
    }
#define FRAMES_RESUMED(text)                                                                       \
    {                                                                                              \
        .name = "events", .type = FAULT_INTEGER, .least = 1, .most = 4096, .fallback = "1",        \
        .help = (text)                                                                             \
    }

static const struct fault_parameter cut_parameters[] = {
    {.name = "after",
     .type = FAULT_INTEGER,
     .most = 1e9,
     .fallback = "1",
     .help = "events that arrive on this connection; 0: none"},
    {.name = "how",
     .type = FAULT_CHOICE,
     .choices = endings,
     .fallback = "close",
     .help = "close or reset within the body, or end it as if that had been all"},
    {.name = "bytes",
     .type = FAULT_INTEGER,
     .most = 1e9,
     .fallback = "0",
     .help = "of the next event that still arrive"},
    {0},
};

static const struct fault_parameter stall_parameters[] = {
    {.name = "after",
     .type = FAULT_INTEGER,
     .most = 1e9,
     .fallback = "1",
     .help = "events that arrive before"},
    {.name = "time",
     .type = FAULT_DURATION,
     .fallback = "60s",
     .help = "nothing arrives for so long, keep-alives neither"},
    {0},
};

static const struct fault_parameter duplicate_parameters[] = {
    NTH_FRAME("which event of the connection arrives twice"), {0}};
static const struct fault_parameter reorder_parameters[] = {
    NTH_FRAME("which event of the connection arrives after its successor"), {0}};
static const struct fault_parameter gap_parameters[] = {
    FRAMES_RESUMED("so many after the place that the client named never arrive"), {0}};
static const struct fault_parameter again_parameters[] = {
    FRAMES_RESUMED("so many before the place that the client named arrive again"), {0}};
static const struct fault_parameter terminal_parameters[] = {
    {.name = "what",
     .type = FAULT_CHOICE,
     .choices = terminals,
     .fallback = "both",
     .help = "the last event and the service's end marker, or the marker alone"},
    {0},
};

/* ---- what they do ---- */

static void drop(const struct stream_frame *frame, size_t kept)
{
    struct strbuf *out = frame->out;
    if (kept >= out->len - frame->from)
        return;
    out->len = frame->from + kept;
    out->buf[out->len] = '\0';
}

static bool is_nth(const struct stream_faults *faults, const struct fault_hit *hit,
                   const char *parameter)
{
    return faults->frames == (uint64_t)fault_integer(hit, parameter);
}

static void end_stream(struct stream_faults *faults, const struct fault_hit *hit)
{
    static const enum stream_end ends[] = {STREAM_CLOSES, STREAM_RESETS, STREAM_ENDS};
    faults->end = ends[fault_integer(hit, "how")];
}

static void cut(struct stream_faults *faults, const struct fault_hit *hit)
{
    if (is_nth(faults, hit, "after") && !fault_integer(hit, "bytes"))
        end_stream(faults, hit);
}

static void cut_within(struct stream_faults *faults, const struct fault_hit *hit,
                       const struct stream_frame *frame)
{
    if (faults->frames <= (uint64_t)fault_integer(hit, "after"))
        return;
    end_stream(faults, hit);
    drop(frame, (size_t)fault_integer(hit, "bytes"));
}

static void stall(struct stream_faults *faults, const struct fault_hit *hit)
{
    if (is_nth(faults, hit, "after"))
        faults->stall = hit;
}

static void duplicate(struct stream_faults *faults, const struct fault_hit *hit,
                      const struct stream_frame *frame)
{
    struct strbuf *out = frame->out;
    size_t len = out->len - frame->from;
    if (!is_nth(faults, hit, "event"))
        return;
    strbuf_reserve(out, len);
    strbuf_add(out, out->buf + frame->from, len);
}

/* Held back until the next one stands before it; the last one has none. */
static void hold_back(struct stream_faults *faults, const struct fault_hit *hit,
                      const struct stream_frame *frame)
{
    if (faults->held.len) {
        stream_faults_flush(faults, frame->out);
    } else if (is_nth(faults, hit, "event") &&
               (frame->role == FRAME_EVENT || frame->role == FRAME_OPENING)) {
        strbuf_add(&faults->held, frame->out->buf + frame->from, frame->out->len - frame->from);
        drop(frame, 0);
    }
}

static void leave_out_end(struct stream_faults *faults, const struct fault_hit *hit,
                          const struct stream_frame *frame)
{
    (void)faults;
    if (frame->role == FRAME_MARKER || (frame->role == FRAME_LAST && !fault_integer(hit, "what")))
        drop(frame, 0);
}

static uint64_t resumed_events(const struct stream_faults *faults, struct fault_hit *hit)
{
    if (!faults->is_resumed)
        fault_withdraw(hit, "the stream is read from its beginning");
    return faults->is_resumed ? (uint64_t)fault_integer(hit, "events") : 0;
}

static void lose_resumed(struct stream_faults *faults, struct fault_hit *hit)
{
    faults->resume_drops = resumed_events(faults, hit);
}

static void repeat_resumed(struct stream_faults *faults, struct fault_hit *hit)
{
    faults->resume_repeats = resumed_events(faults, hit);
}

const struct fault_kind stream_faults[] = {
    {.name = "stream_cut",
     .summary = "the connection of a stream ends after some events",
     .group = FAULT_OF_STREAM,
     .parameters = cut_parameters,
     .frame = cut_within,
     .arrived = cut},
    {.name = "stream_stall",
     .summary = "a stream falls silent for a time, then goes on",
     .group = FAULT_OF_STREAM,
     .parameters = stall_parameters,
     .arrived = stall},
    {.name = "duplicate_event",
     .summary = "an event of a stream arrives twice",
     .group = FAULT_OF_STREAM,
     .parameters = duplicate_parameters,
     .frame = duplicate},
    {.name = "reorder_events",
     .summary = "two events of a stream change places",
     .group = FAULT_OF_STREAM,
     .parameters = reorder_parameters,
     .frame = hold_back},
    {.name = "missing_terminal",
     .summary = "a stream ends without its last event",
     .group = FAULT_OF_STREAM,
     .parameters = terminal_parameters,
     .frame = leave_out_end},
    {.name = "resume_gap",
     .summary = "a resumed stream has lost events",
     .group = FAULT_OF_STREAM,
     .parameters = gap_parameters,
     .begins = lose_resumed},
    {.name = "resume_duplicate",
     .summary = "a resumed stream repeats events",
     .group = FAULT_OF_STREAM,
     .parameters = again_parameters,
     .begins = repeat_resumed},
    {0},
};

/* ---- when ---- */

static void after_frames(struct stream_faults *faults)
{
    const struct exchange *exchange = faults->exchange;
    for (size_t i = 0; i < exchange->fault_count && !faults->end; i++)
        if (exchange->faults[i].fault->kind->arrived)
            exchange->faults[i].fault->kind->arrived(faults, &exchange->faults[i]);
}

struct stream_faults *stream_faults_begin(struct exchange *exchange, bool is_resumed)
{
    faults_choose_stream(exchange);
    bool is_any = false;
    for (size_t i = 0; i < exchange->fault_count; i++)
        if (exchange->faults[i].fault->kind->group == FAULT_OF_STREAM)
            is_any = exchange->faults[i].has_acted = true;
    if (!is_any)
        return NULL;
    struct stream_faults *faults = arena_alloc(exchange->arena, sizeof *faults);
    faults->exchange = exchange;
    faults->is_resumed = is_resumed;
    strbuf_init(&faults->held, LIMIT_DOCUMENT);
    strbuf_init(&faults->waiting, LIMIT_DOCUMENT);
    for (size_t i = 0; i < exchange->fault_count; i++)
        if (exchange->faults[i].fault->kind->begins)
            exchange->faults[i].fault->kind->begins(faults, &exchange->faults[i]);
    after_frames(faults);
    return faults;
}

void stream_faults_frame(struct stream_faults *faults, struct strbuf *out, size_t from,
                         enum frame_role role)
{
    const struct exchange *exchange = faults->exchange;
    const struct stream_frame frame = {out, from, role};
    if (out->len == from)
        return;
    if (faults->end || (faults->resume_drops && role != FRAME_OPENING)) {
        faults->resume_drops -= !faults->end;
        drop(&frame, 0);
        return;
    }
    const bool has_to_wait = faults->stall != NULL;
    faults->frames++;
    for (size_t i = 0; i < exchange->fault_count && !faults->end && out->len > from; i++)
        if (exchange->faults[i].fault->kind->frame)
            exchange->faults[i].fault->kind->frame(faults, &exchange->faults[i], &frame);
    if (has_to_wait) {
        strbuf_add(&faults->waiting, out->buf + from, out->len - from);
        drop(&frame, 0);
    } else {
        after_frames(faults);
    }
}

void stream_faults_flush(struct stream_faults *faults, struct strbuf *out)
{
    strbuf_add(out, faults->held.buf, faults->held.len);
    strbuf_clear(&faults->held);
}

bool stream_faults_stall(struct stream_faults *faults, struct strbuf *out)
{
    const struct fault_hit *hit = faults->stall;
    bool is_over = !hit || fault_pause_in_play(faults->exchange, hit, fault_integer(hit, "time"));
    faults->stall = NULL;
    strbuf_add(out, faults->waiting.buf, faults->waiting.len);
    strbuf_clear(&faults->waiting);
    return is_over;
}

void stream_faults_release(struct stream_faults *faults)
{
    if (faults) {
        strbuf_release(&faults->held);
        strbuf_release(&faults->waiting);
    }
}
