/* SPDX-License-Identifier: Apache-2.0 */
/* What civetweb_unit.c adds to the library: how to reach the parts it hides. For
 * http_accepted.c alone. */
#pragma once

struct mg_connection;
struct mg_context;
struct mg_request_info;
struct ssl_st; /* SSL */

/* Before its first request a connection has no info but the peer's and our address. */
const struct mg_request_info *civetweb_info(const struct mg_connection *connection);
int civetweb_socket(const struct mg_connection *connection);
struct ssl_st *
civetweb_tls(const struct mg_connection *connection); /* NULL on a plain connection */

/*
 * After our own loop has served a connection, the library must find nothing to parse in it: it then
 * closes the connection without a word. To be undone when the connection closes, for the buffer is
 * its worker's and serves the next one.
 */
void civetweb_finish(struct mg_connection *connection);
void civetweb_restore(struct mg_connection *connection);

/*
 * A connection that goes on without its worker: what the library knew of its socket is copied to
 * `taken` (civetweb_taken_size() bytes), and neither the socket nor TLS is the library's any more.
 */
unsigned long civetweb_taken_size(void);
void civetweb_take(struct mg_connection *connection, void *taken);
/* A worker serves it once more, as a plain connection. False: its queue is full, or it stops. */
int civetweb_give(const void *taken);

/* The listening sockets, at most `max`; to be asked on the master thread, which closes them. */
int civetweb_listeners(const struct mg_context *context, int *sockets, int max);
