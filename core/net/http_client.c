/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a call goes, and what it brings back. */
#include "core/net/http_client.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/net/http_client_ways.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXTS_SIZE = 1024, FEW_HEADERS = 16 };

struct http_client {
    struct http_library *library; /* NULL until a call needs it */
    struct http_plain *plain;     /* NULL: all calls are the library's */
    struct http_client_options options;
    char *ca_file, *user_agent;
};

/* Names and values stand here one behind the other. */
struct http_texts {
    struct http_texts *older;
    size_t used, size;
    char bytes[];
};

static const char *const failure_names[HTTP_FAILURES] = {
    [HTTP_FAILURE_NONE] = "none",
    [HTTP_FAILURE_INVALID] = "invalid",
    [HTTP_FAILURE_UNREACHABLE] = "unreachable",
    [HTTP_FAILURE_TLS] = "tls",
    [HTTP_FAILURE_TIMEOUT] = "timeout",
    [HTTP_FAILURE_BROKEN] = "broken",
    [HTTP_FAILURE_TOO_LARGE] = "too-large",
    [HTTP_FAILURE_STOPPED] = "stopped",
};

const char *http_failure_name(enum http_failure failure)
{
    return failure_names[failure];
}

/* ---- replies ---- */

void http_reply_init(struct http_reply *reply)
{
    *reply = (struct http_reply){0};
    strbuf_init(&reply->body, LIMIT_BODY);
}

void http_reply_drop_headers(struct http_reply *reply)
{
    for (struct http_texts *texts = reply->texts, *older; texts; texts = older) {
        older = texts->older;
        mem_free(texts);
    }
    reply->texts = NULL;
    reply->header_count = 0;
}

void http_reply_release(struct http_reply *reply)
{
    http_reply_drop_headers(reply);
    vec_release(reply->headers);
    strbuf_release(&reply->body);
    http_reply_init(reply);
}

static char *text_room(struct http_reply *reply, size_t len)
{
    struct http_texts *texts = reply->texts;
    if (!texts || texts->size - texts->used < len) {
        size_t size = len > TEXTS_SIZE ? len : TEXTS_SIZE;
        texts = mem_realloc(NULL, sizeof *texts + size);
        *texts = (struct http_texts){.older = reply->texts, .size = size};
        reply->texts = texts;
    }
    texts->used += len;
    return texts->bytes + texts->used - len;
}

void http_reply_add_header(struct http_reply *reply, struct str name, struct str value)
{
    char *text = text_room(reply, name.len + value.len + 2), *behind = text + name.len + 1;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    memcpy(behind, value.ptr, value.len);
    behind[value.len] = '\0';
    if (!reply->headers) {
        reply->headers = mem_realloc(NULL, FEW_HEADERS * sizeof *reply->headers);
        reply->header_cap = FEW_HEADERS;
    }
    reply->headers =
        vec_grow(reply->headers, &reply->header_cap, reply->header_count, sizeof *reply->headers);
    reply->headers[reply->header_count++] = (struct http_header){text, behind};
}

const char *http_reply_header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_is_any_case(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

/* ---- a call under way ---- */

int http_transfer_begin(struct http_transfer *transfer)
{
    const struct http_call *call = transfer->call;
    if (!call->begin || transfer->has_begun || transfer->reply->status < 200)
        return 0;
    transfer->has_begun = true;
    transfer->was_stopped = call->begin(transfer->reply, call->data) != 0;
    return transfer->was_stopped ? -1 : 0;
}

int http_transfer_take(struct http_transfer *transfer, const char *bytes, size_t len)
{
    const struct http_call *call = transfer->call;
    if (call->receive) {
        transfer->was_stopped = call->receive(transfer->reply, bytes, len, call->data) != 0;
        return transfer->was_stopped ? -1 : 0;
    }
    strbuf_add(&transfer->reply->body, bytes, len);
    return transfer->reply->body.overflowed ? -1 : 0;
}

int http_transfer_tick(struct http_transfer *transfer)
{
    const struct http_call *call = transfer->call;
    transfer->was_stopped = call->tick && call->tick(call->data) != 0;
    return transfer->was_stopped ? -1 : 0;
}

int http_transfer_fail(struct http_transfer *transfer, enum http_failure failure,
                       const char *format, ...)
{
    struct http_reply *reply = transfer->reply;
    va_list args;
    reply->failure = transfer->was_stopped    ? HTTP_FAILURE_STOPPED
                     : reply->body.overflowed ? HTTP_FAILURE_TOO_LARGE
                                              : failure;
    va_start(args, format);
    vsnprintf(reply->reason, sizeof reply->reason, format, args);
    va_end(args);
    return -1;
}

bool http_call_has_header(const struct http_call *call, const char *name)
{
    for (size_t i = 0; i < call->header_count; i++)
        if (text_is_any_case(call->headers[i].name, name))
            return true;
    return false;
}

/* ---- the client ---- */

struct http_client *http_client_new(const struct http_client_options *options)
{
    static const struct http_client_options usual = {0};
    struct http_client *client = mem_alloc(sizeof *client);
    if (!options)
        options = &usual;
    client->options = *options;
    client->options.ca_file = client->ca_file = mem_strdup(options->ca_file);
    client->options.user_agent = client->user_agent = mem_strdup(options->user_agent);
    if (!options->only_library)
        client->plain = http_plain_new(&client->options);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    http_library_free(client->library);
    http_plain_free(client->plain);
    mem_free(client->ca_file);
    mem_free(client->user_agent);
    mem_free(client);
}

int http_client_call(struct http_client *client, const struct http_call *call,
                     struct http_reply *reply)
{
    struct http_transfer transfer = {.call = call, .reply = reply};
    http_reply_release(reply);
    reply->body.max = call->max_body ? call->max_body : LIMIT_BODY;
    if (client->plain && http_plain_can(client->plain, call))
        return http_plain_call(client->plain, &transfer);
    if (!client->library)
        client->library = http_library_new(&client->options);
    return http_library_call(client->library, &transfer);
}
