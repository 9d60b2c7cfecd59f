/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.1 server: sockets, framing, limits and stop; what is answered is the application's.
 *
 * One thread a connection out of a fixed pool. The whole body is read before `handle` is called on
 * that thread; `handle` answers exactly once: http_respond(), or http_stream_begin() ... _end(), or
 * raw bytes. Whatever the server must refuse on its own (RFC 9110 section 15, RFC 9112) goes
 * through `refused`, so that each answer has the application's shape. Every function taking an
 * exchange must be called on the handler's thread; everything else is free of threads' concern.
 *
 * Only http_server.c and civetweb_unit.c know the library behind this (docs/ARCHITECTURE.md).
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/net/http_header.h"

#include <stdbool.h>
#include <stddef.h>

struct http_server;
struct http_exchange;

/* Lives as long as its exchange. Nothing is decoded: see core/net/url.h. */
struct http_request {
    const char *method; /* as sent; "" in a refusal that came too early to know */
    const char
        *path; /* raw, begins with '/' (the authority of an absolute URI is cut off), or "*" */
    const char *query;   /* raw, without '?'; NULL when there is none */
    const char *version; /* "1.0" or "1.1" */
    const char *host;    /* the Host header or an absolute URI's authority; NULL when absent */
    const struct http_header *headers;
    size_t header_count;
    const char *body; /* never NULL, terminated (not counted) */
    size_t body_len;
    const char *peer; /* numeric address */
    int peer_port, local_port;
    bool is_tls;
};

/* The first header of that name (any case), or NULL. */
const char *http_request_header(const struct http_request *request, const char *name);

/* --- an answer in the making ------------------------------------------------------------------ */

struct http_response {
    int status;
    const char *reason; /* NULL: the usual phrase */
    struct strbuf head; /* "Name: value\r\n" lines; written by http_response_header() */
    struct strbuf text; /* the body, unless bytes were borrowed */
    const char *borrowed;
    size_t borrowed_len;
    void (*release)(void *data); /* for borrowed bytes */
    void *release_data;
    bool has_date, close; /* close: the connection ends after this answer */
};

void http_response_init(struct http_response *response, int status);
/* Gives back the memory and calls the borrowed bytes' release, if any. */
void http_response_release(struct http_response *response);
/*
 * Adds a line. Control characters in the value become blanks: a value cannot smuggle in a header.
 * The server writes Content-Length, Transfer-Encoding and Connection itself and ignores them here
 * (HEAD and 304 answers carry the length of the body given); Date only when it is not set here.
 */
void http_response_header(struct http_response *response, const char *name, const char *value);
/* A line whose start ("Name: ") is known to be right and none of the above; the value is not. */
void http_response_known(struct http_response *response, struct str start, const char *value);
/* Whole lines that are known to be right: "A: b\r\nC: d\r\n". Of no Date and no Content-Type. */
void http_response_lines(struct http_response *response, const char *lines);
void http_response_headerf(struct http_response *response, const char *name, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));
/* The body is these bytes, not copied; `release` (may be NULL) is called once by _release. */
void http_response_borrow(struct http_response *response, const void *bytes, size_t len,
                          void (*release)(void *data), void *data);
/* The usual phrase for a status: "Not Found"; "Unknown" when there is none. */
const char *http_reason(int status);

/* --- inside a handler ---------------------------------------------------------------------------
 */

const struct http_request *http_exchange_request(const struct http_exchange *exchange);
/* Memory for the handler, emptied when it has returned. */
struct arena *http_exchange_arena(const struct http_exchange *exchange);

/*
 * Sends the whole answer in one write; the body is dropped for HEAD, 204 and 304. 0, or -1 when the
 * client has left. The builder stays the caller's.
 */
int http_respond(struct http_exchange *exchange, const struct http_response *response);

/*
 * An answer whose length is not known: chunked for 1.1, ended by closing for 1.0 (RFC 9112 section
 * 7.1). The response's body is ignored. Each write is one chunk and one packet; -1 when the client
 * has left. For HEAD only the head is sent, and writes do nothing.
 */
int http_stream_begin(struct http_exchange *exchange, const struct http_response *response);
int http_stream_write(struct http_exchange *exchange, const void *bytes, size_t len);
int http_stream_end(struct http_exchange *exchange);

/*
 * For faults: the message that http_respond would send, in another way. Its head goes to the end of
 * `out`, with a Content-Length of `length` (< 0: none; for HEAD that of the whole body comes on
 * top) or chunked; it promises that the connection lives on unless `response->close` is set. Then
 * its bytes, none for HEAD, 204 and 304.
 */
void http_message_head(struct http_exchange *exchange, const struct http_response *response,
                       long long length, bool is_chunked, struct strbuf *out);
const char *http_message_body(const struct http_exchange *exchange,
                              const struct http_response *response, size_t *len);
/* Bytes as they are, head included; the connection is closed after the handler. -1: the client has
 * left. */
int http_raw_write(struct http_exchange *exchange, const void *bytes, size_t len);
/* The connection lives on after all, if the head promised it. */
void http_raw_finish(struct http_exchange *exchange);
/* The peer gets a reset (RST) now, behind what was written; nothing can be written any more. */
void http_close_abruptly(struct http_exchange *exchange);
/* No answer: the connection is closed in order after the handler, without a byte more. */
void http_close_quietly(struct http_exchange *exchange);

enum http_wake { HTTP_WOKEN, HTTP_TIMED_OUT, HTTP_CLIENT_LEFT, HTTP_STOPPING };
/*
 * Sleeps until `wake_fd` is readable (an eventfd of the caller's, which also reads it; -1: none),
 * `timeout_ms` has passed (-1: never), the client has left, or the server stops. Writes nothing.
 */
enum http_wake http_exchange_wait(struct http_exchange *exchange, int wake_fd, int timeout_ms);
bool http_exchange_client_left(struct http_exchange *exchange);
bool http_exchange_is_stopping(const struct http_exchange *exchange);

/*
 * Whoever waits or streams holds a thread: take a place first. At most three quarters of the pool
 * (all but 64 of more than 256) may be parked; -1 = none left: answer 503 with Retry-After. Given
 * back at the latest when the handler returns.
 */
int http_park_begin(struct http_exchange *exchange);
void http_park_end(struct http_exchange *exchange);

/*
 * A stream that mostly waits needs no thread of its own. Its handler takes a place, begins the
 * stream, hands it over and returns; `step` then goes on with it, called by one of a few threads
 * that the server keeps for all of them, never by two at once: at first with HTTP_WOKEN, then
 *     HTTP_WOKEN          after http_wake, and when what was stuck has gone
 *     HTTP_TIMED_OUT      when http_step_within is over (each call ends the one before)
 *     HTTP_CLIENT_LEFT, HTTP_STOPPING    for the last time: it must return HTTP_IS_OVER
 * A step must not wait. http_stream_write keeps what the client does not take at once; a step
 * should write no more while that is stuck. The exchange, its request and its arena live until
 * `step` has returned HTTP_IS_OVER.
 */
enum http_next { HTTP_GOES_ON, HTTP_IS_OVER };
typedef enum http_next http_step(struct http_exchange *exchange, enum http_wake why, void *data);

/* A place among those: three quarters of the files that may be open, 10,000 at most. -1 = none
 * left: answer 503 with Retry-After. http_park_end gives it back, too. */
int http_hand_over_begin(struct http_exchange *exchange);
/* With a place, and with the stream begun. -1: no threads can be had, and it stays the handler's.
 */
int http_hand_over(struct http_exchange *exchange, http_step *step, void *data);
/* By any thread while the exchange is not over: it is stepped soon. Takes only a lock of its own.
 */
void http_wake(struct http_exchange *exchange);
void http_step_within(struct http_exchange *exchange, int ms); /* within a step; < 0: never */
bool http_stream_is_stuck(const struct http_exchange *exchange);

/* --- the server ---------------------------------------------------------------------------------
 */

/* What the server refuses by itself; `request` may be incomplete (but has no NULL strings except
 * query and host). */
struct http_refusal {
    int status;         /* 400 408 413 414 431 500 501 503 505 ... */
    const char *reason; /* one line: what was wrong */
    const struct http_request *request;
};

/* What is wrong with a listener on purpose. */
enum http_trouble {
    HTTP_SOUND,
    HTTP_OLD_TLS, /* TLS 1.1 is all that is spoken */
    HTTP_CLOSES,  /* as soon as the client has said something */
    HTTP_SILENT,  /* nothing is ever answered; closed when nothing more comes for 60 s */
};

struct http_options {
    const char *const
        *hosts;             /* numeric addresses or "localhost"; NULL-terminated; NULL: 127.0.0.1 */
    int port;               /* 0: a free one, the same for every host */
    int threads;            /* 0: 256 */
    size_t max_body;        /* bytes; 0: LIMIT_BODY */
    size_t max_header;      /* bytes of request line and headers; 0: 16 KB; at least 1 KB */
    int header_deadline_ms; /* from the first byte to the last of a connection's first head; 0: 30 s
                             */
    int body_deadline_ms;   /* for a whole body; 0: 30 s */
    int idle_ms;            /* an idle connection is kept; 0: 75 s */
    int drain_ms;           /* stop waits this long for running handlers; 0: 2 s */
    const char *cert_file;  /* PEM chain: TLS on every listener; NULL: plain */
    const char *key_file;   /* PEM; NULL: in cert_file */
    enum http_trouble trouble;
    void (*handle)(struct http_exchange *exchange, void *data);
    /* Fills `response` (initialised with the status); NULL: a line of plain text. */
    void (*refused)(const struct http_refusal *refusal, struct http_response *response, void *data);
    void *data; /* for both */
};

/*
 * Listens and serves. Raises the limit of open files to the hard one. NULL and `err` on failure:
 * "cannot listen on 127.0.0.1:8080: address already in use".
 */
struct http_server *http_server_start(const struct http_options *options, struct error *err);
int http_server_port(const struct http_server *server);
/* "http://127.0.0.1:8080"; lives as long as the server. */
const char *http_server_url(const struct http_server *server);

struct http_stats {
    int threads, connections, busy, parked; /* parked: also without a thread */
    unsigned long long exchanges, reaped;   /* since the start */
};
void http_server_stats(struct http_server *server, struct http_stats *stats);

/*
 * Refuses new connections, wakes whoever waits with HTTP_STOPPING, lets running handlers end, then
 * closes what is left and frees the server. Not to be called from a handler.
 */
void http_server_stop(struct http_server *server);
