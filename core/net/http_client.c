/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows libcurl. */
#include "core/net/http_client.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

enum { DEFAULT_CONNECT_MS = 5000, LIMIT_URL = 1024 * 1024 };

struct http_client {
    CURL *curl;
    char *ca_file, *user_agent;
    bool is_insecure;
    char trouble[CURL_ERROR_SIZE];
};

/* One call under way. */
struct transfer {
    const struct http_call *call;
    struct http_reply *reply;
    bool was_stopped, has_begun;
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

static const struct {
    CURLcode code;
    enum http_failure failure;
} failures[] = {
    {CURLE_OK, HTTP_FAILURE_NONE},
    {CURLE_URL_MALFORMAT, HTTP_FAILURE_INVALID},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAILURE_INVALID},
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_FAILURE_UNREACHABLE},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_FAILURE_UNREACHABLE},
    {CURLE_COULDNT_CONNECT, HTTP_FAILURE_UNREACHABLE},
    {CURLE_PROXY, HTTP_FAILURE_UNREACHABLE},
    {CURLE_SSL_CONNECT_ERROR, HTTP_FAILURE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_FAILURE_TLS},
    {CURLE_SSL_CERTPROBLEM, HTTP_FAILURE_TLS},
    {CURLE_SSL_CIPHER, HTTP_FAILURE_TLS},
    {CURLE_SSL_CACERT_BADFILE, HTTP_FAILURE_TLS},
    {CURLE_SSL_ISSUER_ERROR, HTTP_FAILURE_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, HTTP_FAILURE_TLS},
    {CURLE_OPERATION_TIMEDOUT, HTTP_FAILURE_TIMEOUT},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

const char *http_failure_name(enum http_failure failure)
{
    return failure_names[failure];
}

struct http_client *http_client_new(const struct http_client_options *options)
{
    static const struct http_client_options usual = {0};
    pthread_once(&once, start_curl);
    if (!options)
        options = &usual;
    struct http_client *client = mem_alloc(sizeof *client);
    client->curl = curl_easy_init();
    client->ca_file = mem_strdup(options->ca_file);
    client->user_agent = mem_strdup(options->user_agent);
    client->is_insecure = options->is_insecure;
    return client;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    mem_free(client->ca_file);
    mem_free(client->user_agent);
    mem_free(client);
}

void http_reply_init(struct http_reply *reply)
{
    *reply = (struct http_reply){0};
    strbuf_init(&reply->body, LIMIT_BODY);
}

static void drop_headers(struct http_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        mem_free((char *)(uintptr_t)reply->headers[i].name); /* name and value are one block */
    reply->header_count = 0;
}

void http_reply_release(struct http_reply *reply)
{
    drop_headers(reply);
    vec_release(reply->headers);
    strbuf_release(&reply->body);
    http_reply_init(reply);
}

const char *http_reply_header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_is_any_case(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

/* "HTTP/1.1 200 OK": an interim answer's headers (100) go with it. */
static void read_status_line(struct http_reply *reply, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    drop_headers(reply);
    reply->status = 0;
    for (const char *c = space ? space + 1 : line + len; c < line + len; c++) {
        if (*c < '0' || *c > '9' || reply->status > 999)
            break;
        reply->status = reply->status * 10 + (*c - '0');
    }
}

static size_t take_header(char *line, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    struct http_reply *reply = transfer->reply;
    size_t len = size * count, taken = len;
    if (len > 5 && !memcmp(line, "HTTP/", 5)) {
        read_status_line(reply, line, len);
        return taken;
    }
    while (len && strchr("\r\n \t", line[len - 1]))
        len--;
    if (!len && reply->status >= 200 && transfer->call->begin && !transfer->has_begun) {
        transfer->has_begun = true;
        transfer->was_stopped = transfer->call->begin(reply, transfer->call->data) != 0;
        return transfer->was_stopped ? CURL_WRITEFUNC_ERROR : taken;
    }
    char *colon = memchr(line, ':', len);
    if (!colon)
        return taken;
    char *name = mem_strndup(line, len);
    char *value = name + (colon - line);
    *value++ = '\0';
    value += strspn(value, " \t");
    reply->headers =
        vec_grow(reply->headers, &reply->header_cap, reply->header_count, sizeof *reply->headers);
    reply->headers[reply->header_count++] = (struct http_header){name, value};
    return taken;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    size_t len = size * count;
    if (transfer->call->receive) {
        int stop = transfer->call->receive(transfer->reply, bytes, len, transfer->call->data);
        transfer->was_stopped = stop != 0;
        return stop ? CURL_WRITEFUNC_ERROR : len;
    }
    strbuf_add(&transfer->reply->body, bytes, len);
    return transfer->reply->body.overflowed ? CURL_WRITEFUNC_ERROR : len;
}

static int tick(void *data, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t sent)
{
    struct transfer *transfer = data;
    (void)down;
    (void)got;
    (void)up;
    (void)sent;
    transfer->was_stopped = transfer->call->tick(transfer->call->data) != 0;
    return transfer->was_stopped;
}

static bool has_header(const struct http_call *call, const char *name)
{
    for (size_t i = 0; i < call->header_count; i++)
        if (text_is_any_case(call->headers[i].name, name))
            return true;
    return false;
}

/* What the library would add by itself is asked for by name, or not sent. */
static struct curl_slist *list_headers(const struct http_call *call)
{
    static const char *const defaults[] = {"Accept", "Expect", "Content-Type"};
    struct curl_slist *list = NULL;
    struct strbuf line = STRBUF_INIT(LIMIT_URL);
    for (size_t i = 0; i < call->header_count; i++) {
        const struct http_header *header = &call->headers[i];
        strbuf_clear(&line);
        strbuf_addf(&line, *header->value ? "%s: %s" : "%s;", header->name, header->value);
        list = curl_slist_append(list, line.buf);
    }
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (has_header(call, defaults[i]))
            continue;
        strbuf_clear(&line);
        strbuf_addf(&line, "%s:", defaults[i]);
        list = curl_slist_append(list, line.buf);
    }
    strbuf_release(&line);
    return list;
}

static bool is_loopback(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL;
    bool is = false;
    if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) &&
        !curl_url_get(parts, CURLUPART_HOST, &host, 0))
        is = text_is_any_case(host, "localhost") || text_is(host, "[::1]") ||
             text_starts_with(host, "127.");
    curl_free(host);
    curl_url_cleanup(parts);
    return is;
}

static void set_method(CURL *curl, const struct http_call *call)
{
    bool sends_length = text_is(call->method, "POST") || text_is(call->method, "PUT") ||
                        text_is(call->method, "PATCH");
    if (call->body || sends_length) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(call->body ? call->body_len : 0));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body ? call->body : "");
    }
    if (text_is(call->method, "HEAD"))
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

static void set_options(struct http_client *client, const struct http_call *call,
                        struct transfer *transfer)
{
    CURL *curl = client->curl;
    curl_easy_reset(curl); /* connections stay */
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->trouble);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(call->connect_ms > 0 ? call->connect_ms : DEFAULT_CONNECT_MS));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(call->total_ms > 0 ? call->total_ms : 0));
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    if (call->tick) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, tick);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    }
    if (client->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
    if (client->is_insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (client->user_agent)
        curl_easy_setopt(curl, CURLOPT_USERAGENT, client->user_agent);
    if (is_loopback(call->url))
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
    set_method(curl, call);
}

static enum http_failure classify(CURLcode code, const struct transfer *transfer)
{
    if (transfer->was_stopped)
        return HTTP_FAILURE_STOPPED;
    if (transfer->reply->body.overflowed)
        return HTTP_FAILURE_TOO_LARGE;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].code == code)
            return failures[i].failure;
    return HTTP_FAILURE_BROKEN;
}

static nanos read_time(CURL *curl, CURLINFO which)
{
    curl_off_t microseconds = 0;
    curl_easy_getinfo(curl, which, &microseconds);
    return (nanos)microseconds * 1000;
}

int http_client_call(struct http_client *client, const struct http_call *call,
                     struct http_reply *reply)
{
    struct transfer transfer = {.call = call, .reply = reply};
    http_reply_release(reply);
    reply->body.max = call->max_body ? call->max_body : LIMIT_BODY;
    client->trouble[0] = '\0';
    set_options(client, call, &transfer);
    struct curl_slist *headers = list_headers(call);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(client->curl);
    reply->first_byte_after = read_time(client->curl, CURLINFO_STARTTRANSFER_TIME_T);
    reply->took = read_time(client->curl, CURLINFO_TOTAL_TIME_T);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    reply->failure = classify(code, &transfer);
    if (reply->failure == HTTP_FAILURE_NONE)
        return 0;
    snprintf(reply->reason, sizeof reply->reason, "%s",
             client->trouble[0] ? client->trouble : curl_easy_strerror(code));
    return -1;
}
