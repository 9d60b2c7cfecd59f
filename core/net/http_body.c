/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a request's body: by length, or chunked (RFC 9112 section 7.1) with extensions and
 * trailers. */
#include "core/base/mem.h"
#include "core/net/http_internal.h"

#include <string.h>

enum {
    BODY_FIRST = 64 * 1024, /* a claimed length is not believed at once */
    CHUNK_LINE_MAX = 1024,  /* a chunk's size and extensions */
    CHUNK_SIZE_DIGITS = 15
};

struct body_reader {
    struct http_connection *connection;
    struct http_fault *fault;
    nanos deadline; /* 0: nothing had to be waited for yet, as with most bodies */
    size_t len;
};

/* What a read that gave no bytes means. */
static int explain_end(struct body_reader *reader, long got)
{
    if (got == WIRE_TIMEOUT)
        return http_fault(reader->fault, 408, "the body did not arrive within %d ms",
                          reader->connection->service->options.body_deadline_ms);
    if (got == WIRE_END && !atomic_load(&reader->connection->service->stopping))
        return http_fault(reader->fault, 400, "the body ended early");
    reader->fault->status = 0;
    return -1;
}

static int remaining_ms(struct body_reader *reader)
{
    nanos now = instant_monotonic_now();
    if (!reader->deadline)
        reader->deadline =
            now + reader->connection->service->options.body_deadline_ms * NANOS_PER_MS;
    nanos left = reader->deadline - now;
    return left > 0 ? (int)((left + NANOS_PER_MS - 1) / NANOS_PER_MS) : 0;
}

static int read_more(struct body_reader *reader, char *bytes, size_t len, size_t *got)
{
    int timeout = remaining_ms(reader);
    long read = timeout ? wire_read(&reader->connection->wire, bytes, len, timeout) : WIRE_TIMEOUT;
    if (read <= 0)
        return explain_end(reader, read);
    *got = (size_t)read;
    return 0;
}

/* Room for `more` bytes and the terminator. */
static void reserve(struct body_reader *reader, size_t more)
{
    struct http_connection *connection = reader->connection;
    size_t needed = reader->len + more + 1;
    if (needed <= connection->work->body_cap)
        return;
    size_t cap = connection->work->body_cap ? connection->work->body_cap : 1024;
    while (cap < needed)
        cap *= 2;
    connection->work->body = mem_realloc(connection->work->body, cap);
    connection->work->body_cap = cap;
}

/* Appends `len` bytes of the stream to the body: first what was received with the head. */
static int append(struct body_reader *reader, size_t len)
{
    struct http_connection *connection = reader->connection;
    while (len) {
        size_t buffered = connection->end - connection->start;
        size_t step = len < BODY_FIRST ? len : BODY_FIRST;
        if (buffered) {
            step = buffered < len ? buffered : len;
            reserve(reader, step);
            memcpy(connection->work->body + reader->len, connection->in + connection->start, step);
            connection->start += step;
        } else {
            reserve(reader, step);
            if (read_more(reader, connection->work->body + reader->len, step, &step))
                return -1;
        }
        reader->len += step;
        len -= step;
    }
    return 0;
}

/* The next byte of the stream, through the input buffer's space behind the head. */
static int next_byte(struct body_reader *reader, char *byte)
{
    struct http_connection *connection = reader->connection;
    if (connection->start == connection->end) {
        size_t head_end = connection->head_len, got = 0;
        if (read_more(reader, connection->in + head_end, connection->in_cap - head_end, &got))
            return -1;
        connection->start = head_end;
        connection->end = head_end + got;
    }
    *byte = connection->in[connection->start++];
    return 0;
}

/* A line up to CRLF into `line` (terminated); -1 also when it is longer than `size`. */
static int read_line(struct body_reader *reader, char *line, size_t size)
{
    size_t len = 0;
    for (;;) {
        char c = 0;
        if (next_byte(reader, &c))
            return -1;
        if (c == '\n' && len && line[len - 1] == '\r') {
            line[len - 1] = '\0';
            return 0;
        }
        bool is_control = ((unsigned char)c < 0x20 && c != '\t' && c != '\r') || c == 0x7f;
        if (is_control || (len && line[len - 1] == '\r'))
            return http_fault(reader->fault, 400, "a line of the chunked body is malformed");
        if (len + 1 >= size)
            return http_fault(reader->fault, 400, "a line of the chunked body is too long");
        line[len++] = c;
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* "1a" or "1a;name=value": the extensions mean nothing to us. */
static int read_chunk_size(struct body_reader *reader, size_t *size)
{
    char line[CHUNK_LINE_MAX] = "";
    if (read_line(reader, line, sizeof line))
        return -1;
    size_t digits = 0;
    *size = 0;
    for (; hex_value(line[digits]) >= 0; digits++) {
        if (digits == CHUNK_SIZE_DIGITS)
            return http_fault(reader->fault, 400, "a chunk size is too large");
        *size = *size * 16 + (size_t)hex_value(line[digits]);
    }
    size_t blanks = strspn(line + digits, " \t");
    char next = line[digits + blanks];
    if (!digits || (next && next != ';') || (blanks && !next))
        return http_fault(reader->fault, 400, "a chunk size is not a hexadecimal number");
    return 0;
}

static int skip_trailers(struct body_reader *reader)
{
    char line[CHUNK_LINE_MAX * 4] = "";
    for (int lines = 0; lines <= HTTP_MAX_HEADERS; lines++) {
        if (read_line(reader, line, sizeof line))
            return -1;
        if (!*line)
            return 0;
        if (!strchr(line, ':') || *line == ' ' || *line == '\t')
            return http_fault(reader->fault, 400, "a trailer is not 'name: value'");
    }
    return http_fault(reader->fault, 400, "the request has more than %d trailers",
                      HTTP_MAX_HEADERS);
}

static int refuse_size(struct body_reader *reader)
{
    return http_fault(reader->fault, 413, "the body is larger than %zu bytes",
                      reader->connection->service->options.max_body);
}

static int read_chunks(struct body_reader *reader)
{
    size_t max = reader->connection->service->options.max_body;
    for (;;) {
        size_t size = 0;
        char line[2] = {0};
        if (read_chunk_size(reader, &size))
            return -1;
        if (!size)
            return skip_trailers(reader);
        if (size > max - reader->len)
            return refuse_size(reader);
        if (append(reader, size))
            return -1;
        for (int i = 0; i < 2; i++)
            if (next_byte(reader, &line[i]))
                return -1;
        if (line[0] != '\r' || line[1] != '\n')
            return http_fault(reader->fault, 400, "a chunk is longer than its size");
    }
}

int http_body_read(struct http_connection *connection, struct http_fault *fault)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_options *options = &connection->service->options;
    struct http_head *head = &connection->head;
    if (!head->is_chunked && !head->content_length)
        return 0;
    struct body_reader reader = {.connection = connection, .fault = fault};
    if (head->content_length > options->max_body)
        return refuse_size(&reader);
    if (head->expects_continue && connection->start == connection->end &&
        wire_write(&connection->wire, go_on, sizeof go_on - 1, NULL, 0)) {
        fault->status = 0;
        return -1;
    }
    if (head->is_chunked ? read_chunks(&reader) : append(&reader, (size_t)head->content_length))
        return -1;
    reserve(&reader, 0);
    connection->work->body[reader.len] = '\0';
    head->request.body = connection->work->body;
    head->request.body_len = reader.len;
    return 0;
}
