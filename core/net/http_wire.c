/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_wire.h"

#include "core/base/instant.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* A TLS write joins head and body up to this size: one record, one packet. */
enum { JOIN_BYTES = 16 * 1024 };

static struct timeval milliseconds(int ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
}

void wire_init(struct http_wire *wire, int socket, struct ssl_st *tls, int idle_ms, int write_ms)
{
    *wire = (struct http_wire){.socket = socket, .tls = tls, .stop_fd = -1, .idle_ms = idle_ms};
    int non_blocking = tls != NULL;
    ioctl(socket, FIONBIO, &non_blocking);
    if (tls)
        return;
    struct timeval receive = milliseconds(WIRE_IDLE_MS), send = milliseconds(write_ms);
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof receive);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof send);
}

/* 1 when ready, 0 when the time is up, -1 on error. */
static int wait_for(const struct http_wire *wire, short events, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = wire->socket, .events = events};
    int ready;
    do
        ready = poll(&poll_fd, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready;
}

static int remaining_ms(nanos deadline)
{
    nanos left = deadline - instant_monotonic_now();
    if (left <= 0)
        return 0;
    nanos ms = (left + NANOS_PER_MS - 1) / NANOS_PER_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* What a TLS call wants before it can go on: POLLIN or POLLOUT, or 0 when it failed or ended. */
static short tls_wants(SSL *tls, int result)
{
    int reason = SSL_get_error(tls, result);
    ERR_clear_error();
    if (reason == SSL_ERROR_WANT_READ)
        return POLLIN;
    return reason == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

static long read_tls(struct http_wire *wire, void *bytes, size_t len, int timeout_ms)
{
    nanos deadline = instant_monotonic_now() + timeout_ms * NANOS_PER_MS;
    for (;;) {
        ERR_clear_error();
        int got = SSL_read(wire->tls, bytes, len > INT_MAX ? INT_MAX : (int)len);
        if (got > 0)
            return got;
        bool ended = SSL_get_error(wire->tls, got) == SSL_ERROR_ZERO_RETURN;
        short wanted = tls_wants(wire->tls, got);
        if (!wanted)
            return ended ? WIRE_END : WIRE_ERROR;
        int ready = wait_for(wire, wanted, remaining_ms(deadline));
        if (ready <= 0)
            return ready == 0 ? WIRE_TIMEOUT : WIRE_ERROR;
    }
}

long wire_read(struct http_wire *wire, void *bytes, size_t len, int timeout_ms)
{
    if (wire->tls)
        return read_tls(wire, bytes, len, timeout_ms);
    int ready = wait_for(wire, POLLIN, timeout_ms);
    if (ready <= 0)
        return ready == 0 ? WIRE_TIMEOUT : WIRE_ERROR;
    ssize_t got;
    do
        got = recv(wire->socket, bytes, len, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? WIRE_TIMEOUT : WIRE_ERROR;
    return got;
}

long wire_read_idle(struct http_wire *wire, void *bytes, size_t len)
{
    if (wire->tls)
        return read_tls(wire, bytes, len, WIRE_IDLE_MS);
    ssize_t got;
    do
        got = recv(wire->socket, bytes, len, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? WIRE_TIMEOUT : WIRE_ERROR;
    return got;
}

static int write_tls(struct http_wire *wire, const char *bytes, size_t len)
{
    while (len) {
        ERR_clear_error();
        int written = SSL_write(wire->tls, bytes, len > INT_MAX ? INT_MAX : (int)len);
        if (written > 0) {
            bytes += written;
            len -= (size_t)written;
            continue;
        }
        short wanted = tls_wants(wire->tls, written);
        if (!wanted || wait_for(wire, wanted, wire->idle_ms) <= 0)
            return -1;
    }
    return 0;
}

static int write_plain(struct http_wire *wire, struct iovec *parts, size_t count)
{
    if (count == 1) {
        ssize_t sent = send(wire->socket, parts->iov_base, parts->iov_len, MSG_NOSIGNAL);
        if (sent == (ssize_t)parts->iov_len)
            return 0;
        if (sent < 0 && errno != EINTR)
            return -1;
        sent = sent > 0 ? sent : 0;
        parts->iov_base = (char *)parts->iov_base + sent;
        parts->iov_len -= (size_t)sent;
    }
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    while (message.msg_iovlen) {
        ssize_t sent = sendmsg(wire->socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -1;
        size_t left = (size_t)sent;
        while (message.msg_iovlen && left >= message.msg_iov->iov_len) {
            left -= message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (message.msg_iovlen) {
            message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + left;
            message.msg_iov->iov_len -= left;
        }
    }
    return 0;
}

static int write_tls_parts(struct http_wire *wire, const struct iovec parts[static 2])
{
    if (parts[0].iov_len + parts[1].iov_len > JOIN_BYTES) {
        if (write_tls(wire, parts[0].iov_base, parts[0].iov_len))
            return -1;
        return write_tls(wire, parts[1].iov_base, parts[1].iov_len);
    }
    char joined[JOIN_BYTES];
    memcpy(joined, parts[0].iov_base, parts[0].iov_len);
    if (parts[1].iov_len)
        memcpy(joined + parts[0].iov_len, parts[1].iov_base, parts[1].iov_len);
    return write_tls(wire, joined, parts[0].iov_len + parts[1].iov_len);
}

int wire_write(struct http_wire *wire, const void *head, size_t head_len, const void *body,
               size_t body_len)
{
    if (wire->broken)
        return -1;
    struct iovec parts[2] = {{(void *)(uintptr_t)head, head_len},
                             {(void *)(uintptr_t)body, body_len}};
    int written =
        wire->tls ? write_tls_parts(wire, parts) : write_plain(wire, parts, body_len ? 2 : 1);
    if (written)
        wire->broken = true;
    return written;
}

static long write_some_tls(struct http_wire *wire, const void *bytes, size_t len, short *wants)
{
    ERR_clear_error();
    int written = SSL_write(wire->tls, bytes, len > INT_MAX ? INT_MAX : (int)len);
    if (written > 0)
        return written;
    *wants = tls_wants(wire->tls, written);
    return *wants ? 0 : -1;
}

static long write_some_plain(struct http_wire *wire, const void *bytes, size_t len, short *wants)
{
    ssize_t sent;
    do
        sent = send(wire->socket, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return sent;
    *wants = POLLOUT;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

long wire_write_some(struct http_wire *wire, const void *bytes, size_t len, short *wants)
{
    if (wire->broken)
        return -1;
    long written = wire->tls ? write_some_tls(wire, bytes, len, wants)
                             : write_some_plain(wire, bytes, len, wants);
    if (written < 0)
        wire->broken = true;
    return written;
}

bool wire_peer_left(struct http_wire *wire, bool *readable)
{
    char byte;
    *readable = false;
    if (wire->tls) {
        ERR_clear_error();
        int got = SSL_peek(wire->tls, &byte, 1);
        *readable = got > 0;
        return got <= 0 && !tls_wants(wire->tls, got);
    }
    ssize_t got = recv(wire->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    *readable = got > 0;
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void wire_linger(struct http_wire *wire, int timeout_ms)
{
    nanos deadline = instant_monotonic_now() + timeout_ms * NANOS_PER_MS;
    char bytes[4096];
    if (wire->tls)
        SSL_shutdown(wire->tls);
    ERR_clear_error();
    shutdown(wire->socket, SHUT_WR);
    wire->broken = true;
    for (;;) {
        struct pollfd fds[2] = {{.fd = wire->socket, .events = POLLIN},
                                {.fd = wire->stop_fd, .events = POLLIN}};
        int ready = poll(fds, 2, remaining_ms(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0 || fds[1].revents)
            return;
        if (recv(wire->socket, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
            return;
    }
}

void wire_drain(struct http_wire *wire, int timeout_ms)
{
    nanos deadline = instant_monotonic_now() + timeout_ms * NANOS_PER_MS;
    int left = 0;
    /* nothing tells when the last byte is acknowledged: it has to be asked */
    while (!ioctl(wire->socket, SIOCOUTQ, &left) && left > 0 && instant_monotonic_now() < deadline)
        nanosleep(&(struct timespec){.tv_nsec = NANOS_PER_MS}, NULL);
}

void wire_reset(struct http_wire *wire)
{
    /* Dissolving the association resets it at once, and leaves the descriptor to its owner. */
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(wire->socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    struct sockaddr nothing = {.sa_family = AF_UNSPEC};
    (void)connect(wire->socket, &nothing, sizeof nothing);
    wire->broken = true;
}

void wire_free_tls(struct http_wire *wire)
{
    ERR_clear_error();
    if (wire->tls && !wire->broken)
        SSL_shutdown(wire->tls);
    ERR_clear_error();
    SSL_free(wire->tls);
    wire->tls = NULL;
}
