/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7396 section 2. */
#include "core/data/node.h"
#include "core/data/pointer.h"

static cJSON *merge(struct arena *arena, cJSON *target, const cJSON *patch, int depth);

/* Into `target`, which is ours to change. */
static void merge_member(struct arena *arena, cJSON *target, const cJSON *member, int depth)
{
    if (cJSON_IsNull(member)) {
        tree_remove(target, member->string);
        return;
    }
    cJSON *old = (cJSON *)tree_get(target, member->string);
    cJSON *value = merge(arena, old, member, depth + 1);
    if (value != old)
        tree_set(arena, target, member->string, value);
}

static cJSON *merge(struct arena *arena, cJSON *target, const cJSON *patch, int depth)
{
    if (!cJSON_IsObject(patch))
        return tree_copy(arena, patch);
    if (!cJSON_IsObject(target)) {
        target = tree_object(arena);
        tree_set_place(target, tree_place(patch));
    }
    const cJSON *member;
    if (depth < TREE_WALK_MAX)
        cJSON_ArrayForEach (member, patch)
            merge_member(arena, target, member, depth);
    return target;
}

cJSON *merge_patch(struct arena *arena, const cJSON *target, const cJSON *patch)
{
    return merge(arena, cJSON_IsObject(patch) ? tree_copy(arena, target) : NULL, patch, 0);
}
