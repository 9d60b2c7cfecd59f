/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays one file of tests/data/expr: `scope`, `http`, `now`, `time` and `cases`. A case has one of
 * expression, condition, criterion, template, match (+ value), and what is expected: is, nothing,
 * unknown, finding, problem, explains, uses, equates. In a scope "?" stands for a value that cannot
 * be seen, and a member "?" makes its object a partial one. Prints each failure and closes with the
 * count.
 */
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/expr/condition.h"
#include "core/expr/criterion.h"
#include "core/expr/expr.h"
#include "core/expr/function.h"
#include "core/expr/match.h"
#include "core/expr/template.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 32, SHOWN_MAX = 4000 };

struct setting {
    struct arena *arena;
    const cJSON *file, *one; /* the file and the case */
    struct binding bindings[NAMES_MAX];
    struct scope scope;
    struct findings findings;
    struct compiler compiler;
    struct eval eval;
    struct root_names roots;
    const char *names[NAMES_MAX];
    const struct uses *uses;
    const char *equates; /* of a criterion: "$x 5", "" when it is no such comparison */
};

/* What came out: a value (maybe NULL) or nothing compiled. */
struct outcome {
    bool is_compiled;
    const cJSON *value;
    struct strbuf explained;
};

/* ---- toy hooks: a schema is valid when its `const` is equal, or it has none ---- */

static const void *compile_toy(void *data, const cJSON *schema, struct findings *findings)
{
    (void)data;
    (void)findings;
    return schema;
}

static bool accepts_toy(const void *schema, const cJSON *value, struct arena *arena,
                        struct strbuf *why)
{
    const cJSON *wanted = tree_get(schema, "const");
    (void)arena;
    if (why)
        strbuf_adds(why, "not the const");
    return !wanted || tree_equal(wanted, value);
}

static const void *find_toy(void *data, const char *name, struct place place,
                            struct findings *findings)
{
    static const int known;
    (void)data;
    if (strcmp(name, "Run") == 0)
        return &known;
    findings_add(findings, place, "unknown schema '%s'", name);
    return NULL;
}

static cJSON *example_toy(const void *schema, struct arena *arena, uint64_t key)
{
    (void)schema;
    (void)key;
    return tree_string(arena, "an example");
}

/* A value of the world: { const: X } again; anything else is no schema. */
static const void *read_toy(const cJSON *schema, struct arena *arena, struct error *err)
{
    (void)arena;
    if (tree_get(schema, "const"))
        return schema;
    fail(err, ERROR_INVALID, "no const");
    return NULL;
}

static const struct expr_hooks toy_hooks = {.compile_schema = compile_toy,
                                            .read_schema = read_toy,
                                            .accepts = accepts_toy,
                                            .find_schema = find_toy,
                                            .example = example_toy};

/* ---- the scope ---- */

static cJSON *blind(struct arena *arena, const cJSON *node)
{
    if (cJSON_IsString(node) && strcmp(node->valuestring, "?") == 0)
        return unknown_node(arena);
    if (!cJSON_IsArray(node) && !cJSON_IsObject(node))
        return tree_copy(arena, node);
    cJSON *copy = cJSON_IsArray(node) ? tree_array(arena) : tree_object(arena);
    for (const cJSON *child = node->child; child; child = child->next) {
        if (cJSON_IsArray(node))
            tree_append(copy, blind(arena, child));
        else if (strcmp(child->string, "?") == 0)
            unknown_mark_partial(copy);
        else
            tree_set(arena, copy, child->string, blind(arena, child));
    }
    return copy;
}

static const cJSON *answer_http(void *data, enum http_part part, struct str name, struct eval *eval)
{
    static const char *const pointers[] = {"/url",
                                           "/method",
                                           "/status",
                                           "/request/header",
                                           "/request/query",
                                           "/request/path",
                                           "/request/body",
                                           "/request/sent",
                                           "/response/header",
                                           "/response/query",
                                           "/response/path",
                                           "/response/body",
                                           "/message/header",
                                           "/message/payload"};
    const struct setting *setting = data;
    const cJSON *found = seen_pointer(tree_get(setting->file, "http"), pointers[part]);
    (void)eval;
    return found && name.len ? tree_get(found, name.ptr) : found;
}

static int64_t count_up(struct eval *eval)
{
    (void)eval;
    return 7;
}

static const char *step_up(struct eval *eval, const char *pointer, const char *id)
{
    const struct setting *setting = eval->host;
    (void)pointer;
    return tree_get_text(tree_get(setting->file, "parents"), id);
}

static void set_up_scope(struct setting *setting)
{
    const cJSON *scope = tree_get(setting->one, "scope");
    if (!scope)
        scope = tree_get(setting->file, "scope");
    setting->scope =
        (struct scope){.bindings = setting->bindings, .http = answer_http, .data = setting};
    for (const cJSON *name = scope ? scope->child : NULL; name; name = name->next) {
        setting->bindings[setting->scope.count] =
            (struct binding){name->string, blind(setting->arena, name)};
        setting->names[setting->scope.count++] = name->string;
    }
}

static void set_up(struct setting *setting)
{
    set_up_scope(setting);
    setting->roots = (struct root_names){.items = setting->names, .count = setting->scope.count};
    setting->compiler = (struct compiler){.arena = setting->arena,
                                          .findings = &setting->findings,
                                          .functions = &core_functions,
                                          .hooks = &toy_hooks,
                                          .roots = &setting->roots};
    if (tree_is_true(tree_get(setting->one, "literal"))) {
        setting->compiler.flags = COMPILER_LITERAL;
        setting->compiler.functions = NULL;
    }
    if (tree_is_true(tree_get(setting->one, "scenario"))) {
        setting->compiler.flags = COMPILER_ARAZZO;
        setting->compiler.functions = NULL;
        setting->compiler.roots = NULL;
    }
    setting->eval = (struct eval){.arena = setting->arena,
                                  .scope = &setting->scope,
                                  .hooks = &toy_hooks,
                                  .count_up = count_up,
                                  .step_up = step_up,
                                  .host = setting};
    const char *now = tree_get_text(setting->file, "now");
    const cJSON *time = tree_get(setting->one, "time");
    if (now)
        instant_parse(now, false, &setting->eval.now);
    if (time)
        time_form_find(tree_text(time), &setting->eval.time_form);
}

/* ---- the kinds of cases ---- */

static const cJSON *truth_node(struct arena *arena, enum truth truth)
{
    return truth == TRUTH_UNKNOWN ? expr_unknown() : tree_bool(arena, truth == TRUTH_TRUE);
}

static void play_expression(struct setting *setting, const cJSON *node, struct outcome *outcome)
{
    const struct expr *expr = expr_compile(&setting->compiler, tree_text(node), tree_place(node));
    outcome->is_compiled = expr != NULL;
    if (!expr)
        return;
    outcome->value = expr_eval(expr, &setting->eval);
    strbuf_addf(&outcome->explained, "%s %s", expr_root(expr), expr_pointer(expr));
}

static void play_condition(struct setting *setting, const cJSON *node, struct outcome *outcome)
{
    const struct condition *condition =
        condition_compile(&setting->compiler, tree_text(node), tree_place(node));
    outcome->is_compiled = condition != NULL;
    if (!condition)
        return;
    outcome->value = truth_node(setting->arena, condition_eval(condition, &setting->eval));
    condition_explain(condition, &setting->eval, &outcome->explained);
}

static void play_criterion(struct setting *setting, const cJSON *node, struct outcome *outcome)
{
    const struct criterion *criterion = criterion_compile(&setting->compiler, node);
    outcome->is_compiled = criterion != NULL;
    if (!criterion)
        return;
    outcome->value = truth_node(setting->arena, criterion_eval(criterion, &setting->eval));
    setting->uses = criterion_uses(criterion);
    const struct expr *expr;
    const cJSON *literal;
    if (criterion_equates(criterion, &expr, &literal))
        setting->equates = arena_printf(setting->arena, "%s %s", expr_text(expr),
                                        json_text(setting->arena, literal));
    criterion_explain(criterion, &setting->eval, &outcome->explained);
}

static void play_template(struct setting *setting, const cJSON *node, struct outcome *outcome)
{
    const struct template *template = template_compile(&setting->compiler, node);
    outcome->is_compiled = setting->findings.errors == 0;
    outcome->value = template_eval(template, &setting->eval);
    setting->uses = template_uses(template);
    strbuf_adds(&outcome->explained, template_constant(template) ? "constant" : "");
}

static void play_match(struct setting *setting, const cJSON *node, struct outcome *outcome)
{
    const struct match *match = match_compile(&setting->compiler, node);
    outcome->is_compiled = match != NULL;
    if (!match)
        return;
    const cJSON *value = tree_get(setting->one, "value");
    const struct bound_match *bound = match_bind(match, &setting->eval);
    if (value)
        value = blind(setting->arena, value);
    outcome->value = truth_node(setting->arena, match_bound_test(bound, value));
    setting->uses = match_uses(match);
    match_explain(bound, value, &outcome->explained);
}

static const struct {
    const char *key;
    void (*play)(struct setting *setting, const cJSON *node, struct outcome *outcome);
} kinds[] = {
    {"expression", play_expression}, {"condition", play_condition}, {"criterion", play_criterion},
    {"template", play_template},     {"match", play_match},
};

/* ---- what was expected ---- */

static const char *show(struct arena *arena, const cJSON *value)
{
    if (expr_is_unknown(value))
        return "unknown";
    return value ? json_text(arena, value) : "nothing";
}

static bool is_expected_value(struct setting *setting, const cJSON *value, struct strbuf *wrong)
{
    const cJSON *is = tree_get(setting->one, "is");
    const char *wanted = NULL, *found = show(setting->arena, value);
    if (tree_get(setting->one, "nothing"))
        wanted = "nothing";
    else if (tree_get(setting->one, "unknown"))
        wanted = "unknown";
    else if (is)
        wanted = json_text(setting->arena, is);
    else
        return true;
    if (is ? value && !expr_is_unknown(value) && tree_equal(is, value) : strcmp(wanted, found) == 0)
        return true;
    strbuf_addf(wrong, "expected %s but found %s", wanted, found);
    return false;
}

static bool is_expected_text(const struct setting *setting, const char *key, const char *found,
                             struct strbuf *wrong)
{
    const char *wanted = tree_get_text(setting->one, key);
    if (!wanted || strstr(found, wanted))
        return true;
    strbuf_addf(wrong, "expected the %s '%s' but found '%s'", key, wanted, found);
    return false;
}

/* "run/id local:x $first" */
static void list_uses(const struct uses *uses, struct strbuf *out)
{
    for (size_t i = 0; uses && i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        strbuf_addf(out, "%s%s", i ? " " : "", use->is_local ? "local:" : "");
        if (use->function)
            strbuf_adds(out, use->function->name);
        else
            strbuf_addf(out, "%s%s", expr_root(use->expr), expr_pointer(use->expr));
    }
}

/* To the letter: "" is a comparison of another kind. */
static bool is_expected_equation(const struct setting *setting, struct strbuf *wrong)
{
    const char *wanted = tree_get_text(setting->one, "equates");
    if (!wanted || strcmp(wanted, setting->equates) == 0)
        return true;
    strbuf_addf(wrong, "expected to equate '%s' but found '%s'", wanted, setting->equates);
    return false;
}

static bool is_expected(struct setting *setting, const struct outcome *outcome,
                        struct strbuf *wrong)
{
    struct strbuf findings = STRBUF_INIT(LIMIT_MESSAGE), uses = STRBUF_INIT(LIMIT_MESSAGE);
    findings_print(&setting->findings, &findings);
    list_uses(setting->uses, &uses);
    bool wants_finding = tree_get(setting->one, "finding") != NULL;
    bool is_right;
    if (!wants_finding && findings.len) {
        strbuf_addf(wrong, "found %s", findings.buf);
        is_right = false;
    } else if (wants_finding) {
        is_right = is_expected_text(setting, "finding", findings.buf, wrong) && findings.len;
    } else {
        const char *problem = setting->eval.problem ? setting->eval.problem : "";
        is_right = outcome->is_compiled && is_expected_value(setting, outcome->value, wrong) &&
                   is_expected_text(setting, "problem", problem, wrong) &&
                   is_expected_text(setting, "explains", outcome->explained.buf, wrong) &&
                   is_expected_text(setting, "uses", uses.buf, wrong) &&
                   is_expected_equation(setting, wrong);
        if (is_right && *problem && !tree_get(setting->one, "problem")) {
            strbuf_addf(wrong, "met the problem '%s'", problem);
            is_right = false;
        }
    }
    strbuf_release(&findings);
    strbuf_release(&uses);
    return is_right;
}

static bool play_case(struct arena *arena, const cJSON *file, const cJSON *one)
{
    struct setting setting = {.arena = arena, .file = file, .one = one, .equates = ""};
    struct outcome outcome = {.explained = STRBUF_INIT(LIMIT_MESSAGE)};
    struct strbuf wrong = STRBUF_INIT(SHOWN_MAX);
    bool is_right = false;
    size_t kind = 0;
    set_up(&setting);
    while (kind < sizeof kinds / sizeof kinds[0] && !tree_get(one, kinds[kind].key))
        kind++;
    if (kind < sizeof kinds / sizeof kinds[0]) {
        kinds[kind].play(&setting, tree_get(one, kinds[kind].key), &outcome);
        is_right = is_expected(&setting, &outcome, &wrong);
    } else {
        strbuf_adds(&wrong, "the case asks nothing");
    }
    if (!is_right) {
        struct strbuf place = STRBUF_INIT(SHOWN_MAX);
        place_print(tree_place(one), &place);
        fprintf(stderr, "%s: %s: %s\n", place.buf, json_text(arena, one), wrong.buf);
        strbuf_release(&place);
    }
    strbuf_release(&wrong);
    strbuf_release(&outcome.explained);
    findings_release(&setting.findings);
    return is_right;
}

int main(int argc, char **argv)
{
    struct findings findings = {0};
    struct arena *arena = arena_new();
    const cJSON *file = argc > 1 ? load_document(arena, argv[1], &findings) : NULL;
    size_t count = 0, failed = 0;
    const cJSON *cases = tree_get(file, "cases");
    for (const cJSON *one = cases ? cases->child : NULL; one; one = one->next, count++)
        failed += !play_case(arena, file, one);
    if (findings.count) {
        struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
        findings_print(&findings, &text);
        fputs(text.buf, stderr);
        strbuf_release(&text);
    }
    printf("%zu cases, %zu failed\n", count, failed);
    findings_release(&findings);
    arena_free(arena);
    return count == 0 || failed ? 1 : 0;
}
