/* SPDX-License-Identifier: Apache-2.0 */
/* Three-valued truth, and nodes that cannot be seen: two bits of `type` above cJSON's own. */
#include "core/expr/eval.h"

#include "core/data/utf8.h"

#include <string.h>

enum { NODE_UNKNOWN = 1 << 12, NODE_PARTIAL = 1 << 13 };

static cJSON unknown = {.type = cJSON_NULL | NODE_UNKNOWN};

enum truth truth_not(enum truth truth)
{
    if (truth == TRUTH_UNKNOWN)
        return TRUTH_UNKNOWN;
    return truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

enum truth truth_and(enum truth a, enum truth b)
{
    if (a == TRUTH_FALSE || b == TRUTH_FALSE)
        return TRUTH_FALSE;
    return a == TRUTH_UNKNOWN || b == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : TRUTH_TRUE;
}

enum truth truth_or(enum truth a, enum truth b)
{
    return truth_not(truth_and(truth_not(a), truth_not(b)));
}

const cJSON *expr_unknown(void)
{
    return &unknown;
}

cJSON *unknown_node(struct arena *arena)
{
    cJSON *node = tree_null(arena);
    node->type |= NODE_UNKNOWN;
    return node;
}

bool expr_is_unknown(const cJSON *node)
{
    return node && (node->type & NODE_UNKNOWN);
}

void unknown_mark_partial(cJSON *object)
{
    object->type |= NODE_PARTIAL;
}

bool unknown_is_partial(const cJSON *node)
{
    return node && (node->type & NODE_PARTIAL);
}

const cJSON *seen_member(const cJSON *object, const char *name)
{
    if (expr_is_unknown(object))
        return &unknown;
    const cJSON *member = tree_get(object, name);
    return member || !unknown_is_partial(object) ? member : &unknown;
}

/* RFC 6901 section 4: no sign, no leading zeros. */
static bool read_index(const char *token, size_t *index)
{
    size_t len = strlen(token);
    if (len == 0 || len > 9 || (token[0] == '0' && len > 1))
        return false;
    size_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (token[i] < '0' || token[i] > '9')
            return false;
        value = value * 10 + (size_t)(token[i] - '0');
    }
    *index = value;
    return true;
}

static const cJSON *seen_child(const cJSON *node, const char *token)
{
    size_t index;
    if (cJSON_IsArray(node) && read_index(token, &index))
        return tree_at(node, index);
    return seen_member(node, token);
}

/* Reads one token behind its slash, without the escapes; false when it is too long. */
static bool read_token(const char **at, char *token, size_t size)
{
    const char *text = *at + 1;
    size_t len = 0;
    for (; *text && *text != '/'; text++) {
        char c = *text;
        if (c == '~' && (text[1] == '0' || text[1] == '1'))
            c = *++text == '0' ? '~' : '/';
        if (len + 1 >= size)
            return false;
        token[len++] = c;
    }
    token[len] = '\0';
    *at = text;
    return true;
}

const cJSON *seen_pointer(const cJSON *root, const char *pointer)
{
    char token[512];
    while (root && *pointer == '/' && !expr_is_unknown(root)) {
        if (!read_token(&pointer, token, sizeof token))
            return NULL;
        root = seen_child(root, token);
    }
    return *pointer && !expr_is_unknown(root) ? NULL : root;
}

static bool is_inside(const cJSON *node, unsigned depth)
{
    if (expr_is_unknown(node) || unknown_is_partial(node))
        return true;
    if (!node || depth > TREE_DEPTH_MAX)
        return false;
    for (const cJSON *child = node->child; child; child = child->next)
        if (is_inside(child, depth + 1))
            return true;
    return false;
}

bool unknown_is_inside(const cJSON *node)
{
    return is_inside(node, 0);
}
