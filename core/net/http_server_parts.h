/* SPDX-License-Identifier: Apache-2.0 */
/* The server as its files know it: http_server.c starts and stops it, http_listen.c says where it
 * listens, http_accepted.c takes connections from the library and gives them back. */
#pragma once

#include "core/net/http_internal.h"
#include "core/net/http_listen.h"
#include "core/net/http_server.h"

#include <pthread.h>

struct mg_callbacks;
struct mg_context;
struct ssl_ctx_st; /* SSL_CTX */

struct http_server {
    struct http_service service; /* first: the library's user data is this */
    struct mg_context *context;
    struct ssl_ctx_st *tls;
    struct http_addresses addresses;
    char url[128];
    int listeners[HTTP_HOSTS_MAX];
    _Atomic int listener_count; /* set by the library's master thread once it runs */
    pthread_mutex_t waiting_lock;
    struct http_connection *waiting; /* given back: their sockets are in the library's queue */
    _Atomic int waiting_count;
    char trouble[256]; /* what the library said last while starting */
};

/* ---- http_accepted.c ---- */

extern const struct mg_callbacks accepted_callbacks; /* their user data is the server */
/* Of the library's TLS: takes a slot when a handshake begins. */
void accepted_watch_handshake(const struct ssl_st *tls, int where, int result);
bool accepted_give_back(struct http_service *service, struct http_connection *connection);
/* The library stopped before a worker had them. */
void accepted_drop_waiting(struct http_server *server);
