/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/intern.h"

#include "core/base/draw.h"
#include "core/base/mem.h"

#include <string.h>

static uint32_t hash_of(const void *item)
{
    return ((const struct interned *)item)->hash;
}

static bool equals(const void *item, const void *key)
{
    return intern_is(item, *(const struct str *)key);
}

static size_t memory_of(size_t len)
{
    return (sizeof(struct interned) + len + 1 + 8 + 15) / 16 * 16;
}

void interns_init(struct interns *interns, size_t *bytes)
{
    interns->bytes = bytes;
    table_init(&interns->table, hash_of, bytes);
}

void interns_release(struct interns *interns)
{
    size_t at = 0;
    struct interned *interned;
    while ((interned = table_next(&interns->table, &at))) {
        *interns->bytes -= memory_of(interned->len);
        mem_free(interned);
    }
    table_release(&interns->table);
}

static uint32_t hash_text(struct str text)
{
    return (uint32_t)draw_hash(0, text.ptr, text.len);
}

struct interned *intern_find(const struct interns *interns, struct str text)
{
    return table_find(&interns->table, hash_text(text), equals, &text);
}

struct interned *intern_ref(struct interns *interns, struct str text)
{
    uint32_t hash = hash_text(text);
    struct interned *interned = table_find(&interns->table, hash, equals, &text);
    if (interned) {
        interned->references++;
        return interned;
    }
    interned = mem_alloc(sizeof *interned + text.len + 1);
    *interned = (struct interned){.references = 1, .hash = hash, .len = (uint32_t)text.len};
    if (text.len)
        memcpy(interned->bytes, text.ptr, text.len);
    *interns->bytes += memory_of(text.len);
    table_add(&interns->table, interned);
    return interned;
}

void intern_unref(struct interns *interns, struct interned *interned)
{
    if (--interned->references)
        return;
    table_remove(&interns->table, interned);
    *interns->bytes -= memory_of(interned->len);
    mem_free(interned);
}
