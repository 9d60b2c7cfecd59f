/* SPDX-License-Identifier: Apache-2.0 */
/* Equality, hashes and order of values, as JSON Schema sees them (2020-12 core, section 4.2.2). */
#include "core/base/draw.h"
#include "core/base/mem.h"
#include "core/data/node.h"

#include <stdlib.h>

enum { TYPE_MASK = 0xFF, SEARCHED_MEMBERS = 16 };

static bool equal_below(const cJSON *a, const cJSON *b, int depth);

static bool equal_numbers(const cJSON *a, const cJSON *b)
{
    return text_is(a->valuestring, b->valuestring) || tree_compare_numbers(a, b) == 0;
}

static bool equal_arrays(const cJSON *a, const cJSON *b, int depth)
{
    const cJSON *item_a = a->child, *item_b = b->child;
    for (; item_a && item_b; item_a = item_a->next, item_b = item_b->next)
        if (!equal_below(item_a, item_b, depth + 1))
            return false;
    return !item_a && !item_b;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static void collect_sorted(const cJSON *first, size_t count, const cJSON **members)
{
    for (size_t i = 0; first && i < count; i++, first = first->next)
        members[i] = first;
    qsort(members, count, sizeof(const cJSON *), compare_keys);
}

/* Many members in another order: both sorted, then side by side. */
static bool equal_sorted(const cJSON *a, const cJSON *b, size_t count, int depth)
{
    const cJSON **members = mem_alloc(2 * count * sizeof(const cJSON *));
    collect_sorted(a, count, members);
    collect_sorted(b, count, members + count);
    bool equal = true;
    for (size_t i = 0; equal && i < count; i++)
        equal = strcmp(members[i]->string, members[count + i]->string) == 0 &&
                equal_below(members[i], members[count + i], depth + 1);
    mem_free(members);
    return equal;
}

static size_t count_from(const cJSON *node)
{
    size_t count = 0;
    for (; node; node = node->next)
        count++;
    return count;
}

static bool equal_objects(const cJSON *a, const cJSON *b, int depth)
{
    const cJSON *in_a = a->child, *in_b = b->child;
    while (in_a && in_b && strcmp(in_a->string, in_b->string) == 0) {
        if (!equal_below(in_a, in_b, depth + 1))
            return false;
        in_a = in_a->next;
        in_b = in_b->next;
    }
    size_t count = count_from(in_a);
    if (count != count_from(in_b))
        return false;
    if (count > SEARCHED_MEMBERS)
        return equal_sorted(in_a, in_b, count, depth);
    for (; in_a; in_a = in_a->next) {
        const cJSON *same = in_b;
        while (same && strcmp(same->string, in_a->string) != 0)
            same = same->next;
        if (!same || !equal_below(in_a, same, depth + 1))
            return false;
    }
    return true;
}

static bool equal_below(const cJSON *a, const cJSON *b, int depth)
{
    int type = a->type & TYPE_MASK;
    if (type != (b->type & TYPE_MASK) || depth > TREE_WALK_MAX)
        return false;
    switch (type) {
    case cJSON_Number:
        return equal_numbers(a, b);
    case cJSON_String:
        return text_is(a->valuestring, b->valuestring);
    case cJSON_Array:
        return equal_arrays(a, b, depth);
    case cJSON_Object:
        return equal_objects(a, b, depth);
    default:
        return true;
    }
}

bool tree_equal(const cJSON *a, const cJSON *b)
{
    return a == b || (a && b && equal_below(a, b, 0));
}

static uint64_t hash_below(const cJSON *node, int depth)
{
    uint64_t hash = (uint64_t)(node->type & TYPE_MASK);
    if (cJSON_IsNumber(node)) {
        struct number number = node_number(node);
        return draw_hash_word(hash, number_hash(&number));
    }
    if (cJSON_IsString(node))
        return draw_hash_text(hash, node->valuestring);
    const cJSON *child;
    if (depth > TREE_WALK_MAX)
        return hash;
    cJSON_ArrayForEach (child, node) {
        uint64_t below = hash_below(child, depth + 1);
        if (cJSON_IsObject(node))
            hash +=
                draw_hash_word(draw_hash_text(1, child->string), below); /* members have no order */
        else
            hash = draw_hash_word(hash, below);
    }
    return hash;
}

uint64_t tree_hash(const cJSON *node)
{
    return node ? hash_below(node, 0) : 0;
}

int tree_compare_numbers(const cJSON *a, const cJSON *b)
{
    struct number of_a = node_number(a), of_b = node_number(b);
    return number_compare(&of_a, &of_b);
}

bool tree_is_integer(const cJSON *node)
{
    if (!cJSON_IsNumber(node))
        return false;
    struct number number = node_number(node);
    return number_is_integer(&number);
}

bool tree_as_int64(const cJSON *node, int64_t *value)
{
    if (!cJSON_IsNumber(node))
        return false;
    struct number number = node_number(node);
    return number_int64(&number, value);
}

bool tree_is_multiple(const cJSON *node, const cJSON *of)
{
    struct number number = node_number(node), divisor = node_number(of);
    return number_is_multiple(&number, &divisor);
}
