/* SPDX-License-Identifier: Apache-2.0 */
/* What a query finds, and whether a filter holds. */
#include "core/data/jsonpath_ast.h"

/* Selectors multiply: a list that grows beyond this is cut, for no document of ours is so large. */
enum { PATH_NODES_MAX = 4000000 };

static void add(const struct path_scope *scope, struct path_nodes *nodes, const cJSON *node)
{
    if (node && nodes->count < PATH_NODES_MAX)
        vec_push_arena(scope->arena, nodes, node);
}

static const cJSON *find_index(const cJSON *array, int64_t index)
{
    if (!cJSON_IsArray(array))
        return NULL;
    if (index < 0)
        index += (int64_t)tree_count(array);
    return index < 0 ? NULL : tree_at(array, (size_t)index);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* RFC 9535 section 2.3.4.2.2. */
static void select_slice(const struct path_scope *scope, const struct path_selector *selector,
                         const cJSON *array, struct path_nodes *out)
{
    int64_t count = cJSON_IsArray(array) ? (int64_t)tree_count(array) : 0, step = selector->step;
    if (!count || !step)
        return;
    const cJSON **items = arena_alloc(scope->arena, (size_t)count * sizeof(const cJSON *));
    size_t filled = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, array)
        items[filled++] = item;
    int64_t start = selector->has_start ? selector->start : step > 0 ? 0 : count - 1;
    int64_t end = selector->has_end ? selector->end : step > 0 ? count : -count - 1;
    start = start < 0 ? start + count : start;
    end = end < 0 ? end + count : end;
    if (step > 0) {
        for (int64_t i = clamp(start, 0, count); i < clamp(end, 0, count); i += step)
            add(scope, out, items[i]);
    } else {
        for (int64_t i = clamp(start, -1, count - 1); i > clamp(end, -1, count - 1); i += step)
            add(scope, out, items[i]);
    }
}

static void select_one(const struct path_scope *scope, const struct path_selector *selector,
                       const cJSON *node, struct path_nodes *out)
{
    const cJSON *child;
    switch (selector->kind) {
    case SELECT_NAME:
        add(scope, out, tree_get(node, selector->name));
        break;
    case SELECT_INDEX:
        add(scope, out, find_index(node, selector->start));
        break;
    case SELECT_SLICE:
        select_slice(scope, selector, node, out);
        break;
    case SELECT_ALL:
        cJSON_ArrayForEach (child, node)
            add(scope, out, child);
        break;
    case SELECT_FILTER:
        cJSON_ArrayForEach (child, node) {
            struct path_scope inner = {scope->arena, scope->root, child};
            if (path_holds(&inner, selector->filter, 0))
                add(scope, out, child);
        }
        break;
    }
}

static void select_segment(const struct path_scope *scope, const struct path_segment *segment,
                           const cJSON *node, int depth, struct path_nodes *out)
{
    for (const struct path_selector *selector = segment->selectors; selector;
         selector = selector->next)
        select_one(scope, selector, node, out);
    if (!segment->descends || depth > TREE_WALK_MAX)
        return;
    const cJSON *child;
    cJSON_ArrayForEach (child, node)
        select_segment(scope, segment, child, depth + 1, out);
}

struct path_nodes path_find(const struct path_scope *scope, const struct path_query *query)
{
    struct path_nodes nodes = {0};
    add(scope, &nodes, query->relative ? scope->current : scope->root);
    for (const struct path_segment *segment = query->segments; segment; segment = segment->next) {
        struct path_nodes found = {0};
        for (size_t i = 0; i < nodes.count; i++)
            select_segment(scope, segment, nodes.items[i], 0, &found);
        nodes = found;
    }
    return nodes;
}

/* The same for queries that find one node at most, without a list. */
static const cJSON *find_single(const struct path_scope *scope, const struct path_query *query)
{
    const cJSON *node = query->relative ? scope->current : scope->root;
    for (const struct path_segment *segment = query->segments; segment; segment = segment->next) {
        const struct path_selector *selector = segment->selectors;
        node = selector->kind == SELECT_NAME ? tree_get(node, selector->name)
                                             : find_index(node, selector->start);
    }
    return node;
}

static struct path_result call(const struct path_scope *scope, const struct path_call *what,
                               int depth);

static const cJSON *value_of(const struct path_scope *scope, const struct path_operand *operand,
                             int depth)
{
    if (operand->kind == OPERAND_LITERAL)
        return operand->literal;
    if (operand->kind == OPERAND_QUERY)
        return find_single(scope, &operand->query);
    return call(scope, operand->call, depth + 1).value;
}

static struct path_result call(const struct path_scope *scope, const struct path_call *what,
                               int depth)
{
    struct path_argument arguments[2] = {0};
    const struct path_function *function = what->function;
    for (size_t i = 0; i < function->arity; i++) {
        if (function->parameters[i] == TYPE_NODES)
            arguments[i].nodes = path_find(scope, &what->arguments[i].query);
        else if (depth <= PATH_DEPTH_MAX)
            arguments[i].value = value_of(scope, &what->arguments[i], depth);
    }
    return function->apply(scope->arena, what, arguments);
}

/* Bytes of UTF-8 are in the order of code points, but for U+0000, which is C0 80 here. */
static int rank(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte == 0xC0 ? 1 : byte ? byte + 1 : 0;
}

static bool is_less_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return rank(*a) < rank(*b);
}

static bool is_less(const cJSON *a, const cJSON *b)
{
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        return tree_compare_numbers(a, b) < 0;
    return cJSON_IsString(a) && cJSON_IsString(b) && is_less_text(a->valuestring, b->valuestring);
}

static bool compares(enum path_comparison comparison, const cJSON *a, const cJSON *b)
{
    bool less = comparison >= LESS && is_less(a, b);
    bool greater = comparison >= LESS && is_less(b, a);
    bool equal = comparison != LESS && comparison != GREATER && tree_equal(a, b);
    switch (comparison) {
    case EQUAL:
        return equal;
    case NOT_EQUAL:
        return !equal;
    case LESS:
    case LESS_EQUAL:
        return less || equal;
    default:
        return greater || equal;
    }
}

static bool passes(const struct path_scope *scope, const struct path_operand *operand, int depth)
{
    if (operand->kind == OPERAND_CALL)
        return call(scope, operand->call, depth).holds;
    return operand->query.singular ? find_single(scope, &operand->query) != NULL
                                   : path_find(scope, &operand->query).count > 0;
}

bool path_holds(const struct path_scope *scope, const struct path_logic *logic, int depth)
{
    /* Rows of || and && lean to the right: only parentheses recurse, and they are capped. */
    while (logic->kind == LOGIC_OR || logic->kind == LOGIC_AND) {
        bool left = path_holds(scope, logic->left, depth + 1);
        if (left == (logic->kind == LOGIC_OR))
            return left;
        logic = logic->right;
    }
    if (logic->kind == LOGIC_NOT)
        return !path_holds(scope, logic->left, depth + 1);
    if (logic->kind == LOGIC_TEST)
        return passes(scope, &logic->first, 0);
    return compares(logic->comparison, value_of(scope, &logic->first, 0),
                    value_of(scope, &logic->second, 0));
}

const cJSON **jsonpath_select(struct arena *arena, const struct jsonpath *path, const cJSON *root,
                              size_t *count)
{
    struct path_scope scope = {arena, root, root};
    struct path_nodes nodes = path_find(&scope, &path->query);
    *count = nodes.count;
    return nodes.items;
}
