/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/sse.h"

#include "core/base/str.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";
enum { BOM_BYTES = 3 };

static void add_field(struct strbuf *out, const char *name, const char *value)
{
    strbuf_adds(out, name);
    strbuf_add(out, ": ", 2);
    for (const char *c = value; *c; c++)
        strbuf_addch(out, *c == '\n' || *c == '\r' ? ' ' : *c);
    strbuf_addch(out, '\n');
}

static size_t line_length(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] != '\n' && text[i] != '\r')
        i++;
    return i;
}

void sse_write(struct strbuf *out, const char *event, const char *id, const char *data,
               size_t data_len)
{
    if (event)
        add_field(out, "event", event);
    if (id)
        add_field(out, "id", id);
    for (bool more = data != NULL; more;) {
        size_t len = line_length(data, data_len);
        strbuf_add(out, "data: ", 6);
        strbuf_add(out, data, len);
        strbuf_addch(out, '\n');
        more = len < data_len;
        bool is_pair = more && data[len] == '\r' && len + 1 < data_len && data[len + 1] == '\n';
        len += more + is_pair;
        data += len;
        data_len -= len;
    }
    strbuf_addch(out, '\n');
}

void sse_write_comment(struct strbuf *out, const char *text)
{
    add_field(out, "", text);
    strbuf_addch(out, '\n');
}

void sse_write_retry(struct strbuf *out, unsigned milliseconds)
{
    strbuf_addf(out, "retry: %u\n\n", milliseconds);
}

void sse_parser_init(struct sse_parser *parser, size_t max,
                     void (*dispatch)(const struct sse_event *event, void *state), void *state)
{
    *parser =
        (struct sse_parser){.dispatch = dispatch, .state = state, .retry_ms = -1, .at_start = true};
    strbuf_init(&parser->line, max);
    strbuf_init(&parser->type, max);
    strbuf_init(&parser->data, max);
    strbuf_init(&parser->id, max);
}

void sse_parser_release(struct sse_parser *parser)
{
    strbuf_release(&parser->line);
    strbuf_release(&parser->type);
    strbuf_release(&parser->data);
    strbuf_release(&parser->id);
}

static void dispatch(struct sse_parser *parser)
{
    if (parser->has_data) {
        struct sse_event event = {
            .type = parser->type.len ? parser->type.buf : "message",
            .id = parser->id.buf,
            .data = parser->data.buf,
            .data_len = parser->data.len,
        };
        parser->dispatch(&event, parser->state);
    }
    strbuf_clear(&parser->type);
    strbuf_clear(&parser->data);
    parser->has_data = false;
}

static void set_retry(struct sse_parser *parser, const char *digits, size_t len)
{
    enum { MOST_DIGITS = 15 };
    long long value = 0;
    if (!len || len > MOST_DIGITS)
        return;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return;
        value = value * 10 + (digits[i] - '0');
    }
    parser->retry_ms = value;
}

static void set_field(struct sse_parser *parser, struct str name, struct str value)
{
    if (str_is(name, "event")) {
        strbuf_clear(&parser->type);
        strbuf_add(&parser->type, value.ptr, value.len);
    } else if (str_is(name, "data")) {
        if (parser->has_data)
            strbuf_addch(&parser->data, '\n');
        strbuf_add(&parser->data, value.ptr, value.len);
        parser->has_data = true;
    } else if (str_is(name, "id")) {
        if (memchr(value.ptr, '\0', value.len))
            return;
        strbuf_clear(&parser->id);
        strbuf_add(&parser->id, value.ptr, value.len);
    } else if (str_is(name, "retry")) {
        set_retry(parser, value.ptr, value.len);
    }
}

/* A line without its end: a field, a comment, or the empty line that dispatches. */
static void end_line(struct sse_parser *parser)
{
    const char *line = parser->line.buf;
    size_t len = parser->line.len;
    if (!len) {
        dispatch(parser);
        return;
    }
    const char *colon = memchr(line, ':', len);
    struct str name = {line, colon ? (size_t)(colon - line) : len}, value = {"", 0};
    if (colon) {
        value = (struct str){colon + 1, len - name.len - 1};
        if (value.len && *value.ptr == ' ')
            value = (struct str){value.ptr + 1, value.len - 1};
    }
    if (name.len)
        set_field(parser, name, value);
    strbuf_clear(&parser->line);
}

/* One leading byte order mark is ignored; what only looked like one is text. */
static bool is_mark(struct sse_parser *parser, char c)
{
    if (!parser->at_start)
        return false;
    if (c == byte_order_mark[parser->bom_seen]) {
        if (++parser->bom_seen == BOM_BYTES)
            parser->at_start = false;
        return true;
    }
    parser->at_start = false;
    strbuf_add(&parser->line, byte_order_mark, parser->bom_seen);
    return false;
}

int sse_parser_feed(struct sse_parser *parser, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !parser->overflowed; i++) {
        char c = bytes[i];
        if (is_mark(parser, c))
            continue;
        bool is_second = c == '\n' && parser->after_cr;
        parser->after_cr = c == '\r';
        if (is_second)
            continue;
        if (c == '\n' || c == '\r')
            end_line(parser);
        else
            strbuf_addch(&parser->line, c);
        parser->overflowed = parser->line.overflowed || parser->data.overflowed ||
                             parser->type.overflowed || parser->id.overflowed;
    }
    return parser->overflowed ? -1 : 0;
}
