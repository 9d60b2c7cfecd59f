/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are sent in another way than they should be: for faults. */
#include "core/net/http_internal.h"

enum { DRAIN_MS = 200 };

bool http_may_have_body(const struct http_connection *connection, int status)
{
    return !connection->head.is_head && status != 204 && status != 304;
}

void http_message_head(struct http_exchange *exchange, const struct http_response *response,
                       long long length, bool is_chunked, struct strbuf *out)
{
    struct http_connection *connection = exchange->connection;
    size_t whole;
    if (connection->head.is_head && length >= 0 && http_response_bytes(response, &whole))
        length += (long long)whole; /* http_message_body has none, but GET would have these */
    exchange->may_live =
        exchange->keep_alive && !response->close && !atomic_load(&connection->service->stopping);
    http_write_head(connection, response, length, is_chunked, exchange->may_live);
    strbuf_add(out, connection->work->out.buf, connection->work->out.len);
}

const char *http_message_body(const struct http_exchange *exchange,
                              const struct http_response *response, size_t *len)
{
    const char *body = http_response_bytes(response, len);
    if (!http_may_have_body(exchange->connection, response->status))
        *len = 0;
    return body;
}

int http_raw_write(struct http_exchange *exchange, const void *bytes, size_t len)
{
    exchange->answer = ANSWER_RAW;
    exchange->keep_alive = false;
    return wire_write(&exchange->connection->wire, bytes, len, NULL, 0);
}

void http_raw_finish(struct http_exchange *exchange)
{
    exchange->answer = ANSWER_RAW;
    exchange->keep_alive = exchange->may_live && !exchange->connection->wire.broken;
}

void http_close_abruptly(struct http_exchange *exchange)
{
    struct http_wire *wire = &exchange->connection->wire;
    if (exchange->answer != ANSWER_NONE) /* what was written before is to arrive */
        wire_drain(wire, DRAIN_MS);
    exchange->answer = ANSWER_RAW;
    exchange->keep_alive = false;
    wire_reset(wire);
}

void http_close_quietly(struct http_exchange *exchange)
{
    exchange->answer = ANSWER_RAW;
    exchange->keep_alive = false;
    exchange->connection->wire.broken = true;
}
