/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9535 sections 2.3.5 and 2.4: filters read and their types checked. */
#include "core/data/jsonpath_ast.h"
#include "core/data/number.h"

static int read_operand(struct path_reader *reader, struct path_operand *operand, int depth);

static struct path_logic *make(struct path_reader *reader, enum path_logic_kind kind,
                               const struct path_logic *left, const struct path_logic *right)
{
    struct path_logic *logic = arena_alloc(reader->arena, sizeof *logic);
    logic->kind = kind;
    logic->left = left;
    logic->right = right;
    return logic;
}

static size_t word_length(const char *at)
{
    size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");
    return *at >= 'a' && *at <= 'z' ? len : 0;
}

/* Section 2.4.3: is the argument of the type that its parameter wants? */
static int check_argument(struct path_reader *reader, const struct path_operand *argument,
                          enum path_type wanted)
{
    bool fits = argument->kind == OPERAND_QUERY ? wanted == TYPE_NODES || argument->query.singular
                : argument->kind == OPERAND_LITERAL ? wanted == TYPE_VALUE
                                                    : argument->call->function->result == wanted;
    return fits ? 0 : path_refuse(reader, "the argument before is not of the function's type");
}

/* A literal expression is compiled once; RFC 9485 says what is one, any other matches nothing. */
static void prepare_pattern(struct path_reader *reader, struct path_call *call)
{
    const struct path_operand *second = &call->arguments[1];
    if (call->function->result != TYPE_LOGICAL || second->kind != OPERAND_LITERAL)
        return;
    call->pattern_is_fixed = true;
    if (cJSON_IsString(second->literal))
        call->pattern = pattern_compile(
            reader->arena, second->literal->valuestring,
            strcmp(call->function->name, "match") == 0 ? PATTERN_IREGEXP : PATTERN_IREGEXP_SEARCH,
            NULL);
}

static const struct path_call *read_call(struct path_reader *reader, size_t name_len, int depth)
{
    struct path_call *call = arena_alloc(reader->arena, sizeof *call);
    call->function = path_function_named(reader->at, name_len);
    if (!call->function)
        return path_refuse(reader, "no such function"), NULL;
    reader->at += name_len + 1;
    for (size_t i = 0; i < call->function->arity; i++) {
        path_skip_space(reader);
        if (i > 0 && !path_accept(reader, ","))
            return path_refuse(reader, "',' and another argument are missing"), NULL;
        path_skip_space(reader);
        if (read_operand(reader, &call->arguments[i], depth + 1) ||
            check_argument(reader, &call->arguments[i], call->function->parameters[i]))
            return NULL;
    }
    path_skip_space(reader);
    if (!path_accept(reader, ")"))
        return path_refuse(reader, "')' is missing"), NULL;
    prepare_pattern(reader, call);
    return call;
}

static const cJSON *read_word(struct path_reader *reader, size_t len)
{
    struct str word = {reader->at, len};
    reader->at += len;
    if (str_is(word, "true") || str_is(word, "false"))
        return tree_bool(reader->arena, len == 4);
    if (str_is(word, "null"))
        return tree_null(reader->arena);
    reader->at -= len;
    return path_refuse(reader, "no such literal"), NULL;
}

static const cJSON *read_literal(struct path_reader *reader)
{
    if (*reader->at == '\'' || *reader->at == '"') {
        const char *text = path_read_string(reader);
        return text ? tree_string(reader->arena, text) : NULL;
    }
    size_t len = word_length(reader->at);
    if (len)
        return read_word(reader, len);
    len = number_length(reader->at, reader->at + strlen(reader->at));
    if (!len)
        return path_refuse(reader, "a value, a query or a function is missing"), NULL;
    const char *number = arena_strndup(reader->arena, reader->at, len);
    reader->at += len;
    return tree_number(reader->arena, number);
}

static int read_operand(struct path_reader *reader, struct path_operand *operand, int depth)
{
    if (depth > PATH_DEPTH_MAX)
        return path_refuse(reader, "nested too deeply");
    if (*reader->at == '@' || *reader->at == '$') {
        operand->kind = OPERAND_QUERY;
        operand->query.relative = *reader->at++ == '@';
        return path_read_segments(reader, &operand->query, depth);
    }
    size_t len = word_length(reader->at);
    if (len && reader->at[len] == '(') {
        operand->kind = OPERAND_CALL;
        operand->call = read_call(reader, len, depth);
        return operand->call ? 0 : -1;
    }
    operand->kind = OPERAND_LITERAL;
    operand->literal = read_literal(reader);
    return operand->literal ? 0 : -1;
}

static bool accept_comparison(struct path_reader *reader, enum path_comparison *comparison)
{
    static const struct {
        const char *token;
        enum path_comparison comparison;
    } rows[] = {{"==", EQUAL},         {"!=", NOT_EQUAL}, {"<=", LESS_EQUAL},
                {">=", GREATER_EQUAL}, {"<", LESS},       {">", GREATER}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *comparison = rows[i].comparison;
        if (path_accept(reader, rows[i].token))
            return true;
    }
    return false;
}

static int check_comparable(struct path_reader *reader, const struct path_operand *operand)
{
    if (operand->kind == OPERAND_QUERY && !operand->query.singular)
        return path_refuse(reader, "a query that may find several nodes cannot be compared");
    if (operand->kind == OPERAND_CALL && operand->call->function->result != TYPE_VALUE)
        return path_refuse(reader, "a function without a value cannot be compared");
    return 0;
}

static int check_test(struct path_reader *reader, const struct path_operand *operand)
{
    if (operand->kind == OPERAND_LITERAL)
        return path_refuse(reader, "a literal must be compared");
    if (operand->kind == OPERAND_CALL && operand->call->function->result == TYPE_VALUE)
        return path_refuse(reader, "a function's value must be compared");
    return 0;
}

static const struct path_logic *read_comparison_or_test(struct path_reader *reader, bool negated,
                                                        int depth)
{
    struct path_logic *logic = make(reader, LOGIC_TEST, NULL, NULL);
    if (read_operand(reader, &logic->first, depth))
        return NULL;
    const char *behind = reader->at;
    path_skip_space(reader);
    if (negated || !accept_comparison(reader, &logic->comparison)) {
        reader->at = behind;
        return check_test(reader, &logic->first) ? NULL : logic;
    }
    logic->kind = LOGIC_COMPARE;
    if (check_comparable(reader, &logic->first))
        return NULL;
    path_skip_space(reader);
    if (read_operand(reader, &logic->second, depth) || check_comparable(reader, &logic->second))
        return NULL;
    return logic;
}

static const struct path_logic *read_basic(struct path_reader *reader, int depth)
{
    const struct path_logic *logic;
    bool negated = path_accept(reader, "!");
    if (negated)
        path_skip_space(reader);
    if (path_accept(reader, "(")) {
        path_skip_space(reader);
        logic = path_read_logic(reader, depth + 1);
        if (!logic)
            return NULL;
        path_skip_space(reader);
        if (!path_accept(reader, ")"))
            return path_refuse(reader, "')' is missing"), NULL;
    } else {
        logic = read_comparison_or_test(reader, negated, depth + 1);
    }
    return logic && negated ? make(reader, LOGIC_NOT, logic, NULL) : logic;
}

/* A row of operands, joined to the right so that evaluation loops along it. */
static const struct path_logic *
read_joined(struct path_reader *reader, int depth, const char *token, enum path_logic_kind kind,
            const struct path_logic *(*read)(struct path_reader *reader, int depth))
{
    const struct path_logic *first = read(reader, depth);
    struct path_logic *last = NULL;
    const struct path_logic *whole = first;
    while (first) {
        const char *behind = reader->at;
        path_skip_space(reader);
        if (!path_accept(reader, token)) {
            reader->at = behind;
            return whole;
        }
        path_skip_space(reader);
        const struct path_logic *next = read(reader, depth);
        if (!next)
            return NULL;
        struct path_logic *joined = make(reader, kind, last ? last->right : first, next);
        if (last)
            last->right = joined;
        else
            whole = joined;
        last = joined;
    }
    return NULL;
}

static const struct path_logic *read_and(struct path_reader *reader, int depth)
{
    return read_joined(reader, depth, "&&", LOGIC_AND, read_basic);
}

const struct path_logic *path_read_logic(struct path_reader *reader, int depth)
{
    if (depth > PATH_DEPTH_MAX)
        return path_refuse(reader, "nested too deeply"), NULL;
    return read_joined(reader, depth, "||", LOGIC_OR, read_and);
}
