/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/decide.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/template.h"
#include "mock/faults/act.h"
#include "mock/world_view.h"

static bool rules_hold(struct exchange *exchange, struct refused *refused)
{
    struct subject nobody = {0};
    struct world_view view = world_view_of(&exchange->play);
    const struct provider_operation *operation = exchange->operation;
    for (size_t i = 0; i < operation->rule_count; i++) {
        const struct row *row = &operation->rules[i]->row;
        if (row_fits(row, &nobody, &exchange->play.eval, &view) != TRUTH_TRUE)
            continue;
        if (!row->error)
            continue;
        *refused = (struct refused){row->error, row, NULL};
        return false;
    }
    return true;
}

/* A name that no request can change: it stands in where none is given. */
static bool is_stand_in(const struct template *name)
{
    return !uses_root(template_uses(name), "request");
}

/* The first of `named_by` whose resource is there; when none is, the first that was given. */
static const char *named_id(struct exchange *exchange, const struct participant *participant)
{
    const char *first = NULL;
    for (size_t i = 0; i < participant->named_by_count; i++) {
        const char *id = template_text(participant->named_by[i], &exchange->play.eval);
        if (!id || !*id)
            continue;
        if (first && is_stand_in(participant->named_by[i]))
            break;
        if (i + 1 == participant->named_by_count && !first)
            return id;
        if (play_find(&exchange->play, participant->machine, id))
            return id;
        first = first ? first : id;
    }
    return first;
}

/* An owned resource is found only under the owner that the request's path names. */
static const char *owner_named(const struct exchange *exchange, const struct machine *machine)
{
    const struct provider *provider = exchange->played->provider;
    const struct kind *kind = provider_kind_for(provider, machine);
    for (size_t i = 0; kind && kind->owner && i < exchange->taking_count; i++) {
        const struct taking *taking = &exchange->takings[i];
        if (taking->participant->machine == kind->owner->machine && taking->participant->by_path)
            return taking->id;
    }
    return NULL;
}

void decide_participants(struct exchange *exchange)
{
    const struct provider_operation *operation = exchange->operation;
    exchange->takings =
        arena_alloc(exchange->arena, (operation->participant_count + 1) * sizeof(struct taking));
    for (size_t i = 0; i < operation->participant_count; i++) {
        const struct participant *participant = &operation->participants[i];
        struct taking taking = {.participant = participant, .to = STATE_NONE};
        taking.id = named_id(exchange, participant);
        if (taking.id)
            taking.resource =
                play_find_under(&exchange->play, participant->machine,
                                owner_named(exchange, participant->machine), taking.id);
        exchange->takings[exchange->taking_count++] = taking;
    }
    for (size_t i = 0; i < exchange->taking_count; i++)
        if (exchange->takings[i].resource)
            world_view_bind(&exchange->play, exchange->takings[i].resource);
}

/* Rows see the participant as `$resource`. */
static bool ask_rows(struct exchange *exchange, struct taking *taking, struct refused *refused)
{
    struct play *play = &exchange->play;
    const struct participant *participant = taking->participant;
    struct subject subject = world_view_subject(participant->machine, taking->resource);
    struct world_view view = world_view_of(play);
    play_bind_resource(play, play->env, "resource", taking->resource);
    const struct row *row = row_decide(&participant->rows, &subject, &play->eval, &view);
    if (!taking->resource && participant->by_path && !row) {
        *refused = (struct refused){participant->machine->missing, NULL, taking};
        return false;
    }
    taking->row = row;
    if (row && row->error) {
        *refused = (struct refused){row->error, row, taking};
        return false;
    }
    int from = taking->resource ? taking->resource->state : STATE_ABSENT;
    if (row && (row->to != STATE_NONE || row->to_template))
        taking->to = row_target(row, participant->machine, from, &play->eval);
    return true;
}

/* ---- rows about many resources ---- */

static void add_target(struct exchange *exchange, const struct row *row, struct resource *resource)
{
    struct play *play = &exchange->play;
    const struct machine *machine = play_machine(play, resource);
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    world_view_bind(play, resource);
    struct target *target = &exchange->targets[exchange->target_count++];
    *target = (struct target){.resource = resource, .row = row, .to = STATE_NONE};
    if (row->to != STATE_NONE || row->to_template)
        target->to = row_target(row, machine, resource->state, &play->eval);
    target->says = template_eval(row->says, &play->eval);
    play->env = outer;
    play_hold(play, resource);
}

static void find_targets(struct exchange *exchange, const struct row *row)
{
    size_t count;
    struct resource **found = world_view_select(&exchange->play, row->each, &count);
    struct target *larger =
        arena_alloc(exchange->arena, (exchange->target_count + count + 1) * sizeof *larger);
    if (exchange->target_count)
        memcpy(larger, exchange->targets, exchange->target_count * sizeof *larger);
    exchange->targets = larger;
    for (size_t i = 0; i < count; i++)
        add_target(exchange, row, found[i]);
}

static void find_all_targets(struct exchange *exchange)
{
    struct play *play = &exchange->play;
    struct world_view view = world_view_of(play);
    for (size_t i = 0; i < exchange->taking_count; i++) {
        const struct taking *taking = &exchange->takings[i];
        const struct row_list *rows = &taking->participant->rows;
        struct subject subject = world_view_subject(taking->participant->machine, taking->resource);
        for (size_t j = 0; j < rows->count; j++)
            if (rows->items[j]->each &&
                row_fits(rows->items[j], &subject, &play->eval, &view) == TRUTH_TRUE)
                find_targets(exchange, rows->items[j]);
    }
    cJSON *list = tree_array(exchange->arena);
    for (size_t i = 0; i < exchange->target_count; i++) {
        const struct target *target = &exchange->targets[i];
        const struct machine *machine = play_machine(play, target->resource);
        cJSON *one = tree_object(exchange->arena);
        tree_set_string(exchange->arena, one, "id", target->resource->id);
        tree_set_string(exchange->arena, one, "was", machine->states[target->resource->state].name);
        if (target->says)
            tree_set(exchange->arena, one, "says", tree_copy(exchange->arena, target->says));
        tree_append(list, one);
    }
    play_bind(play, "targets", list);
}

bool decide(struct exchange *exchange, struct refused *refused)
{
    if (!rules_hold(exchange, refused))
        return false;
    decide_participants(exchange);
    if (exchange->fault_count)
        faults_named(exchange);
    for (size_t i = 0; i < exchange->taking_count; i++)
        if (!ask_rows(exchange, &exchange->takings[i], refused))
            return false;
    find_all_targets(exchange);
    if (exchange->fault_count)
        faults_decided(exchange);
    return true;
}
