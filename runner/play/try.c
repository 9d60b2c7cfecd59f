/* SPDX-License-Identifier: Apache-2.0 */
/* One try of a step: its request or workflow, what x-dryrun-until waits for, the call it receives.
 */
#include "core/lifecycle/machine.h"
#include "runner/play/player.h"

#include <math.h>

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

enum play_result step_try(struct scene *scene, const struct arazzo_step *step,
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
