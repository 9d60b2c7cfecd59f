/* SPDX-License-Identifier: Apache-2.0 */
/* Names and values as they come: queries, urlencoded bodies, headers. */
#include "core/contract/parameters.h"
#include "core/contract/percent.h"

const char *header_find(const struct header_fields *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (text_is_any_case(headers->items[i].name, name))
            return headers->items[i].value;
    return NULL;
}

static struct pair read_pair(struct arena *arena, struct str text)
{
    const char *equals = text.len ? memchr(text.ptr, '=', text.len) : NULL;
    struct str name = {text.ptr, equals ? (size_t)(equals - text.ptr) : text.len};
    struct str raw = {equals ? equals + 1 : text.ptr + text.len,
                      equals ? text.len - name.len - 1 : 0};
    return (struct pair){.name = percent_decode_fully(arena, name),
                         .value = percent_decode(arena, raw, true),
                         .raw = raw,
                         .has_value = equals != NULL};
}

void pairs_parse(struct arena *arena, struct str text, struct pairs *pairs)
{
    if (!text.len)
        return;
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        const char *stop = ampersand ? ampersand : end;
        if (stop > at) {
            struct pair pair = read_pair(arena, (struct str){at, (size_t)(stop - at)});
            vec_push_arena(arena, pairs, pair);
        }
        at = stop + 1;
    }
}

const char *pairs_find(const struct pairs *pairs, const char *name)
{
    const struct pair *pair;
    vec_foreach (pair, pairs)
        if (text_is(pair->name, name))
            return pair->value;
    return NULL;
}
