/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/uri.h"

#include "core/base/str.h"

#include <ctype.h>
#include <stdbool.h>

struct uri {
    struct str scheme, authority, path, query; /* ptr NULL = absent; path is never absent */
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t scheme_length(const char *text, size_t len)
{
    size_t i = 0;

    if (!len || !isalpha((unsigned char)text[0]))
        return 0;
    while (i < len && (isalnum((unsigned char)text[i]) || strchr("+-.", text[i])))
        i++;
    return i < len && text[i] == ':' ? i : 0;
}

static struct uri split(const char *text)
{
    struct uri uri = {{0}, {0}, {0}, {0}};
    size_t len = strcspn(text, "#");
    size_t scheme = scheme_length(text, len);
    const char *end = text + len, *query;

    if (scheme) {
        uri.scheme = (struct str){text, scheme};
        text += scheme + 1;
    }
    if (end - text >= 2 && text[0] == '/' && text[1] == '/') {
        text += 2;
        uri.authority = (struct str){text, strcspn(text, "/?#")};
        text += uri.authority.len;
    }
    query = memchr(text, '?', (size_t)(end - text));
    uri.path = (struct str){text, (size_t)((query ? query : end) - text)};
    if (query)
        uri.query = (struct str){query + 1, (size_t)(end - query - 1)};
    return uri;
}

/* Nothing, or only ".." before: a file's name may climb out of where it started. */
static bool is_climbing(const char *path, const char *end)
{
    return end == path || (end - path >= 2 && end[-1] == '.' && end[-2] == '.' &&
                           (end - path == 2 || end[-3] == '/'));
}

/* RFC 3986 section 5.2.4, in place. */
static void remove_dots(char *path, bool may_climb)
{
    const char *in = path;
    char *out = path;

    while (*in) {
        size_t len = strcspn(in + (*in == '/'), "/") + (*in == '/');
        struct str segment = {in + (*in == '/'), len - (*in == '/')};
        bool last = in[len] == '\0', slash = *in == '/';

        if (str_is(segment, "..") && may_climb && path[0] != '/' && is_climbing(path, out)) {
            memmove(out, in, len);
            out += len;
        } else if (str_is(segment, "..")) {
            while (out > path && *--out != '/')
                ;
            if (slash && last)
                *out++ = '/';
        } else if (str_is(segment, ".")) {
            if (slash && last)
                *out++ = '/';
        } else {
            memmove(out, in, len);
            out += len;
        }
        in += len;
        if (out == path && !slash && *in == '/')
            in++;
    }
    *out = '\0';
}

static char *merge_paths(struct arena *arena, const struct uri *base, struct str path)
{
    size_t keep = base->path.len;

    if (base->authority.ptr && !keep)
        return arena_printf(arena, "/%.*s", (int)path.len, path.ptr);
    while (keep && base->path.ptr[keep - 1] != '/')
        keep--;
    return arena_printf(arena, "%.*s%.*s", (int)keep, keep ? base->path.ptr : "", (int)path.len,
                        path.len ? path.ptr : "");
}

static const char *join(struct arena *arena, const struct uri *uri, const char *path)
{
    return arena_printf(
        arena, "%.*s%s%s%.*s%s%s%.*s", (int)uri->scheme.len, uri->scheme.ptr ? uri->scheme.ptr : "",
        uri->scheme.ptr ? ":" : "", uri->authority.ptr ? "//" : "", (int)uri->authority.len,
        uri->authority.ptr ? uri->authority.ptr : "", path, uri->query.ptr ? "?" : "",
        (int)uri->query.len, uri->query.ptr ? uri->query.ptr : "");
}

const char *uri_resolve(struct arena *arena, const char *base_text, const char *reference)
{
    struct uri base = split(base_text), uri = split(reference);
    char *path = arena_strndup(arena, uri.path.len ? uri.path.ptr : "", uri.path.len);

    if (!uri.scheme.ptr) {
        uri.scheme = base.scheme;
        if (!uri.authority.ptr) {
            uri.authority = base.authority;
            if (!uri.path.len) {
                path = arena_strndup(arena, base.path.len ? base.path.ptr : "", base.path.len);
                if (!uri.query.ptr)
                    uri.query = base.query;
                return join(arena, &uri, path);
            }
            if (path[0] != '/')
                path = merge_paths(arena, &base, uri.path);
        }
    }
    remove_dots(path, !uri.scheme.ptr);
    return join(arena, &uri, path);
}

const char *uri_fragment(struct arena *arena, const char *reference)
{
    const char *at = strchr(reference, '#');
    char *text = arena_strdup(arena, at ? at + 1 : ""), *out = text;

    for (const char *in = text; *in; in++) {
        int high = *in == '%' ? hex_digit(in[1]) : -1;
        int low = high >= 0 ? hex_digit(in[2]) : -1;

        if (low >= 0 && (high || low)) {
            *out++ = (char)(high * 16 + low);
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return text;
}
