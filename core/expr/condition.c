/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arazzo 1.1.0, "Criterion Object" (literals, operators, simple conditions). Its text on null and
 * its own example (`$response.body.data != null`) contradict each other; here != is the negation of
 * ==. A text with a number's syntax counts as that number beside a number (there: SHOULD).
 */
#include "core/data/json.h"
#include "core/data/number.h"
#include "core/data/tree_difference.h"
#include "core/expr/condition_internal.h"
#include "core/expr/expr.h"

#include <string.h>

enum { EXPLAINED_MAX = 120, DIFFERENCES_MAX = 20 };

static const cJSON true_node = {.type = cJSON_True}, false_node = {.type = cJSON_False};

static const cJSON *evaluate(const struct condition_node *node, struct eval *eval);

static const cJSON *truth_value(enum truth truth)
{
    if (truth == TRUTH_UNKNOWN)
        return expr_unknown();
    return truth == TRUTH_TRUE ? &true_node : &false_node;
}

static enum truth value_truth(const cJSON *value)
{
    if (expr_is_unknown(value))
        return TRUTH_UNKNOWN;
    return cJSON_IsTrue(value) ? TRUTH_TRUE : TRUTH_FALSE;
}

/* A number, or a text that is one beside a number. */
static const cJSON *as_number(const cJSON *value, struct eval *eval)
{
    const char *text = tree_text(value);
    if (!text)
        return value;
    size_t len = strlen(text);
    if (len == 0 || number_length(text, text + len) != len)
        return value;
    return tree_number(eval->arena, text);
}

static void coerce(const cJSON **a, const cJSON **b, struct eval *eval)
{
    if (cJSON_IsNumber(*a) && cJSON_IsString(*b))
        *b = as_number(*b, eval);
    else if (cJSON_IsString(*a) && cJSON_IsNumber(*b))
        *a = as_number(*a, eval);
}

static bool is_null(const cJSON *value)
{
    return !value || cJSON_IsNull(value);
}

static bool is_equal(const cJSON *a, const cJSON *b)
{
    if (is_null(a) || is_null(b))
        return is_null(a) && is_null(b);
    if (cJSON_IsString(a) && cJSON_IsString(b))
        return text_is_any_case(a->valuestring, b->valuestring);
    return tree_equal(a, b);
}

/* False when the two do not compare. */
static bool compare(const cJSON *a, const cJSON *b, int *order)
{
    const char *left = tree_text(a), *right = tree_text(b);
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        *order = tree_compare_numbers(a, b);
    else if (left && right)
        *order = strcmp(left, right);
    else
        return false;
    return true;
}

static bool holds(enum condition_kind kind, const cJSON *a, const cJSON *b)
{
    if (kind == CONDITION_EQUAL)
        return is_equal(a, b);
    if (kind == CONDITION_UNEQUAL)
        return !is_equal(a, b);
    int order;
    if (!compare(a, b, &order))
        return false;
    if (kind == CONDITION_LESS)
        return order < 0;
    if (kind == CONDITION_LESS_EQUAL)
        return order <= 0;
    return kind == CONDITION_GREATER ? order > 0 : order >= 0;
}

static const cJSON *evaluate_comparison(const struct condition_node *node, struct eval *eval)
{
    const cJSON *a = evaluate(node->left, eval), *b = evaluate(node->right, eval);
    if (eval_is_unseen(eval, a) || eval_is_unseen(eval, b))
        return expr_unknown();
    coerce(&a, &b, eval);
    return holds(node->kind, a, b) ? &true_node : &false_node;
}

static const cJSON *evaluate_logic(const struct condition_node *node, struct eval *eval)
{
    enum truth left = value_truth(evaluate(node->left, eval));
    if (node->kind == CONDITION_NOT)
        return truth_value(truth_not(left));
    if (left == (node->kind == CONDITION_AND ? TRUTH_FALSE : TRUTH_TRUE))
        return truth_value(left);
    enum truth right = value_truth(evaluate(node->right, eval));
    return truth_value(node->kind == CONDITION_AND ? truth_and(left, right)
                                                   : truth_or(left, right));
}

static const cJSON *evaluate(const struct condition_node *node, struct eval *eval)
{
    if (node->kind == CONDITION_LITERAL)
        return node->literal;
    if (node->kind == CONDITION_EXPR)
        return expr_eval(node->expr, eval);
    if (node->kind == CONDITION_NOT || node->kind == CONDITION_AND || node->kind == CONDITION_OR)
        return evaluate_logic(node, eval);
    return evaluate_comparison(node, eval);
}

bool condition_equates(const struct condition *condition, const struct expr **expr,
                       const cJSON **literal)
{
    const struct condition_node *node = condition->root;
    while (node->kind == CONDITION_AND)
        node = node->left;
    if (node->kind != CONDITION_EQUAL)
        return false;
    bool is_turned = node->left->kind == CONDITION_LITERAL;
    const struct condition_node *asked = is_turned ? node->right : node->left;
    const struct condition_node *wanted = is_turned ? node->left : node->right;
    *expr = asked->expr;
    *literal = wanted->literal;
    return asked->kind == CONDITION_EXPR && wanted->kind == CONDITION_LITERAL;
}

enum truth condition_eval(const struct condition *condition, struct eval *eval)
{
    return value_truth(evaluate(condition->root, eval));
}

/* ---- in words ---- */

static void explain_value(const cJSON *value, struct eval *eval, struct strbuf *out)
{
    if (!value) {
        strbuf_adds(out, "nothing");
        return;
    }
    if (expr_is_unknown(value)) {
        strbuf_adds(out, "unknown");
        return;
    }
    const char *text = json_text(eval->arena, value);
    size_t len = strlen(text);
    strbuf_add(out, text, len > EXPLAINED_MAX ? EXPLAINED_MAX : len);
    if (len > EXPLAINED_MAX)
        strbuf_adds(out, "...");
}

static size_t explain_node(const struct condition_node *node, struct eval *eval, size_t already,
                           struct strbuf *out)
{
    if (node->kind == CONDITION_EXPR) {
        strbuf_addf(out, "%s%s was ", already ? ", " : ": ", expr_text(node->expr));
        explain_value(expr_eval(node->expr, eval), eval, out);
        return already + 1;
    }
    if (node->left)
        already = explain_node(node->left, eval, already, out);
    if (node->right)
        already = explain_node(node->right, eval, already, out);
    return already;
}

static bool has_parts(const cJSON *value)
{
    return value && !expr_is_unknown(value) && (cJSON_IsObject(value) || cJSON_IsArray(value));
}

/* Where two trees should have been equal: what was expected (-) and what was found (+). */
static void explain_difference(const struct condition_node *node, struct eval *eval,
                               struct strbuf *out)
{
    const cJSON *left = NULL, *right = NULL;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (node->kind == CONDITION_EQUAL) {
        left = evaluate(node->left, eval);
        right = evaluate(node->right, eval);
    } else {
        if (node->left)
            explain_difference(node->left, eval, out);
        if (node->right)
            explain_difference(node->right, eval, out);
    }
    if (has_parts(left) && has_parts(right) &&
        tree_difference(right, left, "      ", DIFFERENCES_MAX, &text))
        strbuf_addf(out, "\n%.*s", (int)text.len - 1, text.buf);
    strbuf_release(&text);
}

void condition_explain(const struct condition *condition, struct eval *eval, struct strbuf *out)
{
    strbuf_adds(out, condition->text);
    explain_node(condition->root, eval, 0, out);
    explain_difference(condition->root, eval, out);
}
