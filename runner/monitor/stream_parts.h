/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept while the events of a stream are read; private to the files that judge streams. */
#pragma once

#include "runner/monitor/parts.h"

/* An event with a number, as it was first told. */
struct told_event {
    int64_t number;
    const struct seen_event *event;
    const struct seen *by;
};

struct told_stream {
    VEC(struct told_event); /* by number */
};

/* What one resource told of itself in this stream. */
struct told_name {
    const struct belief *belief;
    const char *state; /* NULL: only that it is born */
    bool is_born;
};

struct told_text {
    const char *id;
    struct strbuf text;
    bool is_whole; /* from its first piece on */
};

struct reading {
    struct looking *looking;
    const struct stream_rule *rule;
    const struct seen_event *event;
    const struct belief *of; /* what it is about; NULL = nobody knows */
    bool made_it;            /* this request made it */
    bool has_ended;          /* it was shown in a state in which the stream ends */
    size_t verdicts;         /* there were before: one mistake is told once */
    bool is_past;            /* this event was told before */
    struct told_stream *told;
    int64_t first, previous; /* numbers; -1 = none yet */
    struct {
        VEC(struct told_name);
    } names;
    struct {
        VEC(struct told_text);
    } texts;
};

struct breach stream_breach(const struct reading *reading, const char *rule);
const char *stream_name(const struct reading *reading);
size_t stream_event_index(const struct reading *reading); /* from 1 */

/* stream_numbers.c: the number of this event; where the stream began, when it is over */
void stream_check_number(struct reading *reading);
void stream_check_start(struct reading *reading);

/* stream_names.c: the name of this event against what it shows */
void stream_check_name(struct reading *reading, const struct showing *showing);

/* stream_end.c: the first event; the last one; what is shown in a state in which the stream ends;
 * the same, when it is over; its own parts */
void stream_check_first(struct reading *reading);
void stream_check_marker(struct reading *reading);
void stream_note_end(struct reading *reading, const struct belief *belief);
void stream_check_end(struct reading *reading);
void stream_check_parts(struct reading *reading);
