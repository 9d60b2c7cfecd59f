/* SPDX-License-Identifier: Apache-2.0 */
/* What follows for one resource from an answer that was seen: three-valued rows over sets of
 * states. */
#include "core/expr/template.h"
#include "core/lifecycle/machine.h"

static bool explains(const struct lifecycle *lifecycle, const struct row *row,
                     const struct answer_seen *seen)
{
    int status = row->status ? row->status : seen->success_status;

    if (status != seen->status)
        return false;
    return !row->error || !seen->refusals ||
           (seen->refusals >> (row->error - lifecycle->refusals) & 1);
}

static void remember_row(struct judgement *judgement, const struct row *row)
{
    size_t i;

    for (i = 0; i < judgement->row_count; i++)
        if (judgement->rows[i] == row)
            return;
    if (judgement->row_count < JUDGED_ROWS_MAX)
        judgement->rows[judgement->row_count++] = row;
}

/* Where a row that explains the answer may have left the resource. */
static state_set led_to(const struct row *row, const struct machine *machine, int from,
                        struct eval *eval)
{
    int to;

    if (row->error)
        return STATE_BIT(from);
    to = row_target(row, machine, from, eval);
    return to != STATE_NONE ? STATE_BIT(to) : row->to_any;
}

/* No row decided for the state. */
static state_set judge_default(const struct judging *judging, int state,
                               struct judgement *judgement)
{
    if (state == STATE_ABSENT && judging->missing) {
        struct row refuses = {.error = judging->missing, .status = judging->missing->status};

        if (!explains(judging->lifecycle, &refuses, &judging->seen))
            return 0;
        judgement->by_missing = true;
        return STATE_BIT(state);
    }
    if (judging->seen.status < 200 || judging->seen.status > 399)
        return 0;
    judgement->undecided = true;
    return STATE_BIT(state);
}

/* One state that the resource may be in: what may have decided, and where that leads. */
static state_set judge_state(const struct judging *judging, const struct subject *one,
                             struct eval *eval, struct judgement *judgement)
{
    int state = state_set_first(one->states);
    state_set after = 0;
    size_t i;

    for (i = 0; i < judging->rows.count; i++) {
        const struct row *row = judging->rows.items[i];
        enum truth fits = row->each ? TRUTH_FALSE : row_fits(row, one, eval, judging->world);

        if (fits == TRUTH_FALSE)
            continue;
        if (explains(judging->lifecycle, row, &judging->seen)) {
            after |= led_to(row, one->machine, state, eval);
            remember_row(judgement, row);
        } else if (!judgement->expected && fits == TRUTH_TRUE) {
            judgement->expected = row;
        }
        if (fits == TRUTH_TRUE)
            return after;
    }
    return after | judge_default(judging, state, judgement);
}

void rows_judge(const struct judging *judging, struct eval *eval, struct judgement *judgement)
{
    const struct subject *subject = &judging->subject;
    struct subject one = *subject;
    const cJSON *value = subject->value ? subject->value : expr_unknown();
    size_t i;

    *judgement = (struct judgement){0};
    if (subject->partial && cJSON_IsObject(subject->value)) {
        cJSON *partial = tree_copy(eval->arena, subject->value);

        unknown_mark_partial(partial);
        value = partial;
    }
    for (i = 0; i < subject->machine->state_count; i++) {
        state_set after;

        if (!(subject->states & STATE_BIT(i)))
            continue;
        one.states = STATE_BIT(i);
        one.value = i == STATE_ABSENT ? NULL : value;
        after = judge_state(judging, &one, eval, judgement);
        if (after)
            judgement->before |= STATE_BIT(i);
        judgement->after |= after;
    }
    if (judgement->after)
        judgement->expected = NULL;
}
