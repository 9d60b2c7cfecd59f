/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer promises by being there: a wait is over, a deadline has passed, each was served.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/criterion.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

static const nanos CLOCKS_DIFFER = 300 * NANOS_PER_SECOND;

/* ---- what answers look like ---- */

static void check_answer(struct looking *looking, const struct answer_rule *rule)
{
    struct schema_options options = {.direction = SCHEMA_RESPONSE, .max_errors = 1};
    struct breach breach = {.rule = "answer", .place = rule->place, .source = rule->source};
    const cJSON *answer = looking->seen->answer, *one, *other;
    const char *name = looking->seen->operation->name;
    struct schema_report report;

    if (rule->schema && answer &&
        !schema_validate(rule->schema, answer, &options, looking->arena, &report))
        say_breach(looking, &breach, "%s breaks '%s': %s%s%s", name, rule->name,
                   report.first->instance, report.first->instance[0] ? ": " : "",
                   report.first->text);
    if (!rule->equal[0] || !rule->equal[1])
        return;
    one = template_value(rule->equal[0], &looking->eval);
    other = template_value(rule->equal[1], &looking->eval);
    if (one && other && !expr_is_unknown(one) && !expr_is_unknown(other) && !tree_equal(one, other))
        say_breach(looking, &breach, "%s breaks '%s': %s is not %s", name, rule->name,
                   json_text(looking->arena, one), json_text(looking->arena, other));
}

void see_answer(struct looking *looking)
{
    const struct provider_operation *operation = looking->seen->operation;

    for (size_t i = 0; i < operation->answer_count; i++) {
        const struct answer_rule *rule = operation->answers[i];

        if (rule->status ? rule->status != looking->answer.status : looking->answer.status >= 300)
            continue;
        if (!rule->when || criterion_eval(rule->when, &looking->eval) == TRUTH_TRUE)
            check_answer(looking, rule);
    }
}

/* ---- waits ---- */

struct waited {
    const struct wait_rule *rule;
    struct belief *belief; /* what was waited for; NULL: the answer does not show it */
};

static void find_waited(struct looking *looking, const struct showing *showing, void *data)
{
    struct waited *waited = data;

    if (showing->machine->index == waited->rule->of)
        waited->belief = beliefs_find(looking->monitor->beliefs, showing->machine, showing->id);
}

static void check_patience(struct looking *looking, const struct wait_rule *rule)
{
    const struct seen *seen = looking->seen;
    struct breach breach = {.rule = "wait", .place = rule->place, .source = rule->source};
    nanos took = seen->answered_at - seen->sent_at;

    if (!looking->monitor->is_virtual || !rule->lasts || took < 0 || took >= rule->lasts)
        return;
    say_breach(looking, &breach, "%s gave up with %d after %.1f s, but it waits for %.0f s",
               seen->operation->name, looking->answer.status,
               (double)took / (double)NANOS_PER_SECOND,
               (double)rule->lasts / (double)NANOS_PER_SECOND);
}

static void check_shown(struct looking *looking, const struct wait_rule *rule,
                        const struct belief *belief)
{
    struct schema_options options = {.direction = SCHEMA_RESPONSE, .max_errors = 1};
    struct breach breach = {
        .rule = "wait", .place = rule->place, .source = rule->source, .belief = belief};
    struct schema_report report;
    int state = state_set_first(belief->states);

    if (state_set_count(belief->states) != 1 || !rule->shows[state] ||
        schema_validate(rule->shows[state], looking->seen->answer, &options, looking->arena,
                        &report))
        return;
    say_breach(looking, &breach, "%s %s: %s answers that it is %s, but %s%s%s",
               belief->machine->name, belief->id, looking->seen->operation->name,
               belief->machine->states[state].name, report.first->instance,
               report.first->instance[0] ? ": " : "", report.first->text);
}

void see_wait(struct looking *looking)
{
    struct waited waited = {looking->seen->operation->wait, NULL};
    struct breach breach = {.rule = "wait"};
    const struct machine *machine;
    const struct observed *observed;

    if (!waited.rule)
        return;
    if (looking->answer.status == looking->seen->operation->timeout_status) {
        check_patience(looking, waited.rule);
        return;
    }
    vec_foreach (observed, &looking->seen->observed)
        find_showings(looking, observed, false, find_waited, &waited);
    if (!waited.belief || waited.belief->last != looking->seen)
        return;
    machine = waited.belief->machine;
    breach.place = waited.rule->place;
    breach.source = waited.rule->source;
    breach.belief = waited.belief;
    if (!(waited.belief->states & waited.rule->until))
        say_breach(looking, &breach, "%s %s: %s answered while it is %s; it waits for %s",
                   machine->name, waited.belief->id, looking->seen->operation->name,
                   state_set_text(looking->arena, machine, waited.belief->states),
                   state_set_text(looking->arena, machine, waited.rule->until));
    else
        check_shown(looking, waited.rule, waited.belief);
}

/* ---- deadlines ---- */

static bool read_instant(const struct looking *looking, const cJSON *value, nanos *at)
{
    int64_t unit = looking->monitor->provider->lifecycle->times.unit, number;

    if (tree_as_int64(value, &number))
        return unit && !__builtin_mul_overflow(number, unit, at);
    return tree_text(value) && instant_parse(tree_text(value), true, at) == 0;
}

static void check_deadline(struct looking *looking, const struct belief *belief,
                           const struct deadline_rule *rule, const cJSON *value, state_set shown)
{
    struct breach breach = {
        .rule = "deadline", .place = rule->place, .source = rule->source, .belief = belief};
    nanos slack = looking->monitor->is_virtual ? 0 : CLOCKS_DIFFER;
    nanos now = looking->seen->answered_at, at;

    if (!read_instant(looking, value, &at))
        return;
    if (!(shown & ~rule->in) && at + NANOS_PER_SECOND <= now - slack)
        say_breach(looking, &breach, "%s %s: %s shows %s, but %s (%s) passed %.0f s before",
                   belief->machine->name, belief->id, looking->seen->operation->name,
                   state_set_text(looking->arena, belief->machine, shown), rule->at,
                   json_text(looking->arena, value), (double)(now - at) / (double)NANOS_PER_SECOND);
    if (rule->to && !(shown & ~rule->to) && at > now + slack)
        say_breach(looking, &breach, "%s %s: %s shows %s, but %s (%s) is %.0f s ahead",
                   belief->machine->name, belief->id, looking->seen->operation->name,
                   state_set_text(looking->arena, belief->machine, shown), rule->at,
                   json_text(looking->arena, value), (double)(at - now) / (double)NANOS_PER_SECOND);
}

void see_deadlines(struct looking *looking, const struct belief *belief,
                   const struct showing *showing, state_set shown)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;

    if (showing->is_event || looking->moment->is_loose || looking->seen->response->is_stream)
        return;
    for (size_t i = 0; i < lifecycle->deadline_count; i++) {
        const struct deadline_rule *rule = &lifecycle->deadlines[i];
        const cJSON *value = pointer_get(showing->value, rule->at);

        if (rule->of == belief->machine->index && value && !cJSON_IsNull(value))
            check_deadline(looking, belief, rule, value, shown);
    }
}

/* ---- what became of each ---- */

static enum truth is_named(const struct query *query, const struct belief *belief,
                           struct eval *eval)
{
    const cJSON *ids = query->ids ? template_value(query->ids, eval) : NULL, *id;

    if (!query->ids)
        return TRUTH_TRUE;
    if (expr_is_unknown(ids))
        return TRUTH_UNKNOWN;
    cJSON_ArrayForEach (id, ids)
        if (text_is(tree_text(id), belief->id))
            return TRUTH_TRUE;
    return TRUTH_FALSE;
}

static enum truth is_of(const struct lifecycle *lifecycle, const struct query *query,
                        const struct belief *belief, struct eval *eval)
{
    const char *of = query->of ? query_of_id(lifecycle, query, eval) : NULL;
    const cJSON *at;

    if (!query->of)
        return TRUTH_TRUE;
    at = query->link < 0 ? expr_unknown()
                         : belief_last(belief, belief->machine->links[query->link].at);
    if (expr_is_unknown(at) || !of)
        return TRUTH_UNKNOWN;
    return text_is(tree_text(at), of) ? TRUTH_TRUE : TRUTH_FALSE;
}

/* The row that certainly spoke of it; NULL. `*may` grows when one may have. */
static const struct row *row_of(struct looking *looking, const struct belief *belief, bool *may)
{
    const struct provider_operation *operation = looking->seen->operation;
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    state_set states = belief_states(looking->monitor->beliefs, belief, &looking->before);

    for (size_t i = 0; i < operation->participant_count; i++)
        for (size_t j = 0; j < operation->participants[i].rows.count; j++) {
            const struct participant *part = &operation->participants[i];
            const struct row *row = part->rows.items[j];
            struct subject subject = {.machine = part->machine, .states = STATES_ANY};
            enum truth fits;

            if (!row->each || !row->says || row->each->machine != belief->machine->index)
                continue;
            fits = row_fits(row, &subject, &looking->eval, &looking->world);
            fits = truth_and(fits, is_named(row->each, belief, &looking->eval));
            if (fits != TRUTH_FALSE)
                fits = truth_and(fits, is_of(lifecycle, row->each, belief, &looking->eval));
            if (fits != TRUTH_FALSE)
                fits = truth_and(fits, query_fits(row->each, states,
                                                  looking_members(looking, belief, STATE_NONE),
                                                  false, &looking->eval));
            if (fits == TRUTH_TRUE)
                return row;
            *may |= fits == TRUTH_UNKNOWN;
        }
    return NULL;
}

static void say_outcome(struct looking *looking, const struct belief *belief, const struct row *row,
                        const char *wanted, const cJSON *found)
{
    struct breach breach = {
        .rule = "says", .place = row->place, .source = row->source, .belief = belief};

    say_breach(looking, &breach, "%s %s: %s says %s of it, but row %s says %s",
               belief->machine->name, belief->id, looking->seen->operation->name,
               found ? json_text(looking->arena, found) : "nothing",
               place_text(looking->arena, row->place), wanted);
}

static void see_outcome(struct looking *looking, const struct belief *belief, const cJSON *answer)
{
    bool may = false;
    const struct row *row = row_of(looking, belief, &may);
    const cJSON *found = tree_get(answer, belief->id);
    const char *wanted = row && !may ? template_text(row->says, &looking->eval) : NULL;

    if (wanted && !text_is(tree_text(found), wanted))
        say_outcome(looking, belief, row, wanted, found);
}

/* Before anything is done to what is believed. */
void see_outcomes(struct looking *looking)
{
    const struct outcome_rule *rule = looking->seen->operation->outcome;
    const struct beliefs *beliefs = looking->monitor->beliefs;
    const cJSON *answer, *item;
    const struct machine *machine;

    if (!rule || looking->before.is_loose)
        return;
    answer = pointer_get(looking->seen->answer, rule->at);
    machine = &looking->monitor->provider->lifecycle->machines[rule->of];
    for (size_t i = 0; i < beliefs_count(beliefs); i++)
        if (beliefs_at(beliefs, i)->machine == machine)
            see_outcome(looking, beliefs_at(beliefs, i), answer);
    cJSON_ArrayForEach (item, answer)
        beliefs_get(looking->monitor->beliefs, machine, item->string);
}
