/* SPDX-License-Identifier: Apache-2.0 */
/* A byte for the dialect, an expression, a NUL, a subject: matching repeats, examples match. */
#include "core/data/pattern.h"

#include <stdlib.h>

#include "core/data/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool is_text(struct arena *arena, const char *text)
{
    struct strbuf quoted = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print_string(text, &quoted);
    const cJSON *back = json_parse(arena, quoted.buf, quoted.len, NULL, NULL);
    require(back != NULL);
    bool valid = text_is(tree_text(back), text); /* what is no UTF-8 was replaced */
    strbuf_release(&quoted);
    return valid;
}

static void check(struct arena *arena, const struct pattern *pattern, struct str subject)
{
    enum { EXAMPLE_MAX = 200 };
    bool matches = pattern_matches(pattern, subject);
    require(pattern_matches(pattern, subject) == matches);
    const char *example = pattern_example(arena, pattern, subject.len, EXAMPLE_MAX);
    if (!example)
        return;
    require(pattern_matches(pattern, str_from(example)) && strlen(example) <= EXAMPLE_MAX);
    const char *again = pattern_example(arena, pattern, subject.len, EXAMPLE_MAX);
    require(again && strcmp(again, example) == 0);
    require(is_text(arena, example));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes + 1;
    const uint8_t *nul = len > 1 ? memchr(text, 0, len - 1) : NULL;
    if (!nul)
        return 0;
    struct arena *arena = arena_new();
    struct error err = {0};
    struct str subject = {(const char *)nul + 1, len - (size_t)(nul + 1 - bytes)};
    if (is_text(arena, text)) {
        const struct pattern *pattern =
            pattern_compile(arena, text, (enum pattern_dialect)(bytes[0] % 3), &err);
        require(!pattern == (*err.text != '\0'));
        if (pattern)
            check(arena, pattern, subject);
    }
    arena_free(arena);
    return 0;
}
