/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/url.h"

#include "core/base/vec.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

char *url_decode(struct arena *arena, struct str text, bool plus_is_space, size_t *decoded_len)
{
    char *decoded = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            bool is_whole = text.len - i > 2;
            int high = is_whole ? hex_value(text.ptr[i + 1]) : -1;
            int low = is_whole ? hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        decoded[len++] = c;
    }
    decoded[len] = '\0';
    if (decoded_len)
        *decoded_len = len;
    return decoded;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void url_encode(struct strbuf *out, struct str text, const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_unreserved(c) || (keep && c && strchr(keep, c))) {
            strbuf_addch(out, c);
            continue;
        }
        char escape[3] = {'%', digits[(unsigned char)c >> 4], digits[c & 15]};
        strbuf_add(out, escape, sizeof escape);
    }
}

static int split_pair(struct arena *arena, struct str part, struct url_pair *pair)
{
    const char *equals = memchr(part.ptr, '=', part.len);
    struct str name = {part.ptr, equals ? (size_t)(equals - part.ptr) : part.len};
    struct str value = {"", 0};
    if (equals)
        value = (struct str){equals + 1, part.len - name.len - 1};
    pair->has_value = equals != NULL;
    pair->name.ptr = url_decode(arena, name, true, &pair->name.len);
    pair->value.ptr = url_decode(arena, value, true, &pair->value.len);
    return pair->name.ptr && pair->value.ptr ? 0 : -1;
}

int url_split_query(struct arena *arena, const char *query, struct url_pairs *pairs,
                    struct str *bad)
{
    struct {
        VEC(struct url_pair);
    } found = {0};
    *pairs = (struct url_pairs){0};
    while (query && *query) {
        size_t len = strcspn(query, "&");
        struct str part = {query, len};
        struct url_pair pair;
        query += len + (query[len] == '&');
        if (!len)
            continue;
        if (split_pair(arena, part, &pair)) {
            if (bad)
                *bad = part;
            return -1;
        }
        vec_push_arena(arena, &found, pair);
    }
    *pairs = (struct url_pairs){found.items, found.count};
    return 0;
}

const struct str *url_find(const struct url_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (str_is(pairs->items[i].name, name))
            return &pairs->items[i].value;
    return NULL;
}

void url_add_pair(struct strbuf *out, struct str name, struct str value)
{
    if (out->len)
        strbuf_addch(out, '&');
    url_encode(out, name, NULL);
    strbuf_addch(out, '=');
    url_encode(out, value, NULL);
}
