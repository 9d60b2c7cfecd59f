/* SPDX-License-Identifier: Apache-2.0 */
/* What the operators of match objects mean: one function an operator. */
#include "core/data/json.h"
#include "core/expr/match_internal.h"

#include <string.h>

enum { UNDER_STEPS_MAX = 1000, EXPLAINED_MAX = 120 };

struct asked {
    const struct bound_match *bound;
    const struct bound_test *test;
    const cJSON *member; /* NULL = absent; never unknown */
    const cJSON *value;  /* never nothing, never unknown */
};

static enum truth truth_of(bool holds)
{
    return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

/* A literal null fits absence. */
static enum truth fits(const cJSON *member, const cJSON *value, bool is_literal)
{
    if (!member)
        return truth_of(is_literal && cJSON_IsNull(value));
    if (expr_is_unknown(member) || (unknown_is_inside(member) && !cJSON_IsNull(value)))
        return TRUTH_UNKNOWN;
    return truth_of(tree_equal(member, value));
}

static enum truth test_equal(const struct asked *asked)
{
    return fits(asked->member, asked->value, asked->test->is_literal);
}

static enum truth test_in(const struct asked *asked)
{
    enum truth any = TRUTH_FALSE;
    if (!cJSON_IsArray(asked->value))
        return TRUTH_FALSE;
    for (const cJSON *item = asked->value->child; item && any != TRUTH_TRUE; item = item->next)
        any = truth_or(any, fits(asked->member, item, asked->test->is_literal));
    return any;
}

static enum truth test_not(const struct asked *asked)
{
    return truth_not(test_in(asked));
}

static bool compare(const cJSON *a, const cJSON *b, int *order)
{
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b)) {
        *order = tree_compare_numbers(a, b);
        return true;
    }
    if (!cJSON_IsString(a) || !cJSON_IsString(b))
        return false;
    nanos first, second;
    if (instant_parse(a->valuestring, true, &first) == 0 &&
        instant_parse(b->valuestring, true, &second) == 0)
        *order = (first > second) - (first < second);
    else
        *order = strcmp(a->valuestring, b->valuestring);
    return true;
}

static enum truth test_order(const struct asked *asked)
{
    int order;
    if (!compare(asked->member, asked->value, &order))
        return TRUTH_FALSE;
    switch (asked->test->relation) {
    case MATCH_GT:
        return truth_of(order > 0);
    case MATCH_GTE:
        return truth_of(order >= 0);
    case MATCH_LT:
        return truth_of(order < 0);
    default:
        return truth_of(order <= 0);
    }
}

static enum truth test_exists(const struct asked *asked)
{
    bool exists = asked->member && !cJSON_IsNull(asked->member);
    return truth_of(cJSON_IsBool(asked->value) && exists == (bool)cJSON_IsTrue(asked->value));
}

static enum truth has_members(const cJSON *member, const cJSON *wanted, bool is_literal)
{
    enum truth all = TRUTH_TRUE;
    for (const cJSON *want = wanted->child; want && all != TRUTH_FALSE; want = want->next) {
        const cJSON *found = seen_member(member, want->string);
        all = truth_and(all, fits(found, want, is_literal));
    }
    return all;
}

static enum truth has_items(const cJSON *member, const cJSON *wanted)
{
    enum truth all = TRUTH_TRUE;
    for (const cJSON *want = wanted->child; want && all != TRUTH_FALSE; want = want->next) {
        enum truth any = TRUTH_FALSE;
        for (const cJSON *item = member->child; item && any != TRUTH_TRUE; item = item->next)
            any = truth_or(any, fits(item, want, false));
        all = truth_and(all, any);
    }
    return all;
}

static enum truth test_has(const struct asked *asked)
{
    if (cJSON_IsObject(asked->value) && cJSON_IsObject(asked->member))
        return has_members(asked->member, asked->value, asked->test->is_literal);
    if (cJSON_IsArray(asked->value) && cJSON_IsArray(asked->member))
        return has_items(asked->member, asked->value);
    return TRUTH_FALSE;
}

static enum truth test_some(const struct asked *asked)
{
    enum truth any = TRUTH_FALSE;
    if (!cJSON_IsArray(asked->member))
        return TRUTH_FALSE;
    for (const cJSON *item = asked->member->child; item && any != TRUTH_TRUE; item = item->next)
        any = truth_or(any, match_bound_test(asked->test->some, item));
    return any;
}

static size_t count_equal(const cJSON *array, const cJSON *value)
{
    size_t count = 0;
    for (const cJSON *item = array->child; item; item = item->next)
        count += tree_equal(item, value);
    return count;
}

/* What its items have at the pointer; items that have nothing there stay out. */
static const cJSON *members_at(const cJSON *items, const char *pointer, struct arena *arena)
{
    cJSON *members = tree_array(arena);
    for (const cJSON *item = items->child; item; item = item->next) {
        const cJSON *member = seen_pointer(item, pointer);
        if (member)
            tree_append(members, tree_copy(arena, member));
    }
    return members;
}

static enum truth test_same(const struct asked *asked)
{
    const cJSON *member = asked->member;
    if (!cJSON_IsArray(member) || !cJSON_IsArray(asked->value) ||
        tree_count(member) != tree_count(asked->value))
        return TRUTH_FALSE;
    if (unknown_is_inside(member))
        return TRUTH_UNKNOWN;
    if (asked->test->at && asked->test->at[0])
        member = members_at(member, asked->test->at[0], asked->bound->eval->arena);
    for (const cJSON *item = asked->value->child; item; item = item->next)
        if (count_equal(member, item) != count_equal(asked->value, item))
            return TRUTH_FALSE;
    return TRUTH_TRUE;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* ASCII letters without case. */
static bool holds_text(const char *text, const char *wanted)
{
    for (;; text++) {
        size_t i = 0;
        while (wanted[i] && lower(text[i]) == lower(wanted[i]))
            i++;
        if (!wanted[i])
            return true;
        if (!*text)
            return false;
    }
}

static enum truth text_at(const cJSON *member, const cJSON *value)
{
    if (expr_is_unknown(member))
        return TRUTH_UNKNOWN;
    return truth_of(cJSON_IsString(member) && cJSON_IsString(value) &&
                    holds_text(member->valuestring, value->valuestring));
}

static enum truth test_text(const struct asked *asked)
{
    const char *const *at = asked->test->at;
    enum truth any = TRUTH_FALSE;
    if (!at)
        return text_at(asked->member, asked->value);
    for (; *at && any != TRUTH_TRUE; at++)
        any = truth_or(any, text_at(seen_pointer(asked->member, *at), asked->value));
    return any;
}

static enum truth test_under(const struct asked *asked)
{
    struct eval *eval = asked->bound->eval;
    const char *id = tree_text(asked->member), *wanted = tree_text(asked->value);
    for (int step = 0; id && wanted && step < UNDER_STEPS_MAX; step++) {
        if (strcmp(id, wanted) == 0)
            return TRUTH_TRUE;
        id = eval->step_up ? eval->step_up(eval, asked->test->pointer, id) : NULL;
    }
    return TRUTH_FALSE;
}

/* SQL's LIKE: % is any text, _ one byte; greedy with one way back, so linear in practice. */
static bool is_like(const char *text, const char *pattern, bool ignores_case)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        char a = ignores_case ? lower(*text) : *text, b = ignores_case ? lower(*pattern) : *pattern;
        if (*pattern == '%') {
            star = ++pattern;
            retry = text;
        } else if (*pattern && (*pattern == '_' || a == b)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '%')
        pattern++;
    return !*pattern;
}

static enum truth test_like(const struct asked *asked)
{
    return truth_of(cJSON_IsString(asked->member) && cJSON_IsString(asked->value) &&
                    is_like(asked->member->valuestring, asked->value->valuestring,
                            asked->test->relation == MATCH_ILIKE));
}

static enum truth (*const tests[MATCH_OPERATORS])(const struct asked *) = {
    [MATCH_EQUAL] = test_equal, [MATCH_IN] = test_in,         [MATCH_NOT] = test_not,
    [MATCH_GT] = test_order,    [MATCH_GTE] = test_order,     [MATCH_LT] = test_order,
    [MATCH_LTE] = test_order,   [MATCH_EXISTS] = test_exists, [MATCH_HAS] = test_has,
    [MATCH_SOME] = test_some,   [MATCH_SAME] = test_same,     [MATCH_TEXT] = test_text,
    [MATCH_UNDER] = test_under, [MATCH_LIKE] = test_like,     [MATCH_ILIKE] = test_like,
};

enum truth match_test_member(const struct bound_match *bound, const struct bound_test *test,
                             const cJSON *member)
{
    if (test->relation != MATCH_SOME && !test->value)
        return TRUTH_FALSE;
    if (expr_is_unknown(member) || expr_is_unknown(test->value))
        return TRUTH_UNKNOWN;
    struct asked asked = {bound, test, member, test->value};
    return tests[test->relation](&asked);
}

enum truth match_bound_test(const struct bound_match *bound, const cJSON *value)
{
    enum truth all = bound->is_empty ? TRUTH_FALSE : TRUTH_TRUE;
    for (size_t i = 0; i < bound->count && all != TRUTH_FALSE; i++) {
        const struct bound_test *test = &bound->tests[i];
        all = truth_and(all, match_test_member(bound, test, seen_pointer(value, test->pointer)));
    }
    return all;
}

/* ---- in words ---- */

static void explain_value(const cJSON *value, struct arena *arena, struct strbuf *out)
{
    if (!value || expr_is_unknown(value)) {
        strbuf_adds(out, value ? "unknown" : "nothing");
        return;
    }
    const char *text = json_text(arena, value);
    strbuf_addf(out, "%.*s%s", EXPLAINED_MAX, text, strlen(text) > EXPLAINED_MAX ? "..." : "");
}

void match_explain(const struct bound_match *bound, const cJSON *value, struct strbuf *out)
{
    if (bound->error) {
        strbuf_adds(out, bound->error);
        return;
    }
    for (size_t i = 0; i < bound->count; i++) {
        const struct bound_test *test = &bound->tests[i];
        const cJSON *member = seen_pointer(value, test->pointer);
        if (match_test_member(bound, test, member) == TRUTH_TRUE)
            continue;
        strbuf_addf(out, "%s: expected ", test->pointer[0] ? test->pointer : "the value");
        if (test->relation != MATCH_EQUAL)
            strbuf_addf(out, "%s ", match_operator_name(test->relation));
        if (test->relation != MATCH_SOME)
            explain_value(test->value, bound->eval->arena, out);
        strbuf_adds(out, " but was ");
        explain_value(member, bound->eval->arena, out);
        return;
    }
}
