/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_answer.h"

#include "core/base/str.h"
#include "core/net/http_token.h"

#include <inttypes.h>

void http_answer_init(struct http_answer *answer, struct http_transfer *transfer)
{
    *answer = (struct http_answer){.transfer = transfer};
    strbuf_init(&answer->line, HTTP_ANSWER_HEAD_MAX);
}

void http_answer_release(struct http_answer *answer)
{
    strbuf_release(&answer->line);
}

/* "got '...'": as much of the line as fits, with nothing in it that is not for people. */
static int broken(struct http_answer *answer, const char *what, struct str line)
{
    char shown[64];
    size_t len = line.len < sizeof shown - 1 ? line.len : sizeof shown - 1;
    for (size_t i = 0; i < len; i++)
        shown[i] = line.ptr[i] >= 0x20 && line.ptr[i] < 0x7f ? line.ptr[i] : '?';
    shown[len] = '\0';
    return http_transfer_fail(answer->transfer, HTTP_FAILURE_BROKEN, "%s: '%s'%s", what, shown,
                              len < line.len ? "..." : "");
}

static int stopped(struct http_answer *answer)
{
    return http_transfer_fail(answer->transfer, HTTP_FAILURE_BROKEN, "%s",
                              answer->transfer->was_stopped ? "the answer was left before its end"
                                                            : "the body is too large");
}

/* ---- the head ---- */

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static int read_status(struct http_answer *answer, struct str line)
{
    struct http_reply *reply = answer->transfer->reply;
    const char *text = line.ptr;
    bool is_one = line.len >= 12 && memcmp(text, "HTTP/1.", 7) == 0 &&
                  (text[7] == '0' || text[7] == '1') && text[8] == ' ' &&
                  (line.len == 12 || text[12] == ' ');
    for (size_t i = 9; is_one && i < 12; i++)
        is_one = text[i] >= '0' && text[i] <= '9';
    if (!is_one || text[9] == '0')
        return broken(answer, "the answer does not begin as HTTP/1.1 does", line);
    http_reply_drop_headers(reply);
    reply->status = (text[9] - '0') * 100 + (text[10] - '0') * 10 + text[11] - '0';
    answer->keep_alive = text[7] == '1';
    answer->is_chunked = answer->has_length = false;
    answer->length = 0;
    answer->state = ANSWER_FIELDS;
    return 0;
}

static bool name_is(struct str name, const char *text)
{
    size_t i = 0;
    for (; i < name.len && text[i]; i++)
        if ((name.ptr[i] | 0x20) != text[i])
            return false;
    return i == name.len && !text[i];
}

/* One of the words between commas. */
static bool has_word(struct str list, const char *word)
{
    size_t at = 0;
    while (at < list.len) {
        size_t begin = at, end;
        while (at < list.len && list.ptr[at] != ',')
            at++;
        end = at++;
        while (begin < end && (list.ptr[begin] == ' ' || list.ptr[begin] == '\t'))
            begin++;
        while (begin < end && (list.ptr[end - 1] == ' ' || list.ptr[end - 1] == '\t'))
            end--;
        if (name_is((struct str){list.ptr + begin, end - begin}, word))
            return true;
    }
    return false;
}

static int read_length(struct http_answer *answer, struct str value)
{
    uint64_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned digit = (unsigned)(value.ptr[i] - '0');
        if (digit > 9 || length > (UINT64_MAX - digit) / 10)
            return broken(answer, "the Content-Length is no number", value);
        length = length * 10 + digit;
    }
    if (!value.len || (answer->has_length && answer->length != length))
        return broken(answer, "the Content-Length is not one number", value);
    answer->has_length = true;
    answer->length = length;
    return 0;
}

/* What a field says of where the answer ends, and what is behind it. */
static int heed_field(struct http_answer *answer, struct str name, struct str value)
{
    if (name_is(name, "content-length"))
        return read_length(answer, value);
    if (name_is(name, "transfer-encoding")) {
        if (!name_is(value, "chunked") && !name_is(value, "identity"))
            return broken(answer, "the answer has a transfer coding nobody asked for", value);
        answer->is_chunked = answer->is_chunked || name_is(value, "chunked");
    } else if (name_is(name, "connection")) {
        answer->keep_alive =
            answer->keep_alive ? !has_word(value, "close") : has_word(value, "keep-alive");
    }
    return 0;
}

/* What is no field at all is passed over; trailers are headers, too. */
static int read_field(struct http_answer *answer, struct str line)
{
    const char *colon = memchr(line.ptr, ':', line.len), *end = line.ptr + line.len;
    if (memchr(line.ptr, '\0', line.len))
        return broken(answer, "a NUL stands in the head", line);
    if (!colon)
        return 0;
    struct str name = {line.ptr, (size_t)(colon - line.ptr)};
    while (++colon < end && (*colon == ' ' || *colon == '\t'))
        continue;
    while (end > colon && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    struct str value = {colon, (size_t)(end - colon)};
    http_reply_add_header(answer->transfer->reply, name, value);
    return answer->state == ANSWER_FIELDS ? heed_field(answer, name, value) : 0;
}

/* The empty line: what comes next? */
static int end_head(struct http_answer *answer)
{
    const struct http_transfer *transfer = answer->transfer;
    int status = transfer->reply->status;
    answer->head_len = 0;
    if (status < 200 && status != 101) {
        answer->state = ANSWER_STATUS;
        return 0;
    }
    answer->left = answer->length;
    if (status == 204 && (answer->is_chunked || answer->length))
        answer->keep_alive = false; /* who knows what it sends behind it */
    if (text_is(transfer->call->method, "HEAD") || status == 204 || status == 304)
        answer->state = ANSWER_DONE;
    else if (answer->is_chunked)
        answer->state = ANSWER_CHUNK_SIZE;
    else if (!answer->has_length)
        answer->state = ANSWER_UNTIL_CLOSE;
    else
        answer->state = answer->left ? ANSWER_LENGTH : ANSWER_DONE;
    return http_transfer_begin(answer->transfer) ? stopped(answer) : 0;
}

/* ---- chunks ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "1f4;name=value": what is behind the number means nothing to us. */
static int read_chunk_size(struct http_answer *answer, struct str line)
{
    size_t at = 0;
    uint64_t size = 0;
    for (; at < line.len && hex_digit(line.ptr[at]) >= 0; at++) {
        if (size >> 59)
            return broken(answer, "a chunk is larger than any number we can hold", line);
        size = size * 16 + (uint64_t)hex_digit(line.ptr[at]);
    }
    if (!at || (at < line.len && !strchr("; \t", line.ptr[at])))
        return broken(answer, "the size of a chunk is no hexadecimal number", line);
    answer->left = size;
    answer->head_len = 0;
    answer->state = size ? ANSWER_CHUNK : ANSWER_TRAILERS;
    return 0;
}

/* ---- lines ---- */

static int read_line(struct http_answer *answer, struct str line)
{
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    switch (answer->state) {
    case ANSWER_STATUS:
        return read_status(answer, line);
    case ANSWER_FIELDS:
        return line.len ? read_field(answer, line) : end_head(answer);
    case ANSWER_CHUNK_SIZE:
        return read_chunk_size(answer, line);
    case ANSWER_CHUNK_END:
        answer->state = ANSWER_CHUNK_SIZE;
        return line.len ? broken(answer, "a chunk is longer than its size says", line) : 0;
    case ANSWER_TRAILERS:
        if (!line.len)
            answer->state = ANSWER_DONE;
        return line.len ? read_field(answer, line) : 0;
    default:
        return 0;
    }
}

/* One whole line, or what there is of it. */
static int feed_line(struct http_answer *answer, const char *bytes, size_t len, size_t *used)
{
    const char *end = memchr(bytes, '\n', len);
    *used = end ? (size_t)(end - bytes) + 1 : len;
    answer->head_len += *used;
    if (answer->head_len > HTTP_ANSWER_HEAD_MAX)
        return http_transfer_fail(answer->transfer, HTTP_FAILURE_BROKEN,
                                  "the head of the answer is longer than %d bytes",
                                  HTTP_ANSWER_HEAD_MAX);
    if (end && !answer->line.len)
        return read_line(answer, (struct str){bytes, *used - 1});
    strbuf_add(&answer->line, bytes, end ? *used - 1 : *used);
    if (answer->state == ANSWER_STATUS &&
        memcmp(answer->line.buf, "HTTP/1.", answer->line.len < 7 ? answer->line.len : 7) != 0)
        return broken(answer, "the answer does not begin as HTTP/1.1 does",
                      (struct str){answer->line.buf, answer->line.len});
    if (!end)
        return 0;
    int result = read_line(answer, (struct str){answer->line.buf, answer->line.len});
    strbuf_clear(&answer->line);
    return result;
}

static int feed_body(struct http_answer *answer, const char *bytes, size_t len, size_t *used)
{
    *used = answer->state == ANSWER_UNTIL_CLOSE || len < answer->left ? len : (size_t)answer->left;
    if (answer->state != ANSWER_UNTIL_CLOSE && !(answer->left -= *used))
        answer->state = answer->state == ANSWER_LENGTH ? ANSWER_DONE : ANSWER_CHUNK_END;
    return http_transfer_take(answer->transfer, bytes, *used) ? stopped(answer) : 0;
}

int http_answer_feed(struct http_answer *answer, const char *bytes, size_t len, size_t *used)
{
    int result = 0;
    *used = 0;
    while (result == 0 && *used < len && answer->state != ANSWER_DONE) {
        bool is_body = answer->state == ANSWER_LENGTH || answer->state == ANSWER_CHUNK ||
                       answer->state == ANSWER_UNTIL_CLOSE;
        size_t taken = 0;
        result = (is_body ? feed_body : feed_line)(answer, bytes + *used, len - *used, &taken);
        *used += taken;
    }
    return result;
}

int http_answer_end(struct http_answer *answer)
{
    struct http_transfer *transfer = answer->transfer;
    if (answer->state == ANSWER_DONE || answer->state == ANSWER_UNTIL_CLOSE)
        return 0;
    if (answer->state == ANSWER_STATUS)
        return http_transfer_fail(transfer, HTTP_FAILURE_BROKEN, "the connection was closed %s",
                                  answer->line.len || transfer->reply->status
                                      ? "before the head of the answer was whole"
                                      : "without an answer");
    if (answer->state == ANSWER_LENGTH)
        return http_transfer_fail(
            transfer, HTTP_FAILURE_BROKEN,
            "the connection was closed %" PRIu64 " bytes before the end of the body", answer->left);
    return http_transfer_fail(transfer, HTTP_FAILURE_BROKEN, "the connection was closed %s",
                              answer->state == ANSWER_FIELDS
                                  ? "before the head of the answer was whole"
                                  : "before the last chunk of the body");
}
