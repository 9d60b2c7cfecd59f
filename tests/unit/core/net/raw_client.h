/* SPDX-License-Identifier: Apache-2.0 */
/* A client that sends what it is told, byte by byte if need be, and splits answers by their
 * framing. */
#pragma once

#include "core/base/instant.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/unit/cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RAW_PATIENCE_MS = 10000 };

struct raw_client {
    int socket;
    char *bytes; /* received, not yet taken */
    size_t len, cap;
    bool is_closed, was_reset;
};

struct raw_answer {
    int status; /* 0: none came before the end */
    char head[4096];
    char *body; /* decoded when chunked, terminated */
    size_t body_len;
    bool is_whole;
};

static inline void pause_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static inline long since_ms(nanos start)
{
    return (long)((instant_monotonic_now() - start) / NANOS_PER_MS);
}

static inline int raw_connect_to(int port, bool is_v6)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port)};
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v6.sin6_addr = in6addr_loopback;
    int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int connected = is_v6 ? connect(fd, (struct sockaddr *)&v6, sizeof v6)
                          : connect(fd, (struct sockaddr *)&v4, sizeof v4);
    if (!connected)
        return fd;
    close(fd);
    return -1;
}

static inline struct raw_client raw_open(int port)
{
    struct raw_client client = {.socket = raw_connect_to(port, false)};
    assert_true(client.socket >= 0);
    return client;
}

static inline void raw_close(struct raw_client *client)
{
    close(client->socket);
    mem_free(client->bytes);
    *client = (struct raw_client){.socket = -1};
}

static inline void raw_send(struct raw_client *client, const char *bytes, size_t len)
{
    while (len) {
        ssize_t sent = send(client->socket, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server may refuse before it has read everything */
        bytes += sent;
        len -= (size_t)sent;
    }
}

static inline void raw_say(struct raw_client *client, const char *text)
{
    raw_send(client, text, strlen(text));
}

/* Receives some more; false at the end of the connection or when nothing came in time. */
static inline bool raw_more(struct raw_client *client, int timeout_ms)
{
    struct pollfd fd = {.fd = client->socket, .events = POLLIN};
    if (client->is_closed || poll(&fd, 1, timeout_ms) <= 0)
        return false;
    if (client->cap - client->len < 65536) {
        client->cap = client->cap * 2 + 65536;
        client->bytes = mem_realloc(client->bytes, client->cap + 1);
    }
    ssize_t got = recv(client->socket, client->bytes + client->len, client->cap - client->len, 0);
    client->is_closed = got <= 0;
    client->was_reset = got < 0 && errno == ECONNRESET;
    if (got > 0)
        client->len += (size_t)got;
    if (client->bytes)
        client->bytes[client->len] = '\0';
    return got > 0;
}

static inline void raw_take(struct raw_client *client, size_t len)
{
    client->len -= len;
    memmove(client->bytes, client->bytes + len, client->len + 1);
}

/* Waits for the whole of `len` bytes. */
static inline bool raw_have(struct raw_client *client, size_t len)
{
    while (client->len < len)
        if (!raw_more(client, RAW_PATIENCE_MS))
            return false;
    return true;
}

static inline const char *raw_find(struct raw_client *client, const char *text)
{
    for (;;) {
        const char *at = client->bytes ? strstr(client->bytes, text) : NULL;
        if (at || !raw_more(client, RAW_PATIENCE_MS))
            return at;
    }
}

static inline const char *raw_header(const struct raw_answer *answer, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(answer->head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (!strncasecmp(line + 2, name, len) && line[2 + len] == ':')
            return line + 2 + len + 2;
    return NULL;
}

static inline bool raw_read_chunks(struct raw_client *client, struct raw_answer *answer)
{
    for (;;) {
        const char *end = raw_find(client, "\r\n");
        if (!end)
            return false;
        size_t size = strtoul(client->bytes, NULL, 16);
        raw_take(client, (size_t)(end + 2 - client->bytes));
        if (!raw_have(client, size + 2))
            return false;
        answer->body = mem_realloc(answer->body, answer->body_len + size + 1);
        memcpy(answer->body + answer->body_len, client->bytes, size);
        answer->body_len += size;
        answer->body[answer->body_len] = '\0';
        raw_take(client, size + 2);
        if (!size)
            return true;
    }
}

/* The next answer: its head, and its body by Content-Length, by chunks, or to the end. */
static inline struct raw_answer raw_answer(struct raw_client *client, bool is_head)
{
    struct raw_answer answer = {0};
    const char *end = raw_find(client, "\r\n\r\n");
    if (!end)
        return answer;
    size_t head_len = (size_t)(end + 4 - client->bytes);
    assert_true(head_len < sizeof answer.head);
    memcpy(answer.head, client->bytes, head_len);
    answer.head[head_len] = '\0';
    raw_take(client, head_len);
    answer.status = (int)strtol(answer.head + strlen("HTTP/1.1 "), NULL, 10);
    const char *length = raw_header(&answer, "Content-Length");
    bool has_no_body = is_head || answer.status == 204 || answer.status < 200;
    if (has_no_body || answer.status == 304) {
        answer.is_whole = true;
    } else if (raw_header(&answer, "Transfer-Encoding")) {
        answer.is_whole = raw_read_chunks(client, &answer);
    } else {
        while (!length && raw_more(client, RAW_PATIENCE_MS))
            ;
        size_t len = length ? strtoul(length, NULL, 10) : client->len;
        answer.is_whole = raw_have(client, len);
        answer.body_len = answer.is_whole ? len : client->len;
        answer.body = mem_strndup(client->bytes, answer.body_len);
        raw_take(client, answer.body_len);
    }
    if (!answer.body)
        answer.body = mem_strdup("");
    return answer;
}

static inline void raw_drop(struct raw_answer *answer)
{
    mem_free(answer->body);
    *answer = (struct raw_answer){0};
}

/* One request on a connection of its own: its answer's status, 0 when the server only closed. */
static inline int raw_status(int port, const char *request, size_t len)
{
    struct raw_client client = raw_open(port);
    raw_send(&client, request, len);
    struct raw_answer answer = raw_answer(&client, !strncmp(request, "HEAD ", 5));
    int status = answer.status;
    raw_drop(&answer);
    raw_close(&client);
    return status;
}

/* Whether the server ends the connection, with nothing more said. */
static inline bool raw_is_ended(struct raw_client *client)
{
    return client->len == 0 && !raw_more(client, RAW_PATIENCE_MS) && client->is_closed;
}

/* Measured bounds are for our code, not for what a sanitizer makes of it. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif
#else
enum { IS_SANITIZED = 0 };
#endif
