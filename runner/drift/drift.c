/* SPDX-License-Identifier: Apache-2.0 */
/* Two runs, workflow by workflow and step by step, until a step parts them. */
#include "runner/drift/drift.h"

#include "core/base/str.h"
#include "runner/drift/parts.h"

#include <stdlib.h>

enum { REASON_MAX = 100 };

/* `unit` is one of the two, of which the other may be NULL. */
static struct spot_of_drift spot_of(struct drifting *drifting, const struct unit *unit,
                                    const struct unit *left, const struct unit *right)
{
    return (struct spot_of_drift){
        drifting, unit->step->provider, unit->step->operation, {left, right}};
}

/* ---- steps ---- */

/* Why it failed: with the values it saw where they are short, else the criterion alone. */
static const char *reason_of(struct arena *arena, const struct unit *unit)
{
    size_t len = strcspn(unit->reason, "\n");
    const struct attempt *last =
        unit->attempts.count ? unit->attempts.items[unit->attempts.count - 1] : NULL;
    for (size_t i = 0; last && len > REASON_MAX && i < last->criteria.count; i++)
        if (!last->criteria.items[i].holds) {
            const char *why = last->criteria.items[i].why;
            bool is_short = why && strlen(why) <= REASON_MAX && !strchr(why, '\n');
            return is_short ? why : last->criteria.items[i].criterion->text;
        }
    return arena_strndup(arena, unit->reason, len < REASON_MAX ? len : REASON_MAX);
}

static const char *became(struct arena *arena, const struct unit *unit)
{
    static const char *const words[] = {"went on", "failed", "skipped"};
    if (!unit)
        return "was not played";
    if (unit->result == PLAYED_PASSED || !unit->reason)
        return words[unit->result];
    return arena_printf(arena, "%s: %s", words[unit->result], reason_of(arena, unit));
}

/* Nothing else of the step differs, and yet one side could not go on. */
static void tell_parted(const struct spot_of_drift *at)
{
    struct drift_finding finding = {.kind = DRIFT_DIFFERENCE, .aspect = DRIFT_STEP};
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct unit *unit = at->unit[side];
        finding.side[side].text = became(at->drifting->arena, unit);
        if (unit && unit->attempts.count)
            finding.side[side].seen = unit->attempts.items[unit->attempts.count - 1]->seen;
    }
    drift_tell(at, finding);
}

/* "'x-dryrun-outcome: slow' can ..." of many outcomes is one thing. */
static const char *without_value(struct arena *arena, const char *reason)
{
    const char *colon = *reason == '\'' ? strchr(reason, ':') : NULL;
    const char *end = colon ? strchr(colon, '\'') : NULL;
    return end ? arena_printf(arena, "%.*s%s", (int)(colon - reason), reason, end) : reason;
}

/* A side cannot be asked for this: that is no difference. */
static void tell_skipped(const struct spot_of_drift *at)
{
    struct arena *arena = at->drifting->arena;
    struct drift_finding finding = {.kind = DRIFT_NOTE, .aspect = DRIFT_STEP};
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct unit *unit = at->unit[side];
        bool is_skipped = unit->result == PLAYED_SKIPPED && unit->reason;
        finding.side[side].text =
            is_skipped ? arena_printf(arena, "skipped: %s", without_value(arena, unit->reason))
                       : "not compared";
    }
    drift_tell(at, finding);
}

static bool has_made(const struct unit *unit)
{
    for (size_t i = 0; i < unit->attempts.count; i++)
        if (unit->attempts.items[i]->seen && is_made_of_schema(unit->attempts.items[i]->seen))
            return true;
    return false;
}

/* The step's own requests, and those that look what has become of it. */
static void compare_requests(const struct spot_of_drift *at, const struct unit *left,
                             const struct unit *right)
{
    const struct arazzo_step *by = left->step->until.by;
    struct spot_of_drift looking = *at;
    struct drift_counts *counts = &at->drifting->drift->counts;
    drift_operation_row(at->drifting, at->provider, at->operation->name)->compared++;
    counts->exchanges[DRIFT_LEFT] += left->attempts.count;
    counts->exchanges[DRIFT_RIGHT] += right->attempts.count;
    counts->steps++;
    if (has_made(left) || has_made(right))
        drift_operation_row(at->drifting, at->provider, at->operation->name)->made++;
    answers_compare(at, false);
    if (!by || by->operation == at->operation)
        return;
    looking.operation = by->operation;
    drift_operation_row(at->drifting, at->provider, by->operation->name)->compared++;
    answers_compare(&looking, true);
}

/* ---- workflows ---- */

/* How often each finding was told so far. */
struct told {
    size_t *counts, findings, ignored;
};

struct parting {
    struct drifting *drifting;
    struct units units[DRIFT_SIDES];
    struct compared_units compared;
    struct spot_of_drift at; /* where they parted; no units: they did not */
    size_t why;              /* the finding that says why, from 1; 0 = none does yet */
    bool is_silent;          /* it is ignored, or a note says it */
};

static bool has_parted(const struct parting *parting)
{
    return parting->at.unit[DRIFT_LEFT] || parting->at.unit[DRIFT_RIGHT];
}

static struct told told_so_far(const struct drifting *drifting)
{
    const struct drift *drift = drifting->drift;
    struct told told = {.findings = drift->findings.count, .ignored = drift->counts.ignored};
    told.counts = arena_alloc(drifting->arena, (told.findings + 1) * sizeof *told.counts);
    for (size_t i = 0; i < told.findings; i++)
        told.counts[i] = drift->findings.items[i].count;
    return told;
}

/* What was told since then says why they parted: the first that is worth as much. */
static void explain(struct parting *parting, const struct told *before, enum drift_kind least)
{
    const struct drift *drift = parting->drifting->drift;
    parting->is_silent = parting->is_silent || drift->counts.ignored > before->ignored;
    for (size_t i = 0; i < drift->findings.count && !parting->why; i++)
        if (drift->findings.items[i].kind <= least &&
            drift->findings.items[i].count > (i < before->findings ? before->counts[i] : 0))
            parting->why = i + 1;
}

static bool was_compared(const struct parting *parting, int side, const struct unit *unit)
{
    const struct compared_unit *compared;
    vec_foreach (compared, &parting->compared)
        if (compared->unit[side] == unit)
            return true;
    return false;
}

/* What hangs on the step that parted them is counted, not told. */
static void count_rest(struct parting *parting)
{
    struct drift *drift = parting->drifting->drift;
    for (int side = 0; side < DRIFT_SIDES; side++)
        for (size_t i = 0; i < parting->units[side].count; i++) {
            const struct unit *unit = &parting->units[side].items[i];
            bool is_alone = !units_match(&parting->units[side], i, &parting->units[!side]);
            if (!unit->step->operation || was_compared(parting, side, unit) ||
                (side == DRIFT_RIGHT && !is_alone))
                continue;
            struct drift_operation *row = drift_operation_row(
                parting->drifting, unit->step->provider, unit->step->operation->name);
            row->only[side] += is_alone;
            row->hanging += !is_alone;
            if (parting->why)
                drift->findings.items[parting->why - 1].hanging++;
        }
}

static void compare_units(struct parting *parting, const struct unit *left,
                          const struct unit *right)
{
    struct drifting *drifting = parting->drifting;
    struct spot_of_drift at = spot_of(drifting, left, left, right);
    struct compared_unit compared = {{left, right}};
    if (left->result == PLAYED_SKIPPED || right->result == PLAYED_SKIPPED) {
        if (left->result == right->result)
            return;
        tell_skipped(&at);
        parting->at = at;
        parting->is_silent = true;
        return;
    }
    if (!at.operation) /* its own steps are among the units */
        return;
    struct told before = told_so_far(drifting);
    vec_push_arena(drifting->arena, &parting->compared, compared);
    compare_requests(&at, left, right);
    if (left->result == right->result)
        return;
    parting->at = at;
    explain(parting, &before, DRIFT_VARIATION);
}

/* Steps that play workflows: said when nothing within says it. */
static void compare_callers(struct parting *parting)
{
    for (size_t i = 0; i < parting->units[DRIFT_LEFT].count && !has_parted(parting); i++) {
        const struct unit *left = &parting->units[DRIFT_LEFT].items[i];
        const struct unit *right =
            units_match(&parting->units[DRIFT_LEFT], i, &parting->units[DRIFT_RIGHT]);
        if (!left->step->operation && right && left->result != right->result &&
            left->result != PLAYED_SKIPPED && right->result != PLAYED_SKIPPED)
            parting->at = spot_of(parting->drifting, left, left, right);
    }
}

/* A step that only one side came to, though no step before went another way. */
static void find_lonely(struct parting *parting, int side)
{
    for (size_t i = 0; i < parting->units[side].count && !has_parted(parting); i++) {
        const struct unit *unit = &parting->units[side].items[i];
        if (units_match(&parting->units[side], i, &parting->units[!side]))
            continue;
        parting->at = side == DRIFT_LEFT ? spot_of(parting->drifting, unit, unit, NULL)
                                         : spot_of(parting->drifting, unit, NULL, unit);
    }
}

static void compare_workflows(struct drifting *drifting, const struct played_workflow *left,
                              const struct played_workflow *right)
{
    struct parting parting = {.drifting = drifting};
    const struct played_workflow *const played[] = {left, right};
    const size_t told = drift_told(drifting->drift);
    const struct told first = told_so_far(drifting);
    drifting->rules.count = 0;
    drifting->drift->counts.workflows++;
    parting.units[DRIFT_LEFT] = units_of(drifting->arena, left, right);
    parting.units[DRIFT_RIGHT] = units_of(drifting->arena, right, left);
    for (size_t i = 0; i < parting.units[DRIFT_LEFT].count && !has_parted(&parting); i++) {
        const struct unit *other =
            units_match(&parting.units[DRIFT_LEFT], i, &parting.units[DRIFT_RIGHT]);
        if (!other)
            break;
        compare_units(&parting, &parting.units[DRIFT_LEFT].items[i], other);
    }
    find_lonely(&parting, DRIFT_LEFT);
    find_lonely(&parting, DRIFT_RIGHT);
    compare_callers(&parting);
    struct told before = told_so_far(drifting);
    parting.compared.has_parted = has_parted(&parting) && (parting.why || parting.is_silent);
    states_compare(drifting, &parting.compared, played);
    if (drift_told(drifting->drift) == told)
        for (size_t i = 0; i < drifting->rules.count; i++)
            drift_tell(&drifting->rules.items[i].at, drifting->rules.items[i].finding);
    if (has_parted(&parting))
        explain(&parting, &before, DRIFT_VARIATION);
    if (has_parted(&parting) && !parting.is_silent) /* something that was told before */
        explain(&parting, &first, DRIFT_DIFFERENCE);
    if (has_parted(&parting) && !parting.why && !parting.is_silent) {
        tell_parted(&parting.at);
        explain(&parting, &before, DRIFT_VARIATION);
    }
    count_rest(&parting);
}

static const struct played_workflow *find_workflow(const struct run_result *result,
                                                   const struct arazzo_workflow *workflow)
{
    for (size_t i = 0; i < result->workflows.count; i++)
        if (result->workflows.items[i]->workflow == workflow)
            return result->workflows.items[i];
    return NULL;
}

/* ---- the whole ---- */

static void free_map(void *map)
{
    map_free(map);
}

static int by_operation(const void *a, const void *b)
{
    const struct drift_operation *left = a, *right = b;
    int order = strcmp(left->provider, right->provider);
    return order ? order : strcmp(left->name, right->name);
}

static struct map *new_map(struct arena *arena)
{
    struct map *map = map_new();
    arena_defer(arena, free_map, map);
    return map;
}

struct drift *drift_compare(struct arena *arena, const struct drift_side sides[DRIFT_SIDES],
                            const struct texts *ignored)
{
    struct drift *drift = arena_alloc(arena, sizeof *drift);
    struct drifting drifting = {.arena = arena,
                                .ignored = ignored,
                                .drift = drift,
                                .known = new_map(arena),
                                .spots = new_map(arena)};
    const struct run_result *left = sides[DRIFT_LEFT].result;
    drift->side[DRIFT_LEFT] = sides[DRIFT_LEFT];
    drift->side[DRIFT_RIGHT] = sides[DRIFT_RIGHT];
    for (size_t i = 0; i < left->workflows.count; i++) {
        const struct played_workflow *played = left->workflows.items[i];
        const struct played_workflow *other =
            find_workflow(sides[DRIFT_RIGHT].result, played->workflow);
        if (other)
            compare_workflows(&drifting, played, other);
    }
    if (drift->operations.count)
        qsort(drift->operations.items, drift->operations.count, sizeof *drift->operations.items,
              by_operation);
    return drift;
}

int drift_exit_code(const struct drift *drift)
{
    const struct drift_counts *counts = &drift->counts;
    for (int side = 0; side < DRIFT_SIDES; side++) {
        if (drift->side[side].result->unreachable)
            return EXIT_UNREACHABLE;
        if (drift->side[side].result->refused)
            return EXIT_USAGE;
    }
    for (int kind = 0; kind < DRIFT_NOTE; kind++)
        if (counts->kinds[kind])
            return EXIT_BROKEN;
    return counts->steps ? EXIT_KEPT : EXIT_NOTHING;
}
