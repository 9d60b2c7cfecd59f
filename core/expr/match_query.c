/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `name op literal [and ...]`, the common part of MLflow's search, OData and AIP-160. Operators:
 * = == eq, != ne, > gt, >= ge, < lt, <= le, LIKE, ILIKE; IN and NOT IN with a list in parentheses.
 * Names may stand in `backticks` or "quotes"; a name `prefix.*` among the names stands for any
 * member below its pointer.
 */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/number.h"
#include "core/data/pointer.h"
#include "core/expr/match_internal.h"

#include <ctype.h>
#include <string.h>

enum { QUERY_TERMS_MAX = 50, QUERY_WORD_MAX = 1024 };

struct query {
    struct eval *eval;
    const cJSON *names;
    const char *at;
    const char *error;
};

static const struct {
    const char *token;
    enum match_operator relation;
} query_operators[] = {
    {">=", MATCH_GTE},  {"<=", MATCH_LTE},    {"!=", MATCH_NOT},      {"==", MATCH_EQUAL},
    {"=", MATCH_EQUAL}, {">", MATCH_GT},      {"<", MATCH_LT},        {"eq", MATCH_EQUAL},
    {"ne", MATCH_NOT},  {"gt", MATCH_GT},     {"ge", MATCH_GTE},      {"lt", MATCH_LT},
    {"le", MATCH_LTE},  {"like", MATCH_LIKE}, {"ilike", MATCH_ILIKE}, {"in", MATCH_IN},
};

static int refuse(struct query *query, const char *text, const char *subject)
{
    query->error = subject ? arena_printf(query->eval->arena, "%s '%.100s'", text, subject)
                           : arena_strdup(query->eval->arena, text);
    return -1;
}

static void skip_blanks(struct query *query)
{
    query->at += strspn(query->at, " \t\r\n");
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("_.-/:*+", c));
}

static const char *take_word(struct query *query)
{
    const char *start = query->at;
    while (is_word_char(*query->at))
        query->at++;
    return arena_strndup(query->eval->arena, start, (size_t)(query->at - start));
}

/* A text in quotes of any kind, doubled inside; NULL when it is not closed. */
static const char *take_quoted(struct query *query)
{
    char quote = *query->at++;
    struct strbuf text = STRBUF_INIT(QUERY_WORD_MAX);
    while (*query->at && (*query->at != quote || query->at[1] == quote)) {
        query->at += *query->at == quote;
        strbuf_addch(&text, *query->at++);
    }
    const char *result = *query->at ? arena_strdup(query->eval->arena, text.buf) : NULL;
    query->at += *query->at != '\0';
    strbuf_release(&text);
    return result;
}

/* A name of parts, any of them quoted: tags.`my key`. */
static const char *take_name(struct query *query)
{
    struct strbuf name = STRBUF_INIT(QUERY_WORD_MAX);
    for (;;) {
        const char *part =
            *query->at == '`' || *query->at == '"' ? take_quoted(query) : take_word(query);
        if (!part || !*part)
            break;
        strbuf_adds(&name, part);
    }
    const char *result = arena_strdup(query->eval->arena, name.buf);
    strbuf_release(&name);
    return result;
}

static const char *find_pointer(struct query *query, const char *name)
{
    const char *exact = tree_get_text(query->names, name);
    if (exact)
        return exact;
    const cJSON *names = query->names;
    for (const cJSON *row = names ? names->child : NULL; row; row = row->next) {
        size_t len = strlen(row->string);
        if (!text_ends_with(row->string, ".*") || strncmp(name, row->string, len - 1) != 0 ||
            !name[len - 1])
            continue;
        struct strbuf pointer = STRBUF_INIT((size_t)4 * QUERY_WORD_MAX);
        strbuf_adds(&pointer, tree_text(row));
        pointer_add_token(name + len - 1, &pointer);
        const char *result = arena_strdup(query->eval->arena, pointer.buf);
        strbuf_release(&pointer);
        return result;
    }
    return NULL;
}

static bool take_token(struct query *query, const char *token)
{
    size_t len = strlen(token);
    for (size_t i = 0; i < len; i++)
        if (tolower((unsigned char)query->at[i]) != token[i])
            return false;
    if (isalpha((unsigned char)token[0]) && is_word_char(query->at[len]))
        return false;
    query->at += len;
    return true;
}

static int take_operator(struct query *query, struct bound_test *test)
{
    skip_blanks(query);
    if (take_token(query, "not")) {
        skip_blanks(query);
        test->relation = MATCH_NOT;
        return take_token(query, "in") ? 0 : refuse(query, "expected 'in' before", query->at);
    }
    for (size_t i = 0; i < sizeof query_operators / sizeof query_operators[0]; i++) {
        if (take_token(query, query_operators[i].token)) {
            test->relation = query_operators[i].relation;
            return 0;
        }
    }
    return refuse(query, "expected an operator before", query->at);
}

static int take_literal(struct query *query, cJSON **value)
{
    struct arena *arena = query->eval->arena;
    skip_blanks(query);
    if (*query->at == '\'' || *query->at == '"') {
        const char *text = take_quoted(query);
        *value = text ? tree_string(arena, text) : NULL;
        return text ? 0 : refuse(query, "the text is not closed by a quote", NULL);
    }
    const char *rest = query->at, *word = take_word(query);
    size_t len = strlen(word);
    if (!len)
        return refuse(query, "expected a value before", rest);
    if (number_length(word, word + len) == len)
        *value = tree_number(arena, word);
    else if (text_is_any_case(word, "true") || text_is_any_case(word, "false"))
        *value = tree_bool(arena, tolower((unsigned char)word[0]) == 't');
    else if (text_is_any_case(word, "null"))
        *value = tree_null(arena);
    else
        return refuse(query, "a text stands in quotes:", word);
    return 0;
}

/* 'a', 2, true) */
static int take_list(struct query *query, struct bound_test *test)
{
    cJSON *list = tree_array(query->eval->arena), *item = NULL;
    do {
        query->at++;
        if (take_literal(query, &item) < 0)
            return -1;
        tree_append(list, item);
        skip_blanks(query);
    } while (*query->at == ',');
    if (*query->at != ')')
        return refuse(query, "expected ')' before", query->at);
    query->at++;
    test->value = list;
    return 0;
}

static int take_value(struct query *query, struct bound_test *test)
{
    cJSON *item = NULL;
    test->is_literal = true;
    skip_blanks(query);
    if (*query->at == '(' && (test->relation == MATCH_IN || test->relation == MATCH_NOT))
        return take_list(query, test);
    if (test->relation == MATCH_IN)
        return refuse(query, "expected '(' before", query->at);
    if (take_literal(query, &item) < 0)
        return -1;
    test->value = item;
    if (test->relation == MATCH_NOT) { /* is held against a list */
        cJSON *list = tree_array(query->eval->arena);
        tree_append(list, item);
        test->value = list;
    }
    return 0;
}

static int read_term(struct query *query, struct bound_test *test)
{
    skip_blanks(query);
    const char *name = take_name(query);
    if (!*name)
        return refuse(query, "expected a name before", query->at);
    test->pointer = find_pointer(query, name);
    if (!test->pointer)
        return refuse(query, "unknown name", name);
    if (take_operator(query, test) < 0 || take_value(query, test) < 0)
        return -1;
    return 0;
}

int match_query_bind(const char *text, const cJSON *names, struct eval *eval,
                     struct bound_tests *tests, const char **error)
{
    struct query query = {.eval = eval, .names = names, .at = text};
    skip_blanks(&query);
    for (size_t terms = 0; *query.at && !query.error; terms++) {
        struct bound_test test = {0};
        if (terms >= QUERY_TERMS_MAX)
            refuse(&query, "too many terms", NULL);
        else if (read_term(&query, &test) == 0)
            vec_push_arena(eval->arena, tests, test);
        skip_blanks(&query);
        if (query.error || !*query.at)
            break;
        if (!take_token(&query, "and"))
            refuse(&query, "expected 'and' before", query.at);
        skip_blanks(&query);
        if (!query.error && !*query.at)
            refuse(&query, "expected a term after 'and'", NULL);
    }
    *error = query.error;
    return query.error ? -1 : 0;
}
