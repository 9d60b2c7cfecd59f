/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and stopping civetweb: this and http_accepted.c are all that talks to it
 * (civetweb_unit.c is civetweb). */
#include "core/base/mem.h"
#include "core/net/http_server_parts.h"
#include "core/net/tls.h"

#include <civetweb.h>
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
    PORT_TRIES = 16,
    LIMIT_HEADER_DEFAULT = 16 * 1024,
    MOST_HANDED = 10000
};

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

static int start_library(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->service.options;
    const struct http_addresses *addresses = &server->addresses;
    char ports[1024], threads[16], timeout[16];
    size_t len = 0;
    for (int i = 0; i < addresses->count; i++) {
        bool is_v6 = strchr(addresses->hosts[i], ':') != NULL;
        len += (size_t)snprintf(ports + len, sizeof ports - len, "%s%s%s%s:%d%s", i ? "," : "",
                                is_v6 ? "[" : "", addresses->hosts[i], is_v6 ? "]" : "",
                                addresses->port, server->tls ? "s" : "");
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
    struct mg_init_data init = {&accepted_callbacks, server, settings};
    struct mg_error_data trouble = {.text = server->trouble,
                                    .text_buffer_size = sizeof server->trouble};
    server->context = mg_start2(&init, &trouble);
    if (!server->context)
        return fail(err, ERROR_IO, "cannot listen on port %d: %s", addresses->port,
                    server->trouble);
    return 0;
}

/* A free port found for one host may be taken on another, or by another before we have it. */
static int start_listening(struct http_server *server, struct error *err)
{
    int port = server->service.options.port, tries = port ? 1 : PORT_TRIES;
    for (int i = 0; i < tries; i++)
        if (!addresses_choose_port(&server->addresses, port, err) && !start_library(server, err))
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
    SSL_CTX_set_info_callback(server->tls, accepted_watch_handshake);
    if (options->trouble == HTTP_OLD_TLS)
        tls_speak_old(server->tls);
    return 0;
}

static void free_server(struct http_server *server)
{
    crew_release(&server->service.crew);
    accepted_drop_waiting(server);
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
    service->give_back = accepted_give_back;
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
    if (addresses_add(&server->addresses, service->options.hosts, err) || start_tls(server, err) ||
        start_listening(server, err)) {
        free_server(server);
        return NULL;
    }
    const struct http_addresses *addresses = &server->addresses;
    bool is_v6 = strchr(addresses->hosts[0], ':') != NULL;
    snprintf(server->url, sizeof server->url, "http%s://%s%s%s:%d", server->tls ? "s" : "",
             is_v6 ? "[" : "", addresses->hosts[0], is_v6 ? "]" : "", addresses->port);
    return server;
}

int http_server_port(const struct http_server *server)
{
    return server->addresses.port;
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
