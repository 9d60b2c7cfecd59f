/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of columns, each kept once and counted. A column holds the address, so equality is one
 * comparison and the text is at hand for ordering.
 */
#pragma once

#include "core/base/str.h"
#include "mock/world/table.h"

struct interned {
    uint32_t references, hash, len;
    char bytes[]; /* terminated */
};

static inline bool intern_is(const struct interned *interned, struct str text)
{
    return interned->len == text.len &&
           (!text.len || memcmp(interned->bytes, text.ptr, text.len) == 0);
}

struct interns {
    struct table table;
    size_t *bytes;
};

void interns_init(struct interns *interns, size_t *bytes);
void interns_release(struct interns *interns);
struct interned *intern_ref(struct interns *interns, struct str text); /* adds it when it is new */
struct interned *intern_find(const struct interns *interns,
                             struct str text); /* NULL: nobody has it */
void intern_unref(struct interns *interns, struct interned *interned);
