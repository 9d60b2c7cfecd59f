/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/exchange.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "mock/mock.h"
#include "mock/pretence.h"

#include <ctype.h>

/* ---- in flight ---- */

void exchange_under_way(struct exchange *exchange)
{
    exchange->is_in_flight = true;
    atomic_fetch_add(&exchange->world->in_flight, 1);
}

void exchange_over(struct exchange *exchange)
{
    if (exchange->is_in_flight)
        atomic_fetch_sub(&exchange->world->in_flight, 1);
    exchange->is_in_flight = false;
    http_park_end(exchange->http);
}

void exchange_send(struct exchange *exchange, const struct http_response *response)
{
    exchange_over(exchange);
    http_respond(exchange->http, response);
}

/* ---- what expressions read ---- */

static const cJSON *member(const cJSON *object, struct str name, struct arena *arena)
{
    if (!name.len)
        return object;
    return tree_get(object, arena_strndup(arena, name.ptr, name.len));
}

/* The described ones typed, the others as texts under their names in small letters, the first of
 * each name. */
static const cJSON *all_headers(const struct exchange *exchange, struct arena *arena)
{
    const struct http_request *request = exchange->request;
    cJSON *all = tree_copy(arena, exchange->checked.parameters.header);
    for (size_t i = 0; i < request->header_count; i++) {
        char *name = arena_strdup(arena, request->headers[i].name);
        bool is_there = false;
        const cJSON *one;
        cJSON_ArrayForEach (one, all)
            is_there |= text_is_any_case(one->string, name);
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        if (!is_there)
            tree_set_string(arena, all, name, request->headers[i].value);
    }
    return all;
}

static const cJSON *header(struct exchange *exchange, struct str name, struct arena *arena)
{
    const cJSON *typed = exchange->checked.parameters.header, *one;
    if (!name.len)
        return all_headers(exchange, arena);
    const char *wanted = arena_strndup(arena, name.ptr, name.len);
    cJSON_ArrayForEach (one, typed)
        if (text_is_any_case(one->string, wanted))
            return one;
    const char *raw = http_request_header(exchange->request, wanted);
    return raw ? tree_string(arena, raw) : NULL;
}

static const cJSON *url(struct exchange *exchange, struct arena *arena)
{
    const struct http_request *request = exchange->request;
    return tree_string(arena, request->query
                                  ? arena_printf(arena, "%s?%s", request->path, request->query)
                                  : request->path);
}

static const cJSON *of_snapshot(const struct request_snapshot *snapshot, enum http_part part,
                                struct str name, struct arena *arena)
{
    switch (part) {
    case HTTP_URL:
        return snapshot->url ? tree_string(arena, snapshot->url) : NULL;
    case HTTP_METHOD:
        return snapshot->method ? tree_string(arena, snapshot->method) : NULL;
    case HTTP_REQUEST_HEADER:
        return member(snapshot->header, name, arena);
    case HTTP_REQUEST_QUERY:
        return member(snapshot->query, name, arena);
    case HTTP_REQUEST_PATH:
        return member(snapshot->path, name, arena);
    case HTTP_REQUEST_BODY:
        return snapshot->body;
    case HTTP_REQUEST_SENT:
        return snapshot->sent;
    default:
        return NULL;
    }
}

const cJSON *exchange_http(struct exchange *exchange, const struct playing *playing,
                           enum http_part part, struct str name, struct eval *eval)
{
    struct arena *arena = eval->arena;
    if (playing)
        return of_snapshot(&playing->request, part, name, arena);
    if (!exchange)
        return NULL;
    switch (part) {
    case HTTP_URL:
        return url(exchange, arena);
    case HTTP_METHOD:
        return tree_string(arena, exchange->request->method);
    case HTTP_REQUEST_HEADER:
        return header(exchange, name, arena);
    case HTTP_REQUEST_QUERY:
        return member(exchange->checked.parameters.query, name, arena);
    case HTTP_REQUEST_PATH:
        return member(exchange->checked.parameters.path, name, arena);
    case HTTP_REQUEST_BODY:
        return exchange->checked.body;
    case HTTP_REQUEST_SENT:
        return exchange->checked.sent;
    default:
        return NULL;
    }
}

static cJSON *copy(struct arena *arena, const cJSON *tree)
{
    return tree ? tree_copy(arena, tree) : NULL;
}

void exchange_snapshot(const struct exchange *exchange, struct arena *arena,
                       struct request_snapshot *snapshot)
{
    if (!exchange)
        return;
    const struct decoded *parameters = &exchange->checked.parameters;
    snapshot->method = arena_strdup(arena, exchange->request->method);
    snapshot->url = arena_strdup(arena, exchange->request->path);
    snapshot->path = copy(arena, parameters->path);
    snapshot->query = copy(arena, parameters->query);
    snapshot->header = NULL;
    snapshot->body = copy(arena, exchange->checked.body);
    snapshot->sent = exchange->checked.sent == exchange->checked.body
                         ? snapshot->body
                         : copy(arena, exchange->checked.sent);
}

/* ---- for steps ---- */

int exchange_birth_state(const struct exchange *exchange, const struct machine *machine)
{
    for (size_t i = 0; exchange && i < exchange->taking_count; i++) {
        const struct taking *taking = &exchange->takings[i];
        if (taking->participant->machine == machine && taking->to != STATE_ABSENT)
            return taking->to;
    }
    return STATE_NONE;
}

void exchange_made(struct exchange *exchange, struct resource *resource)
{
    if (exchange)
        exchange->made = resource;
}

const struct outcome *exchange_forced_outcome(struct exchange *exchange, const struct kind *kind)
{
    for (size_t i = 0; exchange && i < exchange->forced_count; i++) {
        const struct outcome *outcome = exchange->forced[i];
        if (outcome->kind != kind)
            continue;
        exchange->forced_count = 0; /* the first start that fits it takes it */
        return outcome;
    }
    return NULL;
}

const char *exchange_base(struct exchange *exchange)
{
    const struct http_request *request = exchange->request;
    const char *origin = exchange->mock->options.public_url;
    const char *provider = exchange->provider_prefix;
    if (exchange->base)
        return exchange->base;
    if (!origin)
        origin = arena_printf(exchange->arena, "%s://%s", request->is_tls ? "https" : "http",
                              request->host ? request->host : "127.0.0.1");
    exchange->base =
        arena_printf(exchange->arena, "%s%s%s%s%s", origin, *exchange->session ? "/~" : "",
                     exchange->session, provider ? "/" : "", provider ? provider : "");
    return exchange->base;
}

void exchange_drop_items(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->item_count; i++)
        text_unref(exchange->items[i]);
    exchange->item_count = 0;
    exchange->items = NULL;
}

static char *put(char *to, const void *bytes, size_t len)
{
    memcpy(to, bytes, len);
    return to + len;
}

/* `before` [ items ] `after`, each byte copied once. */
static struct text *join_items(const struct exchange *exchange, struct str before, struct str after)
{
    size_t len = before.len + after.len + 2 + (exchange->item_count ? exchange->item_count - 1 : 0);
    for (size_t i = 0; i < exchange->item_count; i++)
        len += exchange->items[i]->len;
    struct text *text = text_blank(len);
    char *at = put(text->bytes, before.ptr, before.len);
    *at++ = '[';
    for (size_t i = 0; i < exchange->item_count; i++) {
        if (i)
            *at++ = ',';
        at = put(at, exchange->items[i]->bytes, exchange->items[i]->len);
    }
    *at++ = ']';
    put(at, after.ptr, after.len);
    return text;
}

struct text *exchange_body(struct exchange *exchange)
{
    static const char mark[] = "\"\\u0001items\"";
    if (exchange->reply_text)
        return text_ref(exchange->reply_text);
    if (!exchange->reply)
        return NULL;
    char room[2048];
    struct strbuf page = strbuf_over(room, sizeof room, LIMIT_DOCUMENT);
    json_print(exchange->reply, JSON_COMPACT, &page);
    const char *at = exchange->items ? strstr(page.buf, mark) : NULL;
    const char *after = at ? at + sizeof mark - 1 : page.buf + page.len;
    struct text *text = at ? join_items(exchange, (struct str){page.buf, (size_t)(at - page.buf)},
                                        (struct str){after, (size_t)(page.buf + page.len - after)})
                           : text_new(page.buf, page.len);
    strbuf_release(&page);
    return text;
}

void exchange_header(struct exchange *exchange, const char *name, const char *value)
{
    if (!exchange->headers)
        exchange->headers = tree_object(exchange->arena);
    tree_set_string(exchange->arena, exchange->headers, name, value);
}

struct pretence *exchange_pretence(struct exchange *exchange)
{
    if (!exchange->pretence)
        exchange->pretence = arena_alloc(exchange->arena, sizeof *exchange->pretence);
    return exchange->pretence;
}

bool pretence_hides(const struct exchange *exchange, const struct resource *resource)
{
    const struct pretence *pretence = exchange->pretence;
    for (size_t i = 0; pretence && i < pretence->unseen.count; i++)
        if (pretence->unseen.items[i] == resource)
            return true;
    return false;
}
