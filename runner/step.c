/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step: its request (or workflow) until it passes or no action wants another try; then which
 * action says where to go on (Arazzo 1.1, "Success Action Object", "Failure Action Object").
 */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/lifecycle/machine.h"
#include "runner/player.h"

#include <stdlib.h>

/* ---- one try ---- */

static cJSON *action_inputs(struct scene *scene, const struct arazzo_parameters *parameters)
{
    struct arena *arena = scene->talk->runner->arena;
    const struct arazzo_parameter *parameter;
    cJSON *inputs = tree_object(arena);
    vec_foreach (parameter, parameters) {
        cJSON *value = scene_value(scene, &parameter->value);
        if (value)
            tree_set(arena, inputs, parameter->name, value);
    }
    return inputs;
}

static enum play_result play_inner(struct scene *scene, const struct arazzo_step *step,
                                   struct played_step *played)
{
    const cJSON *outputs = NULL;
    const char *reason = NULL;
    enum play_result result =
        workflow_play(scene->talk, step->workflow, action_inputs(scene, &step->parameters),
                      scene->depth + 1, &outputs, &reason);
    scene->attempt = NULL;
    scene->outputs = outputs;
    played->reason = reason;
    if (result == PLAYED_PASSED && !scene_criteria(scene, &step->criteria)) {
        played->reason = "the criteria on the workflow's outputs do not hold";
        return PLAYED_FAILED;
    }
    return result;
}

static const char *failed_criterion(const struct attempt *attempt)
{
    if (attempt->failure)
        return attempt->failure;
    for (size_t i = 0; i < attempt->criteria.count; i++)
        if (!attempt->criteria.items[i].holds)
            return attempt->criteria.items[i].why;
    return "it failed";
}

static enum play_result play_once(struct scene *scene, const struct arazzo_step *step,
                                  struct played_step *played)
{
    const struct attempt *attempt;
    if (step->workflow)
        return play_inner(scene, step, played);
    attempt = exchange_play(scene, step, played);
    if (!attempt)
        return PLAYED_FAILED;
    if (attempt->passed)
        played->reason = NULL;
    else
        played->reason = attempt->refusal ? attempt->refusal : failed_criterion(attempt);
    return attempt->passed ? PLAYED_PASSED : PLAYED_FAILED;
}

/* ---- x-dryrun-until ---- */

static bool is_in_states(const struct provider *provider, const struct observed *observed,
                         const char *const *states)
{
    const struct lifecycle *lifecycle = provider->lifecycle;
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];
        state_set wanted = 0;
        for (size_t j = 0; states[j]; j++)
            wanted |= machine_states_named(machine, states[j]);
        for (size_t j = 0; wanted && j < machine->observe_count; j++) {
            const struct observation *row = &machine->observe[j];
            if (!row->schema || !text_is(row->schema, observed->schema))
                continue;
            state_set seen =
                machine_states_of(machine, observed->value, row->state_at, row->partial);
            return seen && !(seen & ~wanted);
        }
    }
    return false;
}

static bool until_holds(struct scene *scene, const struct arazzo_step *step)
{
    const struct arazzo_until *until = &step->until;
    const struct seen *seen = scene->attempt ? scene->attempt->seen : NULL;
    struct scope_names names;
    struct eval eval = scene_eval(scene, &names);
    bool holds = !until->states;
    for (size_t i = 0; seen && until->states && i < seen->observed.count && !holds; i++)
        holds = is_in_states(step->provider, &seen->observed.items[i], until->states);
    if (holds && until->condition)
        holds = criterion_eval(until->condition, &eval) == TRUTH_TRUE;
    return holds;
}

static enum play_result play_until(struct scene *scene, const struct arazzo_step *step,
                                   struct played_step *played)
{
    struct conversation *talk = scene->talk;
    nanos waited = 0;
    for (;;) {
        enum play_result result = play_once(scene, step, played);
        if (result != PLAYED_PASSED || !step->until.is_there || until_holds(scene, step))
            return result;
        if (waited + step->until.every > step->until.within || talk->exchanges > EXCHANGES_MAX) {
            played->reason = "what 'x-dryrun-until' waits for did not come in time";
            return PLAYED_FAILED;
        }
        if (conversation_sleep(talk, runner_target(talk->runner, step->provider), step->until.every,
                               "until"))
            return PLAYED_FAILED;
        waited += step->until.every;
    }
}

/* ---- retries ---- */

static nanos retry_wait(const struct scene *scene, const struct arazzo_action *action)
{
    const struct seen *seen = scene->attempt ? scene->attempt->seen : NULL;
    const char *header = seen ? header_find(&seen->response->headers, "Retry-After") : NULL;
    char *end;
    long long seconds = header ? strtoll(header, &end, 10) : -1;
    if (header && end > header && !*end && seconds >= 0 && seconds < 1000000)
        return seconds * NANOS_PER_SECOND; /* "SHOULD overrule" */
    return action->retry_after;
}

/* "The stepId or workflowId ... to execute before the retry." */
static void play_before_retry(struct scene *scene, const struct arazzo_action *action)
{
    struct arena *arena = scene->talk->runner->arena;
    const cJSON *outputs;
    const char *reason;
    if (action->workflow)
        workflow_play(scene->talk, action->workflow, action_inputs(scene, &action->parameters),
                      scene->depth + 1, &outputs, &reason);
    if (action->step < 0)
        return;
    const struct arazzo_step *step = &scene->workflow->steps.items[action->step];
    struct played_step *played = arena_alloc(arena, sizeof *played);
    *played = (struct played_step){.workflow = scene->workflow, .step = step};
    vec_push_arena(arena, &scene->talk->played->steps, played);
    played->result = play_until(scene, step, played);
    played->is_handled = true;
    if (played->result == PLAYED_PASSED) {
        cJSON *entry = tree_object(arena);
        tree_set(arena, entry, "outputs", scene_outputs(scene, &step->outputs));
        tree_set(arena, scene->steps, step->id, entry);
    }
}

static const struct target *any_target(const struct scene *scene, const struct arazzo_step *step)
{
    const struct runner *runner = scene->talk->runner;
    return step->provider ? runner_target(runner, step->provider) : runner->targets.items[0].target;
}

/* ---- what follows ---- */

/* The first action whose criteria hold; retries that are used up are passed over. */
static const struct arazzo_action *
choose(const struct scene *scene, const struct arazzo_actions *actions, const int64_t *tried)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct arazzo_action *action = &actions->items[i];
        if (action->type == ACTION_RETRY && tried && tried[i] >= action->retry_limit)
            continue;
        if (scene_criteria(scene, &action->criteria))
            return action;
    }
    return NULL;
}

static struct next follow(const struct arazzo_action *action, enum flow otherwise,
                          const char *reason)
{
    struct next next = {.flow = otherwise, .action = action, .reason = reason};
    if (!action || action->type != ACTION_GOTO)
        return next;
    next.flow = action->workflow ? FLOW_END : FLOW_STEP;
    next.step = action->step;
    next.workflow = action->workflow;
    return next;
}

static void keep_outputs(struct scene *scene, const struct arazzo_step *step)
{
    struct arena *arena = scene->talk->runner->arena;
    cJSON *entry = tree_object(arena), *outputs = scene_outputs(scene, &step->outputs);
    if (step->workflow && !step->outputs.count && scene->outputs)
        outputs = tree_copy(arena, scene->outputs);
    tree_set(arena, entry, "outputs", outputs);
    tree_set(arena, scene->steps, step->id, entry);
}

static struct next decide(struct scene *scene, const struct arazzo_step *step,
                          struct played_step *played)
{
    struct runner *runner = scene->talk->runner;
    int64_t *tried = arena_alloc(runner->arena, (step->on_failure.count + 1) * sizeof *tried);
    for (;;) {
        const struct arazzo_action *action;
        played->result = play_until(scene, step, played);
        if (runner->stop && runner->result.unreachable)
            return (struct next){.flow = FLOW_FAIL, .reason = runner->result.unreachable};
        if (played->result == PLAYED_SKIPPED)
            return (struct next){.flow = FLOW_SKIP, .reason = played->reason};
        if (played->result == PLAYED_PASSED) {
            keep_outputs(scene, step);
            action = choose(scene, &step->on_success, NULL);
            return follow(action, action ? FLOW_END : FLOW_NEXT, NULL);
        }
        if (scene->attempt && scene->attempt->refusal) /* a mistake: no action is meant for it */
            return (struct next){.flow = FLOW_FAIL, .reason = played->reason};
        action = choose(scene, &step->on_failure, tried);
        played->is_handled = action && action->type == ACTION_GOTO;
        if (!action || action->type != ACTION_RETRY)
            return follow(action, FLOW_FAIL, played->reason);
        if (scene->talk->exchanges > EXCHANGES_MAX)
            return (struct next){.flow = FLOW_FAIL, .reason = "too many requests"};
        tried[action - step->on_failure.items]++;
        if (conversation_sleep(scene->talk, any_target(scene, step), retry_wait(scene, action),
                               "retry"))
            return (struct next){.flow = FLOW_FAIL, .reason = runner->result.unreachable};
        play_before_retry(scene, action);
    }
}

/* What of the step no other service understands; NULL. */
static const char *asked_of_mock(struct arena *arena, const struct arazzo_step *step)
{
    if (step->outcome)
        return arena_printf(arena, "x-dryrun-outcome: %s", step->outcome);
    if (step->fault)
        return arena_printf(arena, "x-dryrun-fault: %s", step->fault);
    return step->signal ? "x-dryrun-signal" : NULL;
}

struct next step_play(struct scene *scene, const struct arazzo_step *step)
{
    struct runner *runner = scene->talk->runner;
    struct played_step *played = arena_alloc(runner->arena, sizeof *played);
    struct next next;
    *played = (struct played_step){.workflow = scene->workflow, .step = step};
    vec_push_arena(runner->arena, &scene->talk->played->steps, played);
    runner->result.counts.steps++;
    const char *special = asked_of_mock(runner->arena, step);
    if (special && step->provider && !runner_target(runner, step->provider)->is_mock) {
        played->result = PLAYED_SKIPPED;
        played->reason = arena_printf(runner->arena, "'%s' can only be asked of our mock", special);
        runner->result.counts.steps_skipped++;
        conversation_trace(scene->talk, "%s skipped", step->id);
        next = (struct next){.flow = FLOW_SKIP, .reason = played->reason};
    } else if (step->signal && step->provider &&
               conversation_signal(scene, step, &played->reason)) {
        played->result = PLAYED_FAILED;
        next = (struct next){.flow = FLOW_FAIL, .reason = played->reason};
    } else {
        next = decide(scene, step, played);
    }
    if (runner->options->progress)
        runner->options->progress(runner->options->data, scene->talk->played, played);
    return next;
}
