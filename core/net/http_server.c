/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that talks to civetweb (civetweb_unit.c is civetweb). The library accepts, keeps
 * the pool of threads and shakes hands for TLS; each connection is then served by http_connection.c
 * from the library's init_connection callback, so that its own parser, which drops headers, closes
 * without a word and answers for itself, never sees a byte. begin_request and http_error are
 * therefore never reached, and are there to say so.
 */
#include "core/net/http_server.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/civetweb_unit.h"
#include "core/net/http_internal.h"
#include "core/net/tls.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DEFAULT_THREADS = 256,
    MAX_HOSTS = 8,
    MASTER_THREAD = 0,
    PORT_TRIES = 16,
    LIMIT_HEADER_DEFAULT = 16 * 1024,
    MOST_HANDED = 10000
};

struct http_server {
    struct http_service service; /* first: the library's user data is this */
    struct mg_context *context;
    SSL_CTX *tls;
    const char *hosts[MAX_HOSTS]; /* numeric */
    int host_count, port;
    char url[128];
    int listeners[MAX_HOSTS];
    _Atomic int listener_count; /* set by the library's master thread once it runs */
    pthread_mutex_t waiting_lock;
    struct http_connection *waiting; /* given back: their sockets are in the library's queue */
    _Atomic int waiting_count;
    char trouble[256]; /* what the library said last while starting */
};

/* --- callbacks of the library -------------------------------------------------------------------
 */

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
static void watch_handshake(const SSL *tls, int where, int result)
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
                     civetweb_listeners(context, server->listeners, MAX_HOSTS));
    return NULL;
}

/* ---- connections that were handed over ---- */

static bool give_back(struct http_service *service, struct http_connection *connection)
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

/* The library stopped before a worker had them. */
static void drop_waiting(struct http_server *server)
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

/* --- starting -----------------------------------------------------------------------------------
 */

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void fill_defaults(struct http_options *options)
{
    struct {
        int *value, usual;
    } numbers[] = {
        {&options->threads, DEFAULT_THREADS}, {&options->header_deadline_ms, 30000},
        {&options->body_deadline_ms, 30000},  {&options->idle_ms, 75000},
        {&options->drain_ms, 2000},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (*numbers[i].value <= 0)
            *numbers[i].value = numbers[i].usual;
    if (!options->max_body)
        options->max_body = LIMIT_BODY;
    if (!options->max_header)
        options->max_header = LIMIT_HEADER_DEFAULT;
    if (options->max_header < 1024)
        options->max_header = 1024;
}

static int add_host(struct http_server *server, const char *host, struct error *err)
{
    struct in6_addr address;
    if (!inet_pton(AF_INET, host, &address) && !inet_pton(AF_INET6, host, &address))
        return fail(err, ERROR_INVALID, "'%s' is no numeric address to listen on", host);
    if (server->host_count == MAX_HOSTS)
        return fail(err, ERROR_INVALID, "more than %d hosts to listen on", MAX_HOSTS);
    server->hosts[server->host_count++] = host;
    return 0;
}

static bool has_ipv6_loopback(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool works = probe >= 0 && !bind(probe, (struct sockaddr *)&address, sizeof address);
    if (probe >= 0)
        close(probe);
    return works;
}

/* "localhost" is both loopbacks: clients that resolve it to ::1 first are not turned away. */
static int add_hosts(struct http_server *server, struct error *err)
{
    static const char *const usual[] = {"127.0.0.1", NULL};
    const char *const *hosts = server->service.options.hosts;
    for (hosts = hosts && *hosts ? hosts : usual; *hosts; hosts++) {
        bool is_localhost = text_is_any_case(*hosts, "localhost");
        if (add_host(server, is_localhost ? "127.0.0.1" : *hosts, err))
            return -1;
        if (is_localhost && has_ipv6_loopback() && add_host(server, "::1", err))
            return -1;
    }
    return 0;
}

/* Binds and lets go: the library's own message would not do. `*port` 0 becomes a free one. */
static int probe_port(const char *host, int *port, struct error *err)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    bool is_v6 = strchr(host, ':') != NULL;
    socklen_t size = is_v6 ? sizeof address.v6 : sizeof address.v4;
    in_port_t *number = is_v6 ? &address.v6.sin6_port : &address.v4.sin_port;
    address.any.sa_family = is_v6 ? AF_INET6 : AF_INET;
    inet_pton(address.any.sa_family, host,
              is_v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr);
    *number = htons((in_port_t)*port);
    int probe = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (probe < 0)
        return fail_errno(err, "cannot make a socket for %s", host);
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_v6)
        setsockopt(probe, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    int bound = bind(probe, &address.any, size);
    if (!bound)
        bound = listen(probe, 1);
    if (!bound)
        bound = getsockname(probe, &address.any, &size);
    int reason = errno;
    close(probe);
    if (!bound) {
        *port = ntohs(*number);
        return 0;
    }
    const char *open = is_v6 ? "[" : "", *end = is_v6 ? "]" : "";
    if (reason == EADDRINUSE)
        return fail(err, ERROR_IO, "cannot listen on %s%s%s:%d: address already in use", open, host,
                    end, *port);
    errno = reason;
    return fail_errno(err, "cannot listen on %s%s%s:%d", open, host, end, *port);
}

/* One port for every host. */
static int choose_port(struct http_server *server, struct error *err)
{
    server->port = server->service.options.port;
    for (int i = 0; i < server->host_count; i++)
        if (probe_port(server->hosts[i], &server->port, err))
            return -1;
    return 0;
}

static int start_library(struct http_server *server, struct error *err)
{
    static const struct mg_callbacks callbacks = {
        .init_thread = note_listeners,
        .init_connection = serve_connection,
        .connection_close = close_connection,
        .begin_request = refuse_request,
        .http_error = swallow_error,
        .log_message = keep_message,
        .external_ssl_ctx = give_tls,
    };
    const struct http_options *options = &server->service.options;
    char ports[1024], threads[16], timeout[16];
    size_t len = 0;
    for (int i = 0; i < server->host_count; i++) {
        bool is_v6 = strchr(server->hosts[i], ':') != NULL;
        len += (size_t)snprintf(ports + len, sizeof ports - len, "%s%s%s%s:%d%s", i ? "," : "",
                                is_v6 ? "[" : "", server->hosts[i], is_v6 ? "]" : "", server->port,
                                server->tls ? "s" : "");
    }
    snprintf(threads, sizeof threads, "%d", options->threads);
    snprintf(timeout, sizeof timeout, "%d", options->header_deadline_ms); /* of the TLS handshake */
    const char *settings[] = {"listening_ports",
                              ports,
                              "num_threads",
                              threads,
                              "request_timeout_ms",
                              timeout,
                              "tcp_nodelay",
                              "1",
                              "max_request_size",
                              "1024",
                              "connection_queue",
                              "1024",
                              "listen_backlog",
                              "1024",
                              "enable_keep_alive",
                              "yes",
                              "decode_url",
                              "no",
                              "enable_auth_domain_check",
                              "no",
                              NULL};
    struct mg_init_data init = {&callbacks, server, settings};
    struct mg_error_data trouble = {.text = server->trouble,
                                    .text_buffer_size = sizeof server->trouble};
    server->context = mg_start2(&init, &trouble);
    if (!server->context)
        return fail(err, ERROR_IO, "cannot listen on port %d: %s", server->port, server->trouble);
    return 0;
}

/* A free port found for one host may be taken on another, or by another before we have it. */
static int start_listening(struct http_server *server, struct error *err)
{
    int tries = server->service.options.port ? 1 : PORT_TRIES;
    for (int i = 0; i < tries; i++)
        if (!choose_port(server, err) && !start_library(server, err))
            return 0;
    return -1;
}

static int start_tls(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->service.options;
    if (!options->cert_file)
        return 0;
    server->tls = tls_server_context(options->cert_file, options->key_file, err);
    if (!server->tls)
        return -1;
    SSL_CTX_set_info_callback(server->tls, watch_handshake);
    if (options->trouble == HTTP_OLD_TLS)
        tls_speak_old(server->tls);
    return 0;
}

static void free_server(struct http_server *server)
{
    crew_release(&server->service.crew);
    drop_waiting(server);
    pthread_mutex_destroy(&server->waiting_lock);
    pool_release(&server->service.pool);
    works_release(&server->service.works);
    SSL_CTX_free(server->tls);
    close(server->service.stop_fd);
    mem_free(server);
}

/* Three quarters, or all but a few dozen where there are many: those are enough for the others. */
static int most_parked(int threads)
{
    enum { ENOUGH_FOR_OTHERS = 64 };
    if (threads > 4 * ENOUGH_FOR_OTHERS)
        return threads - ENOUGH_FOR_OTHERS;
    return threads * 3 / 4 > 0 ? threads * 3 / 4 : 1;
}

/* Each connection is a file, and so is what the others wake each other by; of what is left three
 * quarters may stream, the others rest. */
static void share_files(struct http_service *service)
{
    enum { FILES_BESIDE = 128 };
    const int threads = service->options.threads;
    struct rlimit limit;
    int left = 4 * MOST_HANDED;
    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < (rlim_t)left)
        left = (int)limit.rlim_cur - 2 * threads - FILES_BESIDE;
    if (left < threads)
        left = threads;
    service->max_handed = left - left / 4 < MOST_HANDED ? left - left / 4 : MOST_HANDED;
    service->max_resting = left / 4;
}

struct http_server *http_server_start(const struct http_options *options, struct error *err)
{
    struct http_server *server = mem_alloc(sizeof *server);
    struct http_service *service = &server->service;
    service->options = *options;
    fill_defaults(&service->options);
    int threads = service->options.threads;
    service->max_parked = most_parked(threads);
    service->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    raise_file_limit();
    share_files(service);
    service->give_back = give_back;
    crew_init(&service->crew, service);
    pthread_mutex_init(&server->waiting_lock, NULL);
    signal(SIGPIPE, SIG_IGN);
    mg_init_library(0);
    if (service->stop_fd < 0 || pool_init(&service->pool, threads)) {
        fail_errno(err, "cannot start the server");
        close(service->stop_fd);
        mem_free(server);
        return NULL;
    }
    if (add_hosts(server, err) || start_tls(server, err) || start_listening(server, err)) {
        free_server(server);
        return NULL;
    }
    bool is_v6 = strchr(server->hosts[0], ':') != NULL;
    snprintf(server->url, sizeof server->url, "http%s://%s%s%s:%d", server->tls ? "s" : "",
             is_v6 ? "[" : "", server->hosts[0], is_v6 ? "]" : "", server->port);
    return server;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

const char *http_server_url(const struct http_server *server)
{
    return server->url;
}

void http_server_stats(struct http_server *server, struct http_stats *stats)
{
    struct http_service *service = &server->service;
    pthread_mutex_lock(&service->pool.lock);
    int connections = service->pool.used + atomic_load(&service->crew.count);
    pthread_mutex_unlock(&service->pool.lock);
    *stats = (struct http_stats){
        .threads = service->options.threads,
        .connections = connections,
        .busy = pool_active(&service->pool),
        .parked = atomic_load(&service->parked) + atomic_load(&service->handed),
        .exchanges = pool_served(&service->pool),
        .reaped = atomic_load(&service->pool.reaped),
    };
}

void http_server_stop(struct http_server *server)
{
    if (!server)
        return;
    struct http_service *service = &server->service;
    nanos deadline = instant_monotonic_now() + service->options.drain_ms * NANOS_PER_MS;
    atomic_store(&service->stopping, true);
    eventfd_write(service->stop_fd, 1);
    crew_stop(&service->crew);
    pool_shutdown_readers(&service->pool);
    while ((pool_active(&service->pool) || atomic_load(&service->crew.count)) &&
           instant_monotonic_now() < deadline)
        nanosleep(&(struct timespec){.tv_nsec = NANOS_PER_MS}, NULL);
    pool_shutdown_all(&service->pool);
    crew_kill(&service->crew);
    /* The kernel refuses who comes now, and the library's master thread wakes at once. */
    for (int i = 0; i < atomic_load(&server->listener_count); i++)
        shutdown(server->listeners[i], SHUT_RD);
    mg_stop(server->context);
    free_server(server);
}
