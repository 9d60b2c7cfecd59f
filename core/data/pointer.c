/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pointer.h"

#include "core/data/node.h"

bool pointer_is_valid(const char *pointer)
{
    if (*pointer && *pointer != '/')
        return false;
    for (; *pointer; pointer++)
        if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
            return false;
    return true;
}

/* A reference token as it stands in the pointer, still escaped. */
static struct str first_token(const char *pointer)
{
    const char *start = pointer + 1, *end = start;
    while (*end && *end != '/')
        end++;
    return (struct str){start, (size_t)(end - start)};
}

static bool is_key(struct str token, const char *key)
{
    if (token.len && *token.ptr != *key && *token.ptr != '~')
        return false;
    const char *end = token.ptr + token.len;
    for (const char *at = token.ptr; at < end; at++, key++) {
        char c = *at;
        if (c == '~')
            c = *++at == '0' ? '~' : '/';
        if (*key != c)
            return false;
    }
    return *key == '\0';
}

/* RFC 6901 section 4: no leading zeros, no sign; -1 when it is no index (a tree has fewer items).
 */
static long read_index(struct str token)
{
    long index = 0;
    if (!token.len || token.len > 9 || (token.len > 1 && token.ptr[0] == '0'))
        return -1;
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] < '0' || token.ptr[i] > '9')
            return -1;
        index = index * 10 + (token.ptr[i] - '0');
    }
    return index;
}

static cJSON *find_child(const cJSON *node, struct str token)
{
    cJSON *child = node->child;
    if (cJSON_IsObject(node)) {
        while (child && !is_key(token, child->string))
            child = child->next;
        return child;
    }
    long index = cJSON_IsArray(node) ? read_index(token) : -1;
    return index < 0 ? NULL : (cJSON *)tree_at(node, (size_t)index);
}

/* "/name", without escapes. */
static bool is_one_name(const char *pointer)
{
    if (*pointer++ != '/')
        return false;
    while (*pointer && *pointer != '/' && *pointer != '~')
        pointer++;
    return !*pointer;
}

const cJSON *pointer_get(const cJSON *root, const char *pointer)
{
    if (pointer && is_one_name(pointer) && cJSON_IsObject(root))
        return tree_get(root, pointer + 1); /* by far the most */
    if (!pointer || !pointer_is_valid(pointer))
        return NULL;
    while (root && *pointer) {
        struct str token = first_token(pointer);
        root = find_child(root, token);
        pointer = token.ptr + token.len;
    }
    return root;
}

static const char *unescape(struct arena *arena, struct str token)
{
    char *key = arena_alloc(arena, token.len + 1), *out = key;
    for (const char *at = token.ptr; at < token.ptr + token.len; at++)
        *out++ = *at != '~' ? *at : *++at == '0' ? '~' : '/';
    return key;
}

/* The value takes the child's place, or becomes a new child. */
static int put_child(struct arena *arena, cJSON *node, struct str token, cJSON *value,
                     struct error *err)
{
    if (cJSON_IsObject(node)) {
        tree_set(arena, node, unescape(arena, token), value);
        return 0;
    }
    if (!cJSON_IsArray(node))
        return fail(err, ERROR_INVALID, "'%.*s' cannot be set in a %s", (int)token.len, token.ptr,
                    tree_type_name(node));
    cJSON *old = find_child(node, token);
    if (old) {
        node_replace(node, old, value);
        return 0;
    }
    if (!str_is(token, "-") && read_index(token) != (long)tree_count(node))
        return fail(err, ERROR_INVALID, "'%.*s' is no index of an array with %zu items",
                    (int)token.len, token.ptr, tree_count(node));
    tree_append(node, value);
    return 0;
}

int pointer_set(struct arena *arena, cJSON *root, const char *pointer, cJSON *value,
                struct error *err)
{
    if (cJSON_IsObject(root) && is_one_name(pointer)) {
        tree_set(arena, root, pointer + 1, value);
        return 0;
    }
    if (!pointer_is_valid(pointer))
        return fail(err, ERROR_INVALID, "'%s' is no JSON pointer", pointer);
    if (!*pointer)
        return fail(err, ERROR_INVALID, "the whole document cannot be replaced in place");
    for (;;) {
        struct str token = first_token(pointer);
        pointer = token.ptr + token.len;
        if (!*pointer)
            return put_child(arena, root, token, value, err);
        cJSON *child = find_child(root, token);
        if (!child) {
            child = tree_object(arena);
            if (put_child(arena, root, token, child, err))
                return -1;
        }
        root = child;
    }
}

void pointer_remove(cJSON *root, const char *pointer)
{
    const char *last = pointer && pointer_is_valid(pointer) ? strrchr(pointer, '/') : NULL;
    if (!last)
        return;
    while (root && pointer != last) {
        struct str token = first_token(pointer);
        root = find_child(root, token);
        pointer = token.ptr + token.len;
    }
    cJSON *child = root ? find_child(root, first_token(last)) : NULL;
    if (child)
        node_detach(root, child);
}

void pointer_add_token(const char *token, struct strbuf *out)
{
    strbuf_addch(out, '/');
    while (*token) {
        size_t plain = strcspn(token, "~/");
        strbuf_add(out, token, plain);
        token += plain;
        if (*token)
            strbuf_adds(out, *token++ == '~' ? "~0" : "~1");
    }
}

/* ---- taken apart ---- */

struct path_step {
    const char *key; /* without escapes */
    long index;      /* in an array; -1 = it is none */
};

struct path {
    size_t count;
    struct path_step steps[];
};

static size_t count_steps(const char *pointer)
{
    size_t count = 0;
    for (; *pointer; pointer++)
        count += *pointer == '/';
    return count;
}

const struct path *path_compile(struct arena *arena, const char *pointer)
{
    if (!pointer || !pointer_is_valid(pointer))
        return NULL;
    struct path *path =
        arena_alloc(arena, sizeof *path + count_steps(pointer) * sizeof path->steps[0]);
    while (*pointer) {
        struct str token = first_token(pointer);
        path->steps[path->count++] = (struct path_step){unescape(arena, token), read_index(token)};
        pointer = token.ptr + token.len;
    }
    return path;
}

static const cJSON *follow(const cJSON *root, const struct path *path, size_t from)
{
    for (size_t i = from; root && i < path->count; i++) {
        const struct path_step *step = &path->steps[i];
        if (cJSON_IsObject(root))
            root = tree_get(root, step->key);
        else
            root = step->index < 0 ? NULL : tree_at(root, (size_t)step->index);
    }
    return root;
}

const cJSON *path_get(const cJSON *root, const struct path *path)
{
    return path ? follow(root, path, 0) : NULL;
}

const cJSON *path_get_below(const cJSON *member, const struct path *path)
{
    return follow(member, path, 1);
}

const char *path_first(const struct path *path)
{
    return path->count ? path->steps[0].key : NULL;
}

const char *path_member(const struct path *path)
{
    return path && path->count == 1 ? path->steps[0].key : NULL;
}
