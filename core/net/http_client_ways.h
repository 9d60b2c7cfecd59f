/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways a call can go, and what both do with an answer. Private to the client's files. */
#pragma once

#include "core/base/str.h"
#include "core/net/http_client.h"

enum { HTTP_CONNECT_MS = 5000 }; /* to connect, unless the call says so */

/* ---- the answer, for both ---- */

/* One call under way. */
struct http_transfer {
    const struct http_call *call;
    struct http_reply *reply;
    bool was_stopped, has_begun;
};

/* A header of the answer; both texts are copied. */
void http_reply_add_header(struct http_reply *reply, struct str name, struct str value);
/* The head of another answer begins: an interim one's (100) headers go. */
void http_reply_drop_headers(struct http_reply *reply);
/* The head is whole / bytes of the body came / a second went by. 0, or -1: no more is wanted. */
int http_transfer_begin(struct http_transfer *transfer);
int http_transfer_take(struct http_transfer *transfer, const char *bytes, size_t len);
int http_transfer_tick(struct http_transfer *transfer);
/* Sets the reason (one line) and gives -1. What stopped the transfer itself goes before. */
int http_transfer_fail(struct http_transfer *transfer, enum http_failure failure,
                       const char *format, ...) __attribute__((format(printf, 3, 4)));
bool http_call_has_header(const struct http_call *call, const char *name);

/* ---- http_library.c: libcurl, for everything ---- */

struct http_library;
struct http_library *http_library_new(const struct http_client_options *options);
void http_library_free(struct http_library *library);
int http_library_call(struct http_library *library, struct http_transfer *transfer);

/* ---- http_plain.c: this machine and addresses written as numbers, without TLS and proxies ---- */

struct http_plain;
struct http_plain *http_plain_new(const struct http_client_options *options);
void http_plain_free(struct http_plain *plain);
/* Whether the call is one of those that it can send; all else is the library's. */
bool http_plain_can(const struct http_plain *plain, const struct http_call *call);
int http_plain_call(struct http_plain *plain, struct http_transfer *transfer);
