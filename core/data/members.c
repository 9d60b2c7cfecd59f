/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/draw.h"
#include "core/data/node.h"

enum { SEARCHED_MEMBERS = 16 }; /* so few are searched one by one */

/* The slot that holds the key, or the free one where it belongs. */
static cJSON **find_slot(const struct members *members, const char *key)
{
    size_t mask = members->table_size - 1;
    size_t at = (size_t)draw_hash(0, key, strlen(key)) & mask;
    while (members->table[at] && strcmp(members->table[at]->string, key) != 0)
        at = (at + 1) & mask;
    return &members->table[at];
}

cJSON *members_find(const struct members *members, const char *key)
{
    if (members->table)
        return *find_slot(members, key);
    cJSON *member = members->object->child;
    while (member && !(*member->string == *key && strcmp(member->string, key) == 0))
        member = member->next;
    return member;
}

static void make_table(struct arena *arena, struct members *members)
{
    members->table_size = members->table_size ? members->table_size * 2 : 4 * SEARCHED_MEMBERS;
    members->table = arena_alloc(arena, members->table_size * sizeof *members->table);
    cJSON *member;
    cJSON_ArrayForEach (member, members->object)
        *find_slot(members, member->string) = member;
}

void members_add(struct arena *arena, struct members *members, cJSON *member)
{
    tree_append(members->object, member);
    members->count++;
    if (members->count > SEARCHED_MEMBERS && members->count * 2 > members->table_size)
        make_table(arena, members);
    else if (members->table)
        *find_slot(members, member->string) = member;
}
