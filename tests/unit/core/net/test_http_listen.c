/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, ports, TLS made and given, and the client that speaks to them. */
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/net/http_client.h"
#include "core/net/tls.h"
#include "tests/unit/core/net/echo_service.h"

#include <pthread.h>

static char directory[] = "/tmp/dryrun-listen-XXXXXX";
static char cert_file[128], key_file[128], other_cert[128], other_key[128], both_file[128];

static int make_files(void **state)
{
    (void)state;
    struct error err = {0};
    if (!mkdtemp(directory))
        return -1;
    snprintf(cert_file, sizeof cert_file, "%s/cert.pem", directory);
    snprintf(key_file, sizeof key_file, "%s/key.pem", directory);
    snprintf(other_cert, sizeof other_cert, "%s/other-cert.pem", directory);
    snprintf(other_key, sizeof other_key, "%s/other-key.pem", directory);
    snprintf(both_file, sizeof both_file, "%s/both.pem", directory);
    return tls_make_certificate(cert_file, key_file, &err) ||
           tls_make_certificate(other_cert, other_key, &err);
}

static int drop_files(void **state)
{
    (void)state;
    const char *const files[] = {cert_file, key_file, other_cert, other_key, both_file};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    return rmdir(directory);
}

static bool has_ipv6(void)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && !bind(fd, (struct sockaddr *)&any, sizeof any);
    close(fd);
    return has;
}

static void ipv4_and_ipv6_are_served_on_one_port(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    static const char *const lists[][3] = {{"127.0.0.1", "::1", NULL}, {"localhost", NULL}};
    for (size_t i = 0; i < 2; i++) {
        struct echo_service service;
        echo_start(&service, (struct http_options){.threads = 4, .hosts = lists[i]});
        for (int is_v6 = 0; is_v6 < 2; is_v6++) {
            struct raw_client client = {.socket = raw_connect_to(echo_port(&service), is_v6)};
            assert_true(client.socket >= 0);
            raw_say(&client, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
            struct raw_answer answer = raw_answer(&client, false);
            assert_int_equal(answer.status, 200);
            raw_drop(&answer);
            raw_close(&client);
        }
        echo_stop(&service);
    }
}

static void expect_refusal(const struct http_options *options, const char *text)
{
    struct error err = {0};
    assert_null(http_server_start(options, &err));
    assert_string_equal(err.text, text);
}

static void a_port_in_use_and_a_bad_host_are_said_clearly(void **state)
{
    (void)state;
    struct echo_service service;
    echo_start(&service, (struct http_options){.threads = 2});
    char text[128];
    snprintf(text, sizeof text, "cannot listen on 127.0.0.1:%d: address already in use",
             echo_port(&service));
    expect_refusal(&(struct http_options){.port = echo_port(&service), .handle = echo_handle},
                   text);
    static const char *const hosts[] = {"no.such", NULL};
    expect_refusal(&(struct http_options){.hosts = hosts, .handle = echo_handle},
                   "'no.such' is no numeric address to listen on");
    echo_stop(&service);
}

static void bad_certificates_are_said_clearly(void **state)
{
    (void)state;
    struct error err = {0};
    struct http_options options = {.handle = echo_handle, .cert_file = "/no/cert"};
    expect_refusal(&options, "cannot read '/no/cert': No such file or directory");
    options.cert_file = cert_file;
    options.key_file = other_key;
    assert_null(http_server_start(&options, &err));
    assert_non_null(strstr(err.text, "cannot use the key '"));
    options.key_file = NULL; /* the certificate's file holds no key */
    assert_null(http_server_start(&options, &err));
    assert_non_null(strstr(err.text, "cannot use the key '"));
}

static void call_reply(struct http_client *client, const char *url, const char *body,
                       struct http_reply *reply)
{
    struct http_call call = {.method = body ? "POST" : "GET", .url = url, .total_ms = 10000};
    call.body = body;
    call.body_len = body ? strlen(body) : 0;
    http_client_call(client, &call, reply);
}

static void try_tls(const char *served_cert, const char *served_key, const char *trusted,
                    enum http_failure expected)
{
    struct echo_service service;
    struct http_options options = {.threads = 4, .cert_file = served_cert, .key_file = served_key};
    echo_start(&service, options);
    struct http_client_options trust = {.ca_file = trusted, .is_insecure = !trusted};
    struct http_client *client = http_client_new(&trust);
    struct http_reply reply;
    http_reply_init(&reply);
    char url[64];
    snprintf(url, sizeof url, "https://localhost:%d/a", echo_port(&service));
    for (int i = 0; i < 2; i++) {
        call_reply(client, url, "hello", &reply);
        if (reply.failure != expected)
            fail_msg("%s: %s", http_failure_name(reply.failure), reply.reason);
        if (!reply.failure)
            assert_non_null(strstr(reply.body.buf, "5:hello"));
    }
    struct http_stats stats;
    http_server_stats(service.server, &stats);
    if (!expected)
        assert_int_equal(stats.connections, 1); /* kept for the second call */
    http_reply_release(&reply);
    http_client_free(client);
    echo_stop(&service);
}

static void tls_is_served_with_a_certificate_made_or_given(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    size_t cert_len, key_len;
    char *cert = file_read(arena, cert_file, 100000, &cert_len, &err);
    char *key = file_read(arena, key_file, 100000, &key_len, &err);
    char *both = arena_printf(arena, "%s%s", key, cert);
    assert_int_equal(file_write(both_file, both, strlen(both), &err), 0);
    arena_free(arena);
    try_tls(cert_file, key_file, cert_file, HTTP_FAILURE_NONE);
    try_tls(both_file, NULL, cert_file, HTTP_FAILURE_NONE);
    try_tls(cert_file, key_file, NULL, HTTP_FAILURE_NONE); /* insecure */
    try_tls(cert_file, key_file, other_cert, HTTP_FAILURE_TLS);
}

static void tls_streams_large_answers_and_waits_work(void **state)
{
    (void)state;
    struct echo_service service;
    struct http_options options = {.threads = 4, .cert_file = cert_file, .key_file = key_file};
    echo_start(&service, options);
    struct http_client *client =
        http_client_new(&(struct http_client_options){.ca_file = cert_file});
    struct http_reply reply;
    http_reply_init(&reply);
    static const struct {
        const char *path;
        size_t len;
    } cases[] = {{"large", 8 * 1024 * 1024}, {"stream", 25}, {"wait?short", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char url[64];
        snprintf(url, sizeof url, "https://127.0.0.1:%d/%s", echo_port(&service), cases[i].path);
        call_reply(client, url, NULL, &reply);
        if (reply.failure)
            fail_msg("%s: %s", http_failure_name(reply.failure), reply.reason);
        assert_int_equal(reply.body.len, cases[i].len);
    }
    struct http_call call = {.method = "GET", .total_ms = 50};
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/wait", echo_port(&service));
    call.url = url;
    assert_int_equal(http_client_call(client, &call, &reply), -1);
    assert_int_equal(reply.failure, HTTP_FAILURE_TIMEOUT);
    assert_true(echo_reaches(&service.left, 1)); /* noticed through TLS, too */
    http_reply_release(&reply);
    http_client_free(client);
    echo_stop(&service);
}

static void silent_tls_connections_do_not_lock_others_out(void **state)
{
    (void)state;
    struct echo_service service;
    struct http_options options = {.threads = 4, .cert_file = cert_file, .key_file = key_file};
    echo_start(&service, options);
    struct raw_client silent[4];
    for (int i = 0; i < 4; i++)
        silent[i] = raw_open(echo_port(&service));
    struct http_client *client =
        http_client_new(&(struct http_client_options){.is_insecure = true});
    struct http_reply reply;
    http_reply_init(&reply);
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/a", echo_port(&service));
    call_reply(client, url, NULL, &reply);
    assert_int_equal(reply.status, 200);
    http_reply_release(&reply);
    http_client_free(client);
    for (int i = 0; i < 4; i++)
        raw_close(&silent[i]);
    nanos start = instant_monotonic_now();
    echo_stop(&service);
    assert_in_range(since_ms(start), 0, IS_SANITIZED ? 2000 : 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_and_ipv6_are_served_on_one_port),
        cmocka_unit_test(a_port_in_use_and_a_bad_host_are_said_clearly),
        cmocka_unit_test(bad_certificates_are_said_clearly),
        cmocka_unit_test(tls_is_served_with_a_certificate_made_or_given),
        cmocka_unit_test(tls_streams_large_answers_and_waits_work),
        cmocka_unit_test(silent_tls_connections_do_not_lock_others_out),
    };
    return cmocka_run_group_tests(tests, make_files, drop_files);
}
