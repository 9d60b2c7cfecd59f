/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows libcurl. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_client_ways.h"

#include <curl/curl.h>
#include <pthread.h>

enum { LIMIT_URL = 1024 * 1024 };

struct http_library {
    CURL *curl;
    const struct http_client_options *options; /* the client's */
    char trouble[CURL_ERROR_SIZE];
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

struct http_library *http_library_new(const struct http_client_options *options)
{
    pthread_once(&once, start_curl);
    struct http_library *library = mem_alloc(sizeof *library);
    library->curl = curl_easy_init();
    library->options = options;
    return library;
}

void http_library_free(struct http_library *library)
{
    if (!library)
        return;
    curl_easy_cleanup(library->curl);
    mem_free(library);
}

/* "HTTP/1.1 200 OK": an interim answer's headers (100) go with it. */
static void read_status_line(struct http_reply *reply, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    http_reply_drop_headers(reply);
    reply->status = 0;
    for (const char *c = space ? space + 1 : line + len; c < line + len; c++) {
        if (*c < '0' || *c > '9' || reply->status > 999)
            break;
        reply->status = reply->status * 10 + (*c - '0');
    }
}

static size_t take_header(char *line, size_t size, size_t count, void *data)
{
    struct http_transfer *transfer = data;
    size_t len = size * count, taken = len;
    if (len > 5 && !memcmp(line, "HTTP/", 5)) {
        read_status_line(transfer->reply, line, len);
        return taken;
    }
    while (len && strchr("\r\n \t", line[len - 1]))
        len--;
    if (!len)
        return http_transfer_begin(transfer) ? CURL_WRITEFUNC_ERROR : taken;
    const char *colon = memchr(line, ':', len), *end = line + len;
    if (!colon)
        return taken;
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    http_reply_add_header(transfer->reply, (struct str){line, (size_t)(colon - line)},
                          (struct str){value, (size_t)(end - value)});
    return taken;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    return http_transfer_take(data, bytes, size * count) ? CURL_WRITEFUNC_ERROR : size * count;
}

static int tick(void *data, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t sent)
{
    (void)down;
    (void)got;
    (void)up;
    (void)sent;
    return http_transfer_tick(data);
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
        if (http_call_has_header(call, defaults[i]))
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

static void set_options(struct http_library *library, struct http_transfer *transfer)
{
    const struct http_call *call = transfer->call;
    const struct http_client_options *options = library->options;
    CURL *curl = library->curl;
    curl_easy_reset(curl); /* connections stay */
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, library->trouble);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(call->connect_ms > 0 ? call->connect_ms : HTTP_CONNECT_MS));
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
    if (options->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    if (options->is_insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (options->user_agent)
        curl_easy_setopt(curl, CURLOPT_USERAGENT, options->user_agent);
    if (is_loopback(call->url))
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
    set_method(curl, call);
}

/* What began to answer is a service, whatever the library calls the bytes that came. */
static enum http_failure classify(CURLcode code, const struct http_reply *reply)
{
    if (code == CURLE_UNSUPPORTED_PROTOCOL && reply->first_byte_after)
        return HTTP_FAILURE_BROKEN;
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

int http_library_call(struct http_library *library, struct http_transfer *transfer)
{
    struct http_reply *reply = transfer->reply;
    library->trouble[0] = '\0';
    set_options(library, transfer);
    struct curl_slist *headers = list_headers(transfer->call);
    curl_easy_setopt(library->curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(library->curl);
    reply->first_byte_after = read_time(library->curl, CURLINFO_STARTTRANSFER_TIME_T);
    reply->took = read_time(library->curl, CURLINFO_TOTAL_TIME_T);
    curl_easy_setopt(library->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (code == CURLE_OK && !transfer->was_stopped && !reply->body.overflowed)
        return 0;
    return http_transfer_fail(transfer, classify(code, reply), "%s",
                              library->trouble[0] ? library->trouble : curl_easy_strerror(code));
}
