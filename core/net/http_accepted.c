/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library calls: it accepts, keeps the pool of threads and shakes hands for TLS; each
 * connection is then served by http_connection.c from the library's init_connection callback, so
 * that its own parser, which drops headers, closes without a word and answers for itself, never
 * sees a byte. begin_request and http_error are therefore never reached, and are there to say so.
 */
#include "core/base/mem.h"
#include "core/net/civetweb_unit.h"
#include "core/net/http_server_parts.h"

#include <civetweb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <unistd.h>

enum { MASTER_THREAD = 0 };

static struct http_server *server_of(const struct mg_connection *connection)
{
    return mg_get_user_data(mg_get_context(connection));
}

static struct http_slot *slot_of(const struct mg_connection *connection)
{
    return mg_get_user_connection_data(connection);
}

/* With TLS the slot is taken when the handshake begins: a silent client must not escape the reaper.
 */
void accepted_watch_handshake(const SSL *tls, int where, int result)
{
    (void)result;
    struct mg_connection *connection = SSL_get_app_data(tls);
    if (!(where & SSL_CB_HANDSHAKE_START) || !connection || slot_of(connection))
        return;
    struct http_server *server = server_of(connection);
    mg_set_user_connection_data(connection,
                                pool_take(&server->service.pool, civetweb_socket(connection)));
}

static void *note_listeners(const struct mg_context *context, int thread_type)
{
    struct http_server *server = mg_get_user_data(context);
    if (thread_type == MASTER_THREAD)
        atomic_store(&server->listener_count,
                     civetweb_listeners(context, server->listeners, HTTP_HOSTS_MAX));
    return NULL;
}

/* ---- connections that were handed over ---- */

bool accepted_give_back(struct http_service *service, struct http_connection *connection)
{
    struct http_server *server = (struct http_server *)service;
    pthread_mutex_lock(&server->waiting_lock);
    connection->waiting = server->waiting;
    server->waiting = connection;
    atomic_fetch_add(&server->waiting_count, 1);
    bool is_given = civetweb_give(connection->library);
    if (!is_given) {
        server->waiting = connection->waiting;
        atomic_fetch_sub(&server->waiting_count, 1);
    }
    pthread_mutex_unlock(&server->waiting_lock);
    return is_given;
}

/* The one that was given back with this socket; NULL: it is a new one. */
static struct http_connection *take_waiting(struct http_server *server, int socket)
{
    struct http_connection *found = NULL;
    if (!atomic_load(&server->waiting_count))
        return NULL;
    pthread_mutex_lock(&server->waiting_lock);
    struct http_connection **at = &server->waiting;
    while (*at && (*at)->wire.socket != socket)
        at = &(*at)->waiting;
    found = *at;
    if (found) {
        *at = found->waiting;
        atomic_fetch_sub(&server->waiting_count, 1);
    }
    pthread_mutex_unlock(&server->waiting_lock);
    return found;
}

void accepted_drop_waiting(struct http_server *server)
{
    while (server->waiting) {
        struct http_connection *connection = server->waiting;
        int socket = connection->wire.socket;
        server->waiting = connection->waiting;
        http_connection_free(connection);
        close(socket);
    }
}

/* From here on nobody but the crew knows the connection. */
static void hand_over(struct http_connection *connection, struct mg_connection *from)
{
    struct http_pool *pool = &connection->service->pool;
    struct http_slot *slot = connection->slot;
    struct http_crew *crew = &connection->service->crew;
    if (!connection->library)
        connection->library = mem_alloc(civetweb_taken_size());
    civetweb_take(from, connection->library);
    connection->owns_tls = connection->wire.tls != NULL;
    connection->slot = NULL;
    pool_forget(pool, slot);
    crew_take(crew, connection->handed);
    pool_give(pool, slot);
}

static int serve_connection(const struct mg_connection *connection, void **data)
{
    struct http_server *server = server_of(connection);
    const struct mg_request_info *info = civetweb_info(connection);
    struct mg_connection *library = (struct mg_connection *)(uintptr_t)connection;
    int socket = civetweb_socket(connection);
    struct ssl_st *tls = civetweb_tls(connection);
    /* The library forgets what was set during the handshake. */
    struct http_slot *slot = tls ? pool_find(&server->service.pool, socket) : NULL;
    if (!slot)
        slot = pool_take(&server->service.pool, socket);
    *data = slot;
    struct http_connection *served = take_waiting(server, socket);
    if (!served) {
        struct http_peer peer = {.port = info->remote_port, .local_port = info->server_port};
        snprintf(peer.address, sizeof peer.address, "%s", info->remote_addr);
        served = http_connection_new(&server->service, socket, tls, &peer);
    }
    if (slot && http_connection_serve(served, slot)) {
        *data = NULL;
        hand_over(served, library);
    } else {
        http_connection_free(served);
    }
    civetweb_finish(library);
    return 0;
}

static void close_connection(const struct mg_connection *connection)
{
    struct http_slot *slot = slot_of(connection);
    if (slot)
        pool_give(&server_of(connection)->service.pool, slot);
    civetweb_restore((struct mg_connection *)(uintptr_t)connection);
}

static int refuse_request(struct mg_connection *connection)
{
    (void)connection;
    return 500;
}

static int swallow_error(struct mg_connection *connection, int status, const char *message)
{
    (void)connection, (void)status, (void)message;
    return 0;
}

static int keep_message(const struct mg_connection *connection, const char *message)
{
    (void)connection, (void)message;
    return 1;
}

static int give_tls(void **context, void *data)
{
    struct http_server *server = data;
    if (context)
        *context = server->tls;
    return 1;
}

const struct mg_callbacks accepted_callbacks = {
    .init_thread = note_listeners,
    .init_connection = serve_connection,
    .connection_close = close_connection,
    .begin_request = refuse_request,
    .http_error = swallow_error,
    .log_message = keep_message,
    .external_ssl_ctx = give_tls,
};
