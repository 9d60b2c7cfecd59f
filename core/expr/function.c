/* SPDX-License-Identifier: Apache-2.0 */
/* Function calls: compiled against their row, evaluated with their parameters on demand. */
#include "core/expr/function.h"

#include "core/base/str.h"
#include "core/expr/compiler_internal.h"

#include <string.h>

struct argument {
    const struct template *template;
    const char *name;
    const struct match *match;
};

struct call {
    const struct function *function;
    struct place place;
    struct argument *arguments;
    const void *own;
};

const struct function *function_find(const struct function_table *table, const char *name)
{
    for (; table; table = table->next)
        for (size_t i = 0; i < table->count; i++)
            if (text_is(table->rows[i].name, name))
                return &table->rows[i];
    return NULL;
}

bool call_is_written(const struct compiler *compiler, const cJSON *node)
{
    const cJSON *only = cJSON_IsObject(node) ? node->child : NULL;
    return compiler->functions && only && !only->next && only->string[0] == '$' &&
           only->string[1] != '$';
}

/* ---- findings ---- */

struct function_names {
    const struct function_table *table;
    size_t index;
};

static const char *next_function(void *state)
{
    struct function_names *names = state;
    while (names->table && names->index >= names->table->count) {
        names->table = names->table->next;
        names->index = 0;
    }
    return names->table ? names->table->rows[names->index++].name : NULL;
}

static void refuse_function(struct compiler *compiler, const cJSON *call)
{
    struct function_names names = {compiler->functions, 0};
    const char *nearest = text_nearest(call->string, next_function, &names);
    findings_add(compiler->findings, tree_place(call), "unknown function '%s'%s%s%s", call->string,
                 nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

struct parameter_names {
    const struct function_parameter *at;
};

static const char *next_parameter(void *state)
{
    struct parameter_names *names = state;
    return names->at && names->at->name ? names->at++->name : NULL;
}

static void refuse_parameter(struct compiler *compiler, const struct function *function,
                             const cJSON *member)
{
    struct parameter_names names = {function->parameters};
    const char *nearest = text_nearest(member->string, next_parameter, &names);
    findings_add(compiler->findings, tree_place(member), "'%s' has no parameter '%s'%s%s%s",
                 function->name, member->string, nearest ? " (did you mean '" : "",
                 nearest ? nearest : "", nearest ? "'?)" : "");
}

/* ---- checks of literal values ---- */

/* `types` lists words; "array object". */
static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
            return true;
    return false;
}

static void check_type(struct compiler *compiler, const struct function *function,
                       const struct function_parameter *parameter, const char *type,
                       struct place place)
{
    if (parameter->types && !has_word(parameter->types, type))
        findings_add(compiler->findings, place, "%s of '%s' must be %s but is %s", parameter->name,
                     function->name, parameter->types, type);
}

static void check_text(struct compiler *compiler, const struct function *function,
                       const struct function_parameter *parameter, const char *text,
                       struct place place)
{
    size_t count = 0;
    for (; parameter->choices && parameter->choices[count]; count++)
        if (text_is(parameter->choices[count], text))
            return;
    if (count) {
        const char *nearest = text_nearest_of(text, parameter->choices, count);
        findings_add(compiler->findings, place, "%s of '%s' cannot be '%s'%s%s%s", parameter->name,
                     function->name, text, nearest ? " (did you mean '" : "",
                     nearest ? nearest : "", nearest ? "'?)" : "");
    }
    const char *wrong = parameter->wrong ? parameter->wrong(text) : NULL;
    if (wrong)
        findings_add(compiler->findings, place, "%s of '%s': '%s' %s", parameter->name,
                     function->name, text, wrong);
}

static void check_value(struct compiler *compiler, const struct function *function,
                        const struct function_parameter *parameter, const struct template *template,
                        const cJSON *node)
{
    enum value_kind kind = template_kind_of(template);
    struct place place = tree_place(node);
    if (kind == VALUE_LITERAL || kind == VALUE_BUILT)
        check_type(compiler, function, parameter, tree_type_name(node), place);
    else if (kind == VALUE_TEXT)
        check_type(compiler, function, parameter, "string", place);
    const char *text = kind == VALUE_LITERAL ? tree_text(template_constant(template)) : NULL;
    if (text)
        check_text(compiler, function, parameter, text, place);
}

/* ---- compiling ---- */

static void compile_argument(struct compiler *compiler, struct call *call, size_t index,
                             const cJSON *node)
{
    const struct function_parameter *parameter = &call->function->parameters[index];
    struct argument *argument = &call->arguments[index];
    switch (parameter->kind) {
    case PARAMETER_TEMPLATE:
        argument->template = template_compile(compiler, node);
        check_value(compiler, call->function, parameter, argument->template, node);
        break;
    case PARAMETER_NAME:
        argument->name = tree_text(node);
        if (argument->name)
            check_text(compiler, call->function, parameter, argument->name, tree_place(node));
        else
            findings_add(compiler->findings, tree_place(node), "%s of '%s' must be a text",
                         parameter->name, call->function->name);
        break;
    case PARAMETER_MATCH:
        argument->match = match_compile(compiler, node);
        break;
    }
}

static void compile_members(struct compiler *compiler, struct call *call, const cJSON *node)
{
    const struct function *function = call->function;
    if (!cJSON_IsObject(node)) {
        findings_add(compiler->findings, tree_place(node),
                     "'%s' takes an object of parameters but found %s", function->name,
                     tree_type_name(node));
        return;
    }
    for (const cJSON *member = node->child; member; member = member->next) {
        size_t index = 0;
        while (function->parameters[index].name &&
               !text_is(function->parameters[index].name, member->string))
            index++;
        if (function->parameters[index].name)
            compile_argument(compiler, call, index, member);
        else
            refuse_parameter(compiler, function, member);
    }
    for (const struct function_parameter *row = function->parameters; row->name; row++)
        if (row->is_required && !tree_get(node, row->name))
            findings_add(compiler->findings, tree_place(node), "'%s' needs the parameter '%s'",
                         function->name, row->name);
}

static void compile_pair(struct compiler *compiler, struct call *call, const cJSON *node)
{
    size_t wanted = 0, index = 0;
    while (call->function->parameters[wanted].name)
        wanted++;
    if (!cJSON_IsArray(node) || tree_count(node) != wanted) {
        findings_add(compiler->findings, tree_place(node), "'%s' takes a list of %zu: [%s, %s]",
                     call->function->name, wanted, call->function->parameters[0].name,
                     call->function->parameters[1].name);
        return;
    }
    for (const cJSON *item = node->child; item; item = item->next)
        compile_argument(compiler, call, index++, item);
}

static void compile_list(struct compiler *compiler, struct call *call, const cJSON *node)
{
    call->arguments[0].template = template_compile(compiler, node);
    enum value_kind kind = template_kind_of(call->arguments[0].template);
    if (!cJSON_IsArray(node) && kind != VALUE_ANY)
        findings_add(compiler->findings, tree_place(node), "'%s' takes a list but found %s",
                     call->function->name, tree_type_name(node));
}

static int compile_own(struct compiler *compiler, struct call *call, const cJSON *node)
{
    call->own = call->function->compile(compiler, node);
    return call->own ? 0 : -1;
}

static int compile_arguments(struct compiler *compiler, struct call *call, const cJSON *node)
{
    if (call->function->compile)
        return compile_own(compiler, call, node);
    size_t before = compiler->findings->errors;
    if (call->function->shape == FUNCTION_MEMBERS)
        compile_members(compiler, call, node);
    else if (call->function->shape == FUNCTION_PAIR)
        compile_pair(compiler, call, node);
    else if (call->function->shape == FUNCTION_LIST)
        compile_list(compiler, call, node);
    else
        compile_argument(compiler, call, 0, node);
    return compiler->findings->errors == before ? 0 : -1;
}

struct call *call_compile(struct compiler *compiler, const cJSON *node)
{
    const cJSON *written = node->child;
    struct call *call = arena_alloc(compiler->arena, sizeof *call);
    call->place = tree_place(written);
    call->function = function_find(compiler->functions, written->string);
    if (!call->function) {
        refuse_function(compiler, written);
        return NULL;
    }
    compiler_use(compiler, (struct use){.function = call->function, .place = call->place});
    call->arguments = arena_alloc(compiler->arena, PARAMETERS_MAX * sizeof *call->arguments);
    return compile_arguments(compiler, call, written) == 0 ? call : NULL;
}

/* ---- evaluating ---- */

const cJSON *call_eval(const struct call *call, struct eval *eval)
{
    if (eval->depth >= EVAL_DEPTH_MAX)
        return eval_problem(eval, "'%s' is nested too deeply", call->function->name);
    bool had_met = eval->met_unknown;
    eval->met_unknown = false;
    eval->depth++;
    const cJSON *value = call->function->eval(call, eval);
    eval->depth--;
    if (eval->met_unknown)
        value = expr_unknown();
    eval->met_unknown = had_met;
    return value;
}

/* What cannot be seen makes the whole call unknown. */
static const cJSON *see(const struct call *call, const cJSON *value, struct eval *eval)
{
    if (call->function->flags & FUNCTION_SEES_UNKNOWN || !eval_is_unseen(eval, value))
        return value;
    eval->met_unknown = true;
    return NULL;
}

const cJSON *call_value(const struct call *call, size_t parameter, struct eval *eval)
{
    return see(call, template_value(call->arguments[parameter].template, eval), eval);
}

bool call_has(const struct call *call, size_t parameter)
{
    const struct argument *argument = &call->arguments[parameter];
    return argument->template || argument->name || argument->match;
}

const char *call_text(const struct call *call, size_t parameter, struct eval *eval)
{
    const cJSON *value = call_value(call, parameter, eval);
    return value && !expr_is_unknown(value) ? value_text(eval->arena, value) : NULL;
}

const char *call_name(const struct call *call, size_t parameter)
{
    return call->arguments[parameter].name;
}

const struct match *call_match(const struct call *call, size_t parameter)
{
    return call->arguments[parameter].match;
}

const cJSON *call_list(const struct call *call, struct eval *eval)
{
    const cJSON *list = call_value(call, 0, eval);
    if (list && !expr_is_unknown(list) && !cJSON_IsArray(list))
        return eval_problem(eval, "'%s' takes a list but met %s", call->function->name,
                            tree_type_name(list));
    return list;
}

const struct template *const *call_items(const struct call *call, size_t *count)
{
    /* cppcheck-suppress CastIntegerToAddressAtReturn ; it is a pointer */
    return template_items(call->arguments[0].template, count);
}

const void *call_own(const struct call *call)
{
    return call->own;
}

const struct function *call_function(const struct call *call)
{
    return call->function;
}
