/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/tree_difference.h"

#include "core/data/json.h"

enum { VALUE_SHOWN = 200, PATH_MAX_BYTES = 4096 };

struct comparing {
    const char *indent;
    size_t most, places;
    struct strbuf path;
    struct strbuf *out;
};

static void add_line(struct comparing *comparing, char sign, const cJSON *value)
{
    struct strbuf text = STRBUF_INIT(LIMIT_BODY);
    size_t len;
    json_print(value, JSON_COMPACT, &text);
    len = text.len < VALUE_SHOWN ? text.len : VALUE_SHOWN;
    while (len < text.len && len && ((unsigned char)text.buf[len] & 0xC0) == 0x80)
        len--; /* not within a character */
    strbuf_addf(comparing->out, "%s%c %s: %.*s%s\n", comparing->indent, sign,
                comparing->path.len ? comparing->path.buf : "/", (int)len, text.buf,
                len < text.len ? "..." : "");
    strbuf_release(&text);
}

static void say(struct comparing *comparing, const cJSON *expected, const cJSON *found)
{
    if (comparing->places++ >= comparing->most)
        return;
    if (expected)
        add_line(comparing, '-', expected);
    if (found)
        add_line(comparing, '+', found);
}

/* RFC 6901 */
static void add_name(struct strbuf *path, const char *name)
{
    strbuf_addch(path, '/');
    for (; *name; name++)
        if (*name == '~' || *name == '/')
            strbuf_adds(path, *name == '~' ? "~0" : "~1");
        else
            strbuf_addch(path, *name);
}

static void cut_path(struct strbuf *path, size_t len)
{
    path->len = len;
    if (path->cap)
        path->buf[len] = '\0';
}

static void compare(struct comparing *comparing, const cJSON *expected, const cJSON *found,
                    int depth);

static void compare_items(struct comparing *comparing, const cJSON *expected, const cJSON *found,
                          int depth)
{
    const cJSON *a = expected->child, *b = found->child;
    size_t len = comparing->path.len;
    for (size_t i = 0; a || b; i++) {
        strbuf_addf(&comparing->path, "/%zu", i);
        compare(comparing, a, b, depth + 1);
        cut_path(&comparing->path, len);
        a = a ? a->next : NULL;
        b = b ? b->next : NULL;
    }
}

static void compare_members(struct comparing *comparing, const cJSON *expected, const cJSON *found,
                            int depth)
{
    size_t len = comparing->path.len;
    for (const cJSON *a = expected->child; a; a = a->next) {
        add_name(&comparing->path, a->string);
        compare(comparing, a, tree_get(found, a->string), depth + 1);
        cut_path(&comparing->path, len);
    }
    for (const cJSON *b = found->child; b; b = b->next) {
        if (tree_get(expected, b->string))
            continue;
        add_name(&comparing->path, b->string);
        say(comparing, NULL, b);
        cut_path(&comparing->path, len);
    }
}

static void compare(struct comparing *comparing, const cJSON *expected, const cJSON *found,
                    int depth)
{
    if (expected && found && depth < TREE_DEPTH_MAX &&
        ((cJSON_IsObject(expected) && cJSON_IsObject(found)) ||
         (cJSON_IsArray(expected) && cJSON_IsArray(found))))
        (cJSON_IsObject(expected) ? compare_members : compare_items)(comparing, expected, found,
                                                                     depth);
    else if (!expected || !found || !tree_equal(expected, found))
        say(comparing, expected, found);
}

size_t tree_difference(const cJSON *expected, const cJSON *found, const char *indent, size_t most,
                       struct strbuf *out)
{
    struct comparing comparing = {indent, most, 0, STRBUF_INIT(PATH_MAX_BYTES), out};
    if (expected || found)
        compare(&comparing, expected, found, 0);
    if (comparing.places > most)
        strbuf_addf(out, "%s... and %zu more\n", indent, comparing.places - most);
    strbuf_release(&comparing.path);
    return comparing.places;
}
