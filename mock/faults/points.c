/* SPDX-License-Identifier: Apache-2.0 */
/* The points within a play at which rows act, in the order of a request. */
#include "mock/faults/act.h"

typedef void fault_act(struct exchange *exchange, struct fault_hit *hit);
enum point { POINT_NAMED, POINT_DECIDED, POINT_MOVED, POINT_SETTLED, POINTS };

static fault_act *act_of(const struct fault_kind *kind, enum point point)
{
    fault_act *const acts[POINTS] = {kind->named, kind->decided, kind->moved, kind->settled};
    return acts[point];
}

static void act_at(struct exchange *exchange, enum point point)
{
    for (size_t i = 0; i < exchange->fault_count; i++) {
        struct fault_hit *hit = &exchange->faults[i];
        fault_act *act = act_of(hit->fault->kind, point);
        if (!act || hit->is_idle)
            continue;
        hit->has_acted = true;
        act(exchange, hit);
    }
}

void faults_named(struct exchange *exchange)
{
    act_at(exchange, POINT_NAMED);
}

void faults_decided(struct exchange *exchange)
{
    act_at(exchange, POINT_DECIDED);
}

void faults_moved(struct exchange *exchange)
{
    act_at(exchange, POINT_MOVED);
}

void faults_settled(struct exchange *exchange)
{
    act_at(exchange, POINT_SETTLED);
}

/* Those whose point was never reached. */
void faults_answered(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->fault_count; i++) {
        struct fault_hit *hit = &exchange->faults[i];
        const struct fault_kind *kind = hit->fault->kind;
        bool acts_in_play = kind->named || kind->decided || kind->moved || kind->settled;
        if (hit->has_acted)
            continue;
        if (!hit->has_had_turn && (kind->before || kind->instead))
            fault_withdraw(hit, "another fault answered before");
        else if (acts_in_play)
            fault_withdraw(hit, "the request was refused before");
        else if (kind->group == FAULT_OF_STREAM)
            fault_withdraw(hit, "the answer is no stream");
        else if (kind->group == FAULT_OF_WEBHOOK) /* of a header: rules choose it for each try */
            fault_withdraw(hit, "it is met by webhooks, which rules choose");
    }
}

void fault_withdraw(struct fault_hit *hit, const char *why)
{
    if (hit->is_idle)
        return;
    hit->is_idle = true;
    hit->note = why;
    if (hit->rule)
        fault_set_take_back(hit->set, hit);
}
