/* SPDX-License-Identifier: Apache-2.0 */
/* A server that says what it is told, one script a request, and then stays, closes, resets or keeps
 * silent. One connection at a time. */
#pragma once

#include "tests/unit/core/net/raw_client.h"

#include <pthread.h>
#include <stdatomic.h>

enum script_after { STAY, CLOSE, RESET, SILENT };

struct script {
    const char *bytes;
    size_t len;   /* 0: up to its NUL */
    size_t pause; /* pieces of so many bytes, a packet each; 0: whole */
    enum script_after after;
};

struct scripted {
    int listener, port;
    const struct script *scripts; /* one a request, in order; the last is repeated */
    size_t count;
    atomic_size_t requests, connections;
    atomic_bool is_over;
    pthread_t thread;
};

static inline void script_send(int socket, const struct script *script)
{
    size_t len = script->len ? script->len : strlen(script->bytes);
    size_t piece = script->pause ? script->pause : len;
    for (size_t at = 0; at < len; at += piece) {
        if (send(socket, script->bytes + at, len - at < piece ? len - at : piece, MSG_NOSIGNAL) < 0)
            return;
        if (script->pause)
            pause_ms(1);
    }
}

/* Reads up to the end of one request's head; a body longer than the bytes that came with it is
 * passed over before the next. False: the client left. */
static inline bool script_read_request(struct scripted *server, int socket)
{
    struct pollfd waiting = {socket, POLLIN, 0};
    char bytes[8192];
    size_t len = 0;
    while (!atomic_load(&server->is_over)) {
        if (poll(&waiting, 1, 20) <= 0)
            continue;
        ssize_t got = recv(socket, bytes + len, sizeof bytes - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        bytes[len] = '\0';
        if (strstr(bytes, "\r\n\r\n"))
            return true;
        if (len == sizeof bytes - 1) { /* the end may lie across */
            memmove(bytes, bytes + len - 3, 3);
            len = 3;
        }
    }
    return false;
}

static inline void script_serve_one(struct scripted *server, int socket)
{
    int one = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while (script_read_request(server, socket)) {
        size_t at = atomic_fetch_add(&server->requests, 1);
        const struct script *script = &server->scripts[at < server->count ? at : server->count - 1];
        script_send(socket, script);
        while (script->after == SILENT && !atomic_load(&server->is_over))
            pause_ms(2);
        if (script->after == RESET) {
            struct linger hard = {.l_onoff = 1};
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        }
        if (script->after != STAY)
            break;
    }
    close(socket);
}

static inline void *script_serve(void *data)
{
    struct scripted *server = data;
    struct pollfd waiting = {server->listener, POLLIN, 0};
    while (!atomic_load(&server->is_over)) {
        if (poll(&waiting, 1, 20) <= 0)
            continue;
        int socket = accept(server->listener, NULL, NULL);
        if (socket < 0)
            continue;
        atomic_fetch_add(&server->connections, 1);
        script_serve_one(server, socket);
    }
    return NULL;
}

static inline void script_begin(struct scripted *server, const struct script *scripts, size_t count)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    *server = (struct scripted){.scripts = scripts, .count = count};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&here, size), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&here, &size), 0);
    server->port = ntohs(here.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, script_serve, server), 0);
}

static inline void script_end(struct scripted *server)
{
    atomic_store(&server->is_over, true);
    pthread_join(server->thread, NULL);
    close(server->listener);
}
