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

const struct fault_kind stream_faults[] = {
    {.name = "stream_cut",
     .summary = "the connection of a stream ends after some events",
     .group = FAULT_OF_STREAM,
     .parameters = cut_parameters},
    {.name = "stream_stall",
     .summary = "a stream falls silent for a time, then goes on",
     .group = FAULT_OF_STREAM,
     .parameters = stall_parameters},
    {.name = "duplicate_event",
     .summary = "an event of a stream arrives twice",
     .group = FAULT_OF_STREAM,
     .parameters = duplicate_parameters},
    {.name = "reorder_events",
     .summary = "two events of a stream change places",
     .group = FAULT_OF_STREAM,
     .parameters = reorder_parameters},
    {.name = "missing_terminal",
     .summary = "a stream ends without its last event",
     .group = FAULT_OF_STREAM,
     .parameters = terminal_parameters},
    {.name = "resume_gap",
     .summary = "a resumed stream has lost events",
     .group = FAULT_OF_STREAM,
     .parameters = gap_parameters},
    {.name = "resume_duplicate",
     .summary = "a resumed stream repeats events",
     .group = FAULT_OF_STREAM,
     .parameters = again_parameters},
    {0},
};

/* ---- choosing ---- */

static bool is(const struct fault_hit *hit, const char *name)
{
    return text_is(hit->fault->kind->name, name);
}

static const struct fault_hit *find(const struct stream_faults *faults, const char *name)
{
    const struct exchange *exchange = faults->exchange;
    for (size_t i = 0; i < exchange->fault_count; i++)
        if (is(&exchange->faults[i], name))
            return &exchange->faults[i];
    return NULL;
}

static void after_all(struct stream_faults *faults);

struct stream_faults *stream_faults_begin(struct exchange *exchange, bool is_resumed)
{
    faults_choose_stream(exchange);
    bool is_any = false;
    for (size_t i = 0; i < exchange->fault_count; i++)
        is_any |= exchange->faults[i].fault->kind->group == FAULT_OF_STREAM;
    if (!is_any)
        return NULL;
    struct stream_faults *faults = arena_alloc(exchange->arena, sizeof *faults);
    faults->exchange = exchange;
    faults->is_resumed = is_resumed;
    strbuf_init(&faults->held, LIMIT_DOCUMENT);
    strbuf_init(&faults->waiting, LIMIT_DOCUMENT);
    const struct fault_hit *gap = is_resumed ? find(faults, "resume_gap") : NULL;
    faults->resume_drops = gap ? (uint64_t)fault_integer(gap, "events") : 0;
    after_all(faults);
    return faults;
}

uint64_t stream_faults_repeated(const struct stream_faults *faults)
{
    const struct fault_hit *hit =
        faults && faults->is_resumed ? find(faults, "resume_duplicate") : NULL;
    return hit ? (uint64_t)fault_integer(hit, "events") : 0;
}

/* ---- frames ---- */

static void drop_from(struct strbuf *out, size_t from)
{
    out->len = from;
    if (out->cap)
        out->buf[from] = '\0';
}

static void end_by(struct stream_faults *faults, const struct fault_hit *hit)
{
    static const enum stream_end ends[] = {STREAM_CLOSES, STREAM_RESETS, STREAM_ENDS};
    faults->end = ends[fault_integer(hit, "how")];
}

/* So many events have arrived, and the next is not begun. */
static void after_frames(struct stream_faults *faults, const struct fault_hit *hit)
{
    if (is(hit, "stream_cut") && (uint64_t)fault_integer(hit, "after") == faults->frames &&
        !fault_integer(hit, "bytes"))
        end_by(faults, hit);
    if (is(hit, "stream_stall") && (uint64_t)fault_integer(hit, "after") == faults->frames)
        faults->stall = hit;
}

static void after_all(struct stream_faults *faults)
{
    for (size_t i = 0; i < faults->exchange->fault_count && !faults->end; i++)
        after_frames(faults, &faults->exchange->faults[i]);
}

static void repeat(struct strbuf *out, size_t from)
{
    size_t len = out->len - from;
    strbuf_reserve(out, len);
    strbuf_add(out, out->buf + from, len);
}

/* What becomes of the frame; those before it have arrived. */
static void act(struct stream_faults *faults, const struct fault_hit *hit, struct strbuf *out,
                size_t from, enum frame_role role)
{
    const uint64_t nth = faults->frames;
    if (is(hit, "stream_cut") && nth > (uint64_t)fault_integer(hit, "after")) {
        size_t kept = (size_t)fault_integer(hit, "bytes");
        end_by(faults, hit);
        if (kept < out->len - from)
            drop_from(out, from + kept);
    } else if (is(hit, "duplicate_event") && nth == (uint64_t)fault_integer(hit, "event")) {
        repeat(out, from);
    } else if (is(hit, "missing_terminal") &&
               (role == FRAME_MARKER || (role == FRAME_LAST && !fault_integer(hit, "what")))) {
        drop_from(out, from);
    }
}

/* Held back until the next one stands before it; the last one has none. */
static void reorder(struct stream_faults *faults, struct strbuf *out, size_t from,
                    enum frame_role role)
{
    const struct fault_hit *hit = find(faults, "reorder_events");
    if (faults->held.len) {
        stream_faults_flush(faults, out);
    } else if (hit && faults->frames == (uint64_t)fault_integer(hit, "event") &&
               (role == FRAME_EVENT || role == FRAME_OPENING)) {
        strbuf_add(&faults->held, out->buf + from, out->len - from);
        drop_from(out, from);
    }
}

void stream_faults_frame(struct stream_faults *faults, struct strbuf *out, size_t from,
                         enum frame_role role)
{
    struct exchange *exchange = faults->exchange;
    if (out->len == from)
        return;
    if (faults->end || (faults->resume_drops && role != FRAME_OPENING)) {
        faults->resume_drops -= !faults->end;
        drop_from(out, from);
        return;
    }
    const bool has_to_wait = faults->stall != NULL;
    faults->frames++;
    for (size_t i = 0; i < exchange->fault_count && !faults->end; i++)
        act(faults, &exchange->faults[i], out, from, role);
    if (!faults->end && out->len > from)
        reorder(faults, out, from, role);
    if (has_to_wait) {
        strbuf_add(&faults->waiting, out->buf + from, out->len - from);
        drop_from(out, from);
    } else {
        after_all(faults);
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
