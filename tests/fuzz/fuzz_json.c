/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: what is read is written so that it reads back as the same value, in every style. */
#include "core/data/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_style(struct arena *arena, const cJSON *node, unsigned style)
{
    struct strbuf first = STRBUF_INIT(LIMIT_DOCUMENT), second = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(node, style, &first);
    const cJSON *again = json_parse(arena, first.buf, first.len, NULL, NULL);
    require(again && tree_equal(node, again) && tree_hash(node) == tree_hash(again));
    json_print(again, style, &second);
    require(first.len == second.len && memcmp(first.buf, second.buf, first.len) == 0);
    strbuf_release(&first);
    strbuf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    struct error err = {0}, named_err = {0};
    const cJSON *node = json_parse(arena, (const char *)bytes, len, NULL, &err);
    const cJSON *named = json_parse(arena, (const char *)bytes, len, "f.json", &named_err);
    require(!node == !named && strcmp(err.text, named_err.text) == 0);
    require(!node == (*err.text != '\0'));
    if (node) {
        static const unsigned styles[] = {JSON_COMPACT, JSON_PRETTY, JSON_CANONICAL,
                                          JSON_COMPACT | JSON_ASCII};
        for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
            check_style(arena, node, styles[i]);
        require(tree_equal(node, tree_copy(arena, named)));
        require(tree_place(named).line > 0);
    }
    arena_free(arena);
    return 0;
}
