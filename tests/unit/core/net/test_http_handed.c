/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that go on without a thread of their own. */
#include "core/base/arena.h"
#include "core/net/http_client.h"
#include "core/net/http_server.h"
#include "core/net/tls.h"
#include "tests/unit/core/net/raw_client.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum { THREADS = 4, MANY = 60, LARGE = 16 * 1024 * 1024, LINE = 64 };

/* What the handler and its steps share; each stream is woken through `open`. */
struct service {
    struct http_server *server;
    pthread_mutex_t lock;
    struct http_exchange *open[MANY];
    _Atomic int opened, left, stopped, timed_out, ended, full;
    _Atomic bool is_told; /* to end */
};

static struct service *tls_service;

static void remember(struct service *service, struct http_exchange *exchange, bool is_there)
{
    pthread_mutex_lock(&service->lock);
    size_t i = 0;
    while (i < MANY && service->open[i] != (is_there ? NULL : exchange))
        i++;
    assert(i < MANY);
    service->open[i] = is_there ? exchange : NULL;
    pthread_mutex_unlock(&service->lock);
}

static void wake_all(struct service *service)
{
    pthread_mutex_lock(&service->lock);
    for (size_t i = 0; i < MANY; i++)
        if (service->open[i])
            http_wake(service->open[i]);
    pthread_mutex_unlock(&service->lock);
}

static bool asks(const struct http_exchange *exchange, const char *query)
{
    const char *given = http_exchange_request(exchange)->query;
    return given && text_is(given, query);
}

static void write_large(struct http_exchange *exchange)
{
    char *bytes = mem_alloc(LARGE);
    memset(bytes, 'x', LARGE);
    http_stream_write(exchange, bytes, LARGE);
    mem_free(bytes);
}

static enum http_next finish(struct service *service, struct http_exchange *exchange,
                             _Atomic int *counter)
{
    remember(service, exchange, false);
    http_stream_end(exchange);
    (*counter)++;
    return HTTP_IS_OVER;
}

/* In the exchange's arena. */
struct stream {
    struct service *service;
    bool is_begun;
};

static enum http_next step(struct http_exchange *exchange, enum http_wake why, void *data)
{
    struct stream *stream = data;
    struct service *service = stream->service;
    if (why == HTTP_CLIENT_LEFT)
        return finish(service, exchange, &service->left);
    if (why == HTTP_STOPPING) {
        http_stream_write(exchange, "stopped\n", 8);
        return finish(service, exchange, &service->stopped);
    }
    if (http_stream_is_stuck(exchange))
        return HTTP_GOES_ON;
    if (why == HTTP_TIMED_OUT) {
        service->timed_out++;
        http_stream_write(exchange, "still here\n", 11);
    }
    if (!stream->is_begun) {
        stream->is_begun = true;
        remember(service, exchange, true);
        service->opened++;
        if (asks(exchange, "large"))
            write_large(exchange);
        else
            http_stream_write(exchange, "begun\n", 6);
    } else if (why == HTTP_WOKEN && service->is_told) {
        http_stream_write(exchange, "last\n", 5);
        return finish(service, exchange, &service->ended);
    }
    http_step_within(exchange, asks(exchange, "ping") ? 20 : -1);
    return HTTP_GOES_ON;
}

static void hand_over(struct http_exchange *exchange, struct service *service)
{
    struct http_response response;
    http_response_init(&response, 200);
    if (http_hand_over_begin(exchange)) {
        response.status = 503;
        service->full++;
        http_respond(exchange, &response);
    } else {
        struct stream *stream = arena_alloc(http_exchange_arena(exchange), sizeof *stream);
        stream->service = service;
        http_stream_begin(exchange, &response);
        http_stream_write(exchange, "head\n", 5);
        assert_int_equal(http_hand_over(exchange, step, stream), 0);
    }
    http_response_release(&response);
}

static void handle(struct http_exchange *exchange, void *data)
{
    if (text_is(http_exchange_request(exchange)->path, "/stream")) {
        hand_over(exchange, data);
        return;
    }
    struct http_response response;
    http_response_init(&response, 200);
    strbuf_adds(&response.text, "plain");
    http_respond(exchange, &response);
    http_response_release(&response);
}

static void start(struct service *service, struct http_options options)
{
    struct error err = {0};
    *service = (struct service){0};
    pthread_mutex_init(&service->lock, NULL);
    options.threads = THREADS;
    options.handle = handle;
    options.data = service;
    service->server = http_server_start(&options, &err);
    if (!service->server)
        fail_msg("%s", err.text);
}

static void stop(struct service *service)
{
    http_server_stop(service->server);
    pthread_mutex_destroy(&service->lock);
}

static bool reaches(_Atomic int *counter, int value)
{
    nanos start = instant_monotonic_now();
    while (*counter != value && since_ms(start) < RAW_PATIENCE_MS)
        pause_ms(1);
    return *counter == value;
}

/* Places are given back, and threads, when a step or a handler has returned. */
static void expect_stats(struct service *service, int parked, int connections)
{
    struct http_stats stats = {0};
    nanos start = instant_monotonic_now();
    do
        http_server_stats(service->server, &stats);
    while ((stats.parked != parked || (connections && stats.connections != connections)) &&
           since_ms(start) < RAW_PATIENCE_MS);
    assert_int_equal(stats.parked, parked);
    if (connections)
        assert_int_equal(stats.connections, connections);
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"

static struct raw_client open_stream(struct service *service, const char *request)
{
    int before = service->opened;
    struct raw_client client = raw_open(http_server_port(service->server));
    raw_say(&client, request);
    assert_true(reaches(&service->opened, before + 1));
    return client;
}

static void expect_plain(struct raw_client *client)
{
    struct raw_answer answer = raw_answer(client, false);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "plain");
    raw_drop(&answer);
}

static void expect_stream(struct raw_client *client, const char *body)
{
    struct raw_answer answer = raw_answer(client, false);
    assert_int_equal(answer.status, 200);
    assert_true(answer.is_whole);
    assert_string_equal(answer.body, body);
    raw_drop(&answer);
}

static void more_streams_than_threads_are_open_and_others_are_served(void **state)
{
    (void)state;
    struct service service;
    struct raw_client streams[MANY];
    start(&service, (struct http_options){0});
    for (int i = 0; i < MANY; i++)
        streams[i] = open_stream(&service, GET("/stream"));
    expect_stats(&service, MANY, MANY);
    struct raw_client other = raw_open(http_server_port(service.server));
    raw_say(&other, GET("/a"));
    expect_plain(&other);
    wake_all(&service); /* for nothing: they go on */
    service.is_told = true;
    wake_all(&service);
    for (int i = 0; i < MANY; i++)
        expect_stream(&streams[i], "head\nbegun\nlast\n");
    assert_true(reaches(&service.ended, MANY));
    /* their connections live on, without a thread until the next request */
    for (int i = 0; i < MANY; i++) {
        raw_say(&streams[i], GET("/a"));
        expect_plain(&streams[i]);
        raw_say(&streams[i], GET("/a"));
        expect_plain(&streams[i]);
    }
    expect_stats(&service, 0, 0);
    for (int i = 0; i < MANY; i++)
        raw_close(&streams[i]);
    raw_close(&other);
    stop(&service);
}

static void a_connection_may_stream_again_and_have_its_next_request_waiting(void **state)
{
    (void)state;
    struct service service;
    start(&service, (struct http_options){0});
    struct raw_client client = open_stream(&service, GET("/stream") GET("/a") GET("/stream"));
    raw_say(&client, GET("/a")); /* and this one comes while it streams */
    service.is_told = true;
    wake_all(&service);
    expect_stream(&client, "head\nbegun\nlast\n");
    expect_plain(&client);
    assert_true(reaches(&service.opened, 2));
    wake_all(&service);
    expect_stream(&client, "head\nbegun\nlast\n");
    expect_plain(&client);
    raw_close(&client);
    client = open_stream(&service, "GET /stream HTTP/1.0\r\n\r\n"); /* ended by closing */
    wake_all(&service);
    expect_stream(&client, "head\nbegun\nlast\n");
    assert_true(raw_is_ended(&client));
    raw_close(&client);
    stop(&service);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    (void)state;
    struct service service;
    start(&service, (struct http_options){0});
    struct raw_client client = open_stream(&service, GET("/stream"));
    raw_close(&client);
    assert_true(reaches(&service.left, 1));
    client = open_stream(&service, GET("/stream"));
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    raw_close(&client);
    assert_true(reaches(&service.left, 2));
    client = open_stream(&service, GET("/stream") GET("/a")); /* bytes behind it hide nothing */
    shutdown(client.socket, SHUT_WR);
    assert_true(reaches(&service.left, 3));
    raw_close(&client);
    stop(&service);
}

/* As much is on its way as the kernel takes, and the rest waits with it. */
static void a_client_that_does_not_read_holds_up_nobody(void **state)
{
    (void)state;
    struct service service;
    start(&service, (struct http_options){0});
    struct raw_client lazy[2 * THREADS];
    for (int i = 0; i < 2 * THREADS; i++)
        lazy[i] = open_stream(&service, GET("/stream?large"));
    struct raw_client other = open_stream(&service, GET("/stream"));
    service.is_told = true;
    wake_all(&service); /* those that are stuck take no notice until it has gone */
    expect_stream(&other, "head\nbegun\nlast\n");
    raw_close(&other);
    for (int i = 0; i < 2 * THREADS; i++) {
        struct raw_answer answer = raw_answer(&lazy[i], false);
        assert_true(answer.is_whole);
        assert_int_equal(answer.body_len, 5 + LARGE + 5);
        assert_string_equal(answer.body + 5 + LARGE, "last\n");
        raw_drop(&answer);
        raw_close(&lazy[i]);
    }
    assert_true(reaches(&service.ended, 2 * THREADS + 1));
    stop(&service);
}

static void a_client_that_never_reads_has_left_in_the_end(void **state)
{
    (void)state;
    struct service service;
    start(&service, (struct http_options){.header_deadline_ms = 50});
    struct raw_client lazy = open_stream(&service, GET("/stream?large"));
    assert_true(reaches(&service.left, 1));
    raw_close(&lazy);
    stop(&service);
}

static void a_step_comes_when_its_time_is_over(void **state)
{
    (void)state;
    struct service service;
    start(&service, (struct http_options){.idle_ms = 50});
    struct raw_client client = open_stream(&service, GET("/stream?ping"));
    struct raw_client silent = open_stream(&service, GET("/stream"));
    assert_non_null(raw_find(&client, "still here\n\r\nb\r\nstill here\n"));
    assert_true(service.timed_out >= 2);
    raw_close(&client);
    service.is_told = true;
    wake_all(&service);
    expect_stream(&silent, "head\nbegun\nlast\n");
    assert_true(raw_is_ended(&silent)); /* idle for too long behind it */
    raw_close(&silent);
    stop(&service);
}

static void stopping_ends_them_in_order(void **state)
{
    (void)state;
    struct service service;
    struct raw_client streams[MANY], idle;
    start(&service, (struct http_options){0});
    idle = open_stream(&service, GET("/stream"));
    service.is_told = true;
    wake_all(&service);
    expect_stream(&idle, "head\nbegun\nlast\n");
    for (int i = 0; i < MANY; i++)
        streams[i] = open_stream(&service, GET("/stream"));
    stop(&service);
    for (int i = 0; i < MANY; i++) {
        expect_stream(&streams[i], "head\nbegun\nstopped\n");
        raw_close(&streams[i]);
    }
    assert_int_equal(service.stopped, MANY);
    assert_true(raw_is_ended(&idle));
    raw_close(&idle);
}

static void stopping_does_not_wait_for_who_does_not_read(void **state)
{
    (void)state;
    struct service service;
    start(&service, (struct http_options){.drain_ms = 50});
    struct raw_client lazy = open_stream(&service, GET("/stream?large"));
    stop(&service);
    assert_int_equal(service.stopped + service.left, 1);
    raw_close(&lazy);
}

/* ---- TLS ---- */

static int wake_as_it_comes(const struct http_reply *reply, const char *bytes, size_t len,
                            void *data)
{
    (void)bytes;
    size_t *received = data;
    *received += len;
    wake_all(tls_service);
    return reply->status == 200 ? 0 : -1;
}

static void it_is_the_same_over_tls(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        size_t len;
    } cases[] = {{"stream", 16},
                 {"a", 5},
                 {"stream?large", 5 + LARGE + 5},
                 {"stream?large", 5 + LARGE + 5},
                 {"a", 5},
                 {"a", 5},
                 {"stream", 16}};
    char directory[] = "/tmp/handed-XXXXXX", cert[64], key[64], url[64];
    struct error err = {0};
    struct service service;
    assert_non_null(mkdtemp(directory));
    snprintf(cert, sizeof cert, "%s/cert.pem", directory);
    snprintf(key, sizeof key, "%s/key.pem", directory);
    assert_int_equal(tls_make_certificate(cert, key, &err), 0);
    start(&service, (struct http_options){.cert_file = cert, .key_file = key});
    tls_service = &service;
    service.is_told = true;
    struct http_client *client = http_client_new(&(struct http_client_options){.ca_file = cert});
    struct http_reply reply;
    http_reply_init(&reply);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t received = 0;
        snprintf(url, sizeof url, "https://127.0.0.1:%d/%s", http_server_port(service.server),
                 cases[i].target);
        struct http_call call = {
            .method = "GET", .url = url, .receive = wake_as_it_comes, .data = &received};
        if (http_client_call(client, &call, &reply))
            fail_msg("%s: %s", http_failure_name(reply.failure), reply.reason);
        assert_int_equal(received, cases[i].len);
    }
    expect_stats(&service, 0, 1); /* shaken hands once */
    service.is_told = false;
    struct http_call call = {.method = "GET", .total_ms = 50, .url = url};
    assert_int_equal(http_client_call(client, &call, &reply), -1);
    assert_true(reaches(&service.left, 1)); /* noticed through TLS, too */
    http_reply_release(&reply);
    http_client_free(client);
    stop(&service);
    unlink(cert);
    unlink(key);
    rmdir(directory);
}

/* The last test: a limit that was lowered cannot be raised again. */
static void beyond_the_open_files_there_is_no_place(void **state)
{
    (void)state;
    enum { FILES = 128 + 2 * THREADS + 8, PLACES = 6 };
    struct service service;
    struct raw_client streams[PLACES];
    struct rlimit limit = {.rlim_cur = FILES, .rlim_max = FILES};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    start(&service, (struct http_options){0});
    for (int i = 0; i < PLACES; i++)
        streams[i] = open_stream(&service, GET("/stream"));
    struct raw_client late = raw_open(http_server_port(service.server));
    raw_say(&late, GET("/stream"));
    struct raw_answer answer = raw_answer(&late, false);
    assert_int_equal(answer.status, 503);
    raw_drop(&answer);
    raw_close(&streams[0]);
    assert_true(reaches(&service.left, 1));
    expect_stats(&service, PLACES - 1, 0);
    raw_say(&late, GET("/stream"));
    assert_true(reaches(&service.opened, PLACES + 1));
    raw_close(&late);
    for (int i = 1; i < PLACES; i++)
        raw_close(&streams[i]);
    stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_streams_than_threads_are_open_and_others_are_served),
        cmocka_unit_test(a_connection_may_stream_again_and_have_its_next_request_waiting),
        cmocka_unit_test(a_client_that_leaves_is_noticed),
        cmocka_unit_test(a_client_that_does_not_read_holds_up_nobody),
        cmocka_unit_test(a_client_that_never_reads_has_left_in_the_end),
        cmocka_unit_test(a_step_comes_when_its_time_is_over),
        cmocka_unit_test(stopping_ends_them_in_order),
        cmocka_unit_test(stopping_does_not_wait_for_who_does_not_read),
        cmocka_unit_test(it_is_the_same_over_tls),
        cmocka_unit_test(beyond_the_open_files_there_is_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
