/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a request's head (RFC 9112 sections 2 to 6): a pure function over bytes, strict where
 * leniency would let two readers disagree about where a message ends.
 */
#pragma once

#include "core/net/http_server.h"

#include <stdint.h>

enum { HTTP_MAX_HEADERS = 64 };

struct http_head {
    struct http_request request; /* its texts point into the bytes that were parsed */
    struct http_header headers[HTTP_MAX_HEADERS];
    bool keep_alive;       /* what the client wishes */
    bool is_head;          /* HEAD: the answer has no body */
    bool expects_continue; /* and so must be told before it sends the body */
    bool is_chunked;
    uint64_t
        content_length; /* 0 without; UINT64_MAX when it is larger than any number we can hold */
};

/* Why a request was refused; status 0: it was not. */
struct http_fault {
    int status;
    char reason[120];
};

/* Returns -1 so that callers can say `return http_fault(...)`. */
int http_fault(struct http_fault *fault, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The length of the head at the start of `bytes`, empty line included; 0 when it is not complete.
 * `seen` bytes were looked at before without finding it.
 */
size_t http_head_length(const char *bytes, size_t len, size_t seen);

/* Whether a head can begin with this character: a TLS greeting is refused before it is complete. */
bool http_head_can_begin(char c);

/*
 * Parses a complete head in place (line ends become terminators). 0, or -1 with `fault`; then
 * `head` holds what was understood up to there, and no NULL but query and host.
 */
int http_head_parse(char *bytes, size_t len, struct http_head *head, struct http_fault *fault);
void http_head_init(struct http_head *head);
