/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/wanted.h"

#include "core/base/str.h"
#include "core/expr/expr.h"
#include "core/lifecycle/machine.h"

/* Whose state stands there in the answer. */
static const struct machine *machine_at(const struct lifecycle *lifecycle,
                                        const struct observed *observed, const char *pointer)
{
    size_t len = strlen(observed->pointer);
    if (strncmp(pointer, observed->pointer, len) != 0)
        return NULL;
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];
        for (size_t j = 0; j < machine->observe_count; j++)
            if (text_is(machine->observe[j].schema, observed->schema) &&
                text_is(machine->observe[j].state_at, pointer + len))
                return machine;
    }
    return NULL;
}

/* A state that was wanted at a place of the answer: "$response.body#/status == 'cancelled'". */
static const char *wanted_state(struct arena *arena, const struct seen *seen,
                                const struct expr *asked, const char *value)
{
    static const char body[] = "/body";
    const struct observed *observed;
    const char *pointer = expr_pointer(asked);
    if (!value || !text_is(expr_root(asked), "response") || !text_starts_with(pointer, body))
        return NULL;
    vec_foreach (observed, &seen->observed) {
        const struct machine *machine =
            machine_at(seen->provider->lifecycle, observed, pointer + strlen(body));
        state_set states = machine ? machine_states_named(machine, value) : 0;
        if (states)
            return monitor_ways(machine, states, arena);
    }
    return NULL;
}

/* What speaks of the whole answer. */
static const char *wanted_rule(struct arena *arena, const struct seen *seen)
{
    const struct provider_operation *operation = seen->operation;
    const struct response *response =
        operation_response(operation->operation, seen->response->status);
    const struct list_rule *list = operation->list;
    const struct stream_rule *stream = operation->stream;
    if (list)
        return arena_printf(arena, "what list '%s' shows is said by %s:%u", list->name,
                            list->place.file, list->place.line);
    if (stream)
        return arena_printf(arena, "what stream '%s' tells is said by %s:%u", stream->name,
                            stream->place.file, stream->place.line);
    if (operation->outcome)
        return arena_printf(arena, "what '%s' says of each is said by %s:%u",
                            operation->outcome->name, operation->outcome->place.file,
                            operation->outcome->place.line);
    if (response) {
        struct place place = tree_place(response->node);
        return arena_printf(arena, "what '%s' answers is said by %s:%u", operation->name,
                            place.file, place.line);
    }
    return NULL;
}

/* What the first criterion that does not hold asks for. */
static const char *wanted_criterion(struct scene *scene, const struct arazzo_step *step,
                                    const struct attempt *attempt)
{
    struct arena *arena = scene->talk->runner->arena;
    const struct criterion_result *result;
    const struct expr *asked;
    const cJSON *wanted;
    int64_t status;
    vec_foreach (result, &attempt->criteria) {
        if (result->holds || !result->criterion->text)
            continue;
        bool equates = criterion_equates(result->criterion->criterion, &asked, &wanted);
        if (equates && text_is(expr_root(asked), "statusCode") && tree_as_int64(wanted, &status))
            return conversation_wanted(scene->talk, step_target(scene, step), attempt->seen,
                                       (int)status);
        const char *ways =
            equates ? wanted_state(arena, attempt->seen, asked, tree_text(wanted)) : NULL;
        return ways ? ways : wanted_rule(arena, attempt->seen);
    }
    return NULL;
}

static bool shows(const struct machine *machine, const struct observed *observed)
{
    for (size_t i = 0; i < machine->observe_count; i++)
        if (text_is(machine->observe[i].schema, observed->schema) && machine->observe[i].state_at)
            return true;
    return false;
}

/* What x-dryrun-until waited for, of the first resource that the last answer shows. */
static const char *wanted_states(struct arena *arena, const struct seen *seen,
                                 const struct arazzo_step *step)
{
    const struct lifecycle *lifecycle = seen->provider->lifecycle;
    const struct observed *observed;
    vec_foreach (observed, &seen->observed)
        for (size_t i = 0; i < lifecycle->machine_count; i++) {
            const struct machine *machine = &lifecycle->machines[i];
            state_set wanted = 0;
            for (size_t j = 0; step->until.states[j] && shows(machine, observed); j++)
                wanted |= machine_states_named(machine, step->until.states[j]);
            if (wanted)
                return monitor_ways(machine, wanted, arena);
        }
    return NULL;
}

static bool is_told(const struct run_result *result, const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->verdict_count; i++)
        if (result->verdicts.items[attempt->first_verdict + i].kind != VERDICT_NOTE)
            return true;
    return false;
}

const char *wanted_reason(struct scene *scene, const struct arazzo_step *step,
                          const struct played_step *played)
{
    struct arena *arena = scene->talk->runner->arena;
    const struct attempt *attempt = scene->attempt;
    const char *wanted = NULL;
    if (!played->reason || !attempt || !attempt->seen || !attempt->seen->operation ||
        is_told(&scene->talk->runner->result, attempt))
        return played->reason;
    if (!attempt->passed)
        wanted = wanted_criterion(scene, step, attempt);
    else if (step->until.is_there && step->until.states)
        wanted = wanted_states(arena, attempt->seen, step);
    if (!wanted)
        return played->reason;
    size_t line = strcspn(played->reason, "\n"); /* behind it stands what differs, line by line */
    return arena_printf(arena, "%.*s; %s%s", (int)line, played->reason, wanted,
                        played->reason + line);
}
