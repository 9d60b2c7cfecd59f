/* SPDX-License-Identifier: Apache-2.0 */
/* Two schemas, side by side, down to the last member. */
#include "core/base/str.h"
#include "core/contract/diff_parts.h"
#include "core/data/json.h"

#include <stdio.h>

enum { DIFF_DEPTH_MAX = 60 };

struct pair {
    struct view sides[SIDES];
    const cJSON *nodes[SIDES];
    const char *at;
};

static void compare(struct diffing *diffing, const char *at, struct spot first, struct spot second);

static const char *below(const struct diffing *diffing, const char *at, const char *name)
{
    return arena_printf(diffing->arena, "%s/%s", at, name);
}

/* ---- what a value may be ---- */

static void compare_types(struct diffing *diffing, const struct pair *pair)
{
    const unsigned first = pair->sides[FIRST].types, second = pair->sides[SECOND].types;
    const char *lost = view_types_text(diffing->arena, first & ~second);
    const char *gained = view_types_text(diffing->arena, second & ~first);
    if (first == second)
        return;
    if (first == SCHEMA_ANY_TYPE || second == SCHEMA_ANY_TYPE) {
        diff_limit(diffing, pair->at, first == SCHEMA_ANY_TYPE, "type", pair->nodes,
                   "is %s instead of %s", view_types_text(diffing->arena, second),
                   view_types_text(diffing->arena, first));
        return;
    }
    if (first & ~second)
        diff_limit(diffing, pair->at, true, "type-removed", pair->nodes, "is no longer %s", lost);
    if (second & ~first)
        diff_limit(diffing, pair->at, false, "type-added", pair->nodes, "may be %s", gained);
}

static bool has_value(const struct view *view, const cJSON *value)
{
    for (size_t i = 0; i < view->values.count; i++)
        if (tree_equal(view->values.items[i], value))
            return true;
    return false;
}

static const char *brief(struct diffing *diffing, const cJSON *value)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (cJSON_IsString(value))
        strbuf_addf(&text, "'%s'", value->valuestring);
    else
        json_print(value, JSON_COMPACT, &text);
    const char *copy = arena_strdup(diffing->arena, text.buf);
    strbuf_release(&text);
    return copy;
}

static void compare_values(struct diffing *diffing, const struct pair *pair)
{
    const struct view *first = &pair->sides[FIRST], *second = &pair->sides[SECOND];
    if (first->has_values != second->has_values) {
        diff_limit(diffing, pair->at, second->has_values,
                   second->has_values ? "enum-introduced" : "enum-dropped", pair->nodes,
                   second->has_values ? "is one of a list now" : "is no longer one of a list");
        return;
    }
    for (size_t i = 0; i < first->values.count; i++)
        if (!has_value(second, first->values.items[i]))
            diff_limit(diffing, pair->at, true, "enum-removed", pair->nodes, "is no longer %s",
                       brief(diffing, first->values.items[i]));
    for (size_t i = 0; i < second->values.count; i++)
        if (!has_value(first, second->values.items[i]))
            diff_limit(diffing, pair->at, false, "enum-added", pair->nodes, "may be %s",
                       brief(diffing, second->values.items[i]));
}

/* Whether the second facet allows less; without a sign any change does both. */
static void compare_facet(struct diffing *diffing, const struct pair *pair, size_t row)
{
    const cJSON *first = pair->sides[FIRST].facets[row], *second = pair->sides[SECOND].facets[row];
    const struct facet *facet = &diff_facets[row];
    if ((!first && !second) || (first && second && tree_equal(first, second)))
        return;
    bool narrows = second && !first;
    bool is_both = first && second && (!facet->sign || !cJSON_IsNumber(first));
    if (first && second && !is_both)
        narrows = (second->valuedouble > first->valuedouble) == (facet->sign > 0);
    const char *text = arena_printf(diffing->arena, "%s is %s instead of %s", facet->name,
                                    second ? brief(diffing, second) : "not limited",
                                    first ? brief(diffing, first) : "not limited");
    if (is_both)
        diff_add(diffing, pair->at, true, facet->name, pair->nodes, "%s", text);
    else
        diff_limit(diffing, pair->at, narrows, facet->name, pair->nodes, "%s", text);
}

/* ---- members ---- */

/* A member that travels the other way is none here. */
static bool is_elsewhere(const struct diffing *diffing, const struct property *property, int side)
{
    const char *flag = diffing->facing == SENT ? "readOnly" : "writeOnly";
    struct spot end = spot_follow(&diffing->sides[side], property->spot);
    return tree_is_true(tree_get(property->spot.node, flag)) ||
           tree_is_true(tree_get(end.node, flag));
}

static void compare_required(struct diffing *diffing, const struct pair *pair, const char *name)
{
    bool was = view_requires(&pair->sides[FIRST], name);
    bool is = view_requires(&pair->sides[SECOND], name);
    if (was != is)
        diff_limit(diffing, below(diffing, pair->at, name), is,
                   is ? "became-required" : "became-optional", pair->nodes,
                   is ? "must be there" : "may be missing");
}

static void lose_member(struct diffing *diffing, const struct pair *pair,
                        const struct property *property)
{
    const struct view *first = &pair->sides[FIRST], *second = &pair->sides[SECOND];
    const cJSON *const nodes[SIDES] = {property->spot.node, pair->nodes[SECOND]};
    const char *at = below(diffing, pair->at, property->name);
    if (is_elsewhere(diffing, property, FIRST))
        return;
    bool is_breaking =
        diffing->facing == SENT ? second->is_closed : view_requires(first, property->name);
    diff_add(diffing, at, is_breaking, "property-removed", nodes, "is not there any more%s",
             diffing->facing == SENT && !second->is_closed ? " (and would be ignored)" : "");
}

static void gain_member(struct diffing *diffing, const struct pair *pair,
                        const struct property *property)
{
    const struct view *first = &pair->sides[FIRST], *second = &pair->sides[SECOND];
    const cJSON *const nodes[SIDES] = {pair->nodes[FIRST], property->spot.node};
    const char *at = below(diffing, pair->at, property->name);
    bool is_required = view_requires(second, property->name);
    if (is_elsewhere(diffing, property, SECOND))
        return;
    bool is_breaking = diffing->facing == SENT ? is_required : first->is_closed;
    diff_add(diffing, at, is_breaking, "property-added", nodes, "is new%s",
             is_required ? " and always there" : "");
}

static void compare_members(struct diffing *diffing, const struct pair *pair)
{
    const struct view *first = &pair->sides[FIRST], *second = &pair->sides[SECOND];
    const struct property *property;
    vec_foreach (property, &first->properties) {
        const struct property *other = view_property(second, property->name);
        if (!other) {
            lose_member(diffing, pair, property);
            continue;
        }
        if (is_elsewhere(diffing, property, FIRST) && is_elsewhere(diffing, other, SECOND))
            continue;
        compare_required(diffing, pair, property->name);
        compare(diffing, below(diffing, pair->at, property->name), property->spot, other->spot);
    }
    vec_foreach (property, &second->properties)
        if (!view_property(first, property->name))
            gain_member(diffing, pair, property);
    if (first->is_closed != second->is_closed)
        diff_limit(diffing, pair->at, second->is_closed, second->is_closed ? "closed" : "opened",
                   pair->nodes,
                   second->is_closed ? "takes no other members" : "may have other members");
    else if (first->additional.node && second->additional.node)
        compare(diffing, below(diffing, pair->at, "*"), first->additional, second->additional);
}

/* ---- branches ---- */

static const struct property *same_branch(const struct view *view, const struct view *other,
                                          const struct property *branch)
{
    const struct property *each;
    vec_foreach (each, &other->branches)
        if (each->name && text_is(each->name, branch->name))
            return each;
    size_t index = (size_t)(branch - view->branches.items);
    bool alike = view->branches.count == other->branches.count;
    return alike ? &other->branches.items[index] : NULL;
}

static void compare_branches(struct diffing *diffing, const struct pair *pair)
{
    const struct view *first = &pair->sides[FIRST], *second = &pair->sides[SECOND];
    const struct property *branch;
    if (!first->branches.count != !second->branches.count) {
        diff_limit(diffing, pair->at, first->branches.count != 0, "choice", pair->nodes,
                   first->branches.count ? "is no choice any more" : "is a choice now");
        return;
    }
    vec_foreach (branch, &first->branches) {
        const struct property *other = same_branch(first, second, branch);
        const char *name = branch->name ? branch->name : "a choice";
        if (other)
            compare(diffing, arena_printf(diffing->arena, "%s(%s)", pair->at, name), branch->spot,
                    other->spot);
        else
            diff_limit(diffing, pair->at, true, "choice-removed", pair->nodes, "is no longer %s",
                       name);
    }
    vec_foreach (branch, &second->branches)
        if (!same_branch(second, first, branch))
            diff_limit(diffing, pair->at, false, "choice-added", pair->nodes, "may be %s",
                       branch->name ? branch->name : "another choice");
}

/* ---- the whole ---- */

/* Components are met again and again: the first time says it. */
static bool was_seen(struct diffing *diffing, struct spot first, struct spot second)
{
    char key[80];
    snprintf(key, sizeof key, "%p %p %d", (const void *)first.node, (const void *)second.node,
             diffing->facing);
    if (map_get(diffing->seen, key))
        return true;
    map_put(diffing->seen, key, diffing);
    return false;
}

static void compare(struct diffing *diffing, const char *at, struct spot first, struct spot second)
{
    struct spot a = spot_follow(&diffing->sides[FIRST], first);
    struct spot b = spot_follow(&diffing->sides[SECOND], second);
    if (!a.node || !b.node || diffing->depth > DIFF_DEPTH_MAX || was_seen(diffing, a, b))
        return;
    struct pair *pair = arena_alloc(diffing->arena, sizeof *pair);
    view_read(&pair->sides[FIRST], &diffing->sides[FIRST], first);
    view_read(&pair->sides[SECOND], &diffing->sides[SECOND], second);
    if (diffing->is_spelt && !*at)
        for (int side = FIRST; side < SIDES; side++)
            pair->sides[side].types &= ~(unsigned)SCHEMA_NULL;
    pair->nodes[FIRST] = a.node;
    pair->nodes[SECOND] = b.node;
    pair->at = at;
    diffing->depth++;
    compare_types(diffing, pair);
    if (pair->sides[FIRST].types & pair->sides[SECOND].types & ~(unsigned)SCHEMA_NULL) {
        compare_values(diffing, pair);
        for (size_t i = 0; i < FACETS; i++)
            compare_facet(diffing, pair, i);
        compare_members(diffing, pair);
        if (pair->sides[FIRST].items.node && pair->sides[SECOND].items.node)
            compare(diffing, below(diffing, at, "0"), pair->sides[FIRST].items,
                    pair->sides[SECOND].items);
        compare_branches(diffing, pair);
    }
    diffing->depth--;
}

static struct spot spot_of(const struct diffing *diffing, const struct schema *schema, int side)
{
    static const cJSON anything = {.type = cJSON_True};
    const struct loaded *loaded = &diffing->sides[side];
    if (!schema)
        return (struct spot){&anything, "", ""};
    const char *uri = schema_document(schema);
    if (!map_get(loaded->documents, uri))
        uri = map_first(loaded->documents)->key; /* its name was written with dots */
    return (struct spot){schema_node(schema), uri, ""};
}

void diff_schemas(struct diffing *diffing, const struct schema *first, const struct schema *second)
{
    if (first || second)
        compare(diffing, "", spot_of(diffing, first, FIRST), spot_of(diffing, second, SECOND));
}
