/* SPDX-License-Identifier: Apache-2.0 */
/* What a list's filters mean for packed columns, and for rows that must be read. */
#include "mock/list.h"

#include "core/base/vec.h"
#include "core/expr/match.h"
#include "mock/body.h"
#include "mock/pretence.h"

/* A comparison that a column can answer; the others need the resource itself. */
static const struct relation_row {
    enum match_operator relation;
    enum predicate_test test;
} relation_rows[] = {
    {MATCH_EQUAL, TEST_EQUAL},       {MATCH_IN, TEST_IN},   {MATCH_GT, TEST_GREATER},
    {MATCH_GTE, TEST_GREATER_EQUAL}, {MATCH_LT, TEST_LESS}, {MATCH_LTE, TEST_LESS_EQUAL},
};

struct adding {
    struct listing *listing;
    struct {
        VEC(struct predicate);
    } predicates;
};

static const struct relation_row *find_row(enum match_operator relation)
{
    for (size_t i = 0; i < sizeof relation_rows / sizeof *relation_rows; i++)
        if (relation_rows[i].relation == relation)
            return &relation_rows[i];
    return NULL;
}

/* The test's values as the column has them; a value that no row can have is left out. */
static size_t values_of(struct arena *arena, const struct column *column, const cJSON *value,
                        struct column_value **values)
{
    size_t count = 0;
    *values = arena_alloc(arena, (tree_count(value) + 1) * sizeof **values);
    if (cJSON_IsArray(value)) {
        const cJSON *item;
        cJSON_ArrayForEach (item, value)
            if (column_value_from(column, item, &(*values)[count]))
                count++;
    } else if (column_value_from(column, value, &(*values)[0])) {
        count = 1;
    }
    return count;
}

/* Absent values: an expression that came to null matches nothing, as in match objects. */
static bool is_plain(const cJSON *value)
{
    const cJSON *item;
    if (!value || cJSON_IsNull(value) || cJSON_IsObject(value))
        return false;
    if (cJSON_IsArray(value))
        cJSON_ArrayForEach (item, value)
            if (cJSON_IsNull(item) || cJSON_IsArray(item) || cJSON_IsObject(item))
                return false;
    return true;
}

static bool add_test(struct adding *adding, const struct bound_test *test)
{
    struct listing *listing = adding->listing;
    struct arena *arena = listing->exchange->arena;
    int column = kind_column(listing->kind, test->pointer);
    struct predicate predicate = {.column = column};
    if (column < 0)
        return false;
    if (test->relation == MATCH_EXISTS) {
        predicate.test = cJSON_IsTrue(test->value) ? TEST_SET : TEST_UNSET;
        vec_push_arena(arena, &adding->predicates, predicate);
        return true;
    }
    const struct relation_row *row = find_row(test->relation);
    if (!row || !is_plain(test->value) ||
        (test->relation == MATCH_EQUAL && cJSON_IsArray(test->value)))
        return false;
    struct column_value *values;
    size_t count = values_of(arena, &listing->kind->columns[column], test->value, &values);
    if (!count && test->relation != MATCH_IN)
        return false; /* let the match itself say what an odd value means */
    predicate.test = row->test;
    predicate.values = values;
    predicate.count = count;
    vec_push_arena(arena, &adding->predicates, predicate);
    return true;
}

static void add_match(struct adding *adding, const struct bound_match *match)
{
    if (!match)
        return;
    if (match->is_empty || match->error)
        adding->listing->needs_tree = true;
    for (size_t i = 0; i < match->count; i++)
        if (!add_test(adding, &match->tests[i]))
            adding->listing->needs_tree = true;
}

void listing_predicates(struct listing *listing)
{
    struct adding adding = {.listing = listing};
    add_match(&adding, listing->where);
    for (size_t i = 0; i < listing->filter_count; i++)
        add_match(&adding, listing->filters[i].match);
    if (listing->list->owner)
        listing->needs_tree = true;
    listing->predicates = adding.predicates.items;
    listing->predicate_count = adding.predicates.count;
}

bool listing_fits(const struct resource *resource, void *data)
{
    struct listing *listing = data;
    struct play *play = &listing->exchange->play;
    if (pretence_hides(listing->exchange, resource))
        return false;
    if (listing->list->owner &&
        (!listing->owner || listing->list->owner_link < 0 ||
         strcmp(store_link_target(resource, (unsigned)listing->list->owner_link)
                    ? store_link_target(resource, (unsigned)listing->list->owner_link)
                    : "",
                listing->owner->id) != 0))
        return false;
    if (!listing->where && !listing->filter_count)
        return true;
    /* the tree is read once a row and forgotten with a scratch arena */
    struct arena *arena = play->arena, *scratch = arena_new();
    play->arena = scratch;
    const cJSON *tree = play_tree(play, (struct resource *)resource);
    bool fits = match_bound_test(listing->where ? listing->where : match_bind(NULL, &play->eval),
                                 tree) == TRUTH_TRUE;
    for (size_t i = 0; fits && i < listing->filter_count; i++)
        fits = match_bound_test(listing->filters[i].match, tree) == TRUTH_TRUE;
    play->arena = arena;
    arena_free(scratch);
    return fits;
}
