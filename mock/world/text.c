/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/text.h"

#include "core/base/mem.h"

#include <assert.h>
#include <string.h>

struct text *text_blank(size_t len)
{
    assert(len < UINT32_MAX);
    struct text *text = mem_realloc(NULL, sizeof *text + len + 1);
    atomic_init(&text->references, 1);
    text->len = (uint32_t)len;
    text->bytes[len] = '\0';
    return text;
}

struct text *text_new(const char *bytes, size_t len)
{
    struct text *text = text_blank(len);
    if (len)
        memcpy(text->bytes, bytes, len);
    return text;
}

struct text *text_copy(const char *terminated)
{
    return terminated ? text_new(terminated, strlen(terminated)) : NULL;
}

struct text *text_ref(struct text *text)
{
    if (text)
        atomic_fetch_add_explicit(&text->references, 1, memory_order_relaxed);
    return text;
}

void text_unref(struct text *text)
{
    if (text && atomic_fetch_sub_explicit(&text->references, 1, memory_order_acq_rel) == 1)
        mem_free(text);
}

size_t text_memory(const struct text *text)
{
    /* glibc rounds blocks up to 16 bytes, with 8 of its own. */
    return text ? (sizeof *text + text->len + 1 + 8 + 15) / 16 * 16 : 0;
}
