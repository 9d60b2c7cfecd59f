/* SPDX-License-Identifier: Apache-2.0 */
/* Documents say the same in many ways (nullable, type lists, anyOf with null, allOf of one): read
 * flat they are alike. */
#include "core/base/str.h"
#include "core/contract/diff_parts.h"

enum { VIEW_DEPTH_MAX = 24 };

const struct facet diff_facets[FACETS] = {
    {"minimum", 1},       {"maximum", -1},       {"exclusiveMinimum", 1}, {"exclusiveMaximum", -1},
    {"minLength", 1},     {"maxLength", -1},     {"minItems", 1},         {"maxItems", -1},
    {"minProperties", 1}, {"maxProperties", -1}, {"pattern", 0},          {"format", 0},
    {"multipleOf", 0},
};

static const struct {
    const char *name;
    unsigned types;
} type_names[] = {
    {"object", SCHEMA_OBJECT},   {"array", SCHEMA_ARRAY},
    {"string", SCHEMA_STRING},   {"number", SCHEMA_NUMBER | SCHEMA_INTEGER},
    {"integer", SCHEMA_INTEGER}, {"boolean", SCHEMA_BOOLEAN},
    {"null", SCHEMA_NULL},
};

const char *view_types_text(struct arena *arena, unsigned types)
{
    const char *text = "";
    if (types == SCHEMA_ANY_TYPE)
        return "anything";
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if ((types & type_names[i].types) != type_names[i].types)
            continue;
        types &= ~type_names[i].types;
        text = arena_printf(arena, "%s%s%s", text, *text ? " or " : "", type_names[i].name);
    }
    return *text ? text : "nothing";
}

static unsigned types_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof type_names / sizeof *type_names; i++)
        if (text_is(type_names[i].name, name))
            return type_names[i].types;
    return 0;
}

static unsigned read_types(const cJSON *type)
{
    unsigned types = types_named(tree_text(type));
    const cJSON *item;
    if (cJSON_IsArray(type))
        cJSON_ArrayForEach (item, type)
            types |= types_named(tree_text(item));
    return types ? types : SCHEMA_ANY_TYPE;
}

static unsigned type_of_value(const cJSON *value)
{
    return cJSON_IsNumber(value) ? SCHEMA_NUMBER | SCHEMA_INTEGER
                                 : types_named(tree_type_name(value));
}

static void read_values(struct view *view, const struct loaded *loaded, const cJSON *list,
                        const cJSON *constant)
{
    const cJSON *value;
    unsigned types = 0;
    if (!list && !constant)
        return;
    view->has_values = true;
    view->values.count = 0; /* of an allOf's parts the last one counts */
    if (constant) {
        types = type_of_value(constant);
        vec_push_arena(loaded->arena, &view->values, constant);
    } else {
        cJSON_ArrayForEach (value, list) {
            types |= type_of_value(value);
            if (!cJSON_IsNull(value))
                vec_push_arena(loaded->arena, &view->values, value);
        }
    }
    view->types &= types;
}

static void add(struct view *view, const struct loaded *loaded, struct spot spot, int depth);

static bool is_null_branch(const struct loaded *loaded, struct spot branch)
{
    struct spot end = spot_follow(loaded, branch);
    return text_is(tree_get_text(end.node, "type"), "null");
}

/* What tells a branch: the component it refers to, its title, or the constant of a member. */
static const char *branch_name(const struct spot *branch)
{
    const char *reference = tree_get_text(branch->node, "$ref");
    const char *slash = reference ? strrchr(reference, '/') : NULL;
    const char *title = tree_get_text(branch->node, "title");
    const cJSON *property;
    if (slash)
        return slash + 1;
    const cJSON *properties = title ? NULL : tree_get(branch->node, "properties");
    cJSON_ArrayForEach (property, properties) {
        const cJSON *values = tree_get(property, "enum");
        const char *constant = tree_get_text(property, "const");
        if (!constant && tree_count(values) == 1)
            constant = tree_text(values->child);
        if (constant)
            return constant;
    }
    return title ? title : tree_get_text(branch->node, "type");
}

/* A choice between null and one schema is that schema, or null. */
static void add_branches(struct view *view, const struct loaded *loaded, const struct spot *spot,
                         const char *keyword, int depth)
{
    struct spot list = spot_child(loaded, spot, keyword);
    const cJSON *item;
    size_t index = 0, count = 0;
    bool has_null = false;
    struct spot only = {0};
    cJSON_ArrayForEach (item, list.node) {
        struct spot branch = spot_item(loaded, &list, item, index++);
        if (is_null_branch(loaded, branch)) {
            has_null = true;
            continue;
        }
        only = branch;
        count++;
        struct property named = {branch_name(&branch), branch};
        vec_push_arena(loaded->arena, &view->branches, named);
    }
    if (count == 1) {
        view->branches.count--;
        add(view, loaded, only, depth + 1);
    }
    if (has_null)
        view->types |= SCHEMA_NULL;
}

static void add_object(struct view *view, const struct loaded *loaded, const struct spot *spot)
{
    struct spot properties = spot_child(loaded, spot, "properties");
    struct spot additional = spot_child(loaded, spot, "additionalProperties");
    const cJSON *member;
    cJSON_ArrayForEach (member, properties.node) {
        struct property property = {member->string, spot_member(loaded, &properties, member)};
        if (!view_property(view, member->string))
            vec_push_arena(loaded->arena, &view->properties, property);
    }
    cJSON_ArrayForEach (member, tree_get(spot->node, "required"))
        if (tree_text(member) && !view_requires(view, tree_text(member)))
            vec_push_arena(loaded->arena, &view->required, tree_text(member));
    if (cJSON_IsFalse(additional.node))
        view->is_closed = true;
    else if (cJSON_IsObject(additional.node))
        view->additional = additional;
}

/* What has members or items speaks of objects or arrays, even where it forgets to say so. */
static unsigned stated_types(const cJSON *node)
{
    const cJSON *type = tree_get(node, "type");
    unsigned types = type ? read_types(type) : SCHEMA_ANY_TYPE;
    if (!type && (tree_get(node, "properties") || tree_get(node, "additionalProperties")))
        types = SCHEMA_OBJECT;
    else if (!type && tree_get(node, "items"))
        types = SCHEMA_ARRAY;
    return tree_is_true(tree_get(node, "nullable")) ? types | SCHEMA_NULL : types;
}

static void add(struct view *view, const struct loaded *loaded, struct spot spot, int depth)
{
    const cJSON *node = spot.node, *item;
    size_t index = 0;
    if (depth > VIEW_DEPTH_MAX || !cJSON_IsObject(node))
        return;
    if (tree_get_text(node, "$ref"))
        add(view, loaded, spot_follow(loaded, spot), depth + 1);
    struct spot all = spot_child(loaded, &spot, "allOf");
    cJSON_ArrayForEach (item, all.node)
        add(view, loaded, spot_item(loaded, &all, item, index++), depth + 1);
    view->types &= stated_types(node);
    read_values(view, loaded, tree_get(node, "enum"), tree_get(node, "const"));
    add_object(view, loaded, &spot);
    struct spot items = spot_child(loaded, &spot, "items");
    if (items.node)
        view->items = items;
    for (size_t i = 0; i < FACETS; i++)
        if (tree_get(node, diff_facets[i].name))
            view->facets[i] = tree_get(node, diff_facets[i].name);
    add_branches(view, loaded, &spot, "oneOf", depth);
    add_branches(view, loaded, &spot, "anyOf", depth);
    if (tree_is_true(tree_get(node, "nullable")))
        view->types |= SCHEMA_NULL;
}

void view_read(struct view *view, const struct loaded *loaded, struct spot spot)
{
    *view = (struct view){.node = spot.node, .types = SCHEMA_ANY_TYPE};
    if (cJSON_IsFalse(spot.node))
        view->types = 0;
    add(view, loaded, spot, 0);
}

const struct property *view_property(const struct view *view, const char *name)
{
    const struct property *property;
    vec_foreach (property, &view->properties)
        if (text_is(property->name, name))
            return property;
    return NULL;
}

bool view_requires(const struct view *view, const char *name)
{
    for (size_t i = 0; i < view->required.count; i++)
        if (text_is(view->required.items[i], name))
            return true;
    return false;
}
