/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/play.h"

#include "core/base/str.h"
#include "runner/monitor/monitor.h"
#include "runner/play/player.h"

#include <ctype.h>

enum { SESSION_NAME_MAX = 64 };

const char *const played_names[] = {"passed", "failed", "skipped"};

struct runner *runner_new(struct arena *arena, const struct runner_options *options)
{
    struct runner *runner = arena_alloc(arena, sizeof *runner);
    runner->arena = arena;
    runner->options = options;
    runner->memories = options->forgets ? memories_new(arena) : NULL;
    runner->result.verdicts.arena = arena;
    runner->result.is_strict = options->is_strict;
    return runner;
}

void runner_add_target(struct runner *runner, const struct target *target)
{
    struct watched watched = {target, NULL};
    struct run_coverage coverage = {target->provider->name, target->provider,
                                    coverage_new(runner->arena, target->provider)};
    vec_push_arena(runner->arena, &runner->targets, watched);
    vec_push_arena(runner->arena, &runner->result.coverage, coverage);
    runner->result.is_strict = runner->result.is_strict || target->is_mock;
}

void runner_end(struct runner *runner)
{
    receivers_free(runner->receivers);
    runner->receivers = NULL;
}

struct run_result *runner_result(struct runner *runner)
{
    return &runner->result;
}

/* ---- inputs of the command line ---- */

/* A text, or what the workflow's schema takes: "3" is a number where it wants one. */
static cJSON *read_input(struct arena *arena, const struct arazzo_workflow *workflow,
                         const char *name, const char *value)
{
    const struct schema *schema = workflow->inputs ? schema_property(workflow->inputs, name) : NULL;
    return schema ? text_coerce(arena, schema, value) : tree_string(arena, value);
}

cJSON *runner_inputs(struct runner *runner, const struct arazzo_workflow *workflow)
{
    cJSON *inputs = tree_object(runner->arena);
    for (size_t i = 0; runner->options->inputs && runner->options->inputs[i]; i++) {
        const char *text = runner->options->inputs[i], *equals = strchr(text, '=');
        if (!equals)
            continue; /* refused where the command line is read */
        const char *name = arena_strndup(runner->arena, text, (size_t)(equals - text));
        tree_set(runner->arena, inputs, name,
                 read_input(runner->arena, workflow, name, equals + 1));
    }
    return inputs;
}

/* ---- sessions ---- */

static const struct target *mock_target(const struct runner *runner)
{
    const struct watched *watched;
    vec_foreach (watched, &runner->targets)
        if (watched->target->is_mock)
            return watched->target;
    return NULL;
}

static const char *session_name(struct runner *runner, const struct arazzo_workflow *workflow)
{
    char *name = arena_printf(runner->arena, "check-%u-%.40s", (unsigned)++runner->conversations,
                              workflow->id);
    name[strlen(name) < SESSION_NAME_MAX ? strlen(name) : SESSION_NAME_MAX] = '\0';
    for (char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
            *at = '-';
    return name;
}

/* ---- documents ---- */

void runner_count_workflow(struct run_counts *counts, const struct played_workflow *played)
{
    counts->workflows++;
    counts->passed += played->result == PLAYED_PASSED;
    counts->failed += played->result == PLAYED_FAILED;
    counts->skipped += played->result == PLAYED_SKIPPED;
}

static bool has_violation(const struct runner *runner, const struct played_workflow *played)
{
    for (size_t i = 0; i < played->verdict_count; i++)
        if (runner->result.verdicts.items[played->first_verdict + i].kind == VERDICT_VIOLATION)
            return true;
    return false;
}

void runner_begin(struct runner *runner, const struct arazzo_workflow *workflow)
{
    struct played_workflow *played = arena_alloc(runner->arena, sizeof *played);
    struct conversation talk = {.runner = runner,
                                .played = played,
                                .world = arena_new(),
                                .number = runner->result.workflows.count + 1,
                                .workflows = tree_object(runner->arena)};
    const struct target *mock = mock_target(runner);
    nanos began = instant_monotonic_now();
    played->workflow = workflow;
    played->first_verdict = runner->result.verdicts.count;
    played->first_number = runner->number;
    if (mock) {
        played->session = session_name(runner, workflow);
        if (!runner->options->is_own_mock)
            target_forget_session(mock, runner->options->client, played->session);
    }
    vec_push_arena(runner->arena, &runner->result.workflows, played);
    played->result = workflow_play(&talk, workflow, runner_inputs(runner, workflow), 0,
                                   &played->outputs, &played->reason);
    played->took = instant_monotonic_now() - began;
    played->verdict_count = runner->result.verdicts.count - played->first_verdict;
    played->exchanges = runner->number - played->first_number;
    if (runner->memories && played->session) /* nobody comes back to its world */
        memories_let_go(runner->memories);
    arena_free(talk.world);
    runner->result.took += played->took;
    runner_count_workflow(&runner->result.counts, played);
    if (runner->options->fail_fast &&
        (played->result == PLAYED_FAILED || has_violation(runner, played)))
        runner->stop = true;
}

int runner_play(struct runner *runner, const struct arazzo *document)
{
    const struct arazzo_workflow *workflow;
    bool all_used = true;
    vec_foreach (workflow, &document->workflows)
        all_used = all_used && workflow->is_used;
    vec_foreach (workflow, &document->workflows) {
        if (runner->stop)
            return -1;
        if (all_used || !workflow->is_used)
            runner_begin(runner, workflow);
    }
    return runner->stop ? -1 : 0;
}

int run_exit_code(const struct run_result *result)
{
    const struct run_counts *counts = &result->counts;
    if (result->unreachable)
        return EXIT_UNREACHABLE;
    if (result->refused)
        return EXIT_USAGE;
    if (counts->failed || counts->violations || (result->is_strict && counts->deviations))
        return EXIT_BROKEN;
    return counts->exchanges ? EXIT_KEPT : EXIT_NOTHING;
}
