/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_proxy.h"

#include "core/base/mem.h"
#include "core/base/str.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

struct record_proxy {
    struct record_proxy_options options;
    struct http_server *server;
    pthread_mutex_t lock;
    struct {
        VEC(struct http_client *);
    } idle; /* clients nobody uses, with their connections */
};

/* One exchange under way. */
struct passing {
    struct record_proxy *proxy;
    struct http_exchange *exchange;
    struct arena *arena; /* of the entry */
    struct har_entry entry;
    struct http_response response;
    struct strbuf body;
    nanos began, head_at; /* monotonic */
    bool streams;         /* the answer's head has gone out, without a length */
    bool client_left;
};

/* ---- headers ---- */

/* RFC 9110, section 7.6.1: of one connection, not of the message. */
static bool is_of_connection(const char *name, const char *connection)
{
    static const char *const names[] = {"Connection",
                                        "Keep-Alive",
                                        "Proxy-Connection",
                                        "Proxy-Authenticate",
                                        "Proxy-Authorization",
                                        "TE",
                                        "Trailer",
                                        "Transfer-Encoding",
                                        "Upgrade",
                                        "Content-Length"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is_any_case(names[i], name))
            return true;
    for (const char *at = connection; at && *at; at += *at == ',') {
        at += strspn(at, " \t");
        size_t word = strcspn(at, ", \t");
        if (word == len && strncasecmp(at, name, len) == 0)
            return true;
        at += strcspn(at, ",");
    }
    return false;
}

static void keep_headers(struct arena *arena, const struct http_header *headers, size_t count,
                         struct har_headers *out)
{
    for (size_t i = 0; i < count; i++) {
        struct http_header header = {arena_strdup(arena, headers[i].name),
                                     arena_strdup(arena, headers[i].value)};
        vec_push_arena(arena, out, header);
    }
}

/* Without Accept-Encoding: answers come as they can be read. */
static struct har_headers outgoing(struct arena *arena, const struct http_request *request)
{
    struct har_headers headers = {0};
    const char *connection = http_request_header(request, "Connection");
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = request->headers[i].name;
        if (!is_of_connection(name, connection) && !text_is_any_case(name, "Host") &&
            !text_is_any_case(name, "Expect") && !text_is_any_case(name, "Accept-Encoding"))
            vec_push_arena(arena, &headers, request->headers[i]);
    }
    return headers;
}

static void fill_response(struct passing *passing, const struct http_reply *reply)
{
    const char *connection = http_reply_header(reply, "Connection");
    http_response_init(&passing->response, reply->status);
    for (size_t i = 0; i < reply->header_count; i++)
        if (!is_of_connection(reply->headers[i].name, connection))
            http_response_header(&passing->response, reply->headers[i].name,
                                 reply->headers[i].value);
}

/* ---- the answer, as it comes ---- */

static int stop_if_left(struct passing *passing, int result)
{
    passing->client_left = passing->client_left || result != 0;
    return result;
}

static int begin(const struct http_reply *reply, void *data)
{
    struct passing *passing = data;
    bool has_body =
        !text_is(passing->entry.method, "HEAD") && reply->status != 204 && reply->status != 304;
    passing->head_at = instant_monotonic_now();
    passing->entry.waited = passing->head_at - passing->began;
    fill_response(passing, reply);
    passing->streams = has_body && !http_reply_header(reply, "Content-Length");
    if (!passing->streams)
        return 0;
    return stop_if_left(passing, http_stream_begin(passing->exchange, &passing->response));
}

static int receive(const struct http_reply *reply, const char *bytes, size_t len, void *data)
{
    struct passing *passing = data;
    struct har_chunk chunk = {instant_monotonic_now() - passing->head_at, len};
    (void)reply;
    strbuf_add(&passing->body, bytes, len);
    if (passing->body.overflowed && !passing->streams)
        return -1;
    if (!passing->streams)
        return 0;
    vec_push_arena(passing->arena, &passing->entry.chunks, chunk);
    return stop_if_left(passing, http_stream_write(passing->exchange, bytes, len));
}

static int tick(void *data)
{
    struct passing *passing = data;
    passing->client_left = passing->client_left || http_exchange_client_left(passing->exchange);
    return passing->client_left || http_exchange_is_stopping(passing->exchange);
}

static void answer_whole(struct passing *passing, const struct http_reply *reply)
{
    const char *length = http_reply_header(reply, "Content-Length");
    if (text_is(passing->entry.method, "HEAD") && length) {
        struct strbuf head = STRBUF_INIT(LIMIT_MESSAGE);
        http_message_head(passing->exchange, &passing->response, strtoll(length, NULL, 10), false,
                          &head);
        if (http_raw_write(passing->exchange, head.buf, head.len) == 0)
            http_raw_finish(passing->exchange);
        strbuf_release(&head);
        return;
    }
    http_response_borrow(&passing->response, passing->body.buf, passing->body.len, NULL, NULL);
    stop_if_left(passing, http_respond(passing->exchange, &passing->response));
}

/* The target did not answer, or not to the end. */
static void answer_failed(struct passing *passing, const struct http_reply *reply)
{
    bool is_too_large = passing->body.overflowed && !passing->streams;
    if (passing->head_at && !is_too_large) { /* it breaks off here, too */
        http_close_abruptly(passing->exchange);
        return;
    }
    http_response_release(&passing->response); /* the head of what is too large */
    http_response_init(&passing->response, 502);
    http_response_header(&passing->response, "Content-Type", "text/plain; charset=utf-8");
    if (is_too_large)
        strbuf_addf(&passing->response.text, "the target's answer is larger than %d MB\n",
                    LIMIT_BODY / 1024 / 1024);
    else
        strbuf_addf(&passing->response.text, "the target gave no answer: %s\n", reply->reason);
    http_respond(passing->exchange, &passing->response);
}

/* ---- onto the tape ---- */

static void keep(struct passing *passing, const struct http_reply *reply, int result)
{
    struct har_entry *entry = &passing->entry;
    const char *coding = http_reply_header(reply, "Content-Encoding");
    bool is_coded = coding && !text_is_any_case(coding, "identity");
    entry->status = passing->head_at ? reply->status : 0;
    entry->reason = entry->status ? http_reason(entry->status) : NULL;
    keep_headers(passing->arena, reply->headers, entry->status ? reply->header_count : 0,
                 &entry->given);
    entry->has_body = !is_coded && !passing->body.overflowed;
    entry->body = (struct str){arena_strndup(passing->arena, passing->body.buf, passing->body.len),
                               passing->body.len};
    if (!entry->has_body) {
        entry->body.len = 0;
        entry->chunks.count = 0;
    }
    if (passing->client_left)
        entry->error = "the client left";
    else if (reply->failure == HTTP_FAILURE_STOPPED && http_exchange_is_stopping(passing->exchange))
        entry->error = "the recording was stopped";
    else if (result)
        entry->error = arena_strdup(passing->arena, reply->reason);
    record_tape_add(passing->proxy->options.tape, passing->arena, entry);
}

/* ---- one exchange ---- */

static struct http_client *take_client(struct record_proxy *proxy)
{
    struct http_client *client = NULL;
    pthread_mutex_lock(&proxy->lock);
    if (proxy->idle.count)
        client = proxy->idle.items[--proxy->idle.count];
    pthread_mutex_unlock(&proxy->lock);
    return client ? client : http_client_new(&proxy->options.client);
}

static void give_client(struct record_proxy *proxy, struct http_client *client)
{
    pthread_mutex_lock(&proxy->lock);
    vec_push(&proxy->idle, client);
    pthread_mutex_unlock(&proxy->lock);
}

static void keep_request(struct passing *passing, const struct http_request *request)
{
    struct har_entry *entry = &passing->entry;
    struct arena *arena = passing->arena;
    entry->started = instant_real_now();
    entry->method = arena_strdup(arena, request->method);
    entry->url = arena_printf(arena, "%s%s%s%s", passing->proxy->options.target, request->path,
                              request->query ? "?" : "", request->query ? request->query : "");
    entry->version = "HTTP/1.1";
    keep_headers(arena, request->headers, request->header_count, &entry->sent);
    entry->request_body =
        (struct str){arena_strndup(arena, request->body, request->body_len), request->body_len};
}

static void pass(struct http_exchange *exchange, void *data)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct passing passing = {.proxy = data, .exchange = exchange, .arena = arena_new()};
    struct har_headers headers = outgoing(http_exchange_arena(exchange), request);
    struct http_client *client = take_client(passing.proxy);
    struct http_reply reply;
    strbuf_init(&passing.body, LIMIT_BODY);
    http_response_init(&passing.response, 502);
    http_reply_init(&reply);
    passing.began = instant_monotonic_now();
    keep_request(&passing, request);
    struct http_call call = {.method = request->method,
                             .url = passing.entry.url,
                             .headers = headers.items,
                             .header_count = headers.count,
                             .body = request->body_len ? request->body : NULL,
                             .body_len = request->body_len,
                             .begin = begin,
                             .receive = receive,
                             .tick = tick,
                             .data = &passing};
    int result = http_client_call(client, &call, &reply);
    /* Before the end goes out: what the client does then comes later. */
    passing.entry.took = instant_monotonic_now() - passing.began;
    if (result && !passing.client_left)
        answer_failed(&passing, &reply);
    else if (!result && passing.streams)
        stop_if_left(&passing, http_stream_end(exchange));
    else if (!result)
        answer_whole(&passing, &reply);
    http_response_release(&passing.response);
    keep(&passing, &reply, result);
    give_client(passing.proxy, client);
    strbuf_release(&passing.body);
    http_reply_release(&reply);
}

/* ---- the whole ---- */

struct record_proxy *record_proxy_start(const struct record_proxy_options *options,
                                        struct error *err)
{
    struct record_proxy *proxy = mem_alloc(sizeof *proxy);
    proxy->options = *options;
    proxy->options.server.handle = pass;
    proxy->options.server.data = proxy;
    pthread_mutex_init(&proxy->lock, NULL);
    proxy->server = http_server_start(&proxy->options.server, err);
    if (proxy->server)
        return proxy;
    record_proxy_stop(proxy);
    return NULL;
}

struct http_server *record_proxy_server(struct record_proxy *proxy)
{
    return proxy->server;
}

void record_proxy_stop(struct record_proxy *proxy)
{
    if (!proxy)
        return;
    http_server_stop(proxy->server);
    for (size_t i = 0; i < proxy->idle.count; i++)
        http_client_free(proxy->idle.items[i]);
    vec_free(&proxy->idle);
    pthread_mutex_destroy(&proxy->lock);
    mem_free(proxy);
}
