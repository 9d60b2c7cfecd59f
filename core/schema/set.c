/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of a set, and which parts of an OpenAPI document are schemas. */
#include "core/schema/formats.h"
#include "core/schema/model.h"
#include "core/schema/uri.h"

static void free_map(void *map)
{
    map_free(map);
}

static struct map *make_map(struct arena *arena)
{
    struct map *map = map_new();

    arena_defer(arena, free_map, map);
    return map;
}

static void free_arena(void *arena)
{
    arena_free(arena);
}

static void destroy_lock(void *lock)
{
    pthread_mutex_destroy(lock);
}

struct schema_set *schema_set_new(struct arena *arena)
{
    struct schema_set *set = arena_alloc(arena, sizeof *set);

    set->arena = arena_new();
    arena_defer(arena, free_arena, set->arena);
    pthread_mutex_init(&set->lock, NULL);
    arena_defer(arena, destroy_lock, &set->lock);
    set->resources = make_map(set->arena);
    set->anchors = make_map(set->arena);
    set->formats = make_map(set->arena);
    return set;
}

void schema_set_lazy(struct schema_set *set, schema_set_tell *tell, void *data)
{
    set->lazy = true;
    set->tell = tell;
    set->tell_data = data;
}

void schema_set_strict(struct schema_set *set, bool strict)
{
    set->strict = strict;
}

void schema_set_format(struct schema_set *set, const struct schema_format *format)
{
    map_put(set->formats, format->name, arena_copy(set->arena, format, sizeof *format));
}

const struct schema_format *schema_format_find(const struct schema_set *set, const char *name)
{
    const struct schema_format *own = map_get(set->formats, name);

    return own ? own : format_find(name);
}

/* ---- OpenAPI documents ---- */

struct walk {
    struct schema_set *set;
    struct resource *resource;
    struct findings *findings;
};

/* Members whose value is data and holds no schemas. */
static bool is_data(const char *key)
{
    static const char *const keys[] = {"example", "examples", "default", "enum",
                                       "const",   "value",    "mapping", "dataValue"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (text_is(keys[i], key))
            return true;
    return false;
}

static void scan_openapi_part(struct walk *walk, const cJSON *node, const struct trail *trail,
                              unsigned depth);

static void scan_openapi_member(struct walk *walk, const cJSON *member, const struct trail *trail,
                                unsigned depth)
{
    const cJSON *schema;

    if (text_is(member->string, "schema") || text_is(member->string, "itemSchema")) {
        scan_schema(walk->set, member, walk->resource, trail, walk->findings);
    } else if (depth == 1 && text_is(member->string, "schemas") &&
               text_is(trail->outer->token, "components")) {
        cJSON_ArrayForEach (schema, member) {
            struct trail below = {trail, schema->string, 0};

            if (schema->string)
                scan_schema(walk->set, schema, walk->resource, &below, walk->findings);
        }
    } else if (!is_data(member->string) || depth == 1) {
        scan_openapi_part(walk, member, trail, depth + 1);
    }
}

static void scan_openapi_part(struct walk *walk, const cJSON *node, const struct trail *trail,
                              unsigned depth)
{
    size_t index = 0;
    const cJSON *child;

    cJSON_ArrayForEach (child, node) {
        struct trail below = {trail, child->string, index++};

        if (child->string)
            scan_openapi_member(walk, child, &below, depth);
        else
            scan_openapi_part(walk, child, &below, depth + 1);
    }
}

/* 0, or -1 and a finding. */
static int select_openapi_dialect(struct schema_set *set, struct resource *resource,
                                  const char *version, struct findings *findings)
{
    const char *dialect = tree_get_text(resource->root, "jsonSchemaDialect"), *problem;
    struct place place = tree_place(tree_get(resource->root, "openapi"));

    if (text_starts_with(version, "3.0.")) {
        resource->dialect = SCHEMA_OAS30;
        return 0;
    }
    if (!text_starts_with(version, "3.1.") && !text_starts_with(version, "3.2.")) {
        findings_add(findings, place, "version '%s' of OpenAPI is not supported, only 3.0 to 3.2",
                     version);
        return -1;
    }
    resource->dialect = SCHEMA_OAS31;
    if (dialect && !dialect_select(set, dialect, resource, &problem)) {
        findings_add(findings, tree_place(tree_get(resource->root, "jsonSchemaDialect")),
                     "dialect '%s' is not supported", problem);
        return -1;
    }
    return 0;
}

int schema_set_add(struct schema_set *set, const char *uri, const cJSON *document,
                   enum schema_dialect dialect, struct findings *findings)
{
    const char *bare = uri_resolve(set->arena, "", uri);
    size_t errors = findings->errors;
    const char *version = tree_get_text(document, "openapi");
    struct resource like = {.set = set,
                            .document = bare,
                            .root = document,
                            .pointer = "",
                            .dialect = dialect,
                            .vocabularies = VOCABULARIES_USUAL};
    struct resource *resource = resource_add(set, bare, &like, findings);

    if (!resource)
        return -1;
    set->documents++;
    if (version) {
        struct walk walk = {set, resource, findings};

        if (select_openapi_dialect(set, resource, version, findings))
            return -1;
        scan_openapi_part(&walk, document, NULL, 0);
    } else {
        scan_schema(set, document, resource, NULL, findings);
    }
    return findings->errors > errors ? -1 : 0;
}

/* ---- addresses ---- */

static size_t find_slot(const struct node_map *map, const cJSON *node)
{
    size_t at = (size_t)(((uintptr_t)node >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20) % map->cap;

    while (map->keys[at] && map->keys[at] != node)
        at = (at + 1) % map->cap;
    return at;
}

void *node_map_get(const struct node_map *map, const cJSON *node)
{
    size_t at;

    if (!map->cap)
        return NULL;
    at = find_slot(map, node);
    return map->keys[at] ? map->values[at] : NULL;
}

static void grow(struct arena *arena, struct node_map *map)
{
    struct node_map old = *map;

    map->cap = old.cap ? old.cap * 2 : 64;
    map->keys = arena_alloc(arena, map->cap * sizeof *map->keys);
    map->values = arena_alloc(arena, map->cap * sizeof *map->values);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.keys[i]) {
            size_t at = find_slot(map, old.keys[i]);

            map->keys[at] = old.keys[i];
            map->values[at] = old.values[i];
        }
    }
}

void node_map_put(struct arena *arena, struct node_map *map, const cJSON *node, void *value)
{
    size_t at;

    if ((map->count + 1) * 2 > map->cap)
        grow(arena, map);
    at = find_slot(map, node);
    map->count += map->keys[at] == NULL;
    map->keys[at] = node;
    map->values[at] = value;
}
