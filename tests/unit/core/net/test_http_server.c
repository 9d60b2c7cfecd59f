/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/net/echo_service.h"

enum { MAX_HEADER = 16 * 1024, MAX_BODY = 1024 * 1024 };

static int start(void **state)
{
    static struct echo_service service;
    echo_start(&service, (struct http_options){.threads = 8, .max_body = MAX_BODY});
    *state = &service;
    return 0;
}

static int stop(void **state)
{
    echo_stop(*state);
    return 0;
}

#define HOST    "Host: x\r\n"
#define POST    "POST /a HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define H8      "X: 1\r\nX: 2\r\nX: 3\r\nX: 4\r\nX: 5\r\nX: 6\r\nX: 7\r\nX: 8\r\n"
#define H56     H8 H8 H8 H8 H8 H8 H8
#define H63     H56 "X: 1\r\nX: 2\r\nX: 3\r\nX: 4\r\nX: 5\r\nX: 6\r\nX: 7\r\n"

/* MEASURED.md 3.9 and REVIEW.md section 5; `status` 200 is the echo's. */
static const struct {
    const char *name, *request;
    int status;
} hostile[] = {
    {"length INT64_MAX", POST "Content-Length: 9223372036854775807\r\n\r\nxyz", 413},
    {"length of 20 digits", POST "Content-Length: 99999999999999999999\r\n\r\nxyz", 413},
    {"length with letters", POST "Content-Length: 3abc\r\n\r\nxyz", 400},
    {"length with a sign", POST "Content-Length: +3\r\n\r\nxyz", 400},
    {"length below zero", POST "Content-Length: -1\r\n\r\nxyz", 400},
    {"length empty", POST "Content-Length:\r\n\r\n", 400},
    {"length as a list", POST "Content-Length: 3, 3\r\n\r\nxyz", 400},
    {"two lengths", POST "Content-Length: 3\r\nContent-Length: 5\r\n\r\nxyzuv", 400},
    {"one length twice", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nxyz", 200},
    {"length and chunked", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunked and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
     400},
    {"gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"chunked, gzip", POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400},
    {"chunked twice",
     POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"chunked in 1.0", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"chunk of 7fff...", CHUNKED "3\r\nabc\r\n7fffffffffffffff\r\nabc", 400},
    {"chunk of ffff...", CHUNKED "3\r\nabc\r\nffffffffffffffff\r\nabc", 400},
    {"chunk of 15 digits", CHUNKED "fffffffffffffff\r\nabc", 413},
    {"chunk not a number", CHUNKED "xyz\r\nabc\r\n0\r\n\r\n", 400},
    {"chunk below zero", CHUNKED "-3\r\nabc\r\n0\r\n\r\n", 400},
    {"chunk longer than said", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400},
    {"chunk line with LF only", CHUNKED "3\nabc\r\n0\r\n\r\n", 400},
    {"chunk extension", CHUNKED "3;a=b\r\nabc\r\n0;x\r\n\r\n", 200},
    {"chunk trailer", CHUNKED "3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", 200},
    {"chunk trailer malformed", CHUNKED "3\r\nabc\r\n0\r\nnot a field\r\n\r\n", 400},
    {"chunks", CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", 200},
    {"NUL in the path, encoded", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", 200},
    {"slash in the path, encoded", "GET /a%2Fb/../c HTTP/1.1\r\n" HOST "\r\n", 200},
    {"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 200},
    {"GET *", "GET * HTTP/1.1\r\n" HOST "\r\n", 400},
    {"absolute URI of another", "GET http://other:99/a HTTP/1.1\r\n" HOST "\r\n", 200},
    {"absolute URI without path", "GET http://other HTTP/1.1\r\n" HOST "\r\n", 200},
    {"absolute URI of ftp", "GET ftp://other/a HTTP/1.1\r\n" HOST "\r\n", 400},
    {"CONNECT", "CONNECT other:443 HTTP/1.1\r\n" HOST "\r\n", 501},
    {"websocket",
     "GET /a HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n",
     200},
    {"unknown method", "FROB /a HTTP/1.1\r\n" HOST "\r\n", 501},
    {"QUERY", "QUERY /a HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nq", 200},
    {"method in lower case", "get /a HTTP/1.1\r\n" HOST "\r\n", 501},
    {"header without colon", "GET /a HTTP/1.1\r\n" HOST "nonsense\r\n\r\n", 400},
    {"header without name", "GET /a HTTP/1.1\r\n" HOST ": x\r\n\r\n", 400},
    {"blank before the colon", "GET /a HTTP/1.1\r\n" HOST "X : y\r\n\r\n", 400},
    {"folded header", "GET /a HTTP/1.1\r\n" HOST "X: y\r\n z\r\n\r\n", 400},
    {"TAB in a value", "GET /a HTTP/1.1\r\n" HOST "X: a\tb\r\n\r\n", 200},
    {"control character in a value", "GET /a HTTP/1.1\r\n" HOST "X: a\x01z\r\n\r\n", 400},
    {"CR alone in a value", "GET /a HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400},
    {"UTF-8 in a value", "GET /a HTTP/1.1\r\n" HOST "X: \xC3\xA9\r\n\r\n", 200},
    {"UTF-8 in the path, raw", "GET /\xC3\xA9 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"blank in the path", "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"no path", "GET  HTTP/1.1\r\n" HOST "\r\n", 400},
    {"no version", "GET /a\r\n" HOST "\r\n", 400},
    {"HTTP/2.0", "GET /a HTTP/2.0\r\n" HOST "\r\n", 505},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"HTTP/1.2", "GET /a HTTP/1.2\r\n" HOST "\r\n", 200},
    {"version malformed", "GET /a HTTP/1.11\r\n" HOST "\r\n", 400},
    {"no Host in 1.1", "GET /a HTTP/1.1\r\n\r\n", 400},
    {"no Host in 1.0", "GET /a HTTP/1.0\r\n\r\n", 200},
    {"two Hosts", "GET /a HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"Host with a path", "GET /a HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
    {"lines with LF only", "GET /a HTTP/1.1\nHost: x\n\n", 200},
    {"empty lines first", "\r\n\r\nGET /a HTTP/1.1\r\n" HOST "\r\n", 200},
    {"64 headers", "GET /a HTTP/1.1\r\n" HOST H63 "\r\n", 200},
    {"65 headers", "GET /a HTTP/1.1\r\n" HOST H63 "X: 8\r\n\r\n", 400},
    {"a length as the 65th header", POST H63 "Content-Length: 3\r\n\r\nabc", 400},
    {"expecting something else", POST "Expect: wonders\r\nContent-Length: 3\r\n\r\nxyz", 417},
    {"TLS on a plain port", "\x16\x03\x01\x02\n\n", 400},
    {"HEAD", "HEAD /a HTTP/1.1\r\n" HOST "\r\n", 200},
};

static void every_hostile_request_gets_its_status(void **state)
{
    struct echo_service *service = *state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        const char *request = hostile[i].request;
        service->refused = 0;
        int status = raw_status(echo_port(service), request, strlen(request));
        if (status != hostile[i].status)
            fail_msg("'%s' got %d, not %d", hostile[i].name, status, hostile[i].status);
        if (status >= 400 && service->refused != status)
            fail_msg("'%s' was not refused by the application", hostile[i].name);
    }
    print_message("%zu hostile requests\n", sizeof hostile / sizeof *hostile);
}

static void a_nul_byte_in_the_head_is_refused(void **state)
{
    static const char request[] = "GET /a HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n";
    assert_int_equal(raw_status(echo_port(*state), request, sizeof request - 1), 400);
}

static void a_refusal_has_the_application_s_body_and_ends_the_connection(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, "GET /here HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    struct raw_answer answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.body,
                        "{\"refused\":400,\"why\":\"a header line is not 'name: value'\","
                        "\"path\":\"/here\"}");
    assert_non_null(strstr(answer.head, "Content-Type: application/problem+json\r\n"));
    assert_non_null(strstr(answer.head, "Connection: close\r\n"));
    assert_true(raw_is_ended(&client));
    raw_drop(&answer);
    raw_close(&client);
}

static void expect_echo(int port, const char *request, const char *expected)
{
    struct raw_client client = raw_open(port);
    raw_say(&client, request);
    struct raw_answer answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, expected);
    raw_drop(&answer);
    raw_close(&client);
}

static void the_target_reaches_the_application_undecoded(void **state)
{
    int port = echo_port(*state);
    expect_echo(port, "GET /a%2Fb/../c%00?q=%20+%zz HTTP/1.1\r\nHost: h:1\r\n\r\n",
                "GET /a%2Fb/../c%00 ? q=%20+%zz host=h:1 0:");
    expect_echo(port, "GET http://other:99/a?b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /a ? b host=other:99 0:");
    expect_echo(port, "GET HTTP://other?b HTTP/1.1\r\nHost: x\r\n\r\n", "GET / ? b host=other 0:");
    expect_echo(port, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * ? - host=x 0:");
    expect_echo(port, "GET //a?? HTTP/1.1\r\nHost:\r\n\r\n", "GET //a ? ? host= 0:");
}

static void bodies_arrive_whole_however_they_are_framed(void **state)
{
    int port = echo_port(*state);
    expect_echo(port, POST "Content-Length: 3\r\n\r\nabc", "POST /a ? - host=x 3:abc");
    expect_echo(port, CHUNKED "3;x=\"y\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\nU: 2\r\n\r\n",
                "POST /a ? - host=x 13:abc0123456789");
    expect_echo(port, POST "Content-Length: 0\r\n\r\n", "POST /a ? - host=x 0:");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client,
            POST "Content-Length: 3\r\n\r\nxyz"
                 "GET /b HTTP/1.1\r\nHost: x\r\n\r\n" CHUNKED "3\r\nabc\r\n0\r\nT: 1\r\n\r\n"
                 "\r\nHEAD /c HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    static const char *const bodies[] = {"POST /a ? - host=x 3:xyz",
                                         "GET /b ? - host=x 0:", "POST /a ? - host=x 3:abc", "",
                                         "GET /d ? - host=x 0:"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct raw_answer answer = raw_answer(&client, i == 3);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, bodies[i]);
        raw_drop(&answer);
    }
    assert_true(raw_is_ended(&client));
    raw_close(&client);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    static const char request[] = CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    struct raw_client client = raw_open(echo_port(*state));
    for (size_t i = 0; i < sizeof request - 1; i++)
        raw_send(&client, request + i, 1);
    struct raw_answer answer = raw_answer(&client, false);
    assert_string_equal(answer.body, "POST /a ? - host=x 5:abcde");
    raw_drop(&answer);
    raw_close(&client);
}

static void head_has_the_length_but_no_body(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer head = raw_answer(&client, true), get = raw_answer(&client, false);
    assert_int_equal(head.status, 200);
    assert_int_equal(strtol(raw_header(&head, "Content-Length"), NULL, 10), 21);
    assert_string_equal(get.body, "GET /b ? - host=x 0:");
    raw_drop(&head);
    raw_drop(&get);
    raw_close(&client);
}

static void an_expected_100_is_said_before_the_body(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, POST "Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
    struct raw_answer go_on = raw_answer(&client, false);
    assert_int_equal(go_on.status, 100);
    raw_say(&client, "abc");
    struct raw_answer answer = raw_answer(&client, false);
    assert_string_equal(answer.body, "POST /a ? - host=x 3:abc");
    raw_drop(&go_on);
    raw_drop(&answer);
    raw_say(&client, POST "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
    answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 413); /* at once: no body was asked for */
    raw_drop(&answer);
    raw_close(&client);
}

static void a_body_over_the_limit_is_413_and_its_client_can_read_that(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    char *body = mem_alloc(4 * MAX_BODY);
    raw_say(&client, POST "Content-Length: 4194304\r\n\r\n");
    raw_send(&client, body, 4 * MAX_BODY);
    struct raw_answer answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 413);
    raw_drop(&answer);
    raw_close(&client);

    client = raw_open(echo_port(*state));
    raw_say(&client, CHUNKED);
    for (int i = 0; i < 40; i++) {
        raw_say(&client, "8000\r\n");
        raw_send(&client, body, 0x8000);
        raw_say(&client, "\r\n");
    }
    answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 413);
    raw_drop(&answer);
    raw_close(&client);
    mem_free(body);
}

static void a_body_of_the_limit_is_read(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    char *body = mem_alloc(MAX_BODY);
    memset(body, 'b', MAX_BODY);
    for (int i = 0; i < 2; i++) {
        raw_say(&client, POST "Content-Length: 1048576\r\n\r\n");
        raw_send(&client, body, MAX_BODY);
        struct raw_answer answer = raw_answer(&client, false);
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer.body_len, strlen("POST /a ? - host=x 1048576:") + MAX_BODY);
        assert_memory_equal(answer.body + answer.body_len - MAX_BODY, body, MAX_BODY);
        raw_drop(&answer);
    }
    mem_free(body);
    raw_close(&client);
}

static int status_of_padded(int port, const char *before, size_t padding, const char *after)
{
    size_t len = strlen(before) + padding + strlen(after);
    char *request = mem_alloc(len + 1);
    memset(request, 'a', len);
    memcpy(request, before, strlen(before));
    memcpy(request + len - strlen(after), after, strlen(after));
    int status = raw_status(port, request, len);
    mem_free(request);
    return status;
}

static void too_long_a_line_is_414_and_too_large_a_head_is_431(void **state)
{
    int port = echo_port(*state);
    const char *header = "GET /a HTTP/1.1\r\nHost: x\r\nX: ", *end = "\r\n\r\n";
    size_t room = MAX_HEADER - strlen(header) - strlen(end);
    assert_int_equal(status_of_padded(port, header, room, end), 200);
    assert_int_equal(status_of_padded(port, header, room + 1, end), 431);
    assert_int_equal(status_of_padded(port, header, 17000, end), 431);
    assert_int_equal(status_of_padded(port, header, 1000000, end), 431);
    assert_int_equal(status_of_padded(port, "GET /", 17000, " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
    assert_int_equal(status_of_padded(port, "GET /", 16000, " HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

static void a_body_that_ends_early_is_400(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, POST "Content-Length: 10\r\n\r\nabc");
    shutdown(client.socket, SHUT_WR);
    struct raw_answer answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 400);
    raw_drop(&answer);
    raw_close(&client);
}

static void large_answers_arrive_whole_and_borrowed_bytes_go_back(void **state)
{
    struct echo_service *service = *state;
    struct raw_client client = raw_open(echo_port(service));
    int released = service->released;
    raw_say(&client, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer answer = raw_answer(&client, false);
    assert_true(answer.is_whole);
    assert_int_equal(answer.body_len, 8 * 1024 * 1024);
    for (size_t i = 0; i < answer.body_len; i++)
        if (answer.body[i] != (char)('a' + i % 26))
            fail_msg("byte %zu is wrong", i);
    assert_true(echo_reaches(&service->released, released + 1));
    raw_drop(&answer);
    raw_close(&client);
}

static void a_header_value_cannot_smuggle_and_framing_is_the_server_s(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, "GET /close HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer answer = raw_answer(&client, false);
    assert_non_null(strstr(answer.head, "X-Evil: a  X-Smuggled: 1\r\n"));
    assert_null(raw_header(&answer, "X-Smuggled"));
    assert_non_null(strstr(answer.head, "\r\nContent-Length: 0\r\n"));
    assert_null(strstr(answer.head, "999"));
    assert_non_null(strstr(answer.head, "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"));
    assert_null(strstr(strstr(answer.head, "Date: ") + 1, "Date: "));
    assert_true(raw_is_ended(&client));
    raw_drop(&answer);
    raw_close(&client);
}

static void a_date_is_added_and_204_has_neither_body_nor_length(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /empty HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer dated = raw_answer(&client, false), empty = raw_answer(&client, false);
    assert_non_null(strstr(raw_header(&dated, "Date"), " GMT\r\n"));
    assert_int_equal(empty.status, 204);
    assert_null(raw_header(&empty, "Content-Length"));
    raw_drop(&dated);
    raw_drop(&empty);
    raw_close(&client);
}

static void version_1_0_closes_unless_it_asks_to_be_kept(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    raw_say(&client, "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    struct raw_answer answer = raw_answer(&client, false);
    assert_non_null(strstr(answer.head, "Connection: keep-alive\r\n"));
    raw_drop(&answer);
    raw_say(&client, "GET /stream HTTP/1.0\r\n\r\n");
    answer = raw_answer(&client, false);
    assert_null(raw_header(&answer, "Transfer-Encoding"));
    assert_string_equal(answer.body, "data: first\n\ndata: last\n\n");
    assert_true(raw_is_ended(&client));
    raw_drop(&answer);
    raw_close(&client);
}

static void a_stream_is_chunked_and_the_connection_lives_on(void **state)
{
    struct raw_client client = raw_open(echo_port(*state));
    for (int i = 0; i < 2; i++) {
        raw_say(&client, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        struct raw_answer answer = raw_answer(&client, false);
        assert_non_null(strstr(answer.head, "Transfer-Encoding: chunked\r\n"));
        assert_true(answer.is_whole);
        assert_string_equal(answer.body, "data: first\n\ndata: last\n\n");
        raw_drop(&answer);
    }
    raw_say(&client, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer head = raw_answer(&client, true), next = raw_answer(&client, false);
    assert_int_equal(head.status, 200);
    assert_string_equal(next.body, "GET /b ? - host=x 0:");
    raw_drop(&head);
    raw_drop(&next);
    raw_close(&client);
}

static void faults_reset_close_or_say_anything(void **state)
{
    int port = echo_port(*state);
    struct raw_client client = raw_open(port);
    raw_say(&client, "GET /reset HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_false(raw_more(&client, RAW_PATIENCE_MS));
    assert_true(client.was_reset);
    raw_close(&client);

    client = raw_open(port);
    raw_say(&client, "GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(raw_is_ended(&client));
    assert_false(client.was_reset);
    raw_close(&client);

    client = raw_open(port);
    raw_say(&client, "GET /raw HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer answer = raw_answer(&client, false);
    assert_int_equal(answer.status, 299);
    assert_string_equal(answer.body, "ok");
    assert_true(raw_is_ended(&client));
    raw_drop(&answer);
    raw_close(&client);
}

static void a_handler_that_says_nothing_is_a_500(void **state)
{
    static const char request[] = "GET /none HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(raw_status(echo_port(*state), request, sizeof request - 1), 500);
}

static void exchanges_are_counted(void **state)
{
    struct echo_service *service = *state;
    struct http_stats before, after;
    http_server_stats(service->server, &before);
    expect_echo(echo_port(service), "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a ? - host=x 0:");
    http_server_stats(service->server, &after);
    assert_int_equal(after.exchanges, before.exchanges + 1);
    assert_int_equal(after.threads, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hostile_request_gets_its_status),
        cmocka_unit_test(a_nul_byte_in_the_head_is_refused),
        cmocka_unit_test(a_refusal_has_the_application_s_body_and_ends_the_connection),
        cmocka_unit_test(the_target_reaches_the_application_undecoded),
        cmocka_unit_test(bodies_arrive_whole_however_they_are_framed),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(head_has_the_length_but_no_body),
        cmocka_unit_test(an_expected_100_is_said_before_the_body),
        cmocka_unit_test(a_body_over_the_limit_is_413_and_its_client_can_read_that),
        cmocka_unit_test(a_body_of_the_limit_is_read),
        cmocka_unit_test(too_long_a_line_is_414_and_too_large_a_head_is_431),
        cmocka_unit_test(a_body_that_ends_early_is_400),
        cmocka_unit_test(large_answers_arrive_whole_and_borrowed_bytes_go_back),
        cmocka_unit_test(a_header_value_cannot_smuggle_and_framing_is_the_server_s),
        cmocka_unit_test(a_date_is_added_and_204_has_neither_body_nor_length),
        cmocka_unit_test(version_1_0_closes_unless_it_asks_to_be_kept),
        cmocka_unit_test(a_stream_is_chunked_and_the_connection_lives_on),
        cmocka_unit_test(faults_reset_close_or_say_anything),
        cmocka_unit_test(a_handler_that_says_nothing_is_a_500),
        cmocka_unit_test(exchanges_are_counted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
