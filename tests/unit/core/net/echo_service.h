/* SPDX-License-Identifier: Apache-2.0 */
/* The application of the server's tests: echoes, and parks, streams or misbehaves by path. */
#pragma once

#include "core/net/http_server.h"
#include "tests/unit/core/net/raw_client.h"

#include <stdatomic.h>
#include <sys/eventfd.h>

struct echo_service {
    struct http_server *server;
    _Atomic int refused; /* the status of the last refusal */
    _Atomic int waiting, woken, timed_out, left, stopped, full;
    _Atomic int broken_writes;
    _Atomic int released; /* borrowed bodies given back */
    int wake_fd;
};

static inline void echo(struct http_exchange *exchange)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct http_response response;
    http_response_init(&response, 200);
    http_response_header(&response, "Content-Type", "text/plain");
    strbuf_addf(&response.text, "%s %s ? %s host=%s %zu:", request->method, request->path,
                request->query ? request->query : "-", request->host ? request->host : "-",
                request->body_len);
    strbuf_add(&response.text, request->body, request->body_len);
    http_respond(exchange, &response);
    http_response_release(&response);
}

static inline void echo_wait(struct http_exchange *exchange, struct echo_service *service)
{
    struct http_response response;
    http_response_init(&response, 200);
    if (http_park_begin(exchange)) {
        service->full++;
        response.status = 503;
        http_response_header(&response, "Retry-After", "1");
    } else {
        _Atomic int *const counters[] = {&service->woken, &service->timed_out, &service->left,
                                         &service->stopped};
        bool is_short = text_is(http_exchange_request(exchange)->query, "short");
        service->waiting++;
        enum http_wake wake = http_exchange_wait(exchange, service->wake_fd, is_short ? 20 : -1);
        http_park_end(exchange); /* before it is counted: a test may ask for the place at once */
        service->waiting--;
        (*counters[wake])++;
        strbuf_addf(&response.text, "%d", wake);
    }
    http_respond(exchange, &response);
    http_response_release(&response);
}

static inline void echo_stream(struct http_exchange *exchange, struct echo_service *service)
{
    struct http_response response;
    http_response_init(&response, 200);
    http_response_header(&response, "Content-Type", "text/event-stream");
    http_stream_begin(exchange, &response);
    http_response_release(&response);
    http_stream_write(exchange, "data: first\n\n", 13);
    if (text_is(http_exchange_request(exchange)->query, "hold")) {
        service->waiting++;
        enum http_wake wake = http_exchange_wait(exchange, -1, -1);
        service->waiting--;
        (*(wake == HTTP_STOPPING ? &service->stopped : &service->left))++;
    }
    if (http_stream_write(exchange, "data: last\n\n", 12))
        service->broken_writes++;
    http_stream_end(exchange);
}

static inline void count_release(void *data)
{
    struct echo_service *service = data;
    service->released++;
}

static inline void echo_large(struct http_exchange *exchange, struct echo_service *service)
{
    enum { LARGE = 8 * 1024 * 1024 };
    char *bytes = mem_alloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)('a' + i % 26);
    struct http_response response;
    http_response_init(&response, 200);
    http_response_borrow(&response, bytes, LARGE, count_release, service);
    if (http_respond(exchange, &response))
        service->broken_writes++;
    http_response_release(&response);
    mem_free(bytes);
}

static inline void echo_odd(struct http_exchange *exchange, const char *path)
{
    struct http_response response;
    http_response_init(&response, text_is(path, "/empty") ? 204 : 200);
    http_response_header(&response, "X-Evil", "a\r\nX-Smuggled: 1");
    http_response_header(&response, "Content-Length", "999");
    http_response_header(&response, "Date", "Thu, 01 Jan 2026 00:00:00 GMT");
    response.close = text_is(path, "/close");
    if (text_is(path, "/reset"))
        http_close_abruptly(exchange);
    else if (text_is(path, "/quiet"))
        http_close_quietly(exchange);
    else if (text_is(path, "/raw"))
        http_raw_write(exchange, "HTTP/1.1 299 Raw\r\nContent-Length: 2\r\n\r\nok", 41);
    else if (!text_is(path, "/none"))
        http_respond(exchange, &response);
    http_response_release(&response);
}

static inline void echo_handle(struct http_exchange *exchange, void *data)
{
    struct echo_service *service = data;
    const char *path = http_exchange_request(exchange)->path;
    if (text_starts_with(path, "/wait"))
        echo_wait(exchange, service);
    else if (text_is(path, "/stream"))
        echo_stream(exchange, service);
    else if (text_is(path, "/large"))
        echo_large(exchange, service);
    else if (text_is(path, "/close") || text_is(path, "/empty") || text_is(path, "/reset") ||
             text_is(path, "/quiet") || text_is(path, "/raw") || text_is(path, "/none"))
        echo_odd(exchange, path);
    else
        echo(exchange);
}

static inline void echo_refused(const struct http_refusal *refusal, struct http_response *response,
                                void *data)
{
    struct echo_service *service = data;
    service->refused = refusal->status;
    http_response_header(response, "Content-Type", "application/problem+json");
    strbuf_addf(&response->text, "{\"refused\":%d,\"why\":\"%s\",\"path\":\"%s\"}", refusal->status,
                refusal->reason, refusal->request->path);
}

static inline void echo_start(struct echo_service *service, struct http_options options)
{
    struct error err = {0};
    *service = (struct echo_service){.wake_fd = eventfd(0, EFD_CLOEXEC)};
    options.handle = echo_handle;
    options.refused = echo_refused;
    options.data = service;
    service->server = http_server_start(&options, &err);
    if (!service->server)
        fail_msg("%s", err.text);
}

static inline void echo_stop(struct echo_service *service)
{
    http_server_stop(service->server);
    service->server = NULL;
    close(service->wake_fd);
}

static inline int echo_port(const struct echo_service *service)
{
    return http_server_port(service->server);
}

/* Polls a counter that another thread moves. */
static inline bool echo_reaches(_Atomic int *counter, int value)
{
    nanos start = instant_monotonic_now();
    while (*counter != value && since_ms(start) < RAW_PATIENCE_MS)
        pause_ms(1);
    return *counter == value;
}
