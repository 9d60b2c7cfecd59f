/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a schema once when its document is added and registers what references may name: resources
 * ($id) and anchors. Only places where the dialect has schemas are looked at, so that an `$id` in
 * an `enum` stays a value.
 */
#include "core/data/pointer.h"
#include "core/schema/keywords.h"
#include "core/schema/model.h"
#include "core/schema/uri.h"

struct scan {
    struct schema_set *set;
    struct findings *findings;
};

static void scan_node(struct scan *scan, const cJSON *node, struct resource *resource,
                      const struct trail *trail);

static void add_trail(const struct trail *trail, struct strbuf *out)
{
    if (!trail)
        return;
    add_trail(trail->outer, out);
    if (trail->token)
        pointer_add_token(trail->token, out);
    else
        strbuf_addf(out, "/%zu", trail->index);
}

const char *trail_pointer(struct arena *arena, const struct trail *trail)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    const char *pointer;

    add_trail(trail, &text);
    pointer = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return pointer;
}

struct resource *resource_add(struct schema_set *set, const char *uri, const struct resource *like,
                              struct findings *findings)
{
    struct resource *resource = arena_copy(set->arena, like, sizeof *like);

    resource->uri = uri;
    resource->dynamics = NULL;
    if (map_get(set->resources, uri)) {
        findings_add(findings, tree_place(like->root), "'%s' names two schemas", uri);
        return NULL;
    }
    map_put(set->resources, uri, resource);
    if (!node_map_get(&set->roots, like->root))
        node_map_put(set->arena, &set->roots, like->root, resource);
    return resource;
}

static void add_anchor(struct scan *scan, const cJSON *node, struct resource *resource,
                       const struct trail *trail, struct anchor made)
{
    struct arena *arena = scan->set->arena;
    const char *key = arena_printf(arena, "%s#%s", resource->uri, made.name);
    struct anchor *old = map_get(scan->set->anchors, key);
    struct anchor *anchor;

    if (old && old->node != node) {
        findings_add(scan->findings, tree_place(node), "anchor '%s' is there twice", made.name);
        return;
    }
    made.node = node;
    made.resource = resource;
    made.pointer = trail_pointer(arena, trail);
    made.dynamic = made.dynamic || (old && old->dynamic);
    anchor = arena_copy(arena, &made, sizeof made);
    map_put(scan->set->anchors, key, anchor);
    if (made.dynamic) {
        anchor->next = resource->dynamics;
        resource->dynamics = anchor;
    }
}

/* A schema that names itself begins a resource; the root of a document has one already. */
static struct resource *enter_id(struct scan *scan, const cJSON *node, const char *id,
                                 struct resource *resource, const struct trail *trail)
{
    struct arena *arena = scan->set->arena;
    const char *uri = uri_resolve(arena, resource->uri, id);
    struct resource like = *resource, *made;

    if (text_is(uri, resource->uri))
        return resource;
    if (node == resource->root) {
        if (map_get(scan->set->resources, uri) && map_get(scan->set->resources, uri) != resource) {
            findings_add(scan->findings, tree_place(node), "'%s' names two schemas", uri);
            return resource;
        }
        resource->uri = uri; /* known under both from now on */
        map_put(scan->set->resources, uri, resource);
        return resource;
    }
    like.root = node;
    like.pointer = trail_pointer(arena, trail);
    like.links = NULL;
    made = resource_add(scan->set, uri, &like, scan->findings);
    return made ? made : resource;
}

static struct resource *enter(struct scan *scan, const cJSON *node, struct resource *resource,
                              const struct trail *trail)
{
    bool is_old = resource->dialect & DIALECTS_4;
    const char *id = tree_get_text(node, is_old ? "id" : "$id");
    const char *metaschema, *problem;

    if (is_old && tree_get_text(node, "$ref"))
        return resource;
    if (id && resource->dialect == SCHEMA_OAS30)
        id = NULL;
    if (id && *id && *id != '#')
        resource = enter_id(scan, node, id, resource, trail);
    metaschema = node == resource->root ? tree_get_text(node, "$schema") : NULL;
    if (metaschema && !dialect_select(scan->set, metaschema, resource, &problem))
        findings_add(scan->findings, tree_place(tree_get(node, "$schema")),
                     "dialect '%s' is not supported", problem);
    return resource;
}

static void scan_anchors(struct scan *scan, const cJSON *node, struct resource *resource,
                         const struct trail *trail)
{
    bool is_old = resource->dialect & DIALECTS_4;
    const char *anchor = tree_get_text(node, "$anchor");
    const char *dynamic = tree_get_text(node, "$dynamicAnchor");
    const char *id = tree_get_text(node, "id");

    if (is_old) {
        const char *fragment = id && !tree_get_text(node, "$ref") ? strchr(id, '#') : NULL;

        if (fragment && fragment[1] && fragment[1] != '/' && resource->dialect == SCHEMA_DRAFT4)
            add_anchor(scan, node, resource, trail, (struct anchor){.name = fragment + 1});
        return;
    }
    if (anchor)
        add_anchor(scan, node, resource, trail, (struct anchor){.name = anchor});
    if (dynamic)
        add_anchor(scan, node, resource, trail, (struct anchor){.name = dynamic, .dynamic = true});
}

static void scan_children(struct scan *scan, const cJSON *value, enum children children,
                          struct resource *resource, const struct trail *trail)
{
    bool as_map = children == CHILDREN_MAP || children == CHILDREN_MAP_MAYBE;
    size_t index = 0;
    const cJSON *child;

    if (children == CHILDREN_NONE)
        return;
    if (!as_map && cJSON_IsObject(value) && children != CHILDREN_LIST) {
        scan_node(scan, value, resource, trail);
        return;
    }
    if (as_map ? !cJSON_IsObject(value) : !cJSON_IsArray(value))
        return;
    cJSON_ArrayForEach (child, value) {
        struct trail below = {trail, as_map ? child->string : NULL, index++};

        scan_node(scan, child, resource, &below);
    }
}

static void scan_node(struct scan *scan, const cJSON *node, struct resource *resource,
                      const struct trail *trail)
{
    const cJSON *member;

    if (!cJSON_IsObject(node))
        return;
    resource = enter(scan, node, resource, trail);
    scan_anchors(scan, node, resource, trail);
    cJSON_ArrayForEach (member, node) {
        const struct keyword *keyword = keyword_find(member->string, resource->dialect);

        if (keyword && keyword->children != CHILDREN_NONE) {
            struct trail below = {trail, member->string, 0};

            scan_children(scan, member, keyword->children, resource, &below);
        }
    }
}

void scan_schema(struct schema_set *set, const cJSON *node, struct resource *resource,
                 const struct trail *trail, struct findings *findings)
{
    struct scan scan = {set, findings};

    scan_node(&scan, node, resource, trail);
}
