/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer, on the handler's thread: answering, streaming, waiting, parking. */
#define _GNU_SOURCE /* POLLRDHUP, pthread_getattr_np */
#include "core/base/str.h"
#include "core/net/http_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { JOINED_BODY = 4096 };

const char *http_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (text_is_any_case(request->headers[i].name, name))
            return request->headers[i].value;
    return NULL;
}

const struct http_request *http_exchange_request(const struct http_exchange *exchange)
{
    return &exchange->connection->head.request;
}

struct arena *http_exchange_arena(const struct http_exchange *exchange)
{
    return exchange->connection->work->arena;
}

static int send_answer(struct http_connection *connection, const struct http_response *response,
                       bool keep_alive)
{
    size_t len;
    const char *body = http_response_bytes(response, &len);
    http_write_head(connection, response, response->status == 204 ? -1 : (long long)len, false,
                    keep_alive);
    if (!http_may_have_body(connection, response->status))
        len = 0;
    if (len <= JOINED_BODY) { /* one piece is cheaper to send than two */
        strbuf_add(&connection->work->out, body, len);
        len = 0;
    }
    return wire_write(&connection->wire, connection->work->out.buf, connection->work->out.len, body,
                      len);
}

int http_respond(struct http_exchange *exchange, const struct http_response *response)
{
    assert(exchange->answer == ANSWER_NONE);
    struct http_connection *connection = exchange->connection;
    exchange->answer = ANSWER_SENT;
    if (response->close || atomic_load(&connection->service->stopping))
        exchange->keep_alive = false;
    int sent = send_answer(connection, response, exchange->keep_alive);
    if (sent)
        exchange->keep_alive = false;
    return sent;
}

int http_stream_begin(struct http_exchange *exchange, const struct http_response *response)
{
    assert(exchange->answer == ANSWER_NONE);
    struct http_connection *connection = exchange->connection;
    exchange->answer = ANSWER_STREAMING;
    exchange->is_chunked = text_is(connection->head.request.version, "1.1") &&
                           response->status != 204 && response->status != 304;
    if (response->close || !exchange->is_chunked)
        exchange->keep_alive = false;
    http_write_head(connection, response, -1, exchange->is_chunked, exchange->keep_alive);
    return wire_write(&connection->wire, connection->work->out.buf, connection->work->out.len, NULL,
                      0);
}

/* A handed over one sends what it has gathered in `out`. */
static int send_part(struct http_connection *connection, const void *bytes, size_t len)
{
    if (!connection->handed)
        return wire_write(&connection->wire, bytes, len, NULL, 0);
    struct strbuf *out = &connection->work->out;
    if (bytes != out->buf)
        strbuf_add(out, bytes, len);
    return out->overflowed ? -1 : handed_flush(connection->handed);
}

int http_stream_write(struct http_exchange *exchange, const void *bytes, size_t len)
{
    assert(exchange->answer == ANSWER_STREAMING);
    struct http_connection *connection = exchange->connection;
    if (!len || connection->head.is_head)
        return connection->wire.broken ? -1 : 0;
    if (!exchange->is_chunked)
        return send_part(connection, bytes, len);
    struct strbuf *out = &connection->work->out;
    if (!connection->handed)
        strbuf_clear(out);
    char size[24];
    strbuf_add(out, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", len));
    strbuf_add(out, bytes, len);
    strbuf_add(out, "\r\n", 2);
    if (out->overflowed)
        return -1;
    return send_part(connection, out->buf, out->len);
}

int http_stream_end(struct http_exchange *exchange)
{
    assert(exchange->answer == ANSWER_STREAMING);
    struct http_connection *connection = exchange->connection;
    exchange->answer = ANSWER_SENT;
    if (!exchange->is_chunked || connection->head.is_head)
        return connection->wire.broken ? -1 : 0;
    return send_part(connection, "0\r\n\r\n", 5);
}

bool http_exchange_client_left(struct http_exchange *exchange)
{
    bool readable;
    return wire_peer_left(&exchange->connection->wire, &readable);
}

bool http_exchange_is_stopping(const struct http_exchange *exchange)
{
    return atomic_load(&exchange->connection->service->stopping);
}

static int remaining_ms(nanos deadline)
{
    nanos left = deadline - instant_monotonic_now();
    return left > 0 ? (int)((left + NANOS_PER_MS - 1) / NANOS_PER_MS) : 0;
}

/*
 * Whether the events on the client's socket say that it left. A pipelined request makes it readable
 * for good: from then on only the end of its stream is watched.
 */
static bool has_left(struct http_wire *wire, struct pollfd *client)
{
    bool readable;
    if (client->revents & (POLLERR | POLLHUP | POLLRDHUP | POLLNVAL))
        return true;
    if (wire_peer_left(wire, &readable))
        return true;
    if (readable)
        client->events = POLLRDHUP;
    return false;
}

static enum http_wake wait_for_event(struct http_exchange *exchange, int wake_fd, int timeout_ms)
{
    struct http_connection *connection = exchange->connection;
    nanos deadline = instant_monotonic_now() + timeout_ms * NANOS_PER_MS;
    struct pollfd fds[3] = {
        {.fd = connection->service->stop_fd, .events = POLLIN},
        {.fd = connection->wire.socket, .events = POLLIN | POLLRDHUP},
        {.fd = wake_fd, .events = POLLIN},
    };
    if (connection->wire.broken)
        return HTTP_CLIENT_LEFT;
    for (;;) {
        int ready = poll(fds, 3, timeout_ms < 0 ? -1 : remaining_ms(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        if (fds[0].revents)
            return HTTP_STOPPING;
        if (ready < 0 || (fds[1].revents && has_left(&connection->wire, &fds[1])))
            return HTTP_CLIENT_LEFT;
        if (fds[2].revents)
            return HTTP_WOKEN;
        if (ready == 0)
            return HTTP_TIMED_OUT;
    }
}

/*
 * What the handler used of its stack before and no longer needs goes back to the system while it
 * is parked: with a thousand streams that is a tenth of the memory.
 */
static __attribute__((noinline)) void give_stack_back(void)
{
    enum { PAGE = 4096, OWN_FRAME = 1024 };
    static _Thread_local uintptr_t lowest, highest;
    if (!lowest) {
        pthread_attr_t attributes;
        void *stack = NULL;
        size_t size = 0;
        if (pthread_getattr_np(pthread_self(), &attributes))
            return;
        pthread_attr_getstack(&attributes, &stack, &size);
        pthread_attr_destroy(&attributes);
        lowest = ((uintptr_t)stack + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
        highest = (uintptr_t)stack + size;
    }
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t end = (here - OWN_FRAME) & ~(uintptr_t)(PAGE - 1);
    if (end > lowest && here < highest)
        madvise((void *)lowest, end - lowest, MADV_DONTNEED);
}

enum http_wake http_exchange_wait(struct http_exchange *exchange, int wake_fd, int timeout_ms)
{
    enum { LONG_MS = 1000 };
    if (exchange->is_parked && (timeout_ms < 0 || timeout_ms >= LONG_MS))
        give_stack_back();
    enum http_wake wake = wait_for_event(exchange, wake_fd, timeout_ms);
    if (wake == HTTP_CLIENT_LEFT || wake == HTTP_STOPPING)
        exchange->keep_alive = false; /* what it pipelined before is not served any more */
    return wake;
}

int http_park_begin(struct http_exchange *exchange)
{
    struct http_service *service = exchange->connection->service;
    if (exchange->is_parked)
        return 0;
    if (atomic_fetch_add(&service->parked, 1) >= service->max_parked) {
        atomic_fetch_sub(&service->parked, 1);
        return -1;
    }
    exchange->is_parked = true;
    return 0;
}

void http_park_end(struct http_exchange *exchange)
{
    if (exchange->is_parked)
        atomic_fetch_sub(&exchange->connection->service->parked, 1);
    if (exchange->has_place)
        atomic_fetch_sub(&exchange->connection->service->handed, 1);
    exchange->is_parked = exchange->has_place = false;
}

void http_refuse(struct http_connection *connection, const struct http_fault *fault)
{
    const struct http_options *options = &connection->service->options;
    struct http_refusal refusal = {fault->status, fault->reason, &connection->head.request};
    struct http_response response;
    http_response_init(&response, fault->status);
    if (options->refused) {
        options->refused(&refusal, &response, options->data);
    } else {
        http_response_header(&response, "Content-Type", "text/plain; charset=utf-8");
        strbuf_addf(&response.text, "%s\n", fault->reason);
    }
    send_answer(connection, &response, false);
    http_response_release(&response);
}

bool http_exchange_end(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    http_park_end(exchange);
    if (exchange->answer == ANSWER_STREAMING)
        http_stream_end(exchange);
    if (exchange->answer == ANSWER_NONE) {
        struct http_fault fault;
        http_fault(&fault, 500, "the request was left without an answer");
        http_refuse(connection, &fault);
        return false;
    }
    return exchange->keep_alive && !connection->wire.broken;
}

bool http_exchange_run(struct http_connection *connection)
{
    struct http_service *service = connection->service;
    connection->exchange = (struct http_exchange){
        .connection = connection,
        .keep_alive = connection->head.keep_alive,
    };
    slot_served(connection->slot);
    service->options.handle(&connection->exchange, service->options.data);
    return connection->handed || http_exchange_end(connection);
}
