/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of streams. The stream hands over each frame as it is written; what is held back, sent
 * twice or cut is decided here. Lives as long as its stream, in the exchange's arena.
 */
#pragma once

#include "mock/faults/set.h"

enum stream_end {
    STREAM_GOES_ON,
    STREAM_ENDS,   /* in order, as if it were over */
    STREAM_CLOSES, /* the connection, within the body */
    STREAM_RESETS,
};

enum frame_role {
    FRAME_OPENING, /* what the service greets with: it tells nothing that could be lost */
    FRAME_EVENT,
    FRAME_LAST,   /* the event after which the stream is over */
    FRAME_MARKER, /* what the service sends behind it ("[DONE]") */
};

struct stream_frame {
    struct strbuf *out;
    size_t from; /* it begins there, and what stays there is sent */
    enum frame_role role;
};

struct stream_faults {
    struct exchange *exchange;
    uint64_t frames;               /* of this connection so far, those that were dropped too */
    struct strbuf held;            /* a frame that comes after its successor */
    bool is_resumed;               /* the client named where it stopped */
    uint64_t resume_drops;         /* frames still to be lost after a resumption */
    uint64_t resume_repeats;       /* frames before the place that is resumed, sent again */
    const struct fault_hit *stall; /* due after the next flush; NULL */
    struct strbuf waiting;         /* frames that come after it */
    enum stream_end end;
};

/* Chooses for the stream that begins; with the world's lock held, within the play. NULL: none
 * applies, and nothing else need be asked. */
struct stream_faults *stream_faults_begin(struct exchange *exchange, bool is_resumed);
/* The bytes from `from` on in `out` are one frame: what stays there is sent. Once `end` is set
 * nothing more is. */
void stream_faults_frame(struct stream_faults *faults, struct strbuf *out, size_t from,
                         enum frame_role role);
/* Nothing more comes: a frame that was held back is put at the end. */
void stream_faults_flush(struct stream_faults *faults, struct strbuf *out);
/* When what was collected has been sent; the world's lock is held, and given away meanwhile. False:
 * the client has left, or the session is gone. What had to wait behind it is in `out` then. */
bool stream_faults_stall(struct stream_faults *faults, struct strbuf *out);
void stream_faults_release(struct stream_faults *faults); /* NULL is fine */
