/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step: tries until it passes or no action wants another one; then which action says where to
 * go on (Arazzo 1.1, "Success Action Object", "Failure Action Object").
 */
#include "runner/play/player.h"
#include "runner/play/retry_after.h"
#include "runner/play/wanted.h"

/* ---- retries ---- */

static nanos retry_wait(const struct scene *scene, const struct arazzo_action *action)
{
    const struct seen *seen = scene->attempt ? scene->attempt->seen : NULL;
    const struct header_fields *headers = seen ? &seen->response->headers : NULL;
    nanos wait, now = scene->talk->clock ? scene->talk->clock : instant_real_now();
    if (headers && retry_after_parse(header_find(headers, "Retry-After"),
                                     header_find(headers, "Date"), now, &wait))
        return wait; /* "SHOULD overrule" */
    return action->retry_after;
}

static void keep_outputs(struct scene *scene, const struct arazzo_step *step)
{
    struct arena *arena = scene->talk->runner->arena;
    cJSON *entry = tree_object(arena), *outputs = scene_outputs(scene, &step->outputs);
    if (step->workflow && !step->outputs.count && scene->outputs)
        outputs = tree_copy(arena, scene->outputs);
    tree_set(arena, entry, "outputs", outputs);
    tree_set(arena, scene->steps, step->id, entry);
    conversation_note_done(scene->talk, scene->workflow, step->index);
}

/* "The stepId or workflowId ... to execute before the retry." */
static void play_before_retry(struct scene *scene, const struct arazzo_action *action)
{
    struct arena *arena = scene->talk->runner->arena;
    const cJSON *outputs;
    const char *reason;
    if (action->workflow)
        workflow_play(scene->talk, action->workflow, step_inputs(scene, &action->parameters),
                      scene->depth + 1, &outputs, &reason);
    if (action->step < 0)
        return;
    const struct arazzo_step *step = &scene->workflow->steps.items[action->step];
    struct played_step *played = arena_alloc(arena, sizeof *played);
    *played = (struct played_step){.workflow = scene->workflow, .step = step};
    vec_push_arena(arena, &scene->talk->played->steps, played);
    played->result = step_try(scene, step, played);
    played->is_handled = true;
    if (played->result == PLAYED_PASSED)
        keep_outputs(scene, step);
}

const struct target *step_target(const struct scene *scene, const struct arazzo_step *step)
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

static struct next fail_with(const char *reason)
{
    return (struct next){.flow = FLOW_FAIL, .reason = reason};
}

/* The pause of a retry, and what is played before it. Why there is none; NULL = try again. */
static const char *prepare_retry(struct scene *scene, const struct arazzo_step *step,
                                 const struct arazzo_action *action)
{
    struct conversation *talk = scene->talk;
    if (talk->exchanges > EXCHANGES_MAX || ++talk->retries > EXCHANGES_MAX)
        return arena_printf(talk->runner->arena, "ended after %d tries: its retries go on",
                            EXCHANGES_MAX);
    if (conversation_sleep(talk, step_target(scene, step), retry_wait(scene, action), "retry"))
        return talk->runner->result.unreachable;
    play_before_retry(scene, action);
    return NULL;
}

/* One try, held against x-dryrun-within too. */
static void try_within(struct scene *scene, const struct arazzo_step *step,
                       struct played_step *played, nanos began)
{
    played->reason = NULL;
    played->result = step_try(scene, step, played);
    if (played->result != PLAYED_PASSED || !step->within)
        return;
    played->reason =
        conversation_overrun(scene->talk, step_target(scene, step), began, step->within);
    if (played->reason)
        played->result = PLAYED_FAILED;
}

/* Why no action may be looked at; NULL = they may. */
static const char *beyond_actions(const struct scene *scene, const struct played_step *played)
{
    if (scene->talk->runner->stop && scene->talk->runner->result.unreachable)
        return scene->talk->runner->result.unreachable;
    if (conversation_is_late(scene->talk))
        return scene->talk->deadline.why;
    if (scene->attempt && scene->attempt->refusal) /* a mistake: no action is meant for it */
        return played->reason;
    return NULL;
}

static struct next decide(struct scene *scene, const struct arazzo_step *step,
                          struct played_step *played)
{
    struct conversation *talk = scene->talk;
    int64_t *tried = arena_alloc(talk->runner->arena, (step->on_failure.count + 1) * sizeof *tried);
    nanos began = step->within ? conversation_service_now(talk, step_target(scene, step)) : 0;
    for (;;) {
        const struct arazzo_action *action;
        try_within(scene, step, played, began);
        if (played->result == PLAYED_SKIPPED)
            return (struct next){.flow = FLOW_SKIP, .reason = played->reason};
        if (played->result == PLAYED_PASSED) {
            keep_outputs(scene, step);
            action = choose(scene, &step->on_success, NULL);
            return follow(action, action ? FLOW_END : FLOW_NEXT, NULL);
        }
        const char *beyond = beyond_actions(scene, played);
        if (beyond)
            return fail_with(beyond);
        action = choose(scene, &step->on_failure, tried);
        played->is_handled = action && action->type == ACTION_GOTO;
        if (!action || action->type != ACTION_RETRY) {
            played->reason = wanted_reason(scene, step, played);
            return follow(action, FLOW_FAIL, played->reason);
        }
        tried[action - step->on_failure.items]++;
        const char *given_up = prepare_retry(scene, step, action);
        if (given_up)
            return fail_with(given_up);
    }
}

/* With what is around it: x-dryrun-within ends it while it waits, too. */
static struct next decide_within(struct scene *scene, const struct arazzo_step *step,
                                 struct played_step *played)
{
    if (!step->within)
        return decide(scene, step, played);
    struct deadline outer = conversation_limit_service(
        scene->talk, step_target(scene, step), step->within,
        arena_printf(scene->talk->runner->arena, "step '%s' was not done within %.3gs", step->id,
                     (double)step->within / (double)NANOS_PER_SECOND));
    struct next next = decide(scene, step, played);
    scene->talk->deadline = outer;
    return next;
}

/* ---- what must be so before ---- */

/* Why the target cannot honour the step; NULL = it can. */
static const char *excuse(struct scene *scene, const struct arazzo_step *step)
{
    struct arena *arena = scene->talk->runner->arena;
    const struct target *target =
        step->provider ? runner_target(scene->talk->runner, step->provider) : NULL;
    const char *why = target && step->receive.is_there ? receive_excuse(target) : NULL;
    if (why)
        return arena_printf(arena, "'x-dryrun-receive': %s", why);
    if (!target || target->is_mock)
        return NULL;
    if (step->outcome)
        return arena_printf(arena, "'x-dryrun-outcome: %s' can only be asked of our mock",
                            step->outcome);
    if (step->fault)
        return arena_printf(arena, "'x-dryrun-fault: %s' can only be asked of our mock",
                            step->fault);
    return step->signal ? "'x-dryrun-signal' can only be asked of our mock" : NULL;
}

/* "A list of steps that MUST be completed before this step": NULL when they are. */
static const char *not_done_before(const struct scene *scene, const struct arazzo_step *step)
{
    const struct arazzo_dependency *needed;
    vec_foreach (needed, &step->depends_on)
        if (!conversation_has_done(scene->talk, needed->workflow, needed->step))
            return arena_printf(scene->talk->runner->arena,
                                "it depends on step '%s', which was not completed", needed->text);
    return NULL;
}

struct next step_play(struct scene *scene, const struct arazzo_step *step)
{
    struct runner *runner = scene->talk->runner;
    struct played_step *played = arena_alloc(runner->arena, sizeof *played);
    const char *skipped = excuse(scene, step), *undone = not_done_before(scene, step);
    struct next next;
    *played = (struct played_step){.workflow = scene->workflow, .step = step};
    vec_push_arena(runner->arena, &scene->talk->played->steps, played);
    runner->result.counts.steps++;
    scene->was_played[step->index] = true;
    scene->message = NULL;
    if (skipped) {
        played->result = PLAYED_SKIPPED;
        played->reason = skipped;
        runner->result.counts.steps_skipped++;
        conversation_trace(scene->talk, "%s skipped", step->id);
        next = (struct next){.flow = FLOW_SKIP, .reason = played->reason};
    } else if (undone || (step->signal && step->provider &&
                          conversation_signal(scene, step, &played->reason))) {
        played->result = PLAYED_FAILED;
        played->reason = undone ? undone : played->reason;
        next = fail_with(played->reason);
    } else {
        next = decide_within(scene, step, played);
        step_keep(played);
    }
    if (runner->options->progress)
        runner->options->progress(runner->options->data, scene->talk->played, played);
    return next;
}
