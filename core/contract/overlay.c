/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenAPI Overlay 1.0: actions in order, each on what its target selects then. An update merges
 * objects member by member; onto an array it appends (section 4.4.3).
 */
#include "core/contract/document.h"
#include "core/contract/structure.h"
#include "core/data/jsonpath.h"
#include "core/data/load.h"

enum { MERGE_DEPTH_MAX = TREE_DEPTH_MAX };

static void merge_update(struct arena *arena, cJSON *target, const cJSON *update, int depth)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, update) {
        cJSON *old = (cJSON *)tree_get(target, member->string);
        if (cJSON_IsObject(old) && cJSON_IsObject(member) && depth < MERGE_DEPTH_MAX)
            merge_update(arena, old, member, depth + 1);
        else if (cJSON_IsArray(old) && cJSON_IsArray(member)) {
            const cJSON *item;
            cJSON_ArrayForEach (item, member)
                tree_append(old, tree_copy(arena, item));
        } else
            tree_set(arena, target, member->string, tree_copy(arena, member));
    }
}

/* Takes a node out of wherever it stands; the root cannot be removed. */
static bool remove_node(cJSON *parent, const cJSON *node, int depth)
{
    if (depth > MERGE_DEPTH_MAX)
        return false;
    for (cJSON *child = parent->child; child; child = child->next) {
        if (child == node) {
            if (cJSON_IsObject(parent))
                tree_remove(parent, child->string);
            else
                cJSON_DetachItemViaPointer(parent, child);
            return true;
        }
        if (remove_node(child, node, depth + 1))
            return true;
    }
    return false;
}

static void apply_to(struct arena *arena, cJSON *document, cJSON *target, const cJSON *action,
                     struct findings *findings)
{
    const cJSON *update = tree_get(action, "update");
    if (tree_is_true(tree_get(action, "remove"))) {
        if (!remove_node(document, target, 0) && target == document)
            findings_add(findings, tree_place(action), "the whole document cannot be removed");
        return;
    }
    if (cJSON_IsArray(target))
        tree_append(target, tree_copy(arena, update));
    else if (cJSON_IsObject(target) && cJSON_IsObject(update))
        merge_update(arena, target, update, 0);
    else
        findings_add(findings, tree_place(action),
                     "'target' selects %s, which cannot be updated with %s", tree_type_name(target),
                     tree_type_name(update));
}

static void apply_action(struct arena *arena, cJSON *document, const cJSON *action,
                         struct findings *findings)
{
    struct error err;
    size_t count = 0;
    const cJSON *target = tree_get(action, "target");
    if (!tree_get(action, "update") && !tree_is_true(tree_get(action, "remove"))) {
        findings_add(findings, tree_place(action), "an action needs 'update' or 'remove: true'");
        return;
    }
    const struct jsonpath *path = jsonpath_compile(arena, target->valuestring, &err);
    if (!path) {
        findings_add(findings, tree_place(target), "'target': %s", err.text);
        return;
    }
    const cJSON **nodes = jsonpath_select(arena, path, document, &count);
    if (!count)
        findings_warn(findings, tree_place(target), "'target' selects nothing: %s",
                      target->valuestring);
    for (size_t i = 0; i < count; i++)
        apply_to(arena, document, (cJSON *)nodes[i], action, findings);
}

int overlay_apply(struct arena *arena, cJSON *document, const char *path, struct findings *findings)
{
    size_t before = findings->errors;
    const cJSON *overlay = load_document(arena, path, findings);
    if (!overlay || structure_check(overlay, OBJECT_OVERLAY, 0, findings))
        return -1;
    const char *version = tree_get_text(overlay, "overlay");
    if (!text_starts_with(version, "1."))
        findings_add(findings, tree_place(tree_get(overlay, "overlay")),
                     "overlay version '%s' is not read here: expected 1.0.0", version);
    const cJSON *action;
    cJSON_ArrayForEach (action, tree_get(overlay, "actions"))
        apply_action(arena, document, action, findings);
    return findings->errors > before ? -1 : 0;
}
