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

struct taken {
    struct socket socket;
    struct mg_context *context;
};

unsigned long civetweb_taken_size(void)
{
    return sizeof(struct taken);
}

void civetweb_take(struct mg_connection *connection, void *taken)
{
    if (connection->ssl)
        SSL_set_app_data(connection->ssl, NULL);
    connection->ssl = NULL;
    *(struct taken *)taken = (struct taken){connection->client, connection->phys_ctx};
    connection->client.sock = INVALID_SOCKET;
}

/* produce_socket(), but for the wait. */
int civetweb_give(const void *given)
{
    const struct taken *taken = given;
    struct mg_context *context = taken->context;
    struct socket socket = taken->socket;
    socket.is_ssl = 0;
    pthread_mutex_lock(&context->thread_mutex);
    int has_room = STOP_FLAG_IS_ZERO(&context->stop_flag) &&
                   context->sq_head - context->sq_tail < context->sq_size;
    if (has_room) {
        context->squeue[context->sq_head % context->sq_size] = socket;
        context->sq_head++;
        pthread_cond_signal(&context->sq_full);
    }
    pthread_mutex_unlock(&context->thread_mutex);
    return has_room;
}

int civetweb_listeners(const struct mg_context *context, int *sockets, int max)
{
    int count = 0;
    for (unsigned i = 0; i < context->num_listening_sockets && count < max; i++)
        sockets[count++] = context->listening_sockets[i].sock;
    return count;
}
