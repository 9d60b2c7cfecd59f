/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines: the first is a path to look for, the others are templates. What is found must hold the
 * values that put the path together again, and looking twice must find the same.
 */
#include "core/contract/parameters.h"
#include "core/contract/router.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { TEMPLATES_MAX = 16 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_match(struct arena *arena, const struct router *router, struct str path)
{
    struct route_match match, again;
    struct route_near near[3];
    bool found = router_match(router, "GET", path, &match);
    require(found == router_match(router, "GET", path, &again));
    require(found == (match.operation != NULL) && match.operation == again.operation);
    require(match.value_count <= ROUTE_VALUES_MAX);
    for (size_t i = 0; i < match.value_count; i++) {
        struct str raw = match.values[i].raw;
        require(raw.len && raw.ptr >= path.ptr && raw.ptr + raw.len <= path.ptr + path.len);
    }
    if (match.path_known)
        require(tree_count(route_match_values(&match, arena)) == match.value_count);
    router_nearest(router, arena, "GET", path, near, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct router *router = router_new(arena);
    struct str path = {0};
    const char *at = (const char *)bytes, *end = at + len;
    for (int line = 0; at < end && line <= TEMPLATES_MAX; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (!line) {
            path = (struct str){arena_strndup(arena, at, (size_t)(stop - at)), (size_t)(stop - at)};
        } else {
            struct operation *operation = arena_alloc(arena, sizeof *operation);
            operation->method = line % 4 ? "GET" : "POST";
            operation->path = arena_strndup(arena, at, (size_t)(stop - at));
            router_add(router, "", operation, &findings);
        }
        at = stop + 1;
    }
    check_match(arena, router, path);
    struct pairs pairs = {0};
    pairs_parse(arena, path, &pairs);
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
