/* SPDX-License-Identifier: Apache-2.0 */
/* Arazzo 1.1.0, "Criterion Object"; type `schema` is ours. One row a type. */
#include "core/expr/criterion.h"

#include "core/data/json.h"
#include "core/data/jsonpath.h"
#include "core/data/pattern.h"
#include "core/expr/compiler_internal.h"
#include "core/expr/condition.h"
#include "core/expr/expr.h"
#include "core/expr/template.h"
#include "core/expr/text.h"

struct criterion_type;

struct criterion {
    const struct criterion_type *type;
    const struct condition *simple;
    const struct expr *context;
    const char *condition;     /* as written */
    const struct text *text;   /* with embedded expressions: compiled when it is asked */
    const struct expr *schema; /* type schema: where its schema is; NULL when it stands here */
    const void *compiled;      /* pattern, path or schema; NULL when `text` or `schema` gives it */
    const struct criterion **items; /* of a list */
    size_t count;
    const struct uses *uses;
};

struct criterion_type {
    const char *name;
    bool is_ours; /* not Arazzo's */
    const void *(*compile)(struct arena *arena, const char *text, struct error *err);
    enum truth (*test)(const void *compiled, const cJSON *context, struct eval *eval);
};

static const struct criterion *compile_any(struct compiler *compiler, const cJSON *node);

/* ---- types ---- */

static const void *compile_regex(struct arena *arena, const char *text, struct error *err)
{
    return pattern_compile(arena, text, PATTERN_ECMA, err);
}

static enum truth test_regex(const void *compiled, const cJSON *context, struct eval *eval)
{
    const char *text = value_text(eval->arena, context);
    return pattern_matches(compiled, str_from(text)) ? TRUTH_TRUE : TRUTH_FALSE;
}

static const void *compile_jsonpath(struct arena *arena, const char *text, struct error *err)
{
    return jsonpath_compile(arena, text, err);
}

static enum truth test_jsonpath(const void *compiled, const cJSON *context, struct eval *eval)
{
    size_t count = 0;
    jsonpath_select(eval->arena, compiled, context, &count);
    return count ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth test_schema(const void *compiled, const cJSON *context, struct eval *eval)
{
    if (!eval->hooks || !eval->hooks->accepts)
        return TRUTH_FALSE;
    return eval->hooks->accepts(compiled, context, eval->arena, NULL) ? TRUTH_TRUE : TRUTH_FALSE;
}

static const struct criterion_type criterion_types[] = {
    {"simple", false, NULL, NULL},
    {"regex", false, compile_regex, test_regex},
    {"jsonpath", false, compile_jsonpath, test_jsonpath},
    {"schema", true, NULL, test_schema},
};

enum { CRITERION_TYPES = sizeof criterion_types / sizeof criterion_types[0] };

/* ---- compiling ---- */

static const struct criterion_type *find_type(struct compiler *compiler, const cJSON *node)
{
    const char *names[CRITERION_TYPES];
    const cJSON *type = tree_get(node, "type");
    const cJSON *version = tree_get(type, "version");
    const char *name =
        type ? tree_text(cJSON_IsObject(type) ? tree_get(type, "type") : type) : "simple";
    struct place place = tree_place(type ? type : node);
    if (version && !text_is(tree_text(version), "rfc9535") && !text_is(name, "xpath")) {
        findings_add(compiler->findings, tree_place(version),
                     "only JSONPath of RFC 9535 is known: version 'rfc9535'");
        return NULL;
    }
    for (size_t i = 0; name && i < CRITERION_TYPES; i++) {
        names[i] = criterion_types[i].name;
        if (text_is(name, names[i]) &&
            !(compiler->flags & COMPILER_ARAZZO && criterion_types[i].is_ours))
            return &criterion_types[i];
    }
    if (!name) {
        findings_add(compiler->findings, place, "'type' of a criterion must be a text");
        return NULL;
    }
    if (text_is(name, "xpath")) {
        findings_add(
            compiler->findings, place,
            "criteria of type 'xpath' are not done here: use 'jsonpath', or 'simple' with a "
            "JSON Pointer");
        return NULL;
    }
    const char *nearest = text_nearest_of(name, names, CRITERION_TYPES);
    findings_add(compiler->findings, place, "unknown criterion type '%s'%s%s%s", name,
                 nearest ? " (did you mean '" : ", expected simple, regex or jsonpath",
                 nearest ? nearest : "", nearest ? "'?)" : "");
    return NULL;
}

static void check_keys(struct compiler *compiler, const cJSON *node)
{
    static const char *const keys[] = {"context", "type", "condition"};
    for (const cJSON *member = node->child; member; member = member->next) {
        const char *key = member->string;
        if (text_is(key, keys[0]) || text_is(key, keys[1]) || text_is(key, keys[2]) ||
            text_starts_with(key, "x-"))
            continue;
        const char *nearest = text_nearest_of(key, keys, 3);
        findings_add(
            compiler->findings, tree_place(member), "unknown key '%s' in a criterion%s%s%s", key,
            nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
    }
}

static int compile_schema(struct compiler *compiler, struct criterion *criterion,
                          const cJSON *condition)
{
    if (!compiler->hooks || !compiler->hooks->compile_schema) {
        findings_add(compiler->findings, tree_place(condition),
                     "criteria of type 'schema' cannot stand here");
        return -1;
    }
    if (tree_text(condition)) { /* the schema is a value of the world */
        criterion->condition = tree_text(condition);
        criterion->schema = expr_compile(compiler, criterion->condition, tree_place(condition));
        return criterion->schema ? 0 : -1;
    }
    criterion->condition = json_text(compiler->arena, condition);
    criterion->compiled =
        compiler->hooks->compile_schema(compiler->hooks->data, condition, compiler->findings);
    return criterion->compiled ? 0 : -1;
}

static int compile_text(struct compiler *compiler, struct criterion *criterion,
                        const cJSON *condition)
{
    struct error err;
    criterion->condition = tree_text(condition);
    if (!criterion->condition) {
        findings_add(compiler->findings, tree_place(condition), "'condition' must be a text");
        return -1;
    }
    criterion->text = text_compile(compiler, criterion->condition, tree_place(condition));
    if (!criterion->text)
        return -1;
    if (!text_is_constant(criterion->text))
        return 0;
    criterion->compiled = criterion->type->compile(compiler->arena, criterion->condition, &err);
    if (!criterion->compiled)
        findings_add(compiler->findings, tree_place(condition), "bad %s: %s", criterion->type->name,
                     err.text);
    return criterion->compiled ? 0 : -1;
}

static int compile_typed(struct compiler *compiler, struct criterion *criterion, const cJSON *node,
                         const cJSON *condition)
{
    const cJSON *context = tree_get(node, "context");
    if (!tree_text(context)) {
        findings_add(compiler->findings, tree_place(context ? context : node),
                     "a criterion of type '%s' needs a 'context', which is an expression",
                     criterion->type->name);
        return -1;
    }
    criterion->context = expr_compile(compiler, tree_text(context), tree_place(context));
    int result = criterion->type->compile ? compile_text(compiler, criterion, condition)
                                          : compile_schema(compiler, criterion, condition);
    return criterion->context ? result : -1;
}

static int compile_simple(struct compiler *compiler, struct criterion *criterion, const cJSON *node)
{
    /* YAML reads a bare `true` as a boolean; it means the condition of that text. */
    const char *text =
        cJSON_IsBool(node) ? (cJSON_IsTrue(node) ? "true" : "false") : tree_text(node);
    criterion->type = &criterion_types[0];
    if (!text) {
        findings_add(compiler->findings, tree_place(node), "a condition must be a text but is %s",
                     tree_type_name(node));
        return -1;
    }
    criterion->simple = condition_compile(compiler, text, tree_place(node));
    return criterion->simple ? 0 : -1;
}

static int compile_object(struct compiler *compiler, struct criterion *criterion, const cJSON *node)
{
    check_keys(compiler, node);
    const cJSON *condition = tree_get(node, "condition");
    criterion->type = find_type(compiler, node);
    if (!criterion->type)
        return -1;
    if (!condition) {
        findings_add(compiler->findings, tree_place(node), "a criterion needs a 'condition'");
        return -1;
    }
    if (!criterion->type->test)
        return compile_simple(compiler, criterion, condition);
    return compile_typed(compiler, criterion, node, condition);
}

static int compile_list(struct compiler *compiler, struct criterion *criterion, const cJSON *node)
{
    int result = 0;
    criterion->items = arena_alloc(compiler->arena, (tree_count(node) + 1) * sizeof(void *));
    for (const cJSON *item = node->child; item; item = item->next) {
        criterion->items[criterion->count] = compile_any(compiler, item);
        if (criterion->items[criterion->count])
            criterion->count++;
        else
            result = -1;
    }
    return result;
}

static const struct criterion *compile_any(struct compiler *compiler, const cJSON *node)
{
    bool is_outermost;
    if (!node || !compiler_enter(compiler, tree_place(node)))
        return NULL;
    struct criterion *criterion = arena_alloc(compiler->arena, sizeof *criterion);
    criterion->uses = compiler_uses_open(compiler, &is_outermost);
    int result;
    if (cJSON_IsArray(node))
        result = compile_list(compiler, criterion, node);
    else if (cJSON_IsObject(node))
        result = compile_object(compiler, criterion, node);
    else
        result = compile_simple(compiler, criterion, node);
    compiler_uses_close(compiler, is_outermost);
    compiler_leave(compiler);
    return result == 0 ? criterion : NULL;
}

const struct criterion *criterion_compile(struct compiler *compiler, const cJSON *node)
{
    return compile_any(compiler, node);
}

/* ---- evaluating ---- */

/* What no schema says anything about fits. */
static enum truth test_by_value(const struct criterion *criterion, const cJSON *context,
                                struct eval *eval)
{
    struct error err = {0};
    const cJSON *schema = expr_eval(criterion->schema, eval);
    if (schema && unknown_is_inside(schema))
        return TRUTH_UNKNOWN;
    if (!schema || cJSON_IsNull(schema))
        return TRUTH_TRUE;
    if (!eval->hooks || !eval->hooks->read_schema)
        return TRUTH_FALSE;
    const void *compiled = eval->hooks->read_schema(schema, eval->arena, &err);
    if (!compiled) {
        eval_problem(eval, "%s is no schema: %s", criterion->condition, err.text);
        return TRUTH_FALSE;
    }
    return criterion->type->test(compiled, context, eval);
}

static enum truth test_typed(const struct criterion *criterion, struct eval *eval)
{
    const cJSON *context = expr_eval(criterion->context, eval);
    if (!context || (cJSON_IsNull(context) && !expr_is_unknown(context)))
        return TRUTH_FALSE;
    if (eval_is_unseen(eval, context))
        return TRUTH_UNKNOWN;
    struct error err;
    const void *compiled = criterion->compiled;
    if (criterion->schema)
        return test_by_value(criterion, context, eval);
    if (!compiled) {
        const cJSON *text = text_eval(criterion->text, eval);
        if (expr_is_unknown(text))
            return TRUTH_UNKNOWN;
        compiled = criterion->type->compile(eval->arena, tree_text(text), &err);
        if (!compiled) {
            eval_problem(eval, "bad %s '%s': %s", criterion->type->name, tree_text(text), err.text);
            return TRUTH_FALSE;
        }
    }
    return criterion->type->test(compiled, context, eval);
}

bool criterion_equates(const struct criterion *criterion, const struct expr **expr,
                       const cJSON **literal)
{
    return criterion->simple && condition_equates(criterion->simple, expr, literal);
}

enum truth criterion_eval(const struct criterion *criterion, struct eval *eval)
{
    if (criterion->items) {
        enum truth all = TRUTH_TRUE;
        for (size_t i = 0; i < criterion->count && all != TRUTH_FALSE; i++)
            all = truth_and(all, criterion_eval(criterion->items[i], eval));
        return all;
    }
    return criterion->simple ? condition_eval(criterion->simple, eval)
                             : test_typed(criterion, eval);
}

/* What the schema has against the value; nothing when it fits. */
static void explain_schema(const struct criterion *criterion, const cJSON *context,
                           struct eval *eval, struct strbuf *out)
{
    struct error err = {0};
    const void *compiled = criterion->compiled;
    if (criterion->schema) {
        const cJSON *schema = expr_eval(criterion->schema, eval);
        if (!schema || unknown_is_inside(schema) || !eval->hooks->read_schema)
            return;
        compiled = eval->hooks->read_schema(schema, eval->arena, &err);
    }
    struct strbuf why = STRBUF_INIT(LIMIT_MESSAGE);
    if (compiled && !eval->hooks->accepts(compiled, context, eval->arena, &why) && why.len)
        strbuf_addf(out, " (%s)", why.buf);
    strbuf_release(&why);
}

static void explain_context(const struct criterion *criterion, struct eval *eval,
                            struct strbuf *out)
{
    const cJSON *context = expr_eval(criterion->context, eval);
    strbuf_addf(out, "%s of %s: %s", criterion->type->name, expr_text(criterion->context),
                criterion->condition);
    if (!context || expr_is_unknown(context))
        strbuf_addf(out, ": it was %s", context ? "unknown" : "nothing");
    else {
        const char *text = json_text(eval->arena, context);
        strbuf_addf(out, ": it was %.200s%s", text, strlen(text) > 200 ? "..." : "");
    }
    if (criterion->type->is_ours && context && eval->hooks && eval->hooks->accepts)
        explain_schema(criterion, context, eval, out);
}

void criterion_explain(const struct criterion *criterion, struct eval *eval, struct strbuf *out)
{
    for (size_t i = 0; i < criterion->count; i++) {
        if (i)
            strbuf_addch(out, '\n');
        criterion_explain(criterion->items[i], eval, out);
    }
    if (criterion->items)
        return;
    if (criterion->simple)
        condition_explain(criterion->simple, eval, out);
    else
        explain_context(criterion, eval, out);
}

const struct uses *criterion_uses(const struct criterion *criterion)
{
    return criterion ? criterion->uses : NULL;
}

enum truth criterion_gate(const struct criterion *if_, const struct criterion *unless,
                          struct eval *eval)
{
    enum truth truth = if_ ? criterion_eval(if_, eval) : TRUTH_TRUE;
    if (truth == TRUTH_FALSE || !unless)
        return truth;
    return truth_and(truth, truth_not(criterion_eval(unless, eval)));
}
