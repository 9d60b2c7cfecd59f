/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls over plain TCP to this machine, or to an address written as numbers: no names to look up,
 * no proxy, no TLS. Connections are kept, one an address. A request goes out in one piece; what was
 * sent on a kept connection that had ended meanwhile is sent once more where that does no harm
 * (RFC 9110 section 9.2.2), never twice otherwise: the judge counts what it does.
 */
#include "core/net/http_plain.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_token.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KEPT_MAX = 8, READ_SIZE = 16 * 1024, HEAD_MAX = 1024 * 1024, SLICE_MS = 1000 };

struct http_plain {
    const struct http_client_options *options; /* the client's */
    struct plain_connection kept[KEPT_MAX];
    uint64_t uses;
    struct strbuf head; /* of the request */
    char bytes[READ_SIZE];
};

/* One try of a call. */
struct sending {
    struct http_plain *plain;
    struct plain_connection *connection;
    struct http_transfer *transfer;
    struct http_answer answer;
    nanos began, ends, ticked; /* ends 0: never */
    size_t left;               /* bytes of the request that have not gone out */
    bool has_come;             /* something of the answer */
    bool was_kept;             /* the connection served another call before */
    bool is_stale;             /* and had ended: nothing came */
    bool is_unsent;            /* not a byte of the request went out */
};

struct http_plain *http_plain_new(const struct http_client_options *options)
{
    struct http_plain *plain = mem_alloc(sizeof *plain);
    plain->options = options;
    strbuf_init(&plain->head, HEAD_MAX);
    for (size_t i = 0; i < KEPT_MAX; i++)
        plain->kept[i].socket = -1;
    return plain;
}

static void drop(struct plain_connection *connection)
{
    if (connection->socket >= 0)
        close(connection->socket);
    connection->socket = -1;
    connection->authority[0] = '\0';
}

void http_plain_free(struct http_plain *plain)
{
    if (!plain)
        return;
    for (size_t i = 0; i < KEPT_MAX; i++)
        drop(&plain->kept[i]);
    strbuf_release(&plain->head);
    mem_free(plain);
}

/* ---- what can go this way ---- */

static const char scheme[] = "http://";

static struct str authority_of(const char *url)
{
    const char *text = url + sizeof scheme - 1;
    return (struct str){text, strcspn(text, "/?#")};
}

/* Path and query as they go out: the URL's own bytes. */
static bool is_sendable(const char *target)
{
    for (; *target; target++)
        if ((unsigned char)*target <= ' ' || (unsigned char)*target >= 0x7f || *target == '#')
            return false;
    return true;
}

/* Fields by which a message is cut, and what asks for more than one answer. */
static bool is_framing(const char *name)
{
    static const char *const names[] = {
        "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "TE", "Trailer"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is_any_case(name, names[i]))
            return true;
    return false;
}

static bool can_send_headers(const struct http_call *call)
{
    for (size_t i = 0; i < call->header_count; i++) {
        const char *name = call->headers[i].name;
        const char *value = call->headers[i].value;
        size_t len = 0;
        while (http_is_token_char(name[len]))
            len++;
        if (!len || name[len] || strpbrk(value, "\r\n") || is_framing(name))
            return false;
    }
    return true;
}

bool http_plain_can(const struct http_plain *plain, const struct http_call *call)
{
    size_t len = 0;
    if (strncasecmp(call->url, scheme, sizeof scheme - 1) != 0)
        return false;
    while (http_is_token_char(call->method[len]))
        len++;
    if (!len || call->method[len] || (call->body && text_is(call->method, "HEAD")))
        return false;
    struct str authority = authority_of(call->url);
    bool is_known = false;
    for (size_t i = 0; i < KEPT_MAX && !is_known; i++)
        is_known = authority.len && str_is(authority, plain->kept[i].authority);
    return (is_known || plain_can_reach(authority)) && is_sendable(authority.ptr + authority.len) &&
           can_send_headers(call);
}

/* ---- the request ---- */

static void add_field(struct strbuf *head, const char *name, const char *value)
{
    strbuf_adds(head, name);
    strbuf_add(head, ": ", *value ? 2 : 1);
    strbuf_adds(head, value);
    strbuf_add(head, "\r\n", 2);
}

static void write_head(struct http_plain *plain, const struct http_call *call)
{
    struct strbuf *head = &plain->head;
    struct str authority = authority_of(call->url);
    const char *target = authority.ptr + authority.len;
    bool sends_length = text_is(call->method, "POST") || text_is(call->method, "PUT") ||
                        text_is(call->method, "PATCH");
    strbuf_clear(head);
    strbuf_adds(head, call->method);
    strbuf_add(head, " /", *target == '/' ? 1 : 2);
    strbuf_adds(head, target);
    strbuf_adds(head, " HTTP/1.1\r\n");
    if (!http_call_has_header(call, "Host")) {
        bool is_usual = authority.len > 3 && !memcmp(authority.ptr + authority.len - 3, ":80", 3);
        strbuf_adds(head, "Host: ");
        strbuf_add(head, authority.ptr, authority.len - (is_usual ? 3 : 0));
        strbuf_add(head, "\r\n", 2);
    }
    if (plain->options->user_agent && !http_call_has_header(call, "User-Agent"))
        add_field(head, "User-Agent", plain->options->user_agent);
    for (size_t i = 0; i < call->header_count; i++)
        add_field(head, call->headers[i].name, call->headers[i].value);
    if (call->body || sends_length) {
        strbuf_adds(head, "Content-Length: ");
        strbuf_add_number(head, call->body ? call->body_len : 0);
        strbuf_add(head, "\r\n", 2);
    }
    strbuf_add(head, "\r\n", 2);
}

/* ---- waiting ---- */

static int time_out(struct sending *sending)
{
    return http_transfer_fail(sending->transfer, HTTP_FAILURE_TIMEOUT, "no %sanswer within %d ms",
                              sending->has_come ? "whole " : "", sending->transfer->call->total_ms);
}

/* Milliseconds until somebody must be asked, at most a second; -1 when the call is over. */
static int wait_ms(struct sending *sending)
{
    nanos now = instant_monotonic_now(), left;
    if (sending->transfer->call->tick && now - sending->ticked >= SLICE_MS * NANOS_PER_MS) {
        sending->ticked = now;
        if (http_transfer_tick(sending->transfer))
            return http_transfer_fail(sending->transfer, HTTP_FAILURE_STOPPED,
                                      "the answer was left before its end");
    }
    left = sending->ends ? sending->ends - now : SLICE_MS * NANOS_PER_MS;
    if (left <= 0)
        return time_out(sending);
    return left < SLICE_MS * NANOS_PER_MS ? (int)(left / NANOS_PER_MS) + 1 : SLICE_MS;
}

/* ---- the answer ---- */

/* Ended, or broken: on a kept connection it may have been so before we sent. */
static int lose(struct sending *sending, int error)
{
    sending->is_stale = sending->was_kept && !sending->has_come;
    if (error)
        return http_transfer_fail(
            sending->transfer, HTTP_FAILURE_BROKEN, "the connection broke %s: %s",
            sending->has_come ? "within the answer" : "without an answer", strerror(error));
    return http_answer_end(&sending->answer);
}

/* What has come, once. 1: the answer is over, also with the connection; 0: go on; -1: it failed. */
static int take(struct sending *sending, int flags)
{
    struct http_plain *plain = sending->plain;
    struct plain_connection *connection = sending->connection;
    size_t used;
    ssize_t got = recv(connection->socket, plain->bytes, sizeof plain->bytes, flags);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0) {
        connection->is_over = true;
        return lose(sending, got < 0 ? errno : 0) ? -1 : 1;
    }
    if (!sending->has_come)
        sending->transfer->reply->first_byte_after = instant_monotonic_now() - sending->began;
    sending->has_come = true;
    if (http_answer_feed(&sending->answer, plain->bytes, (size_t)got, &used))
        return -1;
    connection->is_over |= used < (size_t)got; /* what nobody asked for */
    return sending->answer.state == ANSWER_DONE;
}

/* ---- sending ---- */

/* As much as goes out at once. 0, or -1: no more can. */
static int push(struct sending *sending)
{
    const struct http_call *call = sending->transfer->call;
    const struct strbuf *head = &sending->plain->head;
    size_t body_len = call->body ? call->body_len : 0, sent = head->len + body_len - sending->left;
    size_t of_body = sent > head->len ? sent - head->len : 0;
    struct iovec parts[2] = {{head->buf + (sent < head->len ? sent : head->len),
                              sent < head->len ? head->len - sent : 0},
                             {(char *)(uintptr_t)call->body + of_body, body_len - of_body}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = body_len ? 2 : 1};
    ssize_t gone = sendmsg(sending->connection->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (gone < 0) {
        sending->is_unsent = sent == 0;
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    sending->left -= (size_t)gone;
    return 0;
}

/* While the request goes out an answer may come already: one that refuses it ends the sending. */
static int push_on(struct sending *sending)
{
    struct pollfd waiting = {sending->connection->socket, POLLIN | POLLOUT, 0};
    int ms, result = 0;
    if (push(sending)) { /* the answer may still be there to be read */
        sending->left = 0;
        sending->answer.keep_alive = false;
        sending->connection->is_over = true;
        return 0;
    }
    if (!sending->left)
        return 0;
    ms = wait_ms(sending);
    if (ms < 0)
        return -1;
    if (poll(&waiting, 1, ms) > 0 && waiting.revents & POLLIN)
        result = take(sending, MSG_DONTWAIT);
    if (sending->transfer->reply->status >= 400) {
        sending->left = 0;
        sending->connection->is_over = true;
    }
    return result;
}

/* Waits for more of the answer: the socket itself does so for a second. */
static int wait_and_take(struct sending *sending)
{
    struct pollfd waiting = {sending->connection->socket, POLLIN, 0};
    int ms = wait_ms(sending);
    if (ms < 0)
        return -1;
    if (ms == SLICE_MS)
        return take(sending, 0);
    return poll(&waiting, 1, ms) > 0 ? take(sending, MSG_DONTWAIT) : 0;
}

/* ---- connections ---- */

/* The one to this place, or the one that was used longest ago. */
static struct plain_connection *find_connection(struct http_plain *plain, struct str authority)
{
    struct plain_connection *oldest = &plain->kept[0];
    for (size_t i = 0; i < KEPT_MAX; i++) {
        struct plain_connection *connection = &plain->kept[i];
        if (str_is(authority, connection->authority))
            return connection;
        if (connection->used < oldest->used)
            oldest = connection;
    }
    drop(oldest);
    return oldest;
}

/* It ended while nobody looked, or says what nobody asked for. */
static bool has_ended(const struct plain_connection *connection)
{
    char byte;
    ssize_t got = recv(connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || errno != EAGAIN;
}

static int open_connection(struct sending *sending)
{
    struct http_plain *plain = sending->plain;
    const struct http_call *call = sending->transfer->call;
    struct str authority = authority_of(call->url);
    struct plain_connection *connection = find_connection(plain, authority);
    struct plain_trouble trouble = {0};
    int ms = call->connect_ms > 0 ? call->connect_ms : HTTP_CONNECT_MS;
    sending->connection = connection;
    connection->used = ++plain->uses;
    if (connection->socket >= 0 && has_ended(connection))
        drop(connection);
    sending->was_kept = connection->socket >= 0;
    if (sending->was_kept)
        return 0;
    if (call->total_ms > 0 && call->total_ms < ms)
        ms = call->total_ms;
    if (plain_connect(connection, authority, ms, &trouble) == 0)
        return 0;
    return http_transfer_fail(
        sending->transfer, trouble.is_late ? HTTP_FAILURE_TIMEOUT : HTTP_FAILURE_UNREACHABLE,
        "cannot connect to %.*s: %s", (int)authority.len, authority.ptr, trouble.why);
}

/* ---- a call ---- */

static bool may_be_sent_twice(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (text_is(method, methods[i]))
            return true;
    return false;
}

static int try_once(struct sending *sending)
{
    const struct http_call *call = sending->transfer->call;
    int result = open_connection(sending) ? -1 : 0;
    http_answer_init(&sending->answer, sending->transfer);
    if (result == 0)
        sending->connection->is_over = false;
    sending->left = sending->plain->head.len + (call->body ? call->body_len : 0);
    while (result == 0)
        result = sending->left ? push_on(sending) : wait_and_take(sending);
    if (sending->left || sending->answer.state != ANSWER_DONE || !sending->answer.keep_alive ||
        sending->connection->is_over || result < 0)
        drop(sending->connection);
    http_answer_release(&sending->answer);
    return result < 0 ? -1 : 0;
}

int http_plain_call(struct http_plain *plain, struct http_transfer *transfer)
{
    const struct http_call *call = transfer->call;
    struct http_reply *reply = transfer->reply;
    struct sending sending = {
        .plain = plain, .transfer = transfer, .began = instant_monotonic_now()};
    sending.ends = call->total_ms > 0 ? sending.began + call->total_ms * NANOS_PER_MS : 0;
    sending.ticked = sending.began;
    write_head(plain, call);
    int result =
        plain->head.overflowed
            ? http_transfer_fail(transfer, HTTP_FAILURE_INVALID,
                                 "the head of the request is longer than %d bytes", HEAD_MAX)
            : try_once(&sending);
    if (result && sending.is_stale && (sending.is_unsent || may_be_sent_twice(call->method))) {
        reply->failure = HTTP_FAILURE_NONE;
        reply->reason[0] = '\0';
        sending.is_stale = sending.is_unsent = false;
        result = try_once(&sending);
    }
    reply->took = instant_monotonic_now() - sending.began;
    return result;
}
