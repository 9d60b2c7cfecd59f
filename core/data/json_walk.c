/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/json_walk.h"

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Behind the string that begins at `at`; NULL: it does not end. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\' && at + 1 < end)
            at++;
    return at < end ? at + 1 : NULL;
}

/* Behind the brackets that open at `at`; which kinds there are inside is not looked at. */
static const char *skip_nested(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
            if (!at)
                return NULL;
            continue;
        }
        at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return NULL;
}

/* Behind the value at `at`; NULL: it does not end, or there is none. */
static const char *skip_value(const char *at, const char *end)
{
    if (at == end)
        return NULL;
    if (*at == '"')
        return skip_string(at, end);
    if (*at == '{' || *at == '[')
        return skip_nested(at, end);
    const char *start = at;
    while (at < end && !strchr(" \n\r\t,:]}[{\"", *at))
        at++;
    return at > start ? at : NULL;
}

struct str json_walk_value(struct str text)
{
    const char *end = text.ptr + text.len, *at = skip_space(text.ptr, end);
    const char *behind = skip_value(at, end);
    return behind ? (struct str){at, (size_t)(behind - at)} : (struct str){at, 0};
}

bool json_walk_begin(struct json_walk *walk, struct str piece, char open)
{
    *walk = (struct json_walk){.close = open == '{' ? '}' : ']'};
    walk->end = piece.ptr + piece.len;
    walk->at = piece.len ? skip_space(piece.ptr, walk->end) : piece.ptr;
    if (walk->at == walk->end || *walk->at != open)
        return false;
    walk->at++;
    return true;
}

static bool stop(struct json_walk *walk, const char *wrong)
{
    walk->wrong = wrong;
    return false;
}

static bool read_name(struct json_walk *walk, struct str *name)
{
    const char *behind =
        walk->at < walk->end && *walk->at == '"' ? skip_string(walk->at, walk->end) : NULL;
    if (!behind)
        return stop(walk, "a key in double quotes is missing");
    *name = (struct str){walk->at + 1, (size_t)(behind - walk->at) - 2};
    walk->at = skip_space(behind, walk->end);
    if (walk->at == walk->end || *walk->at != ':')
        return stop(walk, "':' is missing");
    walk->at = skip_space(walk->at + 1, walk->end);
    return true;
}

bool json_walk_next(struct json_walk *walk, struct str *name, struct str *value)
{
    if (walk->wrong || !walk->at)
        return false;
    walk->at = skip_space(walk->at, walk->end);
    if (walk->at < walk->end && *walk->at == walk->close && !walk->is_begun)
        return false;
    if (walk->is_begun) {
        if (walk->at < walk->end && *walk->at == walk->close)
            return false;
        if (walk->at == walk->end || *walk->at != ',')
            return stop(walk,
                        walk->close == '}' ? "',' or '}' is missing" : "',' or ']' is missing");
        walk->at = skip_space(walk->at + 1, walk->end);
    }
    walk->is_begun = true;
    if (walk->close == '}' && !read_name(walk, name))
        return false;
    const char *behind = skip_value(walk->at, walk->end);
    if (!behind)
        return stop(walk, "a value is missing, or does not end");
    *value = (struct str){walk->at, (size_t)(behind - walk->at)};
    walk->at = behind;
    return true;
}
