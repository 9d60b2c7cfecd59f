/* SPDX-License-Identifier: Apache-2.0 */
/* What a call does is the same whichever way it goes: all of it is played both ways. */
#include "core/net/http_client.h"

#include "tests/unit/core/net/echo_service.h"

struct fixture {
    struct echo_service service;
    struct http_client *client;
    struct http_reply reply;
    char url[64];
};

static int start(void **state, bool only_library)
{
    static struct fixture fixture;
    setenv("http_proxy", "http://127.0.0.1:1", 1); /* loopback must not be proxied */
    echo_start(&fixture.service, (struct http_options){.threads = 4});
    fixture.client = http_client_new(
        &(struct http_client_options){.user_agent = "dryrun-test", .only_library = only_library});
    http_reply_init(&fixture.reply);
    *state = &fixture;
    return 0;
}

static int start_plain(void **state)
{
    return start(state, false);
}

static int start_library(void **state)
{
    return start(state, true);
}

static int stop(void **state)
{
    struct fixture *fixture = *state;
    http_reply_release(&fixture->reply);
    http_client_free(fixture->client);
    echo_stop(&fixture->service);
    return 0;
}

static const char *url(struct fixture *fixture, const char *path)
{
    snprintf(fixture->url, sizeof fixture->url, "http://127.0.0.1:%d%s",
             echo_port(&fixture->service), path);
    return fixture->url;
}

static void methods_bodies_and_raw_paths_go_out_as_written(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *method, *body, *expected;
    } cases[] = {
        {"GET", NULL, "GET /a/../b%2F ? q=%20 host=h 0:"},
        {"POST", "{}", "POST /a/../b%2F ? q=%20 host=h 2:{}"},
        {"POST", NULL, "POST /a/../b%2F ? q=%20 host=h 0:"},
        {"DELETE", NULL, "DELETE /a/../b%2F ? q=%20 host=h 0:"},
        {"PATCH", "x", "PATCH /a/../b%2F ? q=%20 host=h 1:x"},
        {"GET", "odd", "GET /a/../b%2F ? q=%20 host=h 3:odd"},
        {"HEAD", NULL, ""},
    };
    const struct http_header headers[] = {{"Host", "h"}, {"X-Empty", ""}};
    struct http_stats before, after;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_call call = {.method = cases[i].method,
                                 .url = url(fixture, "/a/../b%2F?q=%20")};
        call.headers = headers;
        call.header_count = 2;
        call.body = cases[i].body;
        call.body_len = cases[i].body ? strlen(cases[i].body) : 0;
        assert_int_equal(http_client_call(fixture->client, &call, &fixture->reply), 0);
        assert_int_equal(fixture->reply.status, 200);
        assert_string_equal(fixture->reply.body.buf, cases[i].expected);
        assert_string_equal(http_reply_header(&fixture->reply, "content-type"), "text/plain");
        assert_true(fixture->reply.took > 0);
        if (i == 0)
            http_server_stats(fixture->service.server, &before);
    }
    http_server_stats(fixture->service.server, &after);
    assert_int_equal(after.connections, before.connections); /* one, kept */
}

static void a_large_body_is_sent_without_waiting_for_100(void **state)
{
    struct fixture *fixture = *state;
    enum { LEN = 3 * 1024 * 1024 };
    char *body = mem_alloc(LEN);
    memset(body, 'x', LEN);
    struct http_call call = {
        .method = "POST", .url = url(fixture, "/a"), .body = body, .body_len = LEN};
    assert_int_equal(http_client_call(fixture->client, &call, &fixture->reply), 0);
    assert_int_equal(fixture->reply.body.len, strlen("POST /a ? - host=127.0.0.1:12345 3145728:") +
                                                  LEN - (echo_port(&fixture->service) < 10000));
    assert_true(fixture->reply.took < NANOS_PER_SECOND || IS_SANITIZED);
    mem_free(body);
}

static int collect(const struct http_reply *reply, const char *bytes, size_t len, void *data)
{
    struct strbuf *got = data;
    assert_int_equal(reply->status, 200);
    assert_non_null(http_reply_header(reply, "Content-Type"));
    strbuf_add(got, bytes, len);
    return strstr(got->buf, "first") ? 1 : 0;
}

static void a_stream_is_received_as_it_comes_and_can_be_left(void **state)
{
    struct fixture *fixture = *state;
    struct strbuf got = STRBUF_INIT(1000);
    struct http_call call = {
        .method = "GET", .url = url(fixture, "/stream?hold"), .receive = collect};
    call.data = &got;
    assert_int_equal(http_client_call(fixture->client, &call, &fixture->reply), -1);
    assert_int_equal(fixture->reply.failure, HTTP_FAILURE_STOPPED);
    assert_string_equal(got.buf, "data: first\n\n");
    assert_true(echo_reaches(&fixture->service.left, 1));
    strbuf_release(&got);
}

static void each_failure_has_its_kind(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_in closed = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof closed;
    int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* bound, but not listening */
    assert_int_equal(bind(bound, (struct sockaddr *)&closed, size), 0);
    assert_int_equal(getsockname(bound, (struct sockaddr *)&closed, &size), 0);
    char nobody[64], tls[64];
    snprintf(nobody, sizeof nobody, "http://127.0.0.1:%d/", ntohs(closed.sin_port));
    snprintf(tls, sizeof tls, "https://127.0.0.1:%d/", echo_port(&fixture->service));
    const struct {
        const char *url, *path;
        int total_ms;
        size_t max_body;
        enum http_failure failure;
    } cases[] = {
        {nobody, NULL, 0, 0, HTTP_FAILURE_UNREACHABLE},
        {tls, NULL, 0, 0, HTTP_FAILURE_TLS},
        {"ftp://127.0.0.1/", NULL, 0, 0, HTTP_FAILURE_INVALID},
        {"http://", NULL, 0, 0, HTTP_FAILURE_INVALID},
        {NULL, "/wait", 50, 0, HTTP_FAILURE_TIMEOUT},
        {NULL, "/reset", 0, 0, HTTP_FAILURE_BROKEN},
        {NULL, "/quiet", 0, 0, HTTP_FAILURE_BROKEN},
        {NULL, "/large", 0, 1000, HTTP_FAILURE_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_call call = {.method = "GET", .total_ms = cases[i].total_ms};
        call.url = cases[i].url ? cases[i].url : url(fixture, cases[i].path);
        call.max_body = cases[i].max_body;
        assert_int_equal(http_client_call(fixture->client, &call, &fixture->reply), -1);
        if (fixture->reply.failure != cases[i].failure || !*fixture->reply.reason)
            fail_msg("%s: %s (%s)", call.url, http_failure_name(fixture->reply.failure),
                     fixture->reply.reason);
    }
    close(bound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_bodies_and_raw_paths_go_out_as_written),
        cmocka_unit_test(a_large_body_is_sent_without_waiting_for_100),
        cmocka_unit_test(a_stream_is_received_as_it_comes_and_can_be_left),
        cmocka_unit_test(each_failure_has_its_kind),
    };
    int failed = cmocka_run_group_tests_name("by plain sockets", tests, start_plain, stop);
    return failed + cmocka_run_group_tests_name("by libcurl", tests, start_library, stop);
}
