/* SPDX-License-Identifier: Apache-2.0 */
/* Match objects: compiling and binding. What a test means: match_test.c. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"
#include "core/expr/compiler_internal.h"
#include "core/expr/match_internal.h"

#include <string.h>

static const struct operator_row {
    const char *name;
    enum match_operator relation;
    bool is_written;   /* has a key of its own in a match object */
    const char *types; /* of a literal value; NULL = any */
} operator_rows[] = {
    {"equal", MATCH_EQUAL, false, NULL},
    {"in", MATCH_IN, true, "array"},
    {"not", MATCH_NOT, true, NULL},
    {"gt", MATCH_GT, true, "number string"},
    {"gte", MATCH_GTE, true, "number string"},
    {"lt", MATCH_LT, true, "number string"},
    {"lte", MATCH_LTE, true, "number string"},
    {"exists", MATCH_EXISTS, true, "boolean"},
    {"has", MATCH_HAS, true, "array object"},
    {"some", MATCH_SOME, true, "object"},
    {"same", MATCH_SAME, true, "array"},
    {"text", MATCH_TEXT, true, "string"},
    {"under", MATCH_UNDER, true, "string"},
    {"like", MATCH_LIKE, false, NULL},
    {"ilike", MATCH_ILIKE, false, NULL},
};

enum { OPERATOR_ROWS = sizeof operator_rows / sizeof operator_rows[0] };

const char *match_operator_name(enum match_operator relation)
{
    return operator_rows[relation].name;
}

static const struct operator_row *find_operator(const char *name)
{
    for (size_t i = 0; i < OPERATOR_ROWS; i++)
        if (operator_rows[i].is_written && text_is(operator_rows[i].name, name))
            return &operator_rows[i];
    return NULL;
}

/* ---- compiling ---- */

static const struct match *compile_match(struct compiler *compiler, const cJSON *node);

static void refuse_operator(struct compiler *compiler, const cJSON *member)
{
    const char *names[OPERATOR_ROWS + 3] = {"at", "query", "names"};
    size_t count = 3;
    for (size_t i = 0; i < OPERATOR_ROWS; i++)
        if (operator_rows[i].is_written)
            names[count++] = operator_rows[i].name;
    const char *nearest = text_nearest_of(member->string, names, count);
    findings_add(compiler->findings, tree_place(member), "unknown operator '%s' in a match%s%s%s",
                 member->string,
                 nearest ? " (did you mean '" : "; to compare with an object use 'has'",
                 nearest ? nearest : "", nearest ? "'?)" : "");
}

static const char *const *compile_pointers(struct compiler *compiler, const cJSON *node)
{
    if (!cJSON_IsArray(node)) {
        findings_add(compiler->findings, tree_place(node), "'at' must be a list of pointers");
        return NULL;
    }
    size_t count = 0;
    const char **pointers = arena_alloc(compiler->arena, (tree_count(node) + 1) * sizeof *pointers);
    for (const cJSON *item = node->child; item; item = item->next) {
        if (!tree_text(item) || !pointer_is_valid(item->valuestring))
            findings_add(compiler->findings, tree_place(item), "expected a JSON Pointer");
        else
            pointers[count++] = item->valuestring;
    }
    return pointers;
}

static void check_names(struct compiler *compiler, const cJSON *names, const cJSON *query)
{
    if (!cJSON_IsObject(names)) {
        findings_add(compiler->findings, tree_place(names ? names : query),
                     "'query' needs 'names', an object of name -> pointer");
        return;
    }
    for (const cJSON *name = names->child; name; name = name->next)
        if (!tree_text(name) || !pointer_is_valid(name->valuestring))
            findings_add(compiler->findings, tree_place(name), "expected a JSON Pointer");
}

static void check_literal(struct compiler *compiler, const struct match_test *test,
                          const cJSON *node)
{
    const char *types = operator_rows[test->relation].types;
    const cJSON *constant = template_constant(test->value);
    if (types && constant && !strstr(types, tree_type_name(constant)))
        findings_add(compiler->findings, tree_place(node), "'%s' must be %s but is %s",
                     match_operator_name(test->relation), types, tree_type_name(constant));
}

static void compile_operator(struct compiler *compiler, struct match *match, const char *pointer,
                             const cJSON *member)
{
    const cJSON *at = NULL, *siblings = member;
    struct match_test test = {.pointer = pointer};
    while (siblings->prev->next) /* back to the first */
        siblings = siblings->prev;
    for (; siblings; siblings = siblings->next) {
        if (text_is(siblings->string, "at"))
            at = siblings;
        if (text_is(siblings->string, "names"))
            test.names = siblings;
    }
    const struct operator_row *row = find_operator(member->string);
    test.is_query = text_is(member->string, "query");
    if (!row && !test.is_query) {
        if (!text_is(member->string, "at") && !text_is(member->string, "names"))
            refuse_operator(compiler, member);
        return;
    }
    test.relation = row ? row->relation : MATCH_EQUAL;
    if (test.is_query)
        check_names(compiler, test.names, member);
    if ((test.relation == MATCH_TEXT || test.relation == MATCH_SAME) && at)
        test.at = compile_pointers(compiler, at);
    if (test.relation == MATCH_SOME) {
        test.some = compile_match(compiler, member);
    } else {
        test.value = template_compile(compiler, member);
        check_literal(compiler, &test, member);
    }
    vec_push_arena(compiler->arena, match, test);
}

static void compile_entry(struct compiler *compiler, struct match *match, const cJSON *entry)
{
    const char *pointer = entry->string;
    if (!pointer_is_valid(pointer)) {
        findings_add(compiler->findings, tree_place(entry),
                     "'%s' is no JSON Pointer (did you mean '/%s'?)", pointer, pointer);
        return;
    }
    if (!cJSON_IsObject(entry) || call_is_written(compiler, entry)) {
        struct match_test test = {.pointer = pointer, .relation = MATCH_EQUAL};
        test.value = template_compile(compiler, entry);
        vec_push_arena(compiler->arena, match, test);
        return;
    }
    if (!entry->child)
        findings_add(compiler->findings, tree_place(entry), "no operator for '%s'", pointer);
    for (const cJSON *member = entry->child; member; member = member->next)
        compile_operator(compiler, match, pointer, member);
}

static const struct match *compile_match(struct compiler *compiler, const cJSON *node)
{
    bool is_outermost;
    size_t before = compiler->findings->errors;
    if (!node || !compiler_enter(compiler, tree_place(node)))
        return NULL;
    struct match *match = arena_alloc(compiler->arena, sizeof *match);
    match->place = tree_place(node);
    match->uses = compiler_uses_open(compiler, &is_outermost);
    if (!cJSON_IsObject(node))
        findings_add(compiler->findings, match->place,
                     "a match must be an object of pointers but is %s", tree_type_name(node));
    else
        for (const cJSON *entry = node->child; entry; entry = entry->next)
            compile_entry(compiler, match, entry);
    compiler_uses_close(compiler, is_outermost);
    compiler_leave(compiler);
    return compiler->findings->errors == before ? match : NULL;
}

const struct match *match_compile(struct compiler *compiler, const cJSON *node)
{
    return compile_match(compiler, node);
}

const struct uses *match_uses(const struct match *match)
{
    return match ? match->uses : NULL;
}

/* ---- binding ---- */

static void bind_query(const struct match_test *test, const cJSON *value, struct eval *eval,
                       struct bound_match *bound, struct bound_tests *tests)
{
    if (cJSON_IsString(value))
        match_query_bind(value->valuestring, test->names, eval, tests, &bound->error);
    else
        bound->error = "the query must be a text";
    bound->is_empty = bound->is_empty || bound->error;
}

/* `not` is held against a list. */
static const cJSON *as_list(const cJSON *value, struct eval *eval)
{
    if (!value || expr_is_unknown(value) || cJSON_IsArray(value))
        return value;
    cJSON *list = tree_array(eval->arena);
    tree_append(list, tree_copy(eval->arena, value));
    return list;
}

static void bind_test(const struct match_test *test, struct eval *eval, struct bound_match *bound,
                      struct bound_tests *tests)
{
    struct bound_test result = {.pointer = test->pointer,
                                .relation = test->relation,
                                .is_literal = template_constant(test->value) != NULL,
                                .at = test->at};
    if (test->relation == MATCH_SOME) {
        result.some = match_bind(test->some, eval);
        bound->error = bound->error ? bound->error : result.some->error;
        vec_push_arena(eval->arena, tests, result);
        return;
    }
    result.value = template_value(test->value, eval);
    if (!result.value) {
        bound->is_empty = true;
    } else if (test->is_query && !expr_is_unknown(result.value)) {
        bind_query(test, result.value, eval, bound, tests);
        return;
    }
    if (test->relation == MATCH_NOT)
        result.value = as_list(result.value, eval);
    vec_push_arena(eval->arena, tests, result);
}

const struct bound_match *match_bind(const struct match *match, struct eval *eval)
{
    struct bound_match *bound = arena_alloc(eval->arena, sizeof *bound);
    struct bound_tests tests = {0};
    for (size_t i = 0; match && i < match->count; i++)
        bind_test(&match->items[i], eval, bound, &tests);
    bound->tests = tests.items;
    bound->count = tests.count;
    bound->eval = eval;
    return bound;
}

enum truth match_eval(const struct match *match, const cJSON *value, struct eval *eval)
{
    return match ? match_bound_test(match_bind(match, eval), value) : TRUTH_TRUE;
}

size_t match_test_count(const struct match *match)
{
    return match ? match->count : 0;
}

const char *match_test_pointer(const struct match *match, size_t index)
{
    return match->items[index].pointer;
}
