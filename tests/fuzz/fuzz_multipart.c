/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte is the size of the pieces; however a body is cut, it comes apart the same way. */
#include "core/contract/multipart.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int read_all(struct arena *arena, struct str body, size_t step, struct parts *parts)
{
    static const struct multipart_limits limits = {.parts = 16, .head = 512, .bytes = 4096};
    struct error err = {0};
    struct multipart *multipart = multipart_new(arena, "B", &limits, parts);
    for (size_t at = 0; at < body.len; at += step) {
        size_t size = body.len - at < step ? body.len - at : step;
        if (multipart_feed(multipart, body.ptr + at, size, &err))
            return -1;
    }
    return multipart_end(multipart, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (!len)
        return 0;
    struct arena *arena = arena_new();
    struct parts whole = {0}, pieces = {0};
    struct error err = {0};
    struct str body = {(const char *)bytes + 1, len - 1};
    int result = read_all(arena, body, body.len + 1, &whole);
    require(read_all(arena, body, 1u + bytes[0] % 32u, &pieces) == result);
    require(whole.count == pieces.count);
    for (size_t i = 0; i < whole.count; i++) {
        const struct part *a = &whole.items[i], *b = &pieces.items[i];
        require(text_is(a->name, b->name) && text_is(a->filename, b->filename) &&
                text_is(a->media_type, b->media_type) && str_equal(a->bytes, b->bytes));
    }
    multipart_boundary(arena, arena_strndup(arena, body.ptr, body.len), &err);
    arena_free(arena);
    return 0;
}
