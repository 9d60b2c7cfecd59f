/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a connection: head, body, handler, and again. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_internal.h"

#include <string.h>

enum {
    READ_AHEAD = 4096, /* of body or of the next request, beyond the largest head */
    IN_FIRST = 4096,   /* holds most heads, and what comes behind them */
    IN_LEAST = 512,    /* behind a head, for a chunked body to be read through */
    LINGER_MS = 500,
    SILENCE_MS = 60000
};

enum head_result { HEAD_READ, HEAD_NONE, HEAD_FAULT, HEAD_WAITS };

/* Only while nothing refers to what is in it. */
static void reserve_in(struct http_connection *connection, size_t least)
{
    const size_t most = connection->service->options.max_header + READ_AHEAD;
    if (connection->in_cap - connection->end >= least || connection->in_cap >= most)
        return;
    size_t cap = connection->in_cap * 2 + least;
    connection->in_cap = cap < most ? cap : most;
    connection->in = mem_realloc(connection->in, connection->in_cap);
}

static long receive(struct http_connection *connection, nanos deadline, bool is_idle)
{
    reserve_in(connection, 1);
    char *to = connection->in + connection->end;
    size_t room = connection->in_cap - connection->end;
    if (is_idle && connection->stays)
        return wire_read(&connection->wire, to, room, connection->service->options.idle_ms);
    if (is_idle)
        return wire_read_idle(&connection->wire, to, room);
    nanos left = deadline - instant_monotonic_now();
    if (left <= 0)
        return WIRE_TIMEOUT;
    return wire_read(&connection->wire, to, room, (int)((left + NANOS_PER_MS - 1) / NANOS_PER_MS));
}

/* Empty lines before a request are skipped (RFC 9112 section 2.2). */
static void skip_empty_lines(struct http_connection *connection)
{
    size_t skip = 0;
    while (skip < connection->end && (connection->in[skip] == '\r' || connection->in[skip] == '\n'))
        skip++;
    if (!skip)
        return;
    connection->end -= skip;
    memmove(connection->in, connection->in + skip, connection->end);
}

static enum head_result head_too_large(struct http_connection *connection, struct http_fault *fault)
{
    size_t max = connection->service->options.max_header;
    if (memchr(connection->in, '\n', max))
        http_fault(fault, 431, "the head of the request is larger than %zu bytes", max);
    else
        http_fault(fault, 414, "the request line is longer than %zu bytes", max);
    return HEAD_FAULT;
}

/* Receives until a head is complete; `*length` is its size. The bytes at hand begin at 0. */
static enum head_result read_head(struct http_connection *connection, size_t *length,
                                  struct http_fault *fault)
{
    const struct http_options *options = &connection->service->options;
    bool is_idle = connection->was_served && connection->end == 0;
    nanos deadline = 0; /* most heads come whole, and need none */
    size_t seen = 0;
    for (;;) {
        if (!seen)
            skip_empty_lines(connection);
        if (connection->end && !http_head_can_begin(*connection->in)) {
            http_fault(fault, 400, "the request line does not begin with a method");
            return HEAD_FAULT;
        }
        *length = http_head_length(connection->in, connection->end, seen);
        if (*length > options->max_header || (!*length && connection->end >= options->max_header))
            return head_too_large(connection, fault);
        if (*length)
            return HEAD_READ;
        seen = connection->end;
        if (!is_idle && !deadline) {
            deadline = instant_monotonic_now() + options->header_deadline_ms * NANOS_PER_MS;
            slot_halfway(connection->slot);
        }
        long got = receive(connection, deadline, is_idle);
        if (got == WIRE_TIMEOUT && connection->end) {
            http_fault(fault, 408, "the head of the request did not arrive within %d ms",
                       options->header_deadline_ms);
            return HEAD_FAULT;
        }
        if (got == WIRE_TIMEOUT && is_idle && !connection->stays)
            return HEAD_WAITS;
        if (got <= 0)
            return HEAD_NONE;
        connection->end += (size_t)got;
        is_idle = false;
    }
}

static void describe_peer(struct http_connection *connection)
{
    struct http_request *request = &connection->head.request;
    request->peer = connection->peer.address;
    request->peer_port = connection->peer.port;
    request->local_port = connection->peer.local_port;
    request->is_tls = connection->wire.tls != NULL;
}

/* The bytes after this request move to the front. */
void http_connection_next(struct http_connection *connection)
{
    connection->end -= connection->start;
    if (connection->end)
        memmove(connection->in, connection->in + connection->start, connection->end);
    connection->start = 0;
}

void http_connection_give_work(struct http_connection *connection)
{
    if (connection->work)
        work_give(&connection->service->works, connection->work);
    connection->work = NULL;
}

/* Whether the connection lives on; `fault` with a status is still to be answered. */
static bool serve_request(struct http_connection *connection, size_t head_len,
                          struct http_fault *fault)
{
    struct http_slot *slot = connection->slot;
    bool is_kept = slot_begin(slot);
    if (connection->end - head_len < IN_LEAST)
        reserve_in(connection, IN_LEAST);
    connection->start = connection->head_len = head_len;
    int parsed = http_head_parse(connection->in, head_len, &connection->head, fault);
    describe_peer(connection);
    if (!is_kept || atomic_load(&connection->service->stopping))
        connection->head.keep_alive = false;
    if (parsed || http_body_read(connection, fault))
        return false;
    slot_busy(slot);
    return http_exchange_run(connection);
}

/* Bytes that were never read would make the kernel reset what the client has not read yet. */
static void end_connection(struct http_connection *connection, bool was_refused)
{
    bool readable = false;
    if (connection->wire.broken)
        return;
    if (!was_refused && wire_peer_left(&connection->wire, &readable))
        return;
    if (was_refused || readable)
        wire_linger(&connection->wire, LINGER_MS);
}

/* True: it goes on without a thread. The reaper may have been quicker, then it is closed. */
static bool rest(struct http_connection *connection)
{
    if (slot_begin(connection->slot) && http_rest(connection)) {
        slot_busy(connection->slot);
        return true;
    }
    connection->stays = true;
    slot_idle(connection->slot);
    return false;
}

/* True: it, or its exchange, was handed over. */
static bool run(struct http_connection *connection)
{
    struct http_fault fault = {0};
    bool lives = !connection->is_ending;
    while (lives && !atomic_load(&connection->service->stopping)) {
        size_t head_len = 0;
        http_head_init(&connection->head);
        describe_peer(connection);
        enum head_result result = read_head(connection, &head_len, &fault);
        if (result == HEAD_WAITS && rest(connection))
            return true;
        if (result == HEAD_WAITS)
            continue;
        if (result == HEAD_NONE)
            return false;
        connection->was_served = true;
        connection->work = work_take(&connection->service->works);
        if (result == HEAD_FAULT) {
            http_refuse(connection, &fault);
            break;
        }
        lives = serve_request(connection, head_len, &fault);
        if (connection->handed)
            return true;
        if (!lives && fault.status)
            http_refuse(connection, &fault);
        if (connection->stays)
            slot_idle(connection->slot);
        else
            slot_kept(connection->slot);
        http_connection_give_work(connection);
        http_connection_next(connection);
    }
    http_connection_give_work(connection);
    end_connection(connection, fault.status != 0);
    return false;
}

/* Whatever the client says first, it gets no answer. */
static void run_in_trouble(struct http_connection *connection, enum http_trouble trouble)
{
    long got = wire_read(&connection->wire, connection->in, connection->in_cap, SILENCE_MS);
    while (got > 0 && trouble == HTTP_SILENT)
        got = wire_read(&connection->wire, connection->in, connection->in_cap, SILENCE_MS);
}

struct http_connection *http_connection_new(struct http_service *service, int socket,
                                            struct ssl_st *tls, const struct http_peer *peer)
{
    const struct http_options *options = &service->options;
    struct http_connection *connection = mem_alloc(sizeof *connection);
    connection->service = service;
    connection->peer = *peer;
    connection->in_cap = IN_FIRST;
    connection->in = mem_realloc(NULL, connection->in_cap);
    wire_init(&connection->wire, socket, tls, options->idle_ms, options->header_deadline_ms);
    connection->wire.stop_fd = service->stop_fd;
    return connection;
}

bool http_connection_serve(struct http_connection *connection, struct http_slot *slot)
{
    enum http_trouble trouble = connection->service->options.trouble;
    connection->slot = slot;
    if (trouble != HTTP_CLOSES && trouble != HTTP_SILENT)
        return run(connection);
    run_in_trouble(connection, trouble);
    return false;
}

void http_connection_free(struct http_connection *connection)
{
    if (connection->owns_tls)
        wire_free_tls(&connection->wire);
    http_connection_give_work(connection);
    mem_free(connection->in);
    mem_free(connection->library);
    mem_free(connection);
}
