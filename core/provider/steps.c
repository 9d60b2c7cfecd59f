/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of YAML to steps of C. A verb is a row: its key, the keys beside it, and its compiler. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <string.h>

typedef void compile_verb(struct builder *builder, const struct machine *machine, const cJSON *node,
                          struct step *step);

static struct start compile_start_of(struct builder *builder, const struct machine *machine,
                                     const cJSON *node)
{
    const cJSON *start = tree_get(node, "start");
    struct start result = {.wanted = start != NULL,
                           .queue = builder_template(builder, tree_get(node, "queue"))};

    (void)machine;
    if (!start)
        return result;
    if (!builder_is_call(start))
        result.name = tree_text(start);
    if (!text_is(result.name, "choose"))
        result.outcome = builder_template(builder, start);
    return result;
}

static void compile_change(struct builder *builder, const struct machine *machine,
                           const cJSON *node, struct step *step)
{
    step->change = builder_change(builder, machine, node);
}

static void compile_create(struct builder *builder, const struct machine *machine,
                           const cJSON *node, struct step *step)
{
    static const char *const choices[] = {"fail", "keep", "replace"};
    struct texts_list keep = loader_pointers(&builder->loader, tree_get(node, "keep"));
    struct create *create = &step->create;
    size_t i;

    (void)machine;
    create->kind = builder_kind(builder, tree_get(node, "create"));
    machine = create->kind ? create->kind->machine : NULL;
    create->id = builder_template(builder, tree_get(node, "id"));
    create->given = builder_template(builder, tree_get(node, "given"));
    create->to = builder_target(builder, machine, tree_get(node, "to"));
    create->set = builder_assignments(builder, tree_get(node, "set"));
    create->start = compile_start_of(builder, machine, node);
    create->same = builder_template(builder, tree_get(node, "same"));
    create->keep = keep.items;
    create->keep_count = keep.count;
    for (i = 0; i < sizeof choices / sizeof *choices; i++)
        if (text_is(tree_get_text(node, "if_exists"), choices[i]))
            create->if_exists = (enum if_exists)i;
    if (create->kind && !create->kind->id_make && !create->id) {
        const cJSON *given = tree_get(node, "given");

        if (!given)
            findings_add(builder->findings, tree_place(node),
                         "'%s' has no 'make': the step must give an 'id'", create->kind->name);
    }
}

static void compile_copy(struct builder *builder, const struct machine *machine, const cJSON *node,
                         struct step *step)
{
    struct {
        VEC(const struct kind *);
    } kinds = {0};
    const cJSON *item;

    (void)machine;
    step->copy.of = builder_template(builder, tree_get(node, "copy"));
    step->copy.set = builder_assignments(builder, tree_get(node, "set"));
    cJSON_ArrayForEach (item, tree_get(node, "related")) {
        const struct kind *kind = builder_kind(builder, item);

        if (kind)
            vec_push_arena(builder->arena, &kinds, kind);
    }
    step->copy.related = kinds.items;
    step->copy.related_count = kinds.count;
}

static void compile_emit(struct builder *builder, const struct machine *machine, const cJSON *node,
                         struct step *step)
{
    const cJSON *name = tree_get(node, "emit");

    (void)machine;
    if (!builder_is_call(name))
        step->emit.name = tree_text(name);
    step->emit.name_value = builder_template(builder, name);
    step->emit.data = builder_template(builder, tree_get(node, "data"));
}

static void compile_let(struct builder *builder, const struct machine *machine, const cJSON *node,
                        struct step *step)
{
    (void)machine;
    step->let = builder_assignments(builder, tree_get(node, "let"));
}

static void compile_each(struct builder *builder, const struct machine *machine, const cJSON *node,
                         struct step *step)
{
    step->each.in = builder_template(builder, tree_get(node, "each"));
    step->each.as = step->as ? step->as : "item";
    step->each.every = builder_delay(builder, tree_get(node, "every"));
    step->each.steps = builder_steps(builder, machine, tree_get(node, "do"));
}

static void compile_repeat(struct builder *builder, const struct machine *machine,
                           const cJSON *node, struct step *step)
{
    const cJSON *repeat = tree_get(node, "repeat"), *backoff = tree_get(repeat, "backoff");
    const cJSON *factor = tree_get(backoff, "factor");

    step->repeat.times = builder_template(builder, tree_get(repeat, "times"));
    step->repeat.while_ = criterion_compile(&builder->loader.compiler, tree_get(repeat, "while"));
    step->repeat.delay = builder_duration(tree_get(backoff, "delay"));
    step->repeat.max = builder_duration(tree_get(backoff, "max"));
    step->repeat.factor = cJSON_IsNumber(factor) ? factor->valuedouble : 1;
    step->repeat.steps = builder_steps(builder, machine, tree_get(node, "do"));
    if (!step->repeat.times && !step->repeat.while_)
        findings_add(builder->findings, tree_place(repeat),
                     "'repeat' without 'times' and 'while' never ends");
}

static void compile_call(struct builder *builder, const struct machine *machine, const cJSON *node,
                         struct step *step)
{
    const cJSON *call = tree_get(node, "call");
    const char **names;
    size_t i, count = builder->provider->service.callback_count;

    (void)machine;
    names = arena_alloc(builder->arena, (count + 1) * sizeof *names);
    for (i = 0; i < count; i++) {
        names[i] = builder->webhooks[i].name;
        if (text_is(names[i], tree_text(call)))
            step->call = &builder->webhooks[i];
    }
    if (!step->call && tree_text(call))
        loader_unknown(&builder->loader, call, "callback", tree_text(call), names, count);
}

static void compile_start(struct builder *builder, const struct machine *machine, const cJSON *node,
                          struct step *step)
{
    step->start = compile_start_of(builder, machine, node);
}

static const struct script *find_script(struct builder *builder, const cJSON *name)
{
    size_t i, count = builder->provider->script_count;
    const char **names = arena_alloc(builder->arena, (count + 1) * sizeof *names);

    for (i = 0; i < count; i++) {
        names[i] = builder->scripts[i].name;
        if (text_is(names[i], tree_text(name)))
            return &builder->scripts[i];
    }
    loader_unknown(&builder->loader, name, "script", tree_text(name), names, count);
    return NULL;
}

static void compile_do(struct builder *builder, const struct machine *machine, const cJSON *node,
                       struct step *step)
{
    const cJSON *body = tree_get(node, "do");

    if (tree_text(body))
        step->run.script = find_script(builder, body);
    else
        step->run.steps = builder_steps(builder, machine, body);
    step->run.with = builder_assignments(builder, tree_get(node, "with"));
}

/* In the order in which keys are asked for: `each` and `repeat` have a `do` of their own. */
const struct verb_row verb_rows[] = {
    {"create", VERB_CREATE, "id given to set start queue if_exists keep same"},
    {"copy", VERB_COPY, "set related"},
    {"emit", VERB_EMIT, "data"},
    {"let", VERB_LET, ""},
    {"each", VERB_EACH, "every do"},
    {"repeat", VERB_REPEAT, "do"},
    {"call", VERB_CALL, ""},
    {"start", VERB_START, "queue"},
    {"do", VERB_DO, "with"},
    {"to", VERB_CHANGE, "set unset merge replace keep quiet"},
    {"set", VERB_CHANGE, "unset merge replace keep quiet"},
    {"unset", VERB_CHANGE, "merge replace keep quiet"},
    {"merge", VERB_CHANGE, "quiet"},
    {"replace", VERB_CHANGE, "keep quiet"},
};
const size_t verb_row_count = sizeof verb_rows / sizeof *verb_rows;

static compile_verb *const compilers[VERBS] = {
    [VERB_CHANGE] = compile_change, [VERB_CREATE] = compile_create, [VERB_COPY] = compile_copy,
    [VERB_EMIT] = compile_emit,     [VERB_LET] = compile_let,       [VERB_EACH] = compile_each,
    [VERB_DO] = compile_do,         [VERB_START] = compile_start,   [VERB_REPEAT] = compile_repeat,
    [VERB_CALL] = compile_call,
};

static bool is_word_of(const char *words, const char *word)
{
    size_t len = strlen(word);
    const char *at;

    for (at = words; (at = strstr(at, word)); at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return true;
    return false;
}

/* A key that belongs to another verb than the step's. */
static void check_keys(struct builder *builder, const struct verb_row *row, const cJSON *node)
{
    static const char columns[] = "if unless else after subject as";
    const cJSON *member;

    cJSON_ArrayForEach (member, node)
        if (member->string && !text_is(member->string, row->key) &&
            !is_word_of(columns, member->string) && !is_word_of(row->with, member->string))
            findings_add(builder->findings, tree_key_place(member),
                         "'%s' does not go with '%s': a step has one verb", member->string,
                         row->key);
}

static struct step compile_step(struct builder *builder, const struct machine *machine,
                                const cJSON *node)
{
    const cJSON *subject = tree_get(node, "subject");
    struct step step = {.verb = VERB_CHANGE, .place = tree_place(node)};
    size_t i;

    step.when = criterion_compile(&builder->loader.compiler, tree_get(node, "if"));
    step.unless = criterion_compile(&builder->loader.compiler, tree_get(node, "unless"));
    step.otherwise = builder_steps(builder, machine, tree_get(node, "else"));
    step.after = builder_delay(builder, tree_get(node, "after"));
    step.subject = builder_template(builder, subject);
    step.subject_text = tree_text(subject);
    step.as = tree_get_text(node, "as");
    if (subject)
        machine = builder_machine_of(builder, subject);
    for (i = 0; i < verb_row_count && !tree_get(node, verb_rows[i].key); i++)
        ;
    if (i < verb_row_count) {
        step.verb = verb_rows[i].verb;
        check_keys(builder, &verb_rows[i], node);
        compilers[step.verb](builder, machine, node, &step);
    } else if (!tree_get(node, "after")) {
        findings_add(builder->findings, step.place, "a step without a verb does nothing");
    }
    return step;
}

struct steps builder_steps(struct builder *builder, const struct machine *machine,
                           const cJSON *node)
{
    struct {
        VEC(struct step);
    } steps = {0};
    const cJSON *item;

    if (tree_text(node)) {
        struct step step = {.verb = VERB_DO, .place = tree_place(node)};

        step.run.script = find_script(builder, node);
        vec_push_arena(builder->arena, &steps, step);
    }
    if (builder->depth == STEP_DEPTH_MAX) {
        findings_add(builder->findings, tree_place(node), "steps are nested too deeply");
        return (struct steps){NULL, 0};
    }
    builder->depth++;
    if (cJSON_IsArray(node))
        cJSON_ArrayForEach (item, node)
            if (cJSON_IsObject(item)) {
                struct step step = compile_step(builder, machine, item);

                vec_push_arena(builder->arena, &steps, step);
            }
    builder->depth--;
    return (struct steps){steps.items, steps.count};
}
