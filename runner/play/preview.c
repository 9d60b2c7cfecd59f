/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/preview.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/schema/schema.h"
#include "runner/play/player.h"

struct preview {
    struct runner *runner;
    struct scene scene;
    const cJSON *step; /* as it is written */
    int depth;
    struct strbuf *out;
};

static void preview_workflow(struct preview *preview, const struct arazzo_workflow *workflow,
                             cJSON *inputs);

static void add_masked(struct preview *preview, const char *text)
{
    const struct secrets *secrets = preview->runner->options->secrets;
    strbuf_adds(preview->out, secrets ? secrets_mask(secrets, preview->runner->arena, text) : text);
}

static void indent(struct preview *preview, int more)
{
    for (int i = 0; i < preview->depth * 2 + more; i++)
        strbuf_addch(preview->out, ' ');
}

/* A parameter of that name as it is written, of the step or else of its workflow. */
static const cJSON *find_written(const struct preview *preview, const char *name)
{
    const cJSON *places[] = {preview->step, preview->scene.workflow->node}, *item;
    for (size_t i = 0; i < 2; i++)
        cJSON_ArrayForEach (item, tree_get(places[i], "parameters"))
            if (text_is(tree_get_text(item, "name"), name))
                return tree_get(item, "value");
    return NULL;
}

static void add_value(struct preview *preview, const char *name, const struct arazzo_value *value)
{
    const cJSON *known = scene_value(&preview->scene, value);
    const cJSON *written = known ? known : find_written(preview, name);
    const char *text = tree_text(written);
    if (!written)
        strbuf_adds(preview->out, "(known when it is played)");
    else
        add_masked(preview, text ? text : json_text(preview->runner->arena, written));
}

static void add_parameters(struct preview *preview, const struct arazzo_parameters *parameters)
{
    const struct secrets *secrets = preview->runner->options->secrets;
    const struct arazzo_parameter *parameter;
    vec_foreach (parameter, parameters) {
        bool is_hidden = secrets && parameter->in && text_is(parameter->in, "header") &&
                         secrets_hides_header(secrets, parameter->name);
        indent(preview, 4);
        strbuf_addf(preview->out, "%s %s: ", parameter->in ? parameter->in : "input",
                    parameter->name);
        if (is_hidden)
            strbuf_adds(preview->out, "***");
        else
            add_value(preview, parameter->name, &parameter->value);
        strbuf_addch(preview->out, '\n');
    }
}

/* As it is written, but what is known already. */
static cJSON *fill(struct arena *arena, const cJSON *written, const cJSON *known, int depth)
{
    bool is_list = cJSON_IsArray(written);
    cJSON *filled;
    if (tree_text(written))
        return tree_copy(arena, known && !cJSON_IsNull(known) ? known : written);
    if ((!cJSON_IsObject(written) && !is_list) || depth > TREE_DEPTH_MAX)
        return tree_copy(arena, written);
    filled = is_list ? tree_array(arena) : tree_object(arena);
    const cJSON *same = is_list && known ? known->child : NULL;
    for (const cJSON *item = written->child; item; item = item->next) {
        const cJSON *value = is_list ? same : tree_get(known, item->string);
        cJSON *copy = fill(arena, item, value, depth + 1);
        if (is_list)
            tree_append(filled, copy);
        else
            tree_set(arena, filled, item->string, copy);
        same = same ? same->next : NULL;
    }
    return filled;
}

static void add_body(struct preview *preview, const struct arazzo_step *step)
{
    const cJSON *body = tree_get(preview->step, "requestBody");
    const cJSON *payload = tree_get(body, "payload"), *item;
    struct arena *arena = preview->runner->arena;
    struct scope_names names;
    struct eval eval = scene_eval(&preview->scene, &names);
    if (!step->body)
        return;
    if (payload && step->body->payload)
        payload = fill(arena, payload, template_value(step->body->payload, &eval), 0);
    const char *text = tree_text(payload);
    indent(preview, 4);
    strbuf_adds(preview->out, "body: ");
    add_masked(preview, text ? text : payload ? json_text(arena, payload) : "(of a component)");
    strbuf_addch(preview->out, '\n');
    cJSON_ArrayForEach (item, tree_get(body, "replacements")) {
        indent(preview, 4);
        strbuf_adds(preview->out, "  replaced: ");
        add_masked(preview, json_text(arena, item));
        strbuf_addch(preview->out, '\n');
    }
}

/* "POST https://example.com/api/v1/runs (createRun)"; without an address where a mock is begun. */
static void add_operation(struct preview *preview, const struct arazzo_step *step)
{
    const struct operation *operation = step->operation->operation;
    const struct target *target = runner_target(preview->runner, step->provider);
    const char *path = strchr(operation->key, ' ');
    strbuf_addf(preview->out, "%s ", operation->method);
    add_masked(preview, target ? target->base : "");
    strbuf_addf(preview->out, "%s (%s)\n", path ? path + 1 : operation->key, step->operation->name);
}

/* What only the player makes of a step, as it is written: until, within, stream, ... */
static void add_extensions(struct preview *preview)
{
    static const char prefix[] = "x-dryrun-";
    const cJSON *item;
    cJSON_ArrayForEach (item, preview->step) {
        const char *text = tree_text(item);
        if (!text_starts_with(item->string, prefix))
            continue;
        indent(preview, 4);
        strbuf_addf(preview->out, "%s: ", item->string + sizeof prefix - 1);
        add_masked(preview, text ? text : json_text(preview->runner->arena, item));
        strbuf_addch(preview->out, '\n');
    }
}

static void preview_step(struct preview *preview, const struct arazzo_step *step)
{
    const struct arazzo_criterion *criterion;
    preview->step = tree_at(tree_get(preview->scene.workflow->node, "steps"), (size_t)step->index);
    indent(preview, 2);
    strbuf_addf(preview->out, "%s: ", step->id);
    if (step->operation)
        add_operation(preview, step);
    else
        strbuf_addf(preview->out, "workflow %s\n", step->workflow ? step->workflow->id : "");
    add_parameters(preview, &step->parameters);
    add_body(preview, step);
    add_extensions(preview);
    vec_foreach (criterion, &step->criteria) {
        indent(preview, 4);
        strbuf_adds(preview->out, "expects: ");
        add_masked(preview, criterion->text);
        strbuf_addch(preview->out, '\n');
    }
    if (step->workflow && preview->depth < DEPTH_MAX) {
        struct preview inner = *preview;
        cJSON *inputs = tree_object(preview->runner->arena);
        const struct arazzo_parameter *parameter;
        vec_foreach (parameter, &step->parameters) {
            cJSON *value = scene_value(&preview->scene, &parameter->value);
            if (value)
                tree_set(preview->runner->arena, inputs, parameter->name, value);
        }
        inner.depth++;
        preview_workflow(&inner, step->workflow, inputs);
    }
}

static void preview_workflow(struct preview *preview, const struct arazzo_workflow *workflow,
                             cJSON *inputs)
{
    struct arena *arena = preview->runner->arena;
    const struct arazzo_step *step;
    if (workflow->inputs)
        inputs = schema_fill_defaults(workflow->inputs, arena, inputs);
    if (preview->runner->options->secrets)
        secrets_add_inputs(preview->runner->options->secrets, workflow->inputs, inputs);
    preview->scene = (struct scene){.talk = preview->scene.talk,
                                    .arena = preview->runner->arena,
                                    .workflow = workflow,
                                    .inputs = inputs,
                                    .steps = tree_object(arena)};
    indent(preview, 0);
    strbuf_addf(preview->out, "%s (%s)\n", workflow->id, workflow->document->file);
    vec_foreach (step, &workflow->steps)
        preview_step(preview, step);
}

void preview_jobs(struct runner *runner, const struct jobs *jobs, struct strbuf *out)
{
    struct played_workflow played = {0};
    const struct job *job;
    vec_foreach (job, jobs) {
        struct conversation talk = {
            .runner = runner, .played = &played, .workflows = tree_object(runner->arena)};
        struct preview preview = {.runner = runner, .scene = {.talk = &talk}, .out = out};
        preview_workflow(&preview, job->workflow, runner_inputs(runner, job->workflow));
    }
}
