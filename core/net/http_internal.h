/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the server share: a connection's loop, its exchange, its buffers. */
#pragma once

#include "core/net/http_head.h"
#include "core/net/http_pool.h"
#include "core/net/http_wire.h"
#include "core/net/http_work.h"

/* What a connection needs to know of its server; constant after the start but for the counters. */
struct http_service {
    struct http_options options; /* defaults filled in */
    struct http_pool pool;
    struct http_works works;
    int stop_fd; /* readable, for ever, once the server stops */
    int max_parked;
    _Atomic bool stopping;
    _Atomic int parked;
};

struct http_peer {
    const char *address;
    int port, local_port;
};

struct http_connection {
    struct http_service *service;
    struct http_slot *slot;
    struct http_wire wire;
    struct http_peer peer;
    /* What was received: the head of the request at 0, then bytes not yet taken from `start` on. */
    char *in;
    size_t in_cap, start, end;
    struct http_work *work; /* from the head of a request to the end of its answer; else NULL */
    struct http_head head;
    long long date_second;
    char date[INSTANT_TEXT];
};

enum answer { ANSWER_NONE, ANSWER_SENT, ANSWER_STREAMING, ANSWER_RAW };

struct http_exchange {
    struct http_connection *connection;
    enum answer answer;
    bool keep_alive, is_parked, is_chunked;
    bool may_live; /* what the head of http_message_head says */
};

/* http_connection.c: serves a connection to its end; the socket stays the caller's. */
void http_connection_run(struct http_service *service, struct http_slot *slot, int socket,
                         struct ssl_st *tls, const struct http_peer *peer);

/* http_body.c: reads the whole body. 0, or -1; a fault of status 0 means that the client is gone.
 */
int http_body_read(struct http_connection *connection, struct http_fault *fault);

/*
 * http_response.c: the head of an answer in connection->work->out. `length` < 0: none is stated, or
 * `is_chunked` is.
 */
void http_write_head(struct http_connection *connection, const struct http_response *response,
                     long long length, bool is_chunked, bool keep_alive);
const char *http_response_bytes(const struct http_response *response, size_t *len);

bool http_may_have_body(const struct http_connection *connection, int status); /* http_raw.c */

/* http_exchange.c: runs the handler and makes sure that there is an answer. */
bool http_exchange_run(struct http_connection *connection); /* whether the connection lives on */
void http_refuse(struct http_connection *connection, const struct http_fault *fault);
