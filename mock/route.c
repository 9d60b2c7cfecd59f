/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/route.h"

#include "core/contract/router.h"
#include "mock/blob.h"
#include "mock/loading.h"
#include "mock/mock.h"

struct str path_segment(struct str path)
{
    size_t len = 1;
    while (len < path.len && path.ptr[len] != '/')
        len++;
    return (struct str){path.ptr + 1, len > 0 ? len - 1 : 0};
}

struct str path_behind(struct str path, struct str segment)
{
    return (struct str){segment.ptr + segment.len,
                        (size_t)(path.ptr + path.len - (segment.ptr + segment.len))};
}

static const char *wanted_method(const char *method)
{
    return text_is(method, "HEAD") ? "GET" : method;
}

/* Whether it knows the path. */
static bool fits(const struct exchange *exchange, const struct played *played, struct str path,
                 struct route_match *match)
{
    const char *method = exchange->request->method;
    if (router_match(played->router, method, path, match))
        return true;
    const char *wanted = wanted_method(method);
    if (wanted != method && router_match(played->router, wanted, path, match))
        return true;
    return match->path_known;
}

bool route_is_blob(struct str path)
{
    return path.len >= strlen(BLOB_PREFIX) &&
           memcmp(path.ptr, BLOB_PREFIX, strlen(BLOB_PREFIX)) == 0;
}

/* The provider that knows the path as it is; NULL when none does, or several do. */
static const struct played *find_at_root(struct exchange *exchange)
{
    struct mock *mock = exchange->mock;
    const struct played *only = NULL;
    size_t found = 0;
    loading_get_all(mock);
    for (size_t i = 0; i < mock->played_count; i++) {
        struct route_match match;
        if (!fits(exchange, mock->played[i], exchange->path, &match))
            continue;
        exchange->match = match;
        only = mock->played[i];
        found++;
    }
    if (found > 1)
        exchange->match = (struct route_match){0};
    return found == 1 ? only : NULL;
}

static const struct played *named_by(struct mock *mock, struct str segment)
{
    for (size_t i = 0; i < mock->played_count; i++)
        if (str_is(segment, mock->played[i]->provider->name))
            return loading_get(mock, i);
    return NULL;
}

void route_find(struct exchange *exchange)
{
    struct mock *mock = exchange->mock;
    if (exchange->is_routed)
        return;
    exchange->is_routed = true;
    struct str segment = path_segment(exchange->path);
    const struct played *named = named_by(mock, segment);
    struct str rest = named ? path_behind(exchange->path, segment) : exchange->path;
    if (named && !rest.len)
        rest = STR_LITERAL("/");
    if (!named || !fits(exchange, named, rest, &exchange->match)) {
        exchange->played = find_at_root(exchange);
        if (exchange->played)
            return;
    }
    exchange->played = named ? named : mock->played_count == 1 ? mock->played[0] : NULL;
    exchange->path = rest;
    if (named)
        exchange->provider_prefix = named->provider->name;
}
