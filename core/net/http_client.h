/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending a request and reading the answer, for the runner and for webhooks: blocking, one call at
 * a time per client, connections kept between calls. A client belongs to one thread at a time. No
 * redirect is followed, nothing is decompressed, the path goes out as it is written. The proxy
 * comes from the environment (http_proxy, https_proxy, no_proxy); loopback addresses are never
 * proxied.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/base/strbuf.h"
#include "core/net/http_header.h"

#include <stdbool.h>
#include <stddef.h>

struct http_client;

struct http_client_options {
    const char *ca_file;    /* PEM trusted instead of the system's; NULL: the system's */
    bool is_insecure;       /* certificates are not checked */
    const char *user_agent; /* NULL: none is sent */
    bool only_library;      /* everything goes through libcurl, plain calls of this machine too */
};

struct http_client *http_client_new(const struct http_client_options *options); /* NULL: defaults */
void http_client_free(struct http_client *client);

struct http_reply;

struct http_call {
    const char *method, *url;
    const struct http_header *headers;
    size_t header_count;
    const char *body; /* NULL: none */
    size_t body_len;
    int connect_ms;  /* to connect; 0: 5 s */
    int total_ms;    /* for the whole call; 0: no limit */
    size_t max_body; /* of the reply; 0: LIMIT_BODY */
    /* Instead of collecting the body: called as it comes, status and headers known. Not 0: stop. */
    int (*receive)(const struct http_reply *reply, const char *bytes, size_t len, void *data);
    /* The head is there, before any of the body. Not 0: stop. NULL: nobody wants to know. */
    int (*begin)(const struct http_reply *reply, void *data);
    /* Asked about once a second, also while nothing comes. Not 0: stop. */
    int (*tick)(void *data);
    void *data;
};

enum http_failure {
    HTTP_FAILURE_NONE,
    HTTP_FAILURE_INVALID,     /* the URL or the method cannot be sent */
    HTTP_FAILURE_UNREACHABLE, /* no address, no connection, no proxy */
    HTTP_FAILURE_TLS,         /* handshake or certificate */
    HTTP_FAILURE_TIMEOUT,
    HTTP_FAILURE_BROKEN,    /* connected, but no whole HTTP answer came */
    HTTP_FAILURE_TOO_LARGE, /* the body is larger than max_body */
    HTTP_FAILURE_STOPPED,   /* `receive`, `begin` or `tick` said so */
    HTTP_FAILURES
};
const char *http_failure_name(enum http_failure failure);

struct http_reply {
    enum http_failure failure;
    char reason[256]; /* one line, when it failed */
    int status;       /* 0 when no status line came */
    struct http_header *headers;
    size_t header_count, header_cap;
    struct http_texts *texts;     /* names and values of the headers */
    struct strbuf body;           /* what came, also when it failed half-way */
    nanos first_byte_after, took; /* since the call began */
};

void http_reply_init(struct http_reply *reply);
void http_reply_release(struct http_reply *reply);
/* The first header of that name (any case), or NULL. */
const char *http_reply_header(const struct http_reply *reply, const char *name);

/* Fills `reply` (emptied first). 0 when an HTTP answer came, whatever its status; else -1. */
int http_client_call(struct http_client *client, const struct http_call *call,
                     struct http_reply *reply);
