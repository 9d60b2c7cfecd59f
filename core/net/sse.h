/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-sent events (WHATWG HTML, section 9.2): writing them, and an incremental parser that gives
 * what an EventSource would dispatch, whatever the pieces the bytes come in.
 */
#pragma once

#include "core/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* --- writing
 * --------------------------------------------------------------------------------------- Field
 * lines in the order event, id, data, then the empty line. NULL omits a field. `data` may hold line
 * ends of any kind: each line gets its own field. Line ends in `event` and `id` become blanks. */
void sse_write(struct strbuf *out, const char *event, const char *id, const char *data,
               size_t data_len);
/* ": text", the keep-alive that no client dispatches. */
void sse_write_comment(struct strbuf *out, const char *text);
void sse_write_retry(struct strbuf *out, unsigned milliseconds);

/* --- reading -------------------------------------------------------------------------------------
 */

struct sse_event {
    const char *type; /* "message" when the stream named none */
    const char *id;   /* the last event id so far, "" at first */
    const char *data; /* terminated; lines joined by LF */
    size_t data_len;
};

struct sse_parser {
    void (*dispatch)(const struct sse_event *event, void *state);
    void *state;
    struct strbuf line, type, data, id;
    long long retry_ms; /* -1: never given */
    bool after_cr, at_start, has_data, overflowed;
    unsigned char bom_seen; /* bytes of a byte order mark so far */
};

/* Texts of an event live until `dispatch` returns. `max` bytes a line and an event. */
void sse_parser_init(struct sse_parser *parser, size_t max,
                     void (*dispatch)(const struct sse_event *event, void *state), void *state);
void sse_parser_release(struct sse_parser *parser);
/* 0, or -1 once a line or an event was larger than `max` (nothing more is dispatched). */
int sse_parser_feed(struct sse_parser *parser, const char *bytes, size_t len);
