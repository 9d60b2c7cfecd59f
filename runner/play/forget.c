/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which exchanges a run remembers, where no report shows them all: those that a verdict names, the
 * last of a step that failed, and those of a path that is held against what was expected. What the
 * others tell (coverage, faults, secrets) is counted when they are let go.
 */
#include "runner/coverage_seen.h"
#include "runner/play/player.h"
#include "runner/secrets_seen.h"

struct arena *attempt_arena(const struct runner *runner, const struct attempt *attempt)
{
    return attempt && attempt->memory ? attempt->memory->arena : runner->arena;
}

static void count_attempt(struct runner *runner, const struct attempt *attempt)
{
    if (!runner->meetings)
        runner->meetings = meetings_new(runner->arena, &runner->result);
    meetings_add(runner->meetings, attempt);
    if (runner->options->secrets)
        secrets_add_attempt(runner->options->secrets, attempt);
}

/* It is nearly always the last. */
static void take_out(struct played_step *played, const struct attempt *attempt)
{
    size_t at = played->attempts.count - 1;
    while (played->attempts.items[at] != attempt)
        at--;
    for (; at + 1 < played->attempts.count; at++)
        played->attempts.items[at] = played->attempts.items[at + 1];
    played->attempts.count--;
    played->forgotten++;
}

static void let_go(struct runner *runner, const struct conversation *talk, struct attempt *attempt)
{
    if (!attempt || !attempt->memory)
        return;
    if (attempt->verdict_count || talk->paths)
        memory_keep(attempt->memory);
    if (!attempt->memory->is_kept) {
        count_attempt(runner, attempt);
        take_out(attempt->of, attempt);
    }
    memory_drop(attempt->memory);
}

void scene_turn_to(struct scene *scene, struct attempt *attempt)
{
    struct attempt *before = scene->attempt;
    scene->attempt = attempt;
    let_go(scene->talk->runner, scene->talk, before);
}

void step_keep(struct played_step *played)
{
    if (played->result != PLAYED_PASSED && !played->is_handled && played->attempts.count)
        memory_keep(played->attempts.items[played->attempts.count - 1]->memory);
}

void runner_keep_verdicts(struct runner *runner, size_t from)
{
    for (size_t i = from; i < runner->result.verdicts.count; i++) {
        const struct verdict *verdict = &runner->result.verdicts.items[i];
        if (verdict->first)
            memory_keep(verdict->first->memory);
        if (verdict->second)
            memory_keep(verdict->second->memory);
    }
}
