/* SPDX-License-Identifier: Apache-2.0 */
/* One workflow: inputs, dependencies, its steps in the order that their actions give, outputs. */
#include "core/base/str.h"
#include "core/schema/schema.h"
#include "runner/player.h"

static void keep(struct conversation *talk, const char *id, const cJSON *inputs,
                 const cJSON *outputs)
{
    struct arena *arena = talk->runner->arena;
    cJSON *entry = tree_object(arena);
    tree_set(arena, entry, "inputs", tree_copy(arena, inputs));
    tree_set(arena, entry, "outputs", tree_copy(arena, outputs));
    tree_set(arena, talk->workflows, id, entry);
}

/* ---- inputs ---- */

static void hide_passwords(struct runner *runner, const struct arazzo_workflow *workflow,
                           const cJSON *inputs)
{
    const cJSON *properties = tree_get(tree_get(workflow->node, "inputs"), "properties");
    for (const cJSON *item = properties ? properties->child : NULL; item; item = item->next)
        if (runner->options->secrets && text_is(tree_get_text(item, "format"), "password"))
            secrets_add(runner->options->secrets, tree_get_text(inputs, item->string));
}

/* Defaults filled in; NULL and a reason when the schema refuses them. */
static cJSON *accept_inputs(struct runner *runner, const struct arazzo_workflow *workflow,
                            const cJSON *given, const char **reason)
{
    struct schema_report report;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    cJSON *inputs = tree_copy(runner->arena, given);
    if (!workflow->inputs)
        return inputs;
    inputs = schema_fill_defaults(workflow->inputs, runner->arena, inputs);
    hide_passwords(runner, workflow, inputs);
    if (schema_validate(workflow->inputs, inputs, NULL, runner->arena, &report))
        return inputs;
    schema_report_print(&report, &text);
    while (text.len && text.buf[text.len - 1] == '\n')
        text.buf[--text.len] = '\0';
    *reason = arena_printf(runner->arena, "inputs of workflow '%s': %s", workflow->id, text.buf);
    strbuf_release(&text);
    return NULL;
}

/* ---- dependencies ---- */

static enum play_result play_dependencies(struct conversation *talk,
                                          const struct arazzo_workflow *workflow,
                                          const cJSON *inputs, int depth, const char **reason)
{
    for (size_t i = 0; i < workflow->depends_on.count; i++) {
        const struct arazzo_workflow *other = workflow->depends_on.items[i];
        const cJSON *outputs;
        enum play_result result;
        if (tree_get(talk->workflows, other->id))
            continue;
        result = workflow_play(talk, other, inputs, depth + 1, &outputs, reason);
        if (result != PLAYED_PASSED)
            return result;
    }
    return PLAYED_PASSED;
}

/* ---- steps ---- */

static bool goes_round(struct conversation *talk, const char **reason)
{
    if (++talk->jumps <= JUMPS_MAX && talk->exchanges <= EXCHANGES_MAX)
        return false;
    *reason = arena_printf(talk->runner->arena,
                           "ended after %d jumps: its actions of type 'goto' go round", JUMPS_MAX);
    return true;
}

static void trace_next(struct scene *scene, const struct next *next)
{
    if (next->flow == FLOW_STEP)
        conversation_trace(scene->talk, "goto %s", scene->workflow->steps.items[next->step].id);
    else if (next->workflow)
        conversation_trace(scene->talk, "goto workflow %s", next->workflow->id);
    else if (next->action)
        conversation_trace(scene->talk, "end");
}

/* Control goes to another workflow and does not come back. */
static enum play_result transfer(struct scene *scene, const struct next *next, const char **reason)
{
    struct arena *arena = scene->talk->runner->arena;
    const struct arazzo_parameter *parameter;
    const cJSON *outputs;
    cJSON *inputs =
        next->action->parameters.count ? tree_object(arena) : tree_copy(arena, scene->inputs);
    vec_foreach (parameter, &next->action->parameters) {
        cJSON *value = scene_value(scene, &parameter->value);
        if (value)
            tree_set(arena, inputs, parameter->name, value);
    }
    if (goes_round(scene->talk, reason))
        return PLAYED_FAILED;
    return workflow_play(scene->talk, next->workflow, inputs, scene->depth + 1, &outputs, reason);
}

static enum play_result play_steps(struct scene *scene, const char **reason)
{
    size_t at = 0;
    while (at < scene->workflow->steps.count) {
        struct next next = step_play(scene, &scene->workflow->steps.items[at]);
        trace_next(scene, &next);
        *reason = next.reason;
        if (next.workflow)
            return transfer(scene, &next, reason);
        if (next.flow == FLOW_STEP && goes_round(scene->talk, reason))
            return PLAYED_FAILED;
        if (next.flow == FLOW_FAIL)
            return PLAYED_FAILED;
        if (next.flow == FLOW_SKIP)
            return PLAYED_SKIPPED;
        if (next.flow == FLOW_END)
            break;
        at = next.flow == FLOW_STEP ? (size_t)next.step : at + 1;
    }
    *reason = NULL;
    return PLAYED_PASSED;
}

enum play_result workflow_play(struct conversation *talk, const struct arazzo_workflow *workflow,
                               const cJSON *given, int depth, const cJSON **outputs,
                               const char **reason)
{
    struct runner *runner = talk->runner;
    struct scene scene = {
        .talk = talk, .workflow = workflow, .steps = tree_object(runner->arena), .depth = depth};
    enum play_result result;
    *outputs = tree_object(runner->arena);
    *reason = NULL;
    if (depth > DEPTH_MAX) {
        *reason = "workflows call each other without end";
        return PLAYED_FAILED;
    }
    scene.inputs = accept_inputs(runner, workflow, given, reason);
    if (!scene.inputs) {
        if (!depth)
            runner->result.refused = *reason;
        return PLAYED_FAILED;
    }
    result = play_dependencies(talk, workflow, given, depth, reason);
    if (result != PLAYED_PASSED)
        return result;
    keep(talk, workflow->id, scene.inputs, *outputs);
    result = play_steps(&scene, reason);
    /* "The context returns to the caller with applicable outputs": also after a failure. */
    *outputs = scene_outputs(&scene, &workflow->outputs);
    keep(talk, workflow->id, scene.inputs, *outputs);
    return result;
}
