/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of connections and of framing: cut off, empty, torn, of another length than was said. */
#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/net/digest.h"
#include "mock/faults/act.h"

/* ---- reset ---- */

static const struct fault_parameter effect_parameters[] = {FAULT_EFFECT_PARAMETER, {0}};

static void reset(struct exchange *exchange, struct fault_hit *hit)
{
    (void)hit;
    exchange_over(exchange);
    http_close_abruptly(exchange->http);
}

/* Of the body; not given: half of it. Never all. */
static size_t cut_after(const struct fault_hit *hit, size_t len)
{
    size_t after = fault_is_given(hit, "after") ? (size_t)fault_integer(hit, "after") : len / 2;
    return after < len ? after : len - (len > 0);
}

/* The head of the whole answer, and only the first bytes of its body. */
static void write_first(struct exchange *exchange, const struct fault_hit *hit,
                        const struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len;
    const char *body = http_message_body(exchange->http, response, &len);
    http_message_head(exchange->http, response, (long long)len, false, &message);
    strbuf_add(&message, body, cut_after(hit, len));
    http_raw_write(exchange->http, message.buf, message.len);
    strbuf_release(&message);
}

static const struct fault_parameter cut_parameters[] = {
    {.name = "after",
     .type = FAULT_INTEGER,
     .help = "bytes of the body that come, never all; half of it where none are given"},
    {0},
};

static bool reset_in_body(struct exchange *exchange, struct fault_hit *hit,
                          struct http_response *response)
{
    write_first(exchange, hit, response);
    exchange_over(exchange);
    http_close_abruptly(exchange->http);
    return true;
}

static bool truncate_body(struct exchange *exchange, struct fault_hit *hit,
                          struct http_response *response)
{
    write_first(exchange, hit, response);
    return true;
}

/* ---- no answer ---- */

static void close_empty(struct exchange *exchange, struct fault_hit *hit)
{
    (void)hit;
    http_close_quietly(exchange->http);
}

static const struct fault_parameter random_parameters[] = {
    {.name = "bytes",
     .type = FAULT_INTEGER,
     .least = 1,
     .most = 1e6,
     .fallback = "64",
     .help = "how many"},
    FAULT_EFFECT_PARAMETER,
    {0},
};

static void send_random(struct exchange *exchange, struct fault_hit *hit)
{
    struct draw draw = draw_from(draw_hash_text(hit->key, "bytes"));
    struct strbuf bytes = STRBUF_INIT(LIMIT_DOCUMENT);
    for (int64_t left = fault_integer(hit, "bytes"); left > 0; left--)
        strbuf_addch(&bytes, (char)(draw_next(&draw) >> 56));
    if (*bytes.buf == 'H')
        *bytes.buf ^= '\x80'; /* by chance the start of a status line */
    fault_send_last(exchange, &bytes);
    strbuf_release(&bytes);
}

static const struct fault_parameter raw_parameters[] = {
    {.name = "text", .type = FAULT_TEXT, .fallback = "", .help = "what is sent, head and all"},
    {.name = "base64", .type = FAULT_BASE64, .help = "the same where it is no text"},
    FAULT_EFFECT_PARAMETER,
    {0},
};

static void send_raw(struct exchange *exchange, struct fault_hit *hit)
{
    const char *text = fault_text(hit, "text"), *encoded = fault_text(hit, "base64");
    struct strbuf bytes = STRBUF_INIT(LIMIT_DOCUMENT);
    strbuf_adds(&bytes, text);
    if (encoded)
        base64_decode(&bytes, encoded, strlen(encoded));
    if (bytes.len)
        fault_send_last(exchange, &bytes);
    else
        http_close_quietly(exchange->http);
    strbuf_release(&bytes);
}

/* ---- another length than was said ---- */

static const struct fault_parameter length_parameters[] = {
    {.name = "by",
     .type = FAULT_INTEGER,
     .least = -1e9,
     .most = 1e9,
     .fallback = "10",
     .help = "Content-Length says so many bytes more than come; negative: fewer"},
    {.name = "none",
     .type = FAULT_FLAG,
     .fallback = "false",
     .help = "it says nothing at all: the body ends with the connection"},
    {0},
};

/* Where less was said the connection lives on: the rest is what the client takes for the next
 * answer. */
static bool state_wrong_length(struct exchange *exchange, struct fault_hit *hit,
                               struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len;
    const char *body = http_message_body(exchange->http, response, &len);
    int64_t by = fault_integer(hit, "by"), said = (int64_t)len + by;
    bool is_unsaid = fault_integer(hit, "none");
    response->close |= is_unsaid;
    http_message_head(exchange->http, response,
                      is_unsaid  ? -1
                      : said > 0 ? said
                                 : 0,
                      false, &message);
    strbuf_add(&message, body, len);
    fault_send_last(exchange, &message);
    if (!is_unsaid && by <= 0)
        http_raw_finish(exchange->http);
    strbuf_release(&message);
    return true;
}

/* ---- chunks ---- */

static const char *const chunk_mistakes[] = {"size", "short", "endless", NULL};
enum chunk_mistake { CHUNK_SIZE, CHUNK_SHORT, CHUNK_ENDLESS };

static const struct fault_parameter chunk_parameters[] = {
    {.name = "how",
     .type = FAULT_CHOICE,
     .choices = chunk_mistakes,
     .fallback = "size",
     .help = "a size that is no number; a chunk that is shorter than it says; no last chunk"},
    {0},
};

static bool break_chunks(struct exchange *exchange, struct fault_hit *hit,
                         struct http_response *response)
{
    enum chunk_mistake how = (enum chunk_mistake)fault_integer(hit, "how");
    if (text_is(exchange->request->method, "HEAD"))
        return false; /* nothing of a body may follow, not even a broken one */
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len;
    const char *body = http_message_body(exchange->http, response, &len);
    http_message_head(exchange->http, response, -1, true, &message);
    strbuf_addf(&message, "%zx\r\n", how == CHUNK_SHORT ? len + 16 : len);
    strbuf_add(&message, body, len);
    strbuf_adds(&message, how == CHUNK_SIZE ? "\r\nzz\r\nno chunk at all\r\n" : "\r\n");
    fault_send_last(exchange, &message);
    strbuf_release(&message);
    return true;
}

/* ---- closed, though it was said to live on ---- */

static bool close_unannounced(struct exchange *exchange, struct fault_hit *hit,
                              struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len;
    (void)hit;
    const char *body = http_message_body(exchange->http, response, &len);
    http_message_head(exchange->http, response, response->status == 204 ? -1 : (long long)len,
                      false, &message);
    strbuf_add(&message, body, len);
    fault_send_last(exchange, &message);
    strbuf_release(&message);
    return true;
}

const struct fault_kind cut_faults[] = {
    {.name = "reset",
     .summary = "the connection is reset (RST) before a byte of the answer",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_CHOSEN,
     .parameters = effect_parameters,
     .instead = reset},
    {.name = "reset_in_body",
     .summary = "the connection is reset (RST) within the body",
     .group = FAULT_OF_WIRE,
     .parameters = cut_parameters,
     .change = fault_needs_body,
     .send = reset_in_body},
    {.name = "empty_reply",
     .summary = "the connection is closed in order (FIN) without a byte",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_CHOSEN,
     .parameters = effect_parameters,
     .instead = close_empty},
    {.name = "random_bytes",
     .summary = "random bytes instead of an answer, then the connection is closed",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_CHOSEN,
     .parameters = random_parameters,
     .instead = send_random},
    {.name = "raw_bytes",
     .summary = "these bytes instead of an answer, then the connection is closed",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_CHOSEN,
     .parameters = raw_parameters,
     .instead = send_raw},
    {.name = "truncated_body",
     .summary = "the connection is closed in order (FIN) before the body is whole",
     .group = FAULT_OF_WIRE,
     .parameters = cut_parameters,
     .change = fault_needs_body,
     .send = truncate_body},
    {.name = "wrong_length",
     .summary = "Content-Length is not the length of the body",
     .group = FAULT_OF_WIRE,
     .parameters = length_parameters,
     .send = state_wrong_length},
    {.name = "malformed_chunk",
     .summary = "a chunked body whose chunks are wrong, then the connection is closed",
     .group = FAULT_OF_WIRE,
     .parameters = chunk_parameters,
     .send = break_chunks},
    {.name = "unannounced_close",
     .summary = "the answer is whole and promises a lasting connection, which is then closed",
     .group = FAULT_OF_WIRE,
     .send = close_unannounced},
    {0},
};
