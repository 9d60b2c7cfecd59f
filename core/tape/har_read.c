/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/file.h"
#include "core/data/json.h"
#include "core/net/digest.h"
#include "core/net/url.h"
#include "core/tape/har.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    struct arena *arena;
    struct findings *findings;
    struct har *har;
};

static void complain(struct reading *reading, const cJSON *at, const char *text)
{
    findings_add(reading->findings, tree_place(at), "%s", text);
}

const char *har_header(const struct har_headers *headers, const char *name)
{
    const struct http_header *header;
    vec_foreach (header, headers)
        if (strcasecmp(header->name, name) == 0)
            return header->value;
    return NULL;
}

static nanos from_milliseconds(const cJSON *node)
{
    double value = cJSON_IsNumber(node) ? node->valuedouble : 0;
    return value > 0 && value < 1e12 ? (nanos)(value * (double)NANOS_PER_MS) : 0;
}

/* ---- headers ---- */

/* Bodies are kept as they read, so what spoke of their form on the wire is true no more. */
static bool is_of_the_wire(const char *name)
{
    static const char *const names[] = {"Content-Encoding", "Content-Length", "Transfer-Encoding"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return name[0] == ':' || !name[0];
}

static void read_headers(struct reading *reading, const cJSON *message, struct har_headers *out)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, tree_get(message, "headers")) {
        const char *name = tree_get_text(item, "name"), *value = tree_get_text(item, "value");
        struct http_header header = {name, value};
        if (name && value && !is_of_the_wire(name))
            vec_push_arena(reading->arena, out, header);
    }
}

/* ---- bodies ---- */

/* The tree keeps U+0000 as C0 80. */
static struct str text_bytes(struct arena *arena, const char *text)
{
    char *bytes = arena_strdup(arena, text), *end = bytes;
    for (const char *at = bytes; *at; at++) {
        bool is_nul = at[0] == '\xC0' && at[1] == '\x80';
        *end++ = is_nul ? '\0' : *at;
        at += is_nul;
    }
    *end = '\0';
    return (struct str){bytes, (size_t)(end - bytes)};
}

static struct str decode_bytes(struct reading *reading, const cJSON *holder, const char *text)
{
    const char *encoding = tree_get_text(holder, "encoding");
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    struct str bytes;
    if (!encoding)
        encoding = tree_get_text(holder, "_encoding");
    if (!encoding || strcasecmp(encoding, "base64") != 0)
        return text_bytes(reading->arena, text);
    if (base64_decode(&out, text, strlen(text)))
        complain(reading, tree_get(holder, "text"), "'text' is no base64, as 'encoding' says");
    bytes = (struct str){arena_strndup(reading->arena, out.buf, out.len), out.len};
    strbuf_release(&out);
    return bytes;
}

/* A form that a browser shows as its pairs alone. */
static struct str join_pairs(struct arena *arena, const cJSON *pairs)
{
    struct strbuf out = STRBUF_INIT(LIMIT_BODY);
    const cJSON *pair;
    cJSON_ArrayForEach (pair, pairs) {
        const char *name = tree_get_text(pair, "name"), *value = tree_get_text(pair, "value");
        if (name)
            url_add_pair(&out, str_from(name), str_from(value ? value : ""));
    }
    struct str joined = {arena_strndup(arena, out.buf, out.len), out.len};
    strbuf_release(&out);
    return joined;
}

static void read_request(struct reading *reading, const cJSON *request, struct har_entry *entry)
{
    const cJSON *body = tree_get(request, "postData");
    const char *text = tree_get_text(body, "text"), *type = tree_get_text(body, "mimeType");
    entry->method = tree_get_text(request, "method");
    entry->url = tree_get_text(request, "url");
    entry->version = tree_get_text(request, "httpVersion");
    if (!entry->method || !entry->url)
        complain(reading, request, "a request needs 'method' and 'url'");
    read_headers(reading, request, &entry->sent);
    if (text && *text)
        entry->request_body = decode_bytes(reading, body, text);
    else if (type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0)
        entry->request_body = join_pairs(reading->arena, tree_get(body, "params"));
    if (entry->request_body.len && type && *type && !har_header(&entry->sent, "Content-Type"))
        vec_push_arena(reading->arena, &entry->sent, ((struct http_header){"Content-Type", type}));
}

static void read_chunks(struct reading *reading, const cJSON *chunks, struct har_entry *entry)
{
    const cJSON *item;
    size_t left = entry->body.len;
    cJSON_ArrayForEach (item, chunks) {
        int64_t size = 0;
        struct har_chunk chunk = {.at = from_milliseconds(tree_get(item, "at"))};
        if (!tree_as_int64(tree_get(item, "size"), &size) || size < 0 || (size_t)size > left) {
            complain(reading, item, "'_chunks': sizes do not add up to the body");
            return;
        }
        chunk.len = (size_t)size;
        left -= chunk.len;
        vec_push_arena(reading->arena, &entry->chunks, chunk);
    }
}

static void read_response(struct reading *reading, const cJSON *response, struct har_entry *entry)
{
    const cJSON *content = tree_get(response, "content");
    const char *text = tree_get_text(content, "text"), *type = tree_get_text(content, "mimeType");
    int64_t status = 0, size = 0;
    if (!tree_as_int64(tree_get(response, "status"), &status) || status < -1 || status > 999)
        complain(reading, response, "a response needs a 'status' that is a number");
    entry->status = status > 0 ? (int)status : 0; /* test tools write -1 where no answer came */
    entry->reason = tree_get_text(response, "statusText");
    entry->error = tree_get_text(response, "_error");
    read_headers(reading, response, &entry->given);
    tree_as_int64(tree_get(content, "size"), &size);
    entry->has_body = text || size <= 0;
    if (text)
        entry->body = decode_bytes(reading, content, text);
    if (entry->body.len && type && *type && !har_header(&entry->given, "Content-Type"))
        vec_push_arena(reading->arena, &entry->given, ((struct http_header){"Content-Type", type}));
    read_chunks(reading, tree_get(response, "_chunks"), entry);
}

static void read_entry(struct reading *reading, const cJSON *node)
{
    const cJSON *request = tree_get(node, "request"), *response = tree_get(node, "response");
    const char *started = tree_get_text(node, "startedDateTime");
    struct har_entry entry = {.place = tree_place(node), .index = reading->har->entries.count};
    if (!cJSON_IsObject(request) || !cJSON_IsObject(response)) {
        complain(reading, node, "an entry needs 'request' and 'response'");
        return;
    }
    if (started && instant_parse(started, true, &entry.started))
        complain(reading, tree_get(node, "startedDateTime"),
                 "'startedDateTime' is no date and time");
    entry.took = from_milliseconds(tree_get(node, "time"));
    entry.waited = from_milliseconds(tree_get(tree_get(node, "timings"), "wait"));
    read_request(reading, request, &entry);
    read_response(reading, response, &entry);
    vec_push_arena(reading->arena, &reading->har->entries, entry);
}

static const cJSON *read_log(struct arena *arena, const char *file, struct findings *findings)
{
    struct error err = {0};
    struct place place = {.file = file};
    size_t len = 0;
    const char *text = file_read(arena, file, LIMIT_REPORT, &len, &err);
    if (!text) {
        findings_add(findings, (struct place){0}, "%s", err.text);
        return NULL;
    }
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) /* some tools write it */
        text += 3, len -= 3;
    const cJSON *root = json_parse(arena, text, len, file, &err);
    if (!root) {
        char *at = NULL; /* "LINE:COLUMN: what" */
        place.line = (unsigned)strtoul(err.text, &at, 10);
        place.column = *at == ':' ? (unsigned)strtoul(at + 1, &at, 10) : 0;
        at += strspn(at, ": ");
        findings_add(findings, place, "no HAR, which is JSON: %s", at);
        return NULL;
    }
    if (!cJSON_IsArray(tree_get(tree_get(root, "log"), "entries"))) {
        findings_add(findings, place, "no HAR: there is no 'log' with 'entries'");
        return NULL;
    }
    return tree_get(tree_get(root, "log"), "entries");
}

struct har *har_read(struct arena *arena, const char *file, struct findings *findings)
{
    size_t errors = findings->errors;
    const cJSON *entries = read_log(arena, file, findings), *entry;
    struct reading reading = {arena, findings, arena_alloc(arena, sizeof *reading.har)};
    if (!entries)
        return NULL;
    reading.har->file = file;
    cJSON_ArrayForEach (entry, entries)
        read_entry(&reading, entry);
    return findings->errors == errors ? reading.har : NULL;
}
