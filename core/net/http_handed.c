/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of a connection whose exchange was handed over: what its socket says, its step, what
 * could not be written yet, and the wait for its next request. Nothing here blocks. */
#define _GNU_SOURCE /* POLLRDHUP */
#include "core/base/mem.h"
#include "core/net/http_internal.h"

#include <assert.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { OUT_KEPT = 1024 };

struct http_handed *handed_new(struct http_connection *connection, http_step *step, void *data)
{
    struct http_handed *handed = mem_alloc(sizeof *handed);
    handed->connection = connection;
    handed->crew = &connection->service->crew;
    handed->step = step;
    handed->data = data;
    handed->due = INT64_MAX;
    return handed;
}

/* ---- writing ---- */

int handed_flush(struct http_handed *handed)
{
    struct http_connection *connection = handed->connection;
    struct strbuf *out = &connection->work->out;
    while (handed->sent < out->len) {
        long sent = wire_write_some(&connection->wire, out->buf + handed->sent,
                                    out->len - handed->sent, &handed->wants);
        if (sent < 0) {
            handed->is_stuck = false;
            return -1;
        }
        if (!handed->is_stuck || sent > 0)
            handed->stuck_until = instant_monotonic_now() +
                                  connection->service->options.header_deadline_ms * NANOS_PER_MS;
        handed->is_stuck = !sent;
        if (!sent)
            return 0;
        handed->sent += (size_t)sent;
    }
    handed->is_stuck = false;
    handed->sent = 0;
    strbuf_clear(out);
    if (out->cap > OUT_KEPT)
        strbuf_release(out);
    return 0;
}

/* ---- its socket ---- */

/* Whether the client has left. Bytes of another request stay where they are until then. */
static bool read_events(struct http_handed *handed, unsigned events)
{
    bool has_bytes;
    handed->watched = 0;
    if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
        return true;
    if (!(events & EPOLLIN))
        return false;
    if (wire_peer_left(&handed->connection->wire, &has_bytes))
        return true;
    handed->has_bytes |= has_bytes;
    return false;
}

/* An event is told once, so most turns cost no system call here. */
static void watch_socket(struct http_handed *handed)
{
    unsigned wanted = EPOLLRDHUP | EPOLLONESHOT;
    if (!handed->has_bytes || (handed->is_stuck && handed->wants == POLLIN))
        wanted |= EPOLLIN;
    if (handed->is_stuck && handed->wants == POLLOUT)
        wanted |= EPOLLOUT;
    if (wanted == handed->watched)
        return;
    struct epoll_event event = {.events = wanted, .data.ptr = handed};
    epoll_ctl(handed->crew->epoll, handed->is_added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
              handed->connection->wire.socket, &event);
    handed->is_added = true;
    handed->watched = wanted;
}

/* ---- resting ---- */

static bool take_rest(struct http_handed *handed)
{
    struct http_service *service = handed->connection->service;
    if (atomic_fetch_add(&service->resting, 1) >= service->max_resting) {
        atomic_fetch_sub(&service->resting, 1);
        return false;
    }
    handed->is_resting = handed->is_over = handed->lives = true;
    handed->due = instant_monotonic_now() + service->options.idle_ms * NANOS_PER_MS;
    return true;
}

bool http_rest(struct http_connection *connection)
{
    struct http_handed *handed = handed_new(connection, NULL, NULL);
    if (crew_start(handed->crew) || !take_rest(handed)) {
        mem_free(handed);
        return false;
    }
    connection->handed = handed;
    return true;
}

/* ---- the step ---- */

static void take_step(struct http_handed *handed, enum http_wake why)
{
    struct http_connection *connection = handed->connection;
    struct http_exchange *exchange = &connection->exchange;
    if (why == HTTP_CLIENT_LEFT || why == HTTP_STOPPING)
        exchange->keep_alive = false;
    handed->due = INT64_MAX;
    if (handed->step(exchange, why, handed->data) == HTTP_GOES_ON)
        return;
    handed->is_over = true;
    if (http_exchange_end(connection))
        take_rest(handed); /* with no room for it the connection is closed */
    http_connection_next(connection);
}

static void go_on(struct http_handed *handed, unsigned causes, bool has_left, bool was_stuck)
{
    bool is_late = (causes & CAUSE_TIME) && handed->due <= instant_monotonic_now();
    if (has_left)
        take_step(handed, HTTP_CLIENT_LEFT);
    else if (atomic_load(&handed->connection->service->stopping))
        take_step(handed, HTTP_STOPPING);
    else if ((causes & CAUSE_WOKEN) || (was_stuck && !handed->is_stuck))
        take_step(handed, HTTP_WOKEN);
    else if (is_late && !handed->is_stuck)
        take_step(handed, HTTP_TIMED_OUT);
}

/* ---- behind it ---- */

/* Unread bytes would make the kernel reset what the client has not read yet: a worker lingers. */
static enum http_fate end(struct http_handed *handed)
{
    struct http_connection *connection = handed->connection;
    bool has_bytes = false;
    if (wire_peer_left(&connection->wire, &has_bytes) || !has_bytes)
        return FATE_CLOSED;
    connection->is_ending = true;
    return FATE_WORKER;
}

/* All that was written has to go, then the next request is waited for here, without a thread. */
static enum http_fate find_fate(struct http_handed *handed, unsigned causes)
{
    struct http_connection *connection = handed->connection;
    if (connection->wire.broken || (causes & CAUSE_KILL))
        return FATE_CLOSED;
    if (handed->is_stuck)
        return FATE_STAYS;
    http_connection_give_work(connection);
    if (!handed->lives)
        return end(handed);
    if (atomic_load(&connection->service->stopping))
        return FATE_CLOSED;
    if (connection->end || handed->has_bytes)
        return FATE_WORKER;
    return handed->due <= instant_monotonic_now() ? FATE_CLOSED : FATE_STAYS;
}

nanos handed_serve(struct http_handed *handed, unsigned causes, unsigned events)
{
    struct http_wire *wire = &handed->connection->wire;
    bool was_stuck = handed->is_stuck;
    bool has_left = (causes & CAUSE_SOCKET) && read_events(handed, events);
    if (was_stuck && !has_left)
        has_left = handed_flush(handed) != 0;
    if (handed->is_stuck && handed->stuck_until <= instant_monotonic_now())
        has_left = true;
    if (has_left || (causes & CAUSE_KILL))
        wire->broken = true;
    if (!handed->is_over)
        go_on(handed, causes, wire->broken, was_stuck);
    if (handed->is_over)
        handed->fate = find_fate(handed, causes);
    if (handed->fate != FATE_STAYS)
        return INT64_MAX;
    watch_socket(handed);
    return handed->is_stuck ? handed->stuck_until : handed->due;
}

/* ---- for handlers ---- */

int http_hand_over_begin(struct http_exchange *exchange)
{
    struct http_service *service = exchange->connection->service;
    if (exchange->has_place)
        return 0;
    if (atomic_fetch_add(&service->handed, 1) >= service->max_handed) {
        atomic_fetch_sub(&service->handed, 1);
        return -1;
    }
    exchange->has_place = true;
    return 0;
}

int http_hand_over(struct http_exchange *exchange, http_step *step, void *data)
{
    struct http_connection *connection = exchange->connection;
    assert(exchange->has_place && exchange->answer == ANSWER_STREAMING);
    if (crew_start(&connection->service->crew))
        return -1;
    strbuf_clear(&connection->work->out);
    connection->handed = handed_new(connection, step, data);
    return 0;
}

void http_step_within(struct http_exchange *exchange, int ms)
{
    exchange->connection->handed->due =
        ms < 0 ? INT64_MAX : instant_monotonic_now() + ms * NANOS_PER_MS;
}

void http_wake(struct http_exchange *exchange)
{
    crew_wake(exchange->connection->handed);
}

bool http_stream_is_stuck(const struct http_exchange *exchange)
{
    const struct http_handed *handed = exchange->connection->handed;
    return handed && handed->is_stuck;
}
