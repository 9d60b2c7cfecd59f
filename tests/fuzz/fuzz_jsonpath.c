/* SPDX-License-Identifier: Apache-2.0 */
/* A path, a NUL, a JSON document: found nodes are nodes of the document, twice the same. */
#include "core/data/json.h"
#include "core/data/jsonpath.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Selectors multiply what they find, so that small inputs would run for minutes. */
enum { PATH_MAX_BYTES = 200, DOCUMENT_MAX_BYTES = 200 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool is_within(const cJSON *root, const cJSON *node)
{
    if (root == node)
        return true;
    const cJSON *child;
    cJSON_ArrayForEach (child, root) /* as deep as the reader lets it be */
        if (is_within(child, node))
            return true;
    return false;
}

static void check(struct arena *arena, const struct jsonpath *path, const cJSON *root)
{
    size_t count, again;
    const cJSON **nodes = jsonpath_select(arena, path, root, &count);
    for (size_t i = 0; i < count && i < 100; i++)
        require(is_within(root, nodes[i]));
    const cJSON **same = jsonpath_select(arena, path, root, &again);
    require(count == again);
    for (size_t i = 0; i < count; i++)
        require(nodes[i] == same[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;
    size_t rest = nul ? len - (size_t)(nul + 1 - bytes) : 0;
    if (!nul || nul - bytes > PATH_MAX_BYTES || rest > DOCUMENT_MAX_BYTES)
        return 0;
    struct arena *arena = arena_new();
    struct error err = {0};
    const struct jsonpath *path = jsonpath_compile(arena, (const char *)bytes, &err);
    require(!path == (*err.text != '\0'));
    const cJSON *root = json_parse(arena, (const char *)nul + 1, rest, NULL, NULL);
    if (path && root)
        check(arena, path, root);
    arena_free(arena);
    return 0;
}
