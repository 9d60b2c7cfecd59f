/* SPDX-License-Identifier: Apache-2.0 */
/* $json, $text, $join, $split, $chunks, $generate, $example. */
#include "core/expr/functions_internal.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/expr/compiler_internal.h"
#include "core/expr/generate.h"

#include <string.h>

const cJSON *eval_json(const struct call *call, struct eval *eval)
{
    const cJSON *value = call_value(call, 0, eval);
    return value ? tree_string(eval->arena, json_text(eval->arena, value)) : NULL;
}

const cJSON *eval_text(const struct call *call, struct eval *eval)
{
    const char *text = call_text(call, 0, eval);
    return text ? tree_string(eval->arena, text) : NULL;
}

const cJSON *eval_join(const struct call *call, struct eval *eval)
{
    const cJSON *list = call_value(call, 0, eval);
    const char *separator = call_text(call, 1, eval);
    if (!list || cJSON_IsNull(list))
        return NULL;
    if (!cJSON_IsArray(list))
        return eval_problem(eval, "'$join' takes a list but met %s", tree_type_name(list));
    struct strbuf text = STRBUF_INIT(LIMIT_BODY);
    for (const cJSON *item = list->child; item; item = item->next) {
        if (item != list->child)
            strbuf_adds(&text, separator ? separator : "");
        strbuf_adds(&text, value_text(eval->arena, item));
    }
    const cJSON *result = text.overflowed ? NULL : tree_string_n(eval->arena, text.buf, text.len);
    strbuf_release(&text);
    return result;
}

const cJSON *eval_split(const struct call *call, struct eval *eval)
{
    const cJSON *value = call_value(call, 0, eval);
    const char *separator = call_text(call, 1, eval);
    if (!value || cJSON_IsNull(value))
        return NULL;
    if (!separator || !*separator)
        return eval_problem(eval, "'$split' needs a separator");
    const char *at = value_text(eval->arena, value), *end;
    cJSON *result = tree_array(eval->arena);
    while ((end = strstr(at, separator)) != NULL) {
        tree_append(result, tree_string_n(eval->arena, at, (size_t)(end - at)));
        at = end + strlen(separator);
    }
    tree_append(result, tree_string(eval->arena, at));
    return result;
}

const cJSON *eval_chunks(const struct call *call, struct eval *eval)
{
    const cJSON *value = call_value(call, 0, eval);
    int64_t size = 0;
    if (!value || cJSON_IsNull(value))
        return NULL;
    if (!tree_as_int64(call_value(call, 1, eval), &size) || size < 1)
        return eval_problem(eval, "'$chunks' needs a size of at least 1");
    const char *at = value_text(eval->arena, value);
    cJSON *result = tree_array(eval->arena);
    while (*at) {
        const char *end = at;
        for (int64_t n = 0; *end && n < size; n++)
            do
                end++;
            while (((unsigned char)*end & 0xc0) == 0x80); /* the rest of the character */
        tree_append(result, tree_string_n(eval->arena, at, (size_t)(end - at)));
        at = end;
    }
    return result;
}

/* ---- $generate ---- */

struct generation {
    const struct template *pattern, *seed;
    const struct generator *generator; /* NULL: the pattern has expressions */
};

static void compile_pattern(struct compiler *compiler, struct generation *generation,
                            const cJSON *pattern)
{
    struct error err;
    generation->pattern = template_compile(compiler, pattern);
    const cJSON *constant = template_constant(generation->pattern);
    if (!constant)
        return;
    const char *text = tree_text(constant);
    if (!text) {
        findings_add(compiler->findings, tree_place(pattern),
                     "pattern of '$generate' must be a text");
        return;
    }
    generation->generator = generator_compile(compiler->arena, text, &err);
    if (!generation->generator)
        findings_add(compiler->findings, tree_place(pattern), "%s", err.text);
}

const void *compile_generate(struct compiler *compiler, const cJSON *parameters)
{
    size_t before = compiler->findings->errors;
    struct generation *generation = arena_alloc(compiler->arena, sizeof *generation);
    if (!cJSON_IsObject(parameters) || call_is_written(compiler, parameters)) {
        compile_pattern(compiler, generation, parameters);
        return compiler->findings->errors == before ? generation : NULL;
    }
    for (const cJSON *member = parameters->child; member; member = member->next) {
        if (text_is(member->string, "pattern"))
            compile_pattern(compiler, generation, member);
        else if (text_is(member->string, "seed"))
            generation->seed = template_compile(compiler, member);
        else
            findings_add(compiler->findings, tree_place(member),
                         "'$generate' has no parameter '%s'", member->string);
    }
    if (!generation->pattern)
        findings_add(compiler->findings, tree_place(parameters),
                     "'$generate' needs the parameter 'pattern'");
    return compiler->findings->errors == before ? generation : NULL;
}

const cJSON *eval_generate(const struct call *call, struct eval *eval)
{
    struct error err;
    const struct generation *generation = call_own(call);
    const struct generator *generator = generation->generator;
    if (!generator) {
        const cJSON *pattern = template_value(generation->pattern, eval);
        if (!pattern || expr_is_unknown(pattern))
            return pattern;
        generator = generator_compile(eval->arena, value_text(eval->arena, pattern), &err);
        if (!generator)
            return eval_problem(eval, "%s", err.text);
    }
    uint64_t key;
    if (generation->seed) {
        const cJSON *seed = template_value(generation->seed, eval);
        if (!seed || expr_is_unknown(seed))
            return seed;
        key = draw_hash_text(0, value_text(eval->arena, seed));
    } else {
        key = eval_draw(eval);
    }
    struct draw draw = draw_from(key);
    int64_t counter = generator_counts(generator) && eval->count_up ? eval->count_up(eval) : 0;
    return tree_string(eval->arena, generator_text(generator, &draw, counter, eval->arena));
}

/* ---- $example ---- */

const void *compile_example(struct compiler *compiler, const cJSON *parameters)
{
    const char *name = tree_text(parameters);
    struct place place = tree_place(parameters);
    if (!name) {
        findings_add(compiler->findings, place, "'$example' takes the name of a schema");
        return NULL;
    }
    if (!compiler->hooks || !compiler->hooks->find_schema) {
        findings_add(compiler->findings, place, "'$example' cannot stand here");
        return NULL;
    }
    return compiler->hooks->find_schema(compiler->hooks->data, name, place, compiler->findings);
}

const cJSON *eval_example(const struct call *call, struct eval *eval)
{
    if (!eval->hooks || !eval->hooks->example)
        return NULL;
    const cJSON *example = eval->hooks->example(call_own(call), eval->arena, eval_draw(eval));
    return example ? example : eval_problem(eval, "no example could be made");
}
