/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the server share: a connection's loop, its exchange, its buffers. */
#pragma once

#include "core/net/http_crew.h"
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
    int max_parked, max_handed, max_resting;
    _Atomic bool stopping;
    _Atomic int parked, handed, resting;
    struct http_crew crew;
    /* http_accepted.c: a worker goes on with it; false: there is no room in the queue to them. */
    bool (*give_back)(struct http_service *service, struct http_connection *connection);
};

enum { HTTP_STACK = 1024 * 1024, HTTP_ADDRESS = 64 };

struct http_peer {
    char address[HTTP_ADDRESS];
    int port, local_port;
};

enum answer { ANSWER_NONE, ANSWER_SENT, ANSWER_STREAMING, ANSWER_RAW };

struct http_exchange {
    struct http_connection *connection;
    enum answer answer;
    bool keep_alive, is_parked, is_chunked;
    bool has_place; /* of http_hand_over_begin */
    bool may_live;  /* what the head of http_message_head says */
};

struct http_connection {
    struct http_service *service;
    struct http_slot *slot;
    struct http_wire wire;
    struct http_peer peer;
    /* What was received: the head of the request at 0, then bytes not yet taken from `start` on. */
    char *in;
    size_t in_cap, head_len, start, end;
    struct http_work *work; /* from the head of a request to the end of its answer; else NULL */
    struct http_head head;
    struct http_exchange exchange;
    struct http_handed *handed;      /* its exchange was handed over; else NULL */
    void *library;                   /* http_accepted.c: what the library knew of it, once taken */
    struct http_connection *waiting; /* http_accepted.c: the next that was given back */
    bool was_served, is_ending;      /* not its first request; nothing is left but to end it */
    bool owns_tls, stays;            /* stays: it was refused a rest, and waits with its thread */
    long long date_second;
    char date[INSTANT_TEXT];
};

/* http_connection.c. The socket stays the caller's, and so does TLS unless `owns_tls` is set. */
struct http_connection *http_connection_new(struct http_service *service, int socket,
                                            struct ssl_st *tls, const struct http_peer *peer);
/* To its end, or until its exchange is handed over: true, and all of it is the caller's to give to
 * the crew. */
bool http_connection_serve(struct http_connection *connection, struct http_slot *slot);
/* Behind an exchange: the bytes of the next request move to the front. */
void http_connection_next(struct http_connection *connection);
void http_connection_give_work(struct http_connection *connection); /* all of it has been sent */
void http_connection_free(struct http_connection *connection);

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
bool http_exchange_end(struct http_connection *connection); /* the same, behind its last step */
void http_refuse(struct http_connection *connection, const struct http_fault *fault);
/* http_handed.c: waits for its next request without a thread. False: it cannot. */
bool http_rest(struct http_connection *connection);
