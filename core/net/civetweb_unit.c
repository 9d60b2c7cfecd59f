/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distribution's civetweb.c, unpatched, and accessors to what it hides. Its warnings are off
 * for this file only, and -fwrapv defines its arithmetic (cmake/Civetweb.cmake).
 */
#include "civetweb.c"

#include "core/net/civetweb_unit.h"

const struct mg_request_info *civetweb_info(const struct mg_connection *connection)
{
    return &connection->request_info;
}

int civetweb_socket(const struct mg_connection *connection)
{
    return connection->client.sock;
}

struct ssl_st *civetweb_tls(const struct mg_connection *connection)
{
    return connection->ssl;
}

/* A buffer of no bytes makes read_message() give up before it reads: "no data received". */
void civetweb_finish(struct mg_connection *connection)
{
    connection->buf_size = 0;
    connection->data_len = 0;
}

void civetweb_restore(struct mg_connection *connection)
{
    connection->buf_size = (int)connection->phys_ctx->max_request_size;
}

int civetweb_listeners(const struct mg_context *context, int *sockets, int max)
{
    int count = 0;
    for (unsigned i = 0; i < context->num_listening_sockets && count < max; i++)
        sockets[count++] = context->listening_sockets[i].sock;
    return count;
}
