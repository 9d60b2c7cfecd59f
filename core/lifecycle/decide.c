/* SPDX-License-Identifier: Apache-2.0 */
/* Rows: which one fits, and what follows from an answer that was seen. */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/expr/criterion.h"
#include "core/expr/match.h"
#include "core/expr/template.h"
#include "core/lifecycle/machine.h"

enum truth query_fits(const struct query *query, state_set states, const cJSON *value, bool partial,
                      struct eval *eval)
{
    enum truth in = !(states & query->in)   ? TRUTH_FALSE
                    : (states & ~query->in) ? TRUTH_UNKNOWN
                                            : TRUTH_TRUE;

    if (in == TRUTH_FALSE || !query->where)
        return in;
    if (partial && cJSON_IsObject(value)) {
        cJSON *seen = tree_copy(eval->arena, value);

        unknown_mark_partial(seen);
        value = seen;
    }
    return truth_and(in, match_eval(query->where, value, eval));
}

const char *query_of_id(const struct lifecycle *lifecycle, const struct query *query,
                        struct eval *eval)
{
    const cJSON *resource, *id;

    if (!query->of || query->of_machine < 0)
        return NULL;
    resource = template_value(query->of, eval);
    if (!resource || expr_is_unknown(resource))
        return NULL;
    if (cJSON_IsString(resource)) /* an id itself */
        return tree_text(resource);
    id = pointer_get(resource, lifecycle->machines[query->of_machine].id_at
                                   ? lifecycle->machines[query->of_machine].id_at
                                   : "/id");
    return id ? value_text(eval->arena, id) : NULL;
}

const char *query_id(const struct query *query, struct eval *eval)
{
    return query->id ? template_text(query->id, eval) : NULL;
}

static enum truth world_truth(const struct tests *tests, struct eval *eval,
                              const struct world_view *world)
{
    enum truth truth = TRUTH_TRUE;

    if (tests->exists)
        truth = truth_and(truth, world->exists(world->data, tests->exists, eval));
    if (tests->none && truth != TRUTH_FALSE)
        truth = truth_and(truth, truth_not(world->exists(world->data, tests->none, eval)));
    if (tests->last && truth != TRUTH_FALSE)
        truth = truth_and(truth, world->last(world->data, tests->last, eval));
    return truth;
}

static const cJSON *value_of(const struct subject *subject, const struct world_view *world)
{
    return subject->unread ? world->value(world->data, subject->unread) : subject->value;
}

enum truth row_fits(const struct row *row, const struct subject *subject, struct eval *eval,
                    const struct world_view *world)
{
    const struct tests *tests = &row->tests;
    enum truth truth = TRUTH_TRUE;

    if (subject->machine && !(subject->states & tests->in))
        return TRUTH_FALSE;
    if (subject->machine && (subject->states & ~tests->in))
        truth = TRUTH_UNKNOWN;
    if (tests->when || tests->unless)
        truth = truth_and(truth, criterion_gate(tests->when, tests->unless, eval));
    if (tests->where && truth != TRUTH_FALSE)
        truth = truth_and(truth, match_eval(tests->where, value_of(subject, world), eval));
    return truth == TRUTH_FALSE ? truth : truth_and(truth, world_truth(tests, eval, world));
}

const struct row *row_decide(const struct row_list *rows, const struct subject *subject,
                             struct eval *eval, const struct world_view *world)
{
    size_t i;

    for (i = 0; i < rows->count; i++)
        if (!rows->items[i]->each && row_fits(rows->items[i], subject, eval, world) == TRUTH_TRUE)
            return rows->items[i];
    return NULL;
}

const struct row *always_decide(const struct machine *machine, const struct subject *subject,
                                struct eval *eval, const struct world_view *world)
{
    size_t i;

    for (i = 0; i < machine->always_count; i++)
        if (row_fits(&machine->always[i], subject, eval, world) == TRUTH_TRUE)
            return &machine->always[i];
    return NULL;
}

int row_target(const struct row *row, const struct machine *machine, int from, struct eval *eval)
{
    const char *name;

    if (!row->to_template)
        return row->to == STATE_NONE ? from : row->to;
    name = template_text(row->to_template, eval);
    return name ? machine_state(machine, name) : STATE_NONE;
}
