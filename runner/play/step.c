/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step: its request (or workflow) until it passes or no action wants another try; then which
 * action says where to go on (Arazzo 1.1, "Success Action Object", "Failure Action Object").
 */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/lifecycle/machine.h"
#include "runner/play/player.h"
#include "runner/play/retry_after.h"
#include "runner/play/wanted.h"

#include <math.h>

/* ---- one try ---- */

cJSON *step_inputs(struct scene *scene, const struct arazzo_parameters *parameters)
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
    struct conversation *talk = scene->talk;
    const cJSON *outputs = NULL;
    const char *reason = NULL;
    struct deadline outer = conversation_limit(
        talk, step->timeout,
        arena_printf(talk->runner->arena, "step '%s' took longer than its 'timeout' allows",
                     step->id));
    enum play_result result =
        workflow_play(talk, step->workflow, step_inputs(scene, &step->parameters), scene->depth + 1,
                      &outputs, &reason);
    talk->deadline = outer;
    scene_turn_to(scene, NULL);
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
    if (attempt->lack)
        return attempt->lack;
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
        played->reason =
            arena_strdup(scene->talk->runner->arena,
                         attempt->refusal ? attempt->refusal : failed_criterion(attempt));
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
    eval.arena = attempt_arena(scene->talk->runner, scene->attempt);
    for (size_t i = 0; seen && until->states && i < seen->observed.count && !holds; i++)
        holds = is_in_states(step->provider, &seen->observed.items[i], until->states);
    if (holds && until->condition)
        holds = criterion_eval(until->condition, &eval) == TRUTH_TRUE;
    return holds;
}

/* The step's own request again, or the one that looks; that may fail, and is sent again then. */
static enum play_result look_again(struct scene *scene, const struct arazzo_step *step,
                                   struct played_step *played)
{
    if (!step->until.by)
        return play_once(scene, step, played);
    if (!exchange_play(scene, step->until.by, played))
        return PLAYED_FAILED;
    return scene->talk->runner->stop ? PLAYED_FAILED : PLAYED_PASSED;
}

static enum play_result play_until(struct scene *scene, const struct arazzo_step *step,
                                   struct played_step *played)
{
    struct conversation *talk = scene->talk;
    const struct arazzo_until *until = &step->until;
    nanos waited = 0, pause = until->every;
    enum play_result result = play_once(scene, step, played);
    while (result == PLAYED_PASSED && until->is_there && !until_holds(scene, step)) {
        if (waited + pause > until->within || talk->exchanges > EXCHANGES_MAX) {
            played->reason = "what 'x-dryrun-until' waits for did not come in time";
            return PLAYED_FAILED;
        }
        if (conversation_sleep(talk, step_target(scene, step), pause, "until"))
            return PLAYED_FAILED;
        waited += pause;
        pause = (nanos)fmin((double)pause * until->backoff, (double)until->most);
        result = look_again(scene, step, played);
    }
    return result;
}

/* The request, what it waits for, and what must be so when it has passed. */
static enum play_result play_whole(struct scene *scene, const struct arazzo_step *step,
                                   struct played_step *played)
{
    struct conversation *talk = scene->talk;
    size_t first_step = talk->played->steps.count, first_attempt = 0;
    for (size_t i = 0; i < talk->played->steps.count; i++)
        if (talk->played->steps.items[i] == played)
            first_step = i;
    if (step->operation)
        first_attempt = played->attempts.count;
    talk->paths += step->path != NULL;
    enum play_result result = play_until(scene, step, played);
    if (result == PLAYED_PASSED && step->receive.is_there &&
        receive_call(scene, step, &played->reason))
        result = PLAYED_FAILED;
    if (result == PLAYED_PASSED && step->path)
        played->reason = path_differs(scene, step->path, first_step, first_attempt);
    talk->paths -= step->path != NULL;
    return result == PLAYED_PASSED && played->reason ? PLAYED_FAILED : result;
}

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
    played->result = play_whole(scene, step, played);
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
static void try_step(struct scene *scene, const struct arazzo_step *step,
                     struct played_step *played, nanos began)
{
    played->reason = NULL;
    played->result = play_whole(scene, step, played);
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
        try_step(scene, step, played, began);
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

bool conversation_has_done(const struct conversation *talk, const struct arazzo_workflow *workflow,
                           int step)
{
    const struct arazzo_dependency *done;
    vec_foreach (done, &talk->done)
        if (done->workflow == workflow && done->step == step)
            return true;
    return false;
}

void conversation_note_done(struct conversation *talk, const struct arazzo_workflow *workflow,
                            int step)
{
    struct arazzo_dependency done = {.workflow = workflow, .step = step};
    if (!conversation_has_done(talk, workflow, step))
        vec_push_arena(talk->runner->arena, &talk->done, done);
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
