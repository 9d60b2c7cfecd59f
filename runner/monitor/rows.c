/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and rows held against the answer: which may have decided, and where that leads. */
#include "core/base/str.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

/* The first of `named_by` that is there. */
static const char *named_id(struct looking *looking, const struct participant *part)
{
    for (size_t i = 0; i < part->named_by_count; i++) {
        const char *id = template_text(part->named_by[i], &looking->eval);

        if (id)
            return id;
    }
    return NULL;
}

static bool has_row_of_its_own(const struct participant *part)
{
    for (size_t i = 0; i < part->rows.count; i++)
        if (!part->rows.items[i]->each)
            return true;
    return false;
}

void find_takings(struct looking *looking)
{
    const struct provider_operation *operation = looking->seen->operation;
    struct monitor *monitor = looking->monitor;

    looking->takings =
        arena_alloc(looking->arena, (operation->participant_count + 1) * sizeof *looking->takings);
    for (size_t i = 0; i < operation->participant_count; i++) {
        const struct participant *part = &operation->participants[i];
        const char *named = named_id(looking, part);
        const char *id = named ? looking_id(looking, part->machine, NULL, named) : NULL;
        struct taking taking = {.participant = part, .states = STATE_BIT(STATE_ABSENT)};

        if (!id && (part->by_path || !part->has_absent_row || !has_row_of_its_own(part)))
            continue;
        if (id) {
            taking.belief = beliefs_get(monitor->beliefs, part->machine, id);
            taking.states = belief_states(monitor->beliefs, taking.belief, &looking->before);
        }
        looking->takings[looking->taking_count++] = taking;
    }
}

/* ---- rows of one machine ---- */

static const struct refusal *missing_of(struct looking *looking, const struct participant *part)
{
    if (!part->by_path)
        return NULL;
    return part->machine->missing ? part->machine->missing
                                  : looking->monitor->provider->lifecycle->missing;
}

static void judge_state(struct looking *looking, struct taking *taking, int state)
{
    const struct participant *part = taking->participant;
    struct judging judging = {
        .lifecycle = looking->monitor->provider->lifecycle,
        .rows = part->rows,
        .subject = {.machine = part->machine, .states = STATE_BIT(state)},
        .missing = missing_of(looking, part),
        .seen = looking->answer,
        .world = &looking->world,
    };
    struct judgement judgement;

    if (taking->belief && state != STATE_ABSENT)
        judging.subject.value = looking_members(looking, taking->belief, state);
    rows_judge(&judging, &looking->eval, &judgement);
    taking->before |= judgement.before;
    taking->after |= judgement.after;
    taking->expected[state] = judgement.expected;
    taking->by_missing |= judgement.by_missing;
    if (!judgement.row_count)
        return;
    if (judgement.row_count == 1 && (!taking->by_row || taking->row == judgement.rows[0]))
        taking->row = judgement.rows[0];
    else
        taking->row = NULL;
    taking->by_row = true;
}

void judge_taking(struct looking *looking, struct taking *taking)
{
    size_t count = taking->participant->machine->state_count;

    looking->subject = taking->belief;
    if (has_row_of_its_own(taking->participant) || missing_of(looking, taking->participant)) {
        for (size_t i = 0; i < count; i++)
            if (taking->states & STATE_BIT(i))
                judge_state(looking, taking, (int)i);
    } else if (looking->answer.status < 400) {
        taking->before = taking->after = taking->states;
    }
    looking->subject = NULL;
}

/* ---- rules ---- */

const struct row *judge_rules(struct looking *looking, bool *explains)
{
    const struct provider_operation *operation = looking->seen->operation;
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    struct subject nobody = {0};

    *explains = false;
    for (size_t i = 0; i < operation->rule_count; i++) {
        const struct row *row = &operation->rules[i]->row;
        enum truth fits;
        int status;

        if (!row->error)
            continue;
        fits = row_fits(row, &nobody, &looking->eval, &looking->world);
        if (fits == TRUTH_FALSE)
            continue;
        status = row->status ? row->status : row->error->status;
        if (status == looking->answer.status &&
            (looking->answer.refusals >> (row->error - lifecycle->refusals) & 1))
            *explains = true;
        if (fits == TRUTH_TRUE)
            return row;
    }
    return NULL;
}

/* ---- rows about many ---- */

static enum truth is_target(struct looking *looking, const struct query *query,
                            const struct belief *belief, const char *of, state_set states)
{
    struct eval *eval = &looking->eval;
    enum truth truth =
        query_fits(query, states, looking_members(looking, belief, STATE_NONE), false, eval);

    if (query->of) {
        const cJSON *at = query->link < 0
                              ? expr_unknown()
                              : belief_last(belief, belief->machine->links[query->link].at);

        truth = truth_and(truth, expr_is_unknown(at) || !of   ? TRUTH_UNKNOWN
                                 : text_is(tree_text(at), of) ? TRUTH_TRUE
                                                              : TRUTH_FALSE);
    }
    if (query->ids) {
        const cJSON *ids = template_value(query->ids, eval), *id;
        enum truth named = expr_is_unknown(ids) ? TRUTH_UNKNOWN : TRUTH_FALSE;

        cJSON_ArrayForEach (id, ids)
            if (text_is(tree_text(id), belief->id))
                named = TRUTH_TRUE;
        truth = truth_and(truth, named);
    }
    return truth;
}

static void apply_row(struct looking *looking, const struct row *row, bool is_sure)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    struct beliefs *beliefs = looking->monitor->beliefs;
    const struct query *query = row->each;
    const char *of = query->of ? query_of_id(lifecycle, query, &looking->eval) : NULL;

    for (size_t i = 0; i < beliefs_count(beliefs); i++) {
        struct belief *belief = beliefs_at(beliefs, i);
        state_set states, inside;
        enum truth truth;

        if (belief->machine->index != query->machine)
            continue;
        states = belief_states(beliefs, belief, &looking->before);
        inside = states & query->in;
        truth = inside ? is_target(looking, query, belief, of, inside) : TRUTH_FALSE;
        if (truth == TRUTH_FALSE)
            continue;
        belief->is_touched = true;
        if (!row->to_any)
            continue;
        if (truth == TRUTH_UNKNOWN || !is_sure)
            inside = 0;
        belief_tell(beliefs, belief, (states & ~inside) | row->to_any, &looking->before,
                    looking->seen);
        belief->row = row;
    }
}

void apply_each(struct looking *looking, bool is_sure)
{
    for (size_t i = 0; i < looking->seen->operation->participant_count; i++) {
        const struct participant *part = &looking->seen->operation->participants[i];

        for (size_t j = 0; j < part->rows.count; j++) {
            const struct row *row = part->rows.items[j];
            struct subject subject = {.machine = part->machine, .states = STATES_ANY};
            enum truth fits;

            if (!row->each)
                continue;
            fits = row_fits(row, &subject, &looking->eval, &looking->world);
            if (fits != TRUTH_FALSE)
                apply_row(looking, row, is_sure && fits == TRUTH_TRUE);
        }
    }
}
