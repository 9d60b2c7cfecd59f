/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/json.h"
#include "core/data/utf8.h"
#include "core/net/digest.h"
#include "core/net/url.h"
#include "core/tape/har.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static double milliseconds(nanos duration)
{
    return (double)duration / (double)NANOS_PER_MS;
}

/* A string of JSON can hold it as it is. */
static bool is_text(struct str bytes)
{
    const char *end = bytes.len ? bytes.ptr + bytes.len : bytes.ptr; /* which may be NULL */
    for (const char *at = bytes.ptr; at < end;) {
        size_t size = *at ? utf8_length(at, end) : 0;
        if (!size)
            return false;
        at += size;
    }
    return true;
}

static void set_bytes(struct arena *arena, cJSON *object, struct str bytes, const char *encoding)
{
    if (is_text(bytes)) {
        tree_add(object, "text", tree_string_n(arena, bytes.ptr ? bytes.ptr : "", bytes.len));
        return;
    }
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    base64_encode(&text, bytes.ptr, bytes.len);
    tree_add(object, "text", tree_string_n(arena, text.buf, text.len));
    tree_add(object, encoding, tree_string(arena, "base64"));
    strbuf_release(&text);
}

static void add_pair(struct arena *arena, cJSON *list, const char *name, cJSON *value)
{
    cJSON *pair = tree_object(arena);
    tree_add(pair, "name", tree_string(arena, name));
    tree_add(pair, "value", value);
    tree_append(list, pair);
}

static cJSON *header_list(struct arena *arena, const struct har_headers *headers)
{
    cJSON *list = tree_array(arena);
    const struct http_header *header;
    vec_foreach (header, headers)
        add_pair(arena, list, header->name, tree_string(arena, header->value));
    return list;
}

static cJSON *query_list(struct arena *arena, const char *url)
{
    cJSON *list = tree_array(arena);
    const char *query = strchr(url, '?');
    struct url_pairs pairs = {0};
    if (!query || url_split_query(arena, query + 1, &pairs, NULL))
        return list;
    for (size_t i = 0; i < pairs.count; i++)
        add_pair(arena, list,
                 arena_strndup(arena, pairs.items[i].name.ptr, pairs.items[i].name.len),
                 tree_string_n(arena, pairs.items[i].value.ptr, pairs.items[i].value.len));
    return list;
}

static cJSON *request_tree(struct arena *arena, const struct har_entry *entry)
{
    cJSON *request = tree_object(arena), *body;
    const char *type = har_header(&entry->sent, "Content-Type");
    tree_add(request, "method", tree_string(arena, entry->method));
    tree_add(request, "url", tree_string(arena, entry->url));
    tree_add(request, "httpVersion", tree_string(arena, entry->version ? entry->version : ""));
    tree_add(request, "cookies", tree_array(arena));
    tree_add(request, "headers", header_list(arena, &entry->sent));
    tree_add(request, "queryString", query_list(arena, entry->url));
    if (entry->request_body.len) {
        body = tree_object(arena);
        tree_add(body, "mimeType", tree_string(arena, type ? type : ""));
        set_bytes(arena, body, entry->request_body, "_encoding");
        tree_add(request, "postData", body);
    }
    tree_add(request, "headersSize", tree_integer(arena, -1));
    tree_add(request, "bodySize", tree_integer(arena, (int64_t)entry->request_body.len));
    return request;
}

static cJSON *chunk_list(struct arena *arena, const struct har_entry *entry)
{
    cJSON *list = tree_array(arena);
    const struct har_chunk *chunk;
    vec_foreach (chunk, &entry->chunks) {
        cJSON *item = tree_object(arena);
        tree_add(item, "at", tree_double(arena, milliseconds(chunk->at)));
        tree_add(item, "size", tree_integer(arena, (int64_t)chunk->len));
        tree_append(list, item);
    }
    return list;
}

static cJSON *response_tree(struct arena *arena, const struct har_entry *entry)
{
    cJSON *response = tree_object(arena), *content = tree_object(arena);
    const char *type = har_header(&entry->given, "Content-Type");
    const char *location = har_header(&entry->given, "Location");
    tree_add(response, "status", tree_integer(arena, entry->status));
    tree_add(response, "statusText", tree_string(arena, entry->reason ? entry->reason : ""));
    tree_add(response, "httpVersion", tree_string(arena, entry->version ? entry->version : ""));
    tree_add(response, "cookies", tree_array(arena));
    tree_add(response, "headers", header_list(arena, &entry->given));
    tree_add(content, "size", tree_integer(arena, (int64_t)entry->body.len));
    tree_add(content, "mimeType", tree_string(arena, type ? type : ""));
    if (entry->has_body)
        set_bytes(arena, content, entry->body, "encoding");
    tree_add(response, "content", content);
    tree_add(response, "redirectURL", tree_string(arena, location ? location : ""));
    tree_add(response, "headersSize", tree_integer(arena, -1));
    tree_add(response, "bodySize", tree_integer(arena, (int64_t)entry->body.len));
    if (entry->error)
        tree_add(response, "_error", tree_string(arena, entry->error));
    if (entry->chunks.count)
        tree_add(response, "_chunks", chunk_list(arena, entry));
    return response;
}

static cJSON *timings_tree(struct arena *arena, const struct har_entry *entry)
{
    cJSON *timings = tree_object(arena);
    nanos receive = entry->took > entry->waited ? entry->took - entry->waited : 0;
    tree_add(timings, "send", tree_integer(arena, 0));
    tree_add(timings, "wait", tree_double(arena, milliseconds(entry->waited)));
    tree_add(timings, "receive", tree_double(arena, milliseconds(receive)));
    return timings;
}

void har_begin(const char *program, const char *version, struct strbuf *out)
{
    strbuf_adds(out, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":");
    json_print_string(program, out);
    strbuf_adds(out, ",\"version\":");
    json_print_string(version, out);
    strbuf_adds(out, "},\"entries\":[\n");
}

void har_add(const struct har_entry *entry, bool is_first, struct strbuf *out)
{
    struct arena *arena = arena_new();
    cJSON *tree = tree_object(arena);
    char started[INSTANT_TEXT];
    nanos took = entry->took > entry->waited ? entry->took : entry->waited;
    instant_rfc3339(entry->started, 6, started);
    tree_add(tree, "startedDateTime", tree_string(arena, started));
    tree_add(tree, "time", tree_double(arena, milliseconds(took)));
    tree_add(tree, "request", request_tree(arena, entry));
    tree_add(tree, "response", response_tree(arena, entry));
    tree_add(tree, "cache", tree_object(arena));
    tree_add(tree, "timings", timings_tree(arena, entry));
    strbuf_adds(out, is_first ? "" : ",\n");
    json_print(tree, JSON_COMPACT, out);
    arena_free(arena);
}

void har_end(struct strbuf *out)
{
    strbuf_adds(out, "\n]}}\n");
}
