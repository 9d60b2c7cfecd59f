/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of one connection, plain or TLS, with deadlines. Owns neither socket nor TLS state.
 * Used by one thread; others may only shutdown() the socket, which ends a read or write under way.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ssl_st;

struct http_wire {
    int socket;
    struct ssl_st *tls; /* NULL: plain */
    int stop_fd;        /* readable once the server stops; -1: none */
    int idle_ms;
    bool broken; /* nothing more can be written */
};

enum { WIRE_IDLE_MS = 50 };
enum { WIRE_END = 0, WIRE_ERROR = -1, WIRE_TIMEOUT = -2 };

/* Prepares the socket: blocking with time-outs when plain, not blocking under TLS. */
void wire_init(struct http_wire *wire, int socket, struct ssl_st *tls, int idle_ms, int write_ms);
/* Bytes read (> 0), or one of the above; at most `timeout_ms` (>= 0). */
long wire_read(struct http_wire *wire, void *bytes, size_t len, int timeout_ms);
/* The same for at most WIRE_IDLE_MS: the wait between two requests, one system call when plain. */
long wire_read_idle(struct http_wire *wire, void *bytes, size_t len);
/* Both parts, all of them, in one packet where they fit. 0 or -1. */
int wire_write(struct http_wire *wire, const void *head, size_t head_len, const void *body,
               size_t body_len);
/* What goes at once: > 0, 0 when nothing does (`wants` is what the socket must be ready for: POLLIN
 * or POLLOUT), -1 when nothing ever will. */
long wire_write_some(struct http_wire *wire, const void *bytes, size_t len, short *wants);
/* Whether the peer closed or broke the connection; unread bytes are not the end. `readable` tells
 * whether bytes (of a pipelined request) are waiting. */
bool wire_peer_left(struct http_wire *wire, bool *readable);
/* Ends our side and reads on for a while, so that our last bytes survive what the peer still sends.
 */
void wire_linger(struct http_wire *wire, int timeout_ms);
/* Waits until the peer's machine has what was written, at most so long. */
void wire_drain(struct http_wire *wire, int timeout_ms);
/* For a connection that owns its TLS state: the other side is told, as far as it listens. */
void wire_free_tls(struct http_wire *wire);
/* The peer gets RST now. */
void wire_reset(struct http_wire *wire);
