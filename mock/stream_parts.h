/* SPDX-License-Identifier: Apache-2.0 */
/* What mock/stream.c, which lives as long as the stream, and mock/stream_frames.c share. */
#pragma once

#include "mock/events.h"
#include "mock/faults/stream.h"
#include "mock/long_answer.h"

/* In the exchange's arena: it may outlive its handler. */
struct streaming {
    struct exchange *exchange;
    const struct stream_answer *answer;
    const struct stream_style *style;
    struct resource *root;
    const struct machine *machine; /* of the root, when the stream began */
    state_set ends;                /* of its states */
    uint64_t seen;                 /* number of the last event that was looked at */
    uint64_t skipped; /* frames that the client has already, where frames are counted */
    uint64_t framed;  /* frames so far, the skipped ones too */
    struct strbuf ping;
    struct strbuf out;
    struct stream_faults *faults; /* NULL: none */
    enum frame_role role;         /* of the frame that is written next */
    bool is_pinging;              /* it is a keep-alive: no event */
    bool is_told;                 /* all that there is to tell is in `out`, or was */
    struct parked parked;
    bool was_woken; /* park_lay_down */
};

/* Puts the frame behind what is in `out`, when its condition holds. `fallback`: the data of one
 * that says none. */
void stream_write_frame(struct streaming *streaming, const struct frame *frame,
                        const cJSON *fallback);
/* The frame that the style has for the happening; none when it has none, or the client has it. */
void stream_write_happening(struct streaming *streaming, const struct happening *happening);
/* The number of the last happening that is sent as an event, now that it is over; 0: none. What
 * comes behind it (moves that no row sends, the end marker) is none. */
uint64_t stream_last_event(struct streaming *streaming);
