/* SPDX-License-Identifier: Apache-2.0 */
/* A pointer, a NUL, a JSON document: what is set is got, what is removed is gone. */
#include "core/data/json.h"
#include "core/data/pointer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Escaping any text gives one token that names it. */
static void check_token(struct arena *arena, const char *key)
{
    struct strbuf token = STRBUF_INIT(LIMIT_DOCUMENT);
    pointer_add_token(key, &token);
    require(pointer_is_valid(token.buf));
    cJSON *object = tree_object(arena), *value = tree_integer(arena, 1);
    tree_set(arena, object, key, value);
    require(pointer_get(object, token.buf) == value);
    strbuf_release(&token);
}

static void check_set_and_remove(struct arena *arena, cJSON *root, const char *pointer)
{
    const cJSON *before = tree_copy(arena, root), *found = pointer_get(root, pointer);
    require(!found || pointer_is_valid(pointer));
    require(tree_equal(before, root));
    cJSON *value = tree_string(arena, "set");
    bool appends = text_ends_with(pointer, "/-") || strstr(pointer, "/-/");
    if (pointer_set(arena, root, pointer, value, NULL) == 0 && !appends) {
        require(pointer_get(root, pointer) == value);
        pointer_remove(root, pointer);
        require(pointer_get(root, pointer) != value);
    }
    const char *text = json_text(arena, root);
    require(json_parse(arena, text, strlen(text), NULL, NULL) != NULL ||
            strlen(pointer) > TREE_DEPTH_MAX); /* a long pointer makes a deep tree */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;
    if (!nul)
        return 0;
    struct arena *arena = arena_new();
    const char *pointer = arena_strdup(arena, (const char *)bytes);
    size_t rest = len - (size_t)(nul + 1 - bytes);
    check_token(arena, pointer);
    cJSON *root = json_parse(arena, (const char *)nul + 1, rest, NULL, NULL);
    /* Only what is UTF-8 is written as it is. */
    struct strbuf quoted = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print_string(pointer, &quoted);
    const cJSON *back = json_parse(arena, quoted.buf, quoted.len, NULL, NULL);
    require(back != NULL);
    if (root && text_is(tree_text(back), pointer))
        check_set_and_remove(arena, root, pointer);
    strbuf_release(&quoted);
    arena_free(arena);
    return 0;
}
