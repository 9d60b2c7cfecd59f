/* SPDX-License-Identifier: Apache-2.0 */
/* Two JSON documents with a NUL between: patching twice is patching once, and changes no argument.
 */
#include "core/data/json.h"
#include "core/data/pointer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;
    if (!nul)
        return 0;
    struct arena *arena = arena_new();
    size_t first = (size_t)(nul - bytes);
    const cJSON *target = json_parse(arena, (const char *)bytes, first, NULL, NULL);
    const cJSON *patch = json_parse(arena, (const char *)nul + 1, len - first - 1, "p.json", NULL);
    if (target && patch) {
        const char *target_text = json_text(arena, target), *patch_text = json_text(arena, patch);
        const cJSON *once = merge_patch(arena, target, patch);
        const cJSON *twice = merge_patch(arena, once, patch);
        require(tree_equal(once, twice));
        require(strcmp(json_text(arena, target), target_text) == 0);
        require(strcmp(json_text(arena, patch), patch_text) == 0);
        const char *text = json_text(arena, once);
        require(json_parse(arena, text, strlen(text), NULL, NULL) != NULL);
    }
    arena_free(arena);
    return 0;
}
