/* SPDX-License-Identifier: Apache-2.0 */
/* One view of one resource against what its state, its past and its surroundings ask of it. */
#include "core/base/instant.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/criterion.h"
#include "core/expr/match.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

static void say_view(struct looking *looking, const struct belief *belief, struct verdict verdict)
{
    verdict.text = arena_printf(looking->arena, "%s %s: %s shows %s", belief->machine->name,
                                belief->id, looking->seen->operation->name, verdict.text);
    say(looking, verdict, belief);
}

static bool is_there(const cJSON *value, const char *pointer)
{
    const cJSON *member = pointer_get(value, pointer);

    return member && !cJSON_IsNull(member);
}

/* ---- what a state asks for ---- */

static void check_members(struct looking *looking, const struct belief *belief,
                          const struct resource_view *view, const struct state *state)
{
    for (size_t i = 0; i < state->has_count; i++) {
        bool is_unknown = view->observation->partial && !pointer_get(view->value, state->has[i]);

        if (!is_there(view->value, state->has[i]) && !is_unknown)
            say_view(looking, belief,
                     (struct verdict){.kind = VERDICT_VIOLATION,
                                      .rule = "has",
                                      .place = state->place,
                                      .text = arena_printf(looking->arena, "%s without %s",
                                                           state->name, state->has[i])});
    }
    for (size_t i = 0; i < state->lacks_count; i++)
        if (is_there(view->value, state->lacks[i]))
            say_view(looking, belief,
                     (struct verdict){.kind = VERDICT_VIOLATION,
                                      .rule = "lacks",
                                      .place = state->place,
                                      .text = arena_printf(looking->arena, "%s with %s",
                                                           state->name, state->lacks[i])});
}

/* NULL when it validates; else the first thing that is wrong. */
static const char *schema_problem(struct looking *looking, const struct schema *schema,
                                  const cJSON *value)
{
    struct schema_options options = {.direction = SCHEMA_RESPONSE, .max_errors = 1};
    struct schema_report report;
    const struct schema_error *first;

    if (!schema || schema_validate(schema, value, &options, looking->arena, &report))
        return NULL;
    first = report.first;
    return arena_printf(looking->arena, "%s%s%s", first->instance, first->instance[0] ? ": " : "",
                        first->text);
}

static void check_state(struct looking *looking, const struct belief *belief,
                        const struct resource_view *view)
{
    const struct state *state = &belief->machine->states[view->state];
    const char *problem;

    check_members(looking, belief, view, state);
    if (view->observation->partial)
        return;
    problem = schema_problem(looking, state->schema, view->value);
    if (problem)
        say_view(looking, belief,
                 (struct verdict){
                     .kind = VERDICT_VIOLATION,
                     .rule = "state_schema",
                     .place = state->place,
                     .text = arena_printf(looking->arena, "%s, but %s", state->name, problem)});
}

/* ---- invariants ---- */

/* NULL when the two are equal, or nobody knows. */
static const char *difference(struct looking *looking, const struct invariant *invariant)
{
    const cJSON *one, *other;

    if (!invariant->equal[0] || !invariant->equal[1])
        return NULL;
    one = template_value(invariant->equal[0], &looking->eval);
    other = template_value(invariant->equal[1], &looking->eval);
    if (!one || !other || expr_is_unknown(one) || expr_is_unknown(other) || tree_equal(one, other))
        return NULL;
    return arena_printf(looking->arena, "%s is not %s", json_text(looking->arena, one),
                        json_text(looking->arena, other));
}

static void check_invariant(struct looking *looking, const struct belief *belief,
                            const struct resource_view *view, const struct invariant *invariant)
{
    const char *problem;

    if (invariant->machine != belief->machine->index || !(invariant->in & STATE_BIT(view->state)) ||
        match_eval(invariant->where, looking->subject_value, &looking->eval) != TRUTH_TRUE ||
        (invariant->when && criterion_eval(invariant->when, &looking->eval) != TRUTH_TRUE))
        return;
    problem = schema_problem(looking, invariant->schema, view->value);
    problem = problem ? problem : difference(looking, invariant);
    problem = problem ? arena_printf(looking->arena, ": %s", problem) : NULL;
    if (invariant->unless && criterion_eval(invariant->unless, &looking->eval) == TRUTH_FALSE)
        problem = problem ? problem : "";
    if (problem)
        say_view(looking, belief,
                 (struct verdict){.kind = invariant->source == SOURCE_INFERRED ? VERDICT_DEVIATION
                                                                               : VERDICT_VIOLATION,
                                  .rule = "invariant",
                                  .place = invariant->place,
                                  .text = arena_printf(looking->arena, "%s, which breaks '%s'%s",
                                                       belief->machine->states[view->state].name,
                                                       invariant->name, problem)});
}

/* ---- members over time ---- */

static bool as_instants(const cJSON *a, const cJSON *b, nanos *before, nanos *after)
{
    return tree_text(a) && tree_text(b) && instant_parse(tree_text(a), true, before) == 0 &&
           instant_parse(tree_text(b), true, after) == 0;
}

static bool has_shrunk(const cJSON *before, const cJSON *after)
{
    nanos first, second;

    if (cJSON_IsNumber(before) && cJSON_IsNumber(after))
        return tree_compare_numbers(after, before) < 0;
    if (as_instants(before, after, &first, &second))
        return second < first;
    if (cJSON_IsString(before) && cJSON_IsString(after))
        return strcmp(after->valuestring, before->valuestring) < 0;
    if (cJSON_IsArray(before) && cJSON_IsArray(after))
        return tree_count(after) < tree_count(before);
    return false;
}

static const char *broken_rule(const struct member *member, const cJSON *before, const cJSON *after)
{
    bool was_set = before && !cJSON_IsNull(before), is_set = after && !cJSON_IsNull(after);

    switch (member->rule) {
    case MEMBER_CONSTANT:
    case MEMBER_BIRTH:
        return was_set != is_set || (is_set && !tree_equal(before, after)) ? "is constant" : NULL;
    case MEMBER_ONCE:
        return was_set && (!is_set || !tree_equal(before, after)) ? "is set once" : NULL;
    case MEMBER_GROWS:
    case MEMBER_STAMPS:
        return was_set && (!is_set || has_shrunk(before, after)) ? "only grows" : NULL;
    default:
        return NULL;
    }
}

static bool is_null(const cJSON *value)
{
    return !value || cJSON_IsNull(value);
}

static void check_member(struct looking *looking, const struct belief *belief,
                         const struct resource_view *view, const struct member *member)
{
    const cJSON *before = belief_last(belief, member->at);
    const cJSON *after = pointer_get(view->value, member->at);
    const char *broken;

    if (expr_is_unknown(before) || (!after && view->observation->partial))
        return;
    if (looking->moment->is_loose && member->rule != MEMBER_CONSTANT &&
        member->rule != MEMBER_BIRTH)
        return;
    broken = broken_rule(member, before, after);
    if (member->rule == MEMBER_ASKED && !belief->is_touched &&
        looking->moment != &looking->events && !tree_equal(before, after) &&
        !(is_null(before) && is_null(after)))
        broken = "changes only when somebody asks";
    if (!broken)
        return;
    say_view(looking, belief,
             (struct verdict){
                 .kind = VERDICT_VIOLATION,
                 .rule = "member",
                 .place = member->place,
                 .text = arena_printf(looking->arena, "%s %s, but it was %s and %s", member->at,
                                      after ? json_text(looking->arena, after) : "no more",
                                      before ? json_text(looking->arena, before) : "not there",
                                      broken)});
}

/* ---- forced states ---- */

/* The first row of `always` that certainly fits, with none before it that might. */
static void check_always(struct looking *looking, const struct belief *belief, int state)
{
    const struct machine *machine = belief->machine;
    struct subject subject = {
        .machine = machine, .states = STATE_BIT(state), .value = looking->subject_value};

    for (size_t i = 0; i < machine->always_count; i++) {
        const struct row *row = &machine->always[i];
        enum truth fits = row_fits(row, &subject, &looking->eval, &looking->world);
        int to;

        if (fits == TRUTH_FALSE)
            continue;
        to = fits == TRUTH_TRUE ? row_target(row, machine, state, &looking->eval) : STATE_NONE;
        if (to == STATE_NONE || to == state)
            return;
        say_view(looking, belief,
                 (struct verdict){
                     .kind = row->source == SOURCE_INFERRED ? VERDICT_DEVIATION : VERDICT_VIOLATION,
                     .rule = "always",
                     .place = row->place,
                     .text = arena_printf(looking->arena, "%s, but row %s forces it to %s",
                                          machine->states[state].name,
                                          place_text(looking->arena, row->place),
                                          machine->states[to].name)});
        return;
    }
}

void check_view(struct looking *looking, const struct belief *belief,
                const struct resource_view *view)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    const struct machine *machine = belief->machine;

    for (size_t i = 0; !view->is_same && i < machine->member_count; i++)
        check_member(looking, belief, view, &machine->members[i]);
    if (view->state == STATE_NONE)
        return;
    check_state(looking, belief, view);
    looking->subject = belief;
    looking->subject_value = view->value;
    if (view->observation->partial) {
        cJSON *seen = tree_copy(looking->arena, view->value);

        unknown_mark_partial(seen);
        looking->subject_value = seen;
    }
    for (size_t i = 0; i < lifecycle->invariant_count; i++)
        check_invariant(looking, belief, view, &lifecycle->invariants[i]);
    check_always(looking, belief, view->state);
    looking->subject = NULL;
    looking->subject_value = NULL;
}
