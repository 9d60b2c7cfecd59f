/* SPDX-License-Identifier: Apache-2.0 */
/*
 * or := and { "||" and };  and := compare { "&&" compare };
 * compare := unary [ operator unary ];  unary := "!" unary | "(" or ")" | literal | expression
 */
#include "core/data/number.h"
#include "core/expr/condition_internal.h"
#include "core/expr/expr_internal.h"

#include <string.h>

/* Joins bound the depth of the tree, which leans to the left. */
enum { CONDITION_TEXT_MAX = 16 * 1024, CONDITION_JOINS_MAX = 200 };

struct parser {
    struct compiler *compiler;
    struct arena *arena;
    struct place place;
    const char *at;
    const char *error;
    unsigned joins;
};

static const struct condition_node *parse_or(struct parser *parser);

static void *refuse(struct parser *parser, const char *error)
{
    if (!parser->error)
        parser->error = error;
    return NULL;
}

static void skip_blanks(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n");
}

static bool take(struct parser *parser, const char *token)
{
    skip_blanks(parser);
    size_t len = strlen(token);
    if (strncmp(parser->at, token, len) != 0)
        return false;
    parser->at += len;
    return true;
}

static const struct condition_node *make(struct parser *parser, struct condition_node node)
{
    return arena_copy(parser->arena, &node, sizeof node);
}

static const struct condition_node *make_pair(struct parser *parser, enum condition_kind kind,
                                              const struct condition_node *left,
                                              const struct condition_node *right)
{
    if (!left || !right)
        return NULL;
    return make(parser, (struct condition_node){.kind = kind, .left = left, .right = right});
}

static const struct condition_node *make_literal(struct parser *parser, const cJSON *literal)
{
    return make(parser, (struct condition_node){.kind = CONDITION_LITERAL, .literal = literal});
}

static const struct condition_node *parse_text(struct parser *parser)
{
    struct strbuf text = STRBUF_INIT(CONDITION_TEXT_MAX);
    const char *at = parser->at + 1;
    while (*at && (*at != '\'' || at[1] == '\'')) {
        at += *at == '\'';
        strbuf_addch(&text, *at++);
    }
    const cJSON *literal = tree_string(parser->arena, text.buf);
    strbuf_release(&text);
    if (!*at)
        return refuse(parser, "the text is not closed by a quote");
    parser->at = at + 1;
    return make_literal(parser, literal);
}

static const struct condition_node *parse_expression(struct parser *parser)
{
    size_t used;
    const char *error;
    struct expr *expr = expr_scan(parser->arena, parser->at, EXPR_CONDITION,
                                  parser->compiler->flags & COMPILER_ARAZZO, &used, &error);
    if (!expr)
        return refuse(parser, error);
    parser->at += used;
    expr_note(parser->compiler, expr, parser->place);
    return make(parser, (struct condition_node){.kind = CONDITION_EXPR, .expr = expr});
}

static const struct condition_node *parse_word(struct parser *parser)
{
    static const char word_chars[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    struct str word = {parser->at, strspn(parser->at, word_chars)};
    const cJSON *literal = NULL;
    if (str_is(word, "true") || str_is(word, "false"))
        literal = tree_bool(parser->arena, word.ptr[0] == 't');
    else if (str_is(word, "null"))
        literal = tree_null(parser->arena);
    if (!literal)
        return refuse(parser, word.len
                                  ? "a text stands in single quotes, an expression begins with '$'"
                                  : "expected a value");
    parser->at += word.len;
    return make_literal(parser, literal);
}

static const struct condition_node *parse_value(struct parser *parser)
{
    skip_blanks(parser);
    if (*parser->at == '$')
        return parse_expression(parser);
    if (*parser->at == '\'')
        return parse_text(parser);
    if (*parser->at == '"')
        return refuse(parser, "a text stands in single quotes");
    size_t len = number_length(parser->at, parser->at + strlen(parser->at));
    if (!len)
        return parse_word(parser);
    const char *number = arena_strndup(parser->arena, parser->at, len);
    parser->at += len;
    return make_literal(parser, tree_number(parser->arena, number));
}

static const struct condition_node *parse_group(struct parser *parser)
{
    const struct condition_node *inner = parse_or(parser);
    if (inner && !take(parser, ")"))
        return refuse(parser, "expected ')'");
    return inner;
}

static const struct condition_node *parse_unary(struct parser *parser)
{
    unsigned nots = 0;
    while (take(parser, "!"))
        nots++;
    if (!compiler_enter(parser->compiler, parser->place))
        return refuse(parser, "nested too deeply");
    const struct condition_node *node =
        take(parser, "(") ? parse_group(parser) : parse_value(parser);
    compiler_leave(parser->compiler);
    if (!node)
        return NULL;
    /* "!!x" is the truth of x; more of them say no more. */
    for (nots = nots > 2 ? 2 - nots % 2 : nots; nots; nots--)
        node = make(parser, (struct condition_node){.kind = CONDITION_NOT, .left = node});
    return node;
}

static const struct condition_node *parse_compare(struct parser *parser)
{
    static const struct {
        const char *token;
        enum condition_kind kind;
    } operators[] = {
        {"==", CONDITION_EQUAL},         {"!=", CONDITION_UNEQUAL}, {"<=", CONDITION_LESS_EQUAL},
        {">=", CONDITION_GREATER_EQUAL}, {"<", CONDITION_LESS},     {">", CONDITION_GREATER},
    };
    const struct condition_node *left = parse_unary(parser);
    for (size_t i = 0; left && i < sizeof operators / sizeof operators[0]; i++)
        if (take(parser, operators[i].token))
            return make_pair(parser, operators[i].kind, left, parse_unary(parser));
    return left;
}

static bool take_join(struct parser *parser, const char *token)
{
    if (!take(parser, token))
        return false;
    if (++parser->joins > CONDITION_JOINS_MAX)
        refuse(parser, "more than 200 times '&&' and '||'");
    return !parser->error;
}

static const struct condition_node *parse_and(struct parser *parser)
{
    const struct condition_node *left = parse_compare(parser);
    while (left && take_join(parser, "&&"))
        left = make_pair(parser, CONDITION_AND, left, parse_compare(parser));
    return left;
}

static const struct condition_node *parse_or(struct parser *parser)
{
    const struct condition_node *left = parse_and(parser);
    while (left && take_join(parser, "||"))
        left = make_pair(parser, CONDITION_OR, left, parse_and(parser));
    return left;
}

const struct condition *condition_compile(struct compiler *compiler, const char *text,
                                          struct place place)
{
    if (strlen(text) > CONDITION_TEXT_MAX) {
        findings_add(compiler->findings, place, "the condition is longer than %d bytes",
                     CONDITION_TEXT_MAX);
        return NULL;
    }
    struct parser parser = {
        .compiler = compiler, .arena = compiler->arena, .place = place, .at = text};
    const struct condition_node *root = parse_or(&parser);
    skip_blanks(&parser);
    if (root && *parser.at && !parser.error)
        root = refuse(&parser, *parser.at == '=' ? "equality is written '=='"
                                                 : "expected an operator or the end");
    if (!root || parser.error) {
        findings_add(compiler->findings, place, "bad condition '%s': %s at character %zu", text,
                     parser.error, (size_t)(parser.at - text) + 1);
        return NULL;
    }
    struct condition *condition = arena_alloc(compiler->arena, sizeof *condition);
    *condition = (struct condition){.text = arena_strdup(compiler->arena, text), .root = root};
    return condition;
}
