/* SPDX-License-Identifier: Apache-2.0 */
/* What a conversation has with its services beside exchanges: pauses, signals, monitors, a trace.
 */
#include "core/data/json.h"
#include "runner/play/player.h"

#include <inttypes.h>

const struct target *runner_target(const struct runner *runner, const struct provider *provider)
{
    const struct watched *watched;
    vec_foreach (watched, &runner->targets)
        if (watched->target->provider == provider)
            return watched->target;
    return NULL;
}

void conversation_trace(struct conversation *talk, const char *format, ...)
{
    struct arena *arena = talk->runner->arena;
    va_list args;
    va_start(args, format);
    const char *line = arena_vprintf(arena, format, args);
    va_end(args);
    vec_push_arena(arena, &talk->played->trace, line);
}

int conversation_pass(struct conversation *talk, const struct target *target, nanos duration)
{
    const struct runner_options *options = talk->runner->options;
    nanos left = conversation_left(talk, duration);
    struct error err = {0};
    duration = left < duration ? left + 1 : duration; /* just beyond it */
    talk->slept += duration;
    talk->skipped += options->sleep || target->is_virtual ? duration : 0;
    talk->clock += talk->clock ? duration : 0;
    if (options->sleep) {
        options->sleep(options->data, duration);
        return 0;
    }
    if (!duration ||
        target_sleep(target, options->client, talk->played->session, duration, &err) == 0)
        return 0;
    talk->runner->result.unreachable = arena_strdup(talk->runner->arena, err.text);
    talk->runner->stop = true;
    return -1;
}

int conversation_sleep(struct conversation *talk, const struct target *target, nanos duration,
                       const char *why)
{
    conversation_trace(talk, "wait %" PRId64 "ms%s%s", duration / NANOS_PER_MS, *why ? " " : "",
                       why);
    return conversation_pass(talk, target, duration);
}

/* ---- the monitor ---- */

static struct coverage *find_coverage(struct runner *runner, const struct target *target)
{
    const struct run_coverage *coverage;
    vec_foreach (coverage, &runner->result.coverage)
        if (text_is(coverage->provider, target->provider->name))
            return coverage->met;
    return NULL;
}

/* A world of its own has a monitor of its own; a foreign service is one world for the whole run. */
static struct monitor *find_monitor(struct conversation *talk, const struct target *target)
{
    struct runner *runner = talk->runner;
    struct monitor_options options = {.is_virtual = target->is_virtual,
                                      .is_alone = target->is_mock,
                                      .coverage = find_coverage(runner, target)};
    struct watched *watched;
    if (!talk->played->session) {
        vec_foreach (watched, &runner->targets)
            if (watched->target == target) {
                if (!watched->monitor)
                    watched->monitor = monitor_new(runner->arena, target->provider, &options);
                return watched->monitor;
            }
    }
    vec_foreach (watched, &talk->monitors)
        if (watched->target == target)
            return watched->monitor;
    struct watched made = {target, monitor_new(talk->world, target->provider, &options)};
    vec_push_arena(runner->arena, &talk->monitors, made);
    return made.monitor;
}

void conversation_show(struct conversation *talk, const struct target *target,
                       const struct seen *seen)
{
    struct monitor *monitor = find_monitor(talk, target);
    if (seen->provider)
        monitor_see(monitor, seen, &talk->runner->result.verdicts);
}

void conversation_hear(struct conversation *talk, const struct target *target,
                       const struct heard *heard)
{
    struct runner *runner = talk->runner;
    size_t first = runner->result.verdicts.count;
    monitor_webhook(find_monitor(talk, target), heard, &runner->result.verdicts);
    runner_keep_verdicts(runner, first);
}

void conversation_hear_end(struct conversation *talk, const struct target *target)
{
    struct runner *runner = talk->runner;
    size_t first = runner->result.verdicts.count;
    monitor_silence(find_monitor(talk, target), &runner->result.verdicts);
    runner_keep_verdicts(runner, first);
    runner_count_verdicts(runner, first);
}

const char *conversation_wanted(struct conversation *talk, const struct target *target,
                                const struct seen *seen, int status)
{
    return monitor_wanted(find_monitor(talk, target), seen, status, talk->runner->arena);
}

int conversation_signal(struct scene *scene, const struct arazzo_step *step, const char **why)
{
    struct conversation *talk = scene->talk;
    struct runner *runner = talk->runner;
    const struct target *target = runner_target(runner, step->provider);
    struct strbuf body = STRBUF_INIT(LIMIT_BODY);
    struct scope_names names;
    struct eval eval = scene_eval(scene, &names);
    struct error err = {0};
    const cJSON *signal = template_value(step->signal, &eval);
    json_print(signal, JSON_COMPACT, &body);
    conversation_trace(talk, "signal %s", body.buf);
    int result =
        target_signal(target, runner->options->client, talk->played->session, body.buf, &err);
    strbuf_release(&body);
    if (result)
        *why = arena_strdup(runner->arena, err.text);
    monitor_disturb(find_monitor(talk, target));
    return result;
}

void runner_count_verdicts(struct runner *runner, size_t from)
{
    for (size_t i = from; i < runner->result.verdicts.count; i++) {
        enum verdict_kind kind = runner->result.verdicts.items[i].kind;
        runner->result.counts.violations += kind == VERDICT_VIOLATION;
        runner->result.counts.deviations += kind == VERDICT_DEVIATION;
        runner->result.counts.notes += kind == VERDICT_NOTE;
    }
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
