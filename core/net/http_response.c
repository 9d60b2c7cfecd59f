/* SPDX-License-Identifier: Apache-2.0 */
/* Building an answer, and its head as it goes over the wire. */
#include "core/base/str.h"
#include "core/net/http_internal.h"
#include "core/net/http_token.h"

#include <stdio.h>

enum { LIMIT_RESPONSE_HEAD = 256 * 1024, HEAD_USUAL = 480, LONGEST_REASON = 70 };

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a Teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
};

const char *http_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return status < 500 ? "Client Error" : "Server Error"; /* a fault may have any */
}

void http_response_init(struct http_response *response, int status)
{
    *response = (struct http_response){.status = status};
    strbuf_init(&response->head, LIMIT_RESPONSE_HEAD);
    strbuf_init(&response->text, LIMIT_DOCUMENT);
}

void http_response_release(struct http_response *response)
{
    strbuf_release(&response->head);
    strbuf_release(&response->text);
    if (response->release)
        response->release(response->release_data);
    response->release = NULL;
    response->borrowed = NULL;
    response->borrowed_len = 0;
}

/* The server's own: what frames the message is known only when it is sent. */
static bool is_framing(const char *name)
{
    char first = (char)(*name | 0x20);
    if (first != 'c' && first != 't' && first != 'k')
        return false;
    return text_is_any_case(name, "Content-Length") || text_is_any_case(name, "Connection") ||
           text_is_any_case(name, "Transfer-Encoding") || text_is_any_case(name, "Keep-Alive");
}

/* The length of a name that may stand there; 0 for others. */
static size_t name_length(const char *name)
{
    size_t len = 0;
    while (http_is_token_char(name[len]))
        len++;
    return name[len] || is_framing(name) ? 0 : len;
}

/* Once is enough for most heads. */
static void reserve(struct strbuf *head, size_t more)
{
    strbuf_reserve(head, head->cap ? more : HEAD_USUAL + more);
}

static void blank_controls(char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (len - i >= 8 && !http_may_have_control(bytes + i)) {
            i += 8;
            continue;
        }
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            bytes[i] = ' ';
        i++;
    }
}

void http_response_header(struct http_response *response, const char *name, const char *value)
{
    struct strbuf *head = &response->head;
    size_t name_len = name_length(name), value_len = strlen(value);
    if (!name_len)
        return;
    reserve(head, name_len + value_len + 4);
    if (head->max - head->len < name_len + value_len + 4)
        return;
    if (text_is_any_case(name, "Date"))
        response->has_date = true;
    char *to = head->buf + head->len;
    memcpy(to, name, name_len);
    to += name_len;
    *to++ = ':';
    *to++ = ' ';
    memcpy(to, value, value_len);
    blank_controls(to, value_len);
    memcpy(to + value_len, "\r\n", 3);
    head->len += name_len + value_len + 4;
}

void http_response_known(struct http_response *response, struct str start, const char *value)
{
    struct strbuf *head = &response->head;
    size_t len = strlen(value), from = head->len + start.len;
    reserve(head, start.len + len + 2);
    strbuf_add(head, start.ptr, start.len);
    strbuf_add(head, value, len);
    strbuf_add(head, "\r\n", 2);
    if (!head->overflowed)
        blank_controls(head->buf + from, len);
}

void http_response_lines(struct http_response *response, const char *lines)
{
    size_t len = strlen(lines);
    reserve(&response->head, len);
    strbuf_add(&response->head, lines, len);
}

void http_response_headerf(struct http_response *response, const char *name, const char *format,
                           ...)
{
    struct strbuf value = STRBUF_INIT(LIMIT_RESPONSE_HEAD);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&value, format, args);
    va_end(args);
    http_response_header(response, name, value.buf);
    strbuf_release(&value);
}

void http_response_borrow(struct http_response *response, const void *bytes, size_t len,
                          void (*release)(void *data), void *data)
{
    if (response->release)
        response->release(response->release_data);
    response->borrowed = bytes;
    response->borrowed_len = len;
    response->release = release;
    response->release_data = data;
}

const char *http_response_bytes(const struct http_response *response, size_t *len)
{
    *len = response->borrowed ? response->borrowed_len : response->text.len;
    return response->borrowed ? response->borrowed : response->text.buf;
}

/* The date's text changes once a second, and its calendar is dearer than the whole head. */
static void add_date(struct http_connection *connection)
{
    nanos now = instant_real_now();
    if (now / NANOS_PER_SECOND != connection->date_second) {
        connection->date_second = now / NANOS_PER_SECOND;
        instant_http_date(now, connection->date);
    }
    strbuf_adds(&connection->work->out, "Date: ");
    strbuf_adds(&connection->work->out, connection->date);
    strbuf_add(&connection->work->out, "\r\n", 2);
}

/* Three digits and a blank, whatever the number. */
static void add_status(struct strbuf *out, int status)
{
    unsigned number = status > 0 ? (unsigned)status % 1000 : 0;
    char digits[] = {(char)('0' + number / 100), (char)('0' + number / 10 % 10),
                     (char)('0' + number % 10), ' '};
    strbuf_add(out, digits, sizeof digits);
}

void http_write_head(struct http_connection *connection, const struct http_response *response,
                     long long length, bool is_chunked, bool keep_alive)
{
    struct strbuf *out = &connection->work->out;
    strbuf_clear(out);
    strbuf_add(out, "HTTP/1.1 ", 9);
    add_status(out, response->status);
    const char *reason = response->reason ? response->reason : http_reason(response->status);
    strbuf_add(out, reason, strnlen(reason, LONGEST_REASON));
    strbuf_add(out, "\r\n", 2);
    if (!response->has_date)
        add_date(connection);
    strbuf_add(out, response->head.buf, response->head.len);
    if (length >= 0) {
        strbuf_adds(out, "Content-Length: ");
        strbuf_add_number(out, (unsigned long long)length);
        strbuf_add(out, "\r\n", 2);
    }
    if (is_chunked)
        strbuf_adds(out, "Transfer-Encoding: chunked\r\n");
    if (!keep_alive)
        strbuf_adds(out, "Connection: close\r\n");
    else if (text_is(connection->head.request.version, "1.0"))
        strbuf_adds(out, "Connection: keep-alive\r\n");
    strbuf_add(out, "\r\n", 2);
}
