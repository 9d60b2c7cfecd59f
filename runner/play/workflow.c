/* SPDX-License-Identifier: Apache-2.0 */
/* One workflow: inputs, dependencies, its steps in the order that their actions give, outputs. */
#include "core/base/str.h"
#include "core/schema/schema.h"
#include "runner/play/player.h"

static void keep(struct conversation *talk, const struct arazzo_workflow *workflow,
                 const cJSON *inputs, const cJSON *outputs)
{
    struct arena *arena = talk->runner->arena;
    const char *file = workflow->document->file;
    cJSON *entry = tree_object(arena), *known = (cJSON *)tree_get(talk->workflows, file);
    tree_set(arena, entry, "inputs", tree_copy(arena, inputs));
    tree_set(arena, entry, "outputs", tree_copy(arena, outputs));
    if (!known) {
        known = tree_object(arena);
        tree_set(arena, talk->workflows, file, known);
    }
    tree_set(arena, known, workflow->id, entry);
}

/* ---- inputs ---- */

/* Defaults filled in; NULL and a reason when the schema refuses them. */
static cJSON *accept_inputs(struct runner *runner, const struct arazzo_workflow *workflow,
                            const cJSON *given, const char **reason)
{
    struct schema_report report;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    cJSON *inputs = tree_copy(runner->arena, given);
    if (workflow->inputs)
        inputs = schema_fill_defaults(workflow->inputs, runner->arena, inputs);
    if (runner->options->secrets)
        secrets_add_inputs(runner->options->secrets, workflow->inputs, inputs);
    if (!workflow->inputs)
        return inputs;
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
        if (conversation_has_done(talk, other, -1))
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
    const cJSON *outputs;
    const cJSON *inputs = next->action->parameters.count
                              ? step_inputs(scene, &next->action->parameters)
                              : scene->inputs;
    if (goes_round(scene->talk, reason))
        return PLAYED_FAILED;
    return workflow_play(scene->talk, next->workflow, inputs, scene->depth + 1, &outputs, reason);
}

static enum play_result play_steps(struct scene *scene, const char **reason)
{
    int at = scene->workflow->first;
    while (at >= 0) {
        const struct arazzo_step *step = &scene->workflow->steps.items[at];
        struct next next = step_play(scene, step);
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
        at = next.flow == FLOW_STEP ? next.step : step->next;
    }
    *reason = NULL;
    return PLAYED_PASSED;
}

/* x-dryrun-always: what was not played is played now, and where it leads counts no more. */
static enum play_result clear_up(struct scene *scene, enum play_result result, const char **reason)
{
    struct conversation *talk = scene->talk;
    for (int at = scene->workflow->first; at >= 0; at = scene->workflow->steps.items[at].next) {
        const struct arazzo_step *step = &scene->workflow->steps.items[at];
        if (!step->is_always || scene->was_played[at] || talk->runner->stop)
            continue;
        struct deadline outer = talk->deadline;
        talk->deadline = (struct deadline){0}; /* however late it is */
        conversation_trace(talk, "always %s", step->id);
        struct next next = step_play(scene, step);
        talk->deadline = outer;
        struct played_step *played = talk->played->steps.items[talk->played->steps.count - 1];
        if (played->step == step && played->result == PLAYED_FAILED &&
            !played_step_requests(played)) {
            played->result = PLAYED_SKIPPED; /* what it would clear up was never there */
            continue;
        }
        if (next.flow != FLOW_FAIL || result == PLAYED_FAILED)
            continue;
        result = PLAYED_FAILED;
        *reason = next.reason;
    }
    return result;
}

static const struct target *first_target(const struct scene *scene)
{
    const struct arazzo_step *step;
    vec_foreach (step, &scene->workflow->steps)
        if (step->provider)
            return runner_target(scene->talk->runner, step->provider);
    return scene->talk->runner->targets.items[0].target;
}

/* The steps, and what must be so of all of them together. */
static enum play_result play_limited(struct scene *scene, const char **reason)
{
    struct conversation *talk = scene->talk;
    const struct arazzo_workflow *workflow = scene->workflow;
    const struct target *target = first_target(scene);
    size_t first = talk->played->steps.count;
    talk->paths += workflow->path != NULL;
    nanos began = workflow->within ? conversation_service_now(talk, target) : 0;
    struct deadline outer = conversation_limit_service(
        talk, target, workflow->within,
        arena_printf(talk->runner->arena, "workflow '%s' was not done within %.3gs", workflow->id,
                     (double)workflow->within / (double)NANOS_PER_SECOND));
    enum play_result result = play_steps(scene, reason);
    talk->deadline = outer;
    if (result == PLAYED_PASSED)
        *reason = conversation_overrun(talk, target, began, workflow->within);
    if (result == PLAYED_PASSED && !*reason && workflow->path)
        *reason = path_differs(scene, workflow->path, first, 0);
    talk->paths -= workflow->path != NULL;
    result = result == PLAYED_PASSED && *reason ? PLAYED_FAILED : result;
    return clear_up(scene, result, reason);
}

enum play_result workflow_play(struct conversation *talk, const struct arazzo_workflow *workflow,
                               const cJSON *given, int depth, const cJSON **outputs,
                               const char **reason)
{
    struct runner *runner = talk->runner;
    struct scene scene = {.talk = talk,
                          .workflow = workflow,
                          .arena = runner->arena,
                          .steps = tree_object(runner->arena),
                          .was_played = arena_alloc(runner->arena, workflow->steps.count + 1),
                          .depth = depth};
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
    if (receive_prepare(&scene, reason))
        return PLAYED_FAILED;
    result = play_dependencies(talk, workflow, given, depth, reason);
    if (result != PLAYED_PASSED)
        return result;
    keep(talk, workflow, scene.inputs, *outputs);
    result = play_limited(&scene, reason);
    receive_rest(&scene);
    /* "The context returns to the caller with applicable outputs": also after a failure. */
    *outputs = scene_outputs(&scene, &workflow->outputs);
    scene_turn_to(&scene, NULL);
    keep(talk, workflow, scene.inputs, *outputs);
    if (result == PLAYED_PASSED)
        conversation_note_done(talk, workflow, -1);
    return result;
}
