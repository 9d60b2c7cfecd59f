/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of a service that nobody wrote by the book: what is forgiven, what is refused, and that
 * nothing hangs. Both ways of the client are held against the same rows.
 */
#include "core/net/http_client.h"

#include "tests/unit/core/net/scripted_server.h"

static int call(struct scripted *server, struct http_client *client, const char *method,
                struct http_reply *reply)
{
    char url[64];
    struct http_call call = {.method = method, .url = url, .total_ms = 2000, .max_body = 1000};
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", server->port);
    return http_client_call(client, &call, reply);
}

static struct http_client *client_of(int way)
{
    return http_client_new(&(struct http_client_options){.only_library = way == 1});
}

struct expected {
    const char *name;
    struct script script;
    enum http_failure failure;
    int status;
    const char *body;
    enum { BOTH, STRICT } ways; /* STRICT: libcurl forgives it */
};

#define OK "HTTP/1.1 200 OK\r\n"

static const struct expected rows[] = {
    {"a length", {OK "Content-Length: 3\r\n\r\nabc", 0, 0, STAY}, 0, 200, "abc", BOTH},
    {"byte by byte", {OK "A: b\r\nContent-Length: 3\r\n\r\nabc", 0, 1, STAY}, 0, 200, "abc", BOTH},
    {"chunks",
     {OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", 0, 0, STAY},
     0,
     200,
     "abc",
     BOTH},
    {"chunks byte by byte",
     {OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nT: v\r\n\r\n", 0, 1, STAY},
     0,
     200,
     "abc",
     BOTH},
    {"chunked wins over a length",
     {OK "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 0, 0, STAY},
     0,
     200,
     "a",
     BOTH},
    {"until the end", {OK "\r\nabc", 0, 0, CLOSE}, 0, 200, "abc", BOTH},
    {"an old server", {"HTTP/1.0 404 Nope\r\n\r\ngone", 0, 0, CLOSE}, 0, 404, "gone", BOTH},
    {"no reason", {"HTTP/1.1 204\r\n\r\n", 0, 0, STAY}, 0, 204, "", BOTH},
    {"interim answers",
     {"HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 103 Early\r\n\r\n" OK
      "Content-Length: 1\r\n\r\na",
      0, 0, STAY},
     0,
     200,
     "a",
     BOTH},
    {"lines without CR",
     {"HTTP/1.1 200 OK\nContent-Length: 1\n\na", 0, 0, STAY},
     0,
     200,
     "a",
     BOTH},
    {"304 has no body",
     {"HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n", 0, 0, STAY},
     0,
     304,
     "",
     BOTH},
    {"more than was said", {OK "Content-Length: 1\r\n\r\nabcdef", 0, 0, STAY}, 0, 200, "a", BOTH},
    {"nothing at all", {"", 0, 0, CLOSE}, HTTP_FAILURE_BROKEN, 0, "", BOTH},
    {"a reset", {"", 0, 0, RESET}, HTTP_FAILURE_BROKEN, 0, "", BOTH},
    {"half a head", {OK "Content-Le", 0, 0, CLOSE}, HTTP_FAILURE_BROKEN, 200, "", STRICT},
    {"half a status line", {"HTTP/1.1 2", 0, 0, CLOSE}, HTTP_FAILURE_BROKEN, 0, "", STRICT},
    {"half a body",
     {OK "Content-Length: 9\r\n\r\nabc", 0, 0, CLOSE},
     HTTP_FAILURE_BROKEN,
     200,
     "abc",
     BOTH},
    {"half a body, reset",
     {OK "Content-Length: 9\r\n\r\nabc", 0, 0, RESET},
     HTTP_FAILURE_BROKEN,
     200,
     NULL,
     BOTH},
    {"half a chunk",
     {OK "Transfer-Encoding: chunked\r\n\r\n9\r\nabc", 0, 0, CLOSE},
     HTTP_FAILURE_BROKEN,
     200,
     "abc",
     BOTH},
    {"no last chunk",
     {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 0, 0, CLOSE},
     HTTP_FAILURE_BROKEN,
     200,
     "abc",
     BOTH},
    {"no end behind the last chunk",
     {OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", 0, 0, CLOSE},
     HTTP_FAILURE_BROKEN,
     200,
     "a",
     BOTH},
    {"a size that is none",
     {OK "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     BOTH},
    {"a size beyond all numbers",
     {OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     BOTH},
    {"a chunk longer than its size",
     {OK "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "a",
     STRICT},
    {"garbage", {"{\"id\": 1}\n", 0, 0, STAY}, HTTP_FAILURE_BROKEN, 0, "", BOTH},
    {"another protocol", {"SSH-2.0-x\r\n", 0, 0, SILENT}, HTTP_FAILURE_BROKEN, 0, "", BOTH},
    {"a version of its own",
     {"HTTP/9.9 200 OK\r\n\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     0,
     "",
     STRICT},
    {"a status that is none",
     {"HTTP/1.1 2x0 OK\r\n\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     0,
     "",
     STRICT},
    {"a NUL in the head",
     {OK "A: \0b\r\nContent-Length: 0\r\n\r\n", sizeof OK "A: \0b\r\nContent-Length: 0\r\n\r\n" - 1,
      0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     BOTH},
    {"a length that is none",
     {OK "Content-Length: ten\r\n\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     BOTH},
    {"a negative length",
     {OK "Content-Length: -1\r\n\r\n", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     BOTH},
    {"two lengths",
     {OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 0, 0, STAY},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     STRICT},
    {"a coding nobody asked for",
     {OK "Transfer-Encoding: gzip\r\n\r\n", 0, 0, CLOSE},
     HTTP_FAILURE_BROKEN,
     200,
     "",
     STRICT},
};

static void answers_end_where_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int way = 0; way < (rows[i].ways == BOTH ? 2 : 1); way++) {
            const struct expected *row = &rows[i];
            struct http_client *client = client_of(way);
            struct http_reply reply;
            struct scripted server;
            script_begin(&server, &row->script, 1);
            http_reply_init(&reply);
            int result = call(&server, client, "GET", &reply);
            if (result != (row->failure ? -1 : 0) || reply.failure != row->failure ||
                reply.status != row->status ||
                (row->body && strcmp(reply.body.buf, row->body) != 0) ||
                (row->failure && !*reply.reason))
                fail_msg("%s, way %d: %s, status %d, body '%s' (%s)", row->name, way,
                         http_failure_name(reply.failure), reply.status, reply.body.buf,
                         reply.reason);
            script_end(&server);
            http_reply_release(&reply);
            http_client_free(client);
        }
}

/* ---- limits ---- */

static void what_is_too_large_or_too_slow_is_left(void **state)
{
    char *head = mem_alloc(400 * 1024);
    memset(head, 'h', 400 * 1024 - 1);
    memcpy(head, OK, sizeof OK - 1);
    const struct {
        struct script script;
        enum http_failure failure;
        int total_ms;
    } cases[] = {
        {{OK "Transfer-Encoding: chunked\r\n\r\n9\r\nabcdefghi\r\n", 0, 0, SILENT},
         HTTP_FAILURE_TOO_LARGE,
         5000},
        {{OK "Content-Length: 9\r\n\r\nabcdefghi", 0, 0, STAY}, HTTP_FAILURE_TOO_LARGE, 5000},
        {{OK "\r\nabcdefghi", 0, 0, SILENT}, HTTP_FAILURE_TOO_LARGE, 5000},
        {{head, 0, 0, SILENT}, HTTP_FAILURE_BROKEN, 5000},
        {{OK "A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\nA: 5\r\nA: 6\r\nA: 7\r\n", 0, 1, SILENT},
         HTTP_FAILURE_TIMEOUT,
         40},
        {{OK "Content-Length: 3\r\n\r\nab", 0, 0, SILENT}, HTTP_FAILURE_TIMEOUT, 40},
        {{"", 0, 0, SILENT}, HTTP_FAILURE_TIMEOUT, 40},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct http_client *client = client_of((int)(i % 2));
        struct scripted server;
        struct http_reply reply;
        char url[64];
        struct http_call call = {
            .method = "GET", .url = url, .total_ms = cases[i / 2].total_ms, .max_body = 5};
        script_begin(&server, &cases[i / 2].script, 1);
        snprintf(url, sizeof url, "http://127.0.0.1:%d/", server.port);
        http_reply_init(&reply);
        assert_int_equal(http_client_call(client, &call, &reply), -1);
        if (i % 2 == 0 || cases[i / 2].failure != HTTP_FAILURE_BROKEN) /* it has words of its own */
            assert_string_equal(http_failure_name(reply.failure),
                                http_failure_name(cases[i / 2].failure));
        assert_true(reply.took < NANOS_PER_SECOND || IS_SANITIZED);
        script_end(&server);
        http_reply_release(&reply);
        http_client_free(client);
    }
    mem_free(head);
}

/* ---- connections that are kept ---- */

static void a_kept_connection_that_ended_is_opened_again(void **state)
{
    static const struct script scripts[] = {{OK "Content-Length: 1\r\n\r\na", 0, 0, CLOSE}};
    struct http_client *client = client_of(0);
    struct scripted server;
    struct http_reply reply;
    (void)state;
    script_begin(&server, scripts, 1);
    http_reply_init(&reply);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(call(&server, client, "GET", &reply), 0);
    assert_true(atomic_load(&server.connections) >= 20);
    script_end(&server);
    http_reply_release(&reply);
    http_client_free(client);
}

/* The server takes the second request and goes away: who knows what it did. */
static void what_cannot_be_repeated_is_sent_once(void **state)
{
    static const struct script scripts[] = {{OK "Content-Length: 1\r\n\r\na", 0, 0, STAY},
                                            {"", 0, 0, CLOSE},
                                            {OK "Content-Length: 1\r\n\r\nb", 0, 0, STAY}};
    static const struct {
        const char *method;
        int result;
        size_t requests;
    } cases[] = {{"GET", 0, 3}, {"DELETE", 0, 3}, {"POST", -1, 2}, {"PATCH", -1, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_client *client = client_of(0);
        struct scripted server;
        struct http_reply reply;
        script_begin(&server, scripts, 3);
        http_reply_init(&reply);
        assert_int_equal(call(&server, client, "GET", &reply), 0);
        assert_int_equal(call(&server, client, cases[i].method, &reply), cases[i].result);
        assert_string_equal(reply.body.buf, cases[i].result ? "" : "b");
        assert_int_equal(atomic_load(&server.requests), cases[i].requests);
        assert_int_equal(atomic_load(&server.connections),
                         3 - (cases[i].result != 0) * 2 - (cases[i].result == 0));
        script_end(&server);
        http_reply_release(&reply);
        http_client_free(client);
    }
}

/* The rest of such a request would be read as the next one. */
static void what_was_refused_half_sent_ends_its_connection(void **state)
{
    static const struct script scripts[] = {
        {"HTTP/1.1 413 X\r\nContent-Length: 3\r\n\r\nabc", 0, 1, STAY},
        {OK "Content-Length: 1\r\n\r\na", 0, 0, STAY},
    };
    enum { BODY = 16 * 1024 * 1024 }; /* more than the sockets hold */
    char *body = mem_alloc(BODY), url[64];
    struct http_client *client = client_of(0);
    struct scripted server;
    struct http_reply reply;
    struct http_call large = {.method = "POST",
                              .url = url,
                              .body = body,
                              .body_len = BODY,
                              .total_ms = 2000,
                              .max_body = 1000};
    (void)state;
    memset(body, 'b', BODY);
    script_begin(&server, scripts, 2);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", server.port);
    http_reply_init(&reply);
    assert_int_equal(http_client_call(client, &large, &reply), 0);
    assert_int_equal(reply.status, 413);
    assert_string_equal(reply.body.buf, "abc");
    assert_int_equal(call(&server, client, "POST", &reply), 0);
    assert_int_equal(reply.status, 200);
    assert_int_equal(atomic_load(&server.connections), 2);
    script_end(&server);
    http_reply_release(&reply);
    http_client_free(client);
    mem_free(body);
}

static void one_connection_serves_until_the_server_says_close(void **state)
{
    static const struct script scripts[] = {
        {OK "Content-Length: 1\r\n\r\na", 0, 0, STAY},
        {"HTTP/1.1 304 X\r\n\r\n", 0, 0, STAY},
        {OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 0, STAY},
        {OK "Connection: x, Close\r\nContent-Length: 1\r\n\r\na", 0, 0, CLOSE},
        {OK "Content-Length: 1\r\n\r\naXTRA", 0, 0, CLOSE}, /* it cannot be trusted any more */
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 0, 0, CLOSE},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", 0, 0, STAY},
    };
    static const size_t connections[] = {1, 1, 1, 1, 2, 3, 4, 4};
    struct http_client *client = client_of(0);
    struct scripted server;
    struct http_reply reply;
    (void)state;
    script_begin(&server, scripts, sizeof scripts / sizeof *scripts);
    http_reply_init(&reply);
    for (size_t i = 0; i < sizeof connections / sizeof *connections; i++) {
        assert_int_equal(call(&server, client, i == 7 ? "HEAD" : "POST", &reply), 0);
        assert_int_equal(atomic_load(&server.connections), connections[i]);
    }
    script_end(&server);
    http_reply_release(&reply);
    http_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_end_where_they_should),
        cmocka_unit_test(what_is_too_large_or_too_slow_is_left),
        cmocka_unit_test(a_kept_connection_that_ended_is_opened_again),
        cmocka_unit_test(what_cannot_be_repeated_is_sent_once),
        cmocka_unit_test(what_was_refused_half_sent_ends_its_connection),
        cmocka_unit_test(one_connection_serves_until_the_server_says_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
