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

static const char *wanted_method(const struct exchange *exchange)
{
    return text_is(exchange->request->method, "HEAD") ? "GET" : exchange->request->method;
}

static bool try_provider(struct exchange *exchange, const struct played *played, struct str path)
{
    struct route_match match;
    bool found = router_match(played->router, exchange->request->method, path, &match) ||
                 router_match(played->router, wanted_method(exchange), path, &match);
    if (!found && !match.path_known)
        return false;
    exchange->played = played;
    exchange->match = match;
    return true;
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
    for (size_t i = 0; i < mock->played_count; i++)
        if (try_provider(exchange, mock->played[i], exchange->path)) {
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
    struct str segment = path_segment(exchange->path);
    const struct played *named = named_by(mock, segment);
    struct str rest = named ? path_behind(exchange->path, segment) : exchange->path;
    if (named && !rest.len)
        rest = STR_LITERAL("/");
    if (!named || !try_provider(exchange, named, rest)) {
        exchange->played = find_at_root(exchange);
        if (exchange->played)
            return;
    }
    exchange->played = named ? named : mock->played_count == 1 ? mock->played[0] : NULL;
    exchange->path = rest;
    if (named)
        exchange->provider_prefix = named->provider->name;
}
