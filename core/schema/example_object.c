/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pattern.h"
#include "core/schema/example.h"

enum { MEMBERS_MAX = 200, NAME_MAX_BYTES = 40 };

/* What the member must satisfy; false when some part allows no such member. */
static bool wanted_member(struct maker *maker, const struct parts *parts, const char *name,
                          struct parts *wanted)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *known = part_rule(parts, i, "properties");
        const struct rule *patterns = part_rule(parts, i, "patternProperties");
        const struct rule *others = part_rule(parts, i, "additionalProperties");
        const struct schema *schema = known ? map_find(known, name) : NULL;

        if (schema)
            add_part(maker, wanted, schema);
        for (size_t p = 0; patterns && (schema = matching_schema(patterns, name, &p));)
            add_part(maker, wanted, schema);
        if (!others || !is_additional_to(others, name))
            continue;
        schema = additional_schema(others);
        if (!schema || (schema->is_boolean && !schema->boolean))
            return false;
        add_part(maker, wanted, schema);
    }
    return true;
}

static bool goes_the_other_way(const struct maker *maker, const struct parts *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        const struct schema *schema = wanted->items[i];

        for (unsigned hops = 0; schema && hops < 16; hops++, schema = schema->ref)
            if ((schema->read_only && maker->flags & SCHEMA_EXAMPLE_REQUEST) ||
                (schema->write_only && maker->flags & SCHEMA_EXAMPLE_RESPONSE))
                return true;
    }
    return false;
}

/* False only when the member had to be there and could not be made. */
static bool add_member(struct maker *maker, const struct parts *parts, cJSON *object,
                       const char *name, bool required, uint64_t key)
{
    struct parts wanted = {NULL, 0, 0};
    cJSON *made = NULL;

    if (tree_get(object, name))
        return true;
    if (!wanted_member(maker, parts, name, &wanted)) {
        if (required)
            say_why(maker, "'%s' asks for member '%s' and forbids it", parts->items[0]->pointer,
                    name);
        return !required || maker->lenient;
    }
    if (goes_the_other_way(maker, &wanted))
        return true;
    made = make_value(maker, &wanted, draw_hash_text(key, name));
    if (!made && required && !maker->why)
        say_why(maker, "no value for member '%s' of '%s'", name, parts->items[0]->pointer);
    if (made)
        tree_set(maker->arena, object, name, made);
    return made || !required;
}

static bool add_required(struct maker *maker, const struct parts *parts, cJSON *object,
                         uint64_t key)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, "required");
        const struct required_rule *names = rule ? rule->as.data : NULL;

        for (size_t n = 0; names && n < names->count; n++)
            if (!add_member(maker, parts, object, names->items[n].name, true, key))
                return false;
    }
    return true;
}

static bool is_required(const struct parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, "required");
        const struct required_rule *names = rule ? rule->as.data : NULL;

        for (size_t n = 0; names && n < names->count; n++)
            if (text_is(names->items[n].name, name))
                return true;
    }
    return false;
}

/* The members of `properties` in the order of the text, so that an example reads as its schema. */
static bool add_known(struct maker *maker, const struct parts *parts, cJSON *object, uint64_t key,
                      bool optional)
{
    uint64_t most = smallest_count(parts, "maxProperties", MEMBERS_MAX);

    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *known = part_rule(parts, i, "properties");
        const cJSON *properties = known ? known->value : NULL, *property;

        cJSON_ArrayForEach (property, properties) {
            bool required = is_required(parts, property->string);

            if (!required && (!optional || tree_count(object) >= most))
                continue;
            if (!add_member(maker, parts, object, property->string, required, key))
                return false;
        }
    }
    return true;
}

/* What the presence of one member asks for; a few rounds, as one may lead to the next. */
static bool add_dependent(struct maker *maker, const struct parts *parts, cJSON *object,
                          uint64_t key)
{
    static const char *const keywords[] = {"dependentRequired", "dependencies"};

    for (size_t i = 0; i < parts->count * 2; i++) {
        const struct rule *rule = part_rule(parts, i / 2, keywords[i % 2]);
        const char *other;

        for (size_t n = 0, left = MEMBERS_MAX;
             rule && left && (other = dependent_name(rule, object, &n)); left--)
            if (!add_member(maker, parts, object, other, true, key))
                return false;
    }
    return true;
}

static const char *extra_name(struct maker *maker, const struct parts *parts, uint64_t number)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *names = part_rule(parts, i, "propertyNames");
        const struct rule *patterns = part_rule(parts, i, "patternProperties");
        const struct pattern *pattern = patterns ? first_pattern(patterns) : NULL;
        const struct rule *of_names = names ? schema_rule(names->as.schema, "pattern") : NULL;
        const char *name;

        if (of_names)
            pattern = of_names->as.data;
        name = pattern ? pattern_example(maker->arena, pattern, number, NAME_MAX_BYTES) : NULL;
        if (name)
            return name;
    }
    return arena_printf(maker->arena, "member%llu", (unsigned long long)number);
}

static void add_extra(struct maker *maker, const struct parts *parts, cJSON *object, uint64_t least,
                      uint64_t key)
{
    for (uint64_t n = 1; tree_count(object) < least && n < least * 3 + 3; n++)
        add_member(maker, parts, object, extra_name(maker, parts, n), false, key);
}

static cJSON *make_members(struct maker *maker, const struct parts *parts, uint64_t key,
                           bool optional)
{
    uint64_t least = largest_count(parts, "minProperties", 0);
    cJSON *object = tree_object(maker->arena);

    if (least > MEMBERS_MAX || !add_known(maker, parts, object, key, optional) ||
        !add_required(maker, parts, object, key) || !add_dependent(maker, parts, object, key))
        return NULL;
    if (tree_count(object) < least && !optional)
        add_known(maker, parts, object, key, true);
    add_extra(maker, parts, object, least, key);
    return object;
}

cJSON *make_object(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                   uint64_t key)
{
    bool optional = maker->flags & SCHEMA_EXAMPLE_OPTIONAL && maker->depth <= MAKE_DEPTH_OPTIONAL;
    cJSON *made = example_accept(maker, wanted, make_members(maker, parts, key, optional));

    if (!made && optional)
        made = example_accept(maker, wanted, make_members(maker, parts, key, false));
    return made;
}
