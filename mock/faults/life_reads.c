/* SPDX-License-Identifier: Apache-2.0 */
/* Reads that show what is not so: what was, what will be, or nothing. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/answer.h"
#include "mock/change.h"
#include "mock/faults/life.h"
#include "mock/past.h"
#include "mock/pretence.h"

#define READS                                                                                      \
    {                                                                                              \
        .name = "reads", .type = FAULT_INTEGER, .least = 1, .most = 1e6, .fallback = "1",          \
        .help = "so many, of each resource"                                                        \
    }

const struct fault_parameter stale_parameters[] = {READS, {0}};
const struct fault_parameter regress_parameters[] = {READS, {0}};
const struct fault_parameter vanish_parameters[] = {READS, {0}};

/* ---- what is read ---- */

static bool row_moves(const struct row *row)
{
    return row->to != STATE_NONE || row->to_template || row->each;
}

static bool has_steps(const struct service_entry *entry)
{
    bool has = entry->steps.count > 0;
    for (size_t i = 0; i < entry->case_count; i++)
        has |= entry->cases[i].steps.count > 0;
    return has;
}

/* A search that is posted reads, too: nothing of it moves anything. */
static bool only_reads(const struct exchange *exchange)
{
    const struct provider_operation *operation = exchange->operation;
    const char *method = exchange->request->method;
    bool moves = has_steps(&operation->service);
    for (size_t i = 0; i < operation->participant_count; i++)
        for (size_t j = 0; j < operation->participants[i].rows.count; j++)
            moves |= row_moves(operation->participants[i].rows.items[j]);
    return !moves || text_is(method, "GET") || text_is(method, "HEAD");
}

/* What is waited for or streamed is not one moment that could be another. */
static bool takes_time(const struct exchange *exchange)
{
    const struct answers *answers = &exchange->operation->service.answers;
    for (size_t i = 0; i < answers->count; i++)
        if (answers->items[i].kind == ANSWER_WAIT || answers->items[i].kind == ANSWER_STREAM)
            return true;
    return false;
}

static const struct kind *listed(const struct exchange *exchange)
{
    const struct answers *answers = &exchange->operation->service.answers;
    for (size_t i = 0; i < answers->count; i++)
        if (answers->items[i].kind == ANSWER_LIST)
            return answers->items[i].list->kind;
    return NULL;
}

struct shown { /* moves of what the answer will show */
    struct past_move **items;
    size_t count;
};

static void add_kind(struct exchange *exchange, unsigned kind, bool of_birth, struct shown *shown)
{
    size_t count;
    struct past_move **more =
        past_of_kind(exchange->world, kind, of_birth, exchange->arena, &count);
    struct past_move **all = arena_alloc(exchange->arena, (shown->count + count + 1) * sizeof *all);
    for (size_t i = 0; i < shown->count; i++)
        all[i] = shown->items[i];
    for (size_t i = 0; i < count; i++)
        all[shown->count + i] = more[i];
    shown->items = all;
    shown->count += count;
}

/* A list shows all of its kind; what names nothing may show anything. */
static struct shown shown_by(struct exchange *exchange, bool of_birth)
{
    struct shown shown = {0};
    const struct played *played = exchange->played;
    const struct kind *list = listed(exchange);
    struct resource *subject = answer_subject(exchange);
    if (list) {
        add_kind(exchange, played_kind(played, list)->index, of_birth, &shown);
    } else if (subject) {
        struct past_move *move = past_find(exchange->world, subject, of_birth);
        shown.items = arena_copy(exchange->arena, &move, sizeof move);
        shown.count = move != NULL;
    } else {
        for (size_t i = 0; i < played->provider->kind_count; i++)
            add_kind(exchange, played->kinds[i].index, of_birth, &shown);
    }
    return shown;
}

/* NULL, or why the fault has nothing to do here. */
static const char *unfit(const struct exchange *exchange)
{
    if (!only_reads(exchange))
        return "this request does more than read";
    return takes_time(exchange) ? "a wait or a stream tells what happens" : NULL;
}

/* ---- what was ---- */

static void show_past(struct exchange *exchange, struct past_move *move)
{
    rehearsal_begin(&exchange->play);
    rehearsal_show(&exchange->play, move->resource, &move->image);
}

/* A header asks for this one read; a rule means so many after each move. */
static bool has_turn(const struct fault_hit *hit, const struct past_move *move, enum past_use use)
{
    return !hit->rule || move->used[use] < (uint64_t)fault_integer(hit, "reads");
}

static size_t show_all_past(struct exchange *exchange, const struct fault_hit *hit,
                            enum past_use use)
{
    struct shown shown = shown_by(exchange, false);
    size_t count = 0;
    for (size_t i = 0; i < shown.count; i++) {
        struct past_move *move = shown.items[i];
        if (rehearsal_has_kept(&exchange->play, move->resource))
            continue;
        bool is_new = use == PAST_REGRESS && hit->rule && !move->was_seen;
        move->was_seen |= use == PAST_REGRESS;
        if (is_new || !has_turn(hit, move, use))
            continue;
        move->was_seen = use == PAST_REGRESS; /* this read does not show it after all */
        move->used[use]++;
        show_past(exchange, move);
        count++;
    }
    return count;
}

static void name_past(struct exchange *exchange, struct fault_hit *hit, enum past_use use)
{
    const char *why = unfit(exchange);
    if (why)
        fault_withdraw(hit, why);
    else if (!show_all_past(exchange, hit, use))
        fault_withdraw(hit, "nothing that it shows has moved lately");
}

void name_stale(struct exchange *exchange, struct fault_hit *hit)
{
    name_past(exchange, hit, PAST_STALE);
}

void name_regress(struct exchange *exchange, struct fault_hit *hit)
{
    name_past(exchange, hit, PAST_REGRESS);
}

/* ---- what is not there yet ---- */

static void hide(struct exchange *exchange, struct taking *taking)
{
    struct play *play = &exchange->play;
    const struct kind *kind = play_kind(play, taking->resource)->kind;
    play_bind_resource(play, play->env, kind->name, NULL);
    play_bind_resource(play, play->env, kind->machine->name, NULL);
    play_bind_resource(play, play->env, "resource", NULL);
    taking->resource = NULL;
}

static bool has_vanished(const struct fault_hit *hit, struct past_move *move)
{
    if (!move || !has_turn(hit, move, PAST_VANISH))
        return false;
    move->used[PAST_VANISH]++;
    return true;
}

static size_t hide_listed(struct exchange *exchange, const struct fault_hit *hit,
                          const struct kind *kind)
{
    struct shown shown = {0};
    struct pretence *pretence = exchange_pretence(exchange);
    size_t before = pretence->unseen.count;
    add_kind(exchange, played_kind(exchange->played, kind)->index, true, &shown);
    for (size_t i = 0; i < shown.count; i++)
        if (has_vanished(hit, shown.items[i]))
            vec_push_arena(exchange->arena, &pretence->unseen, shown.items[i]->resource);
    return pretence->unseen.count - before;
}

void name_vanished(struct exchange *exchange, struct fault_hit *hit)
{
    size_t count = 0;
    for (size_t i = 0; i < exchange->taking_count; i++) {
        struct taking *taking = &exchange->takings[i];
        if (!taking->resource ||
            !has_vanished(hit, past_find(exchange->world, taking->resource, true)))
            continue;
        hide(exchange, taking);
        count++;
    }
    const struct kind *list = listed(exchange);
    if (list)
        count += hide_listed(exchange, hit, list);
    if (!count)
        fault_withdraw(hit, "nothing that it names was made lately");
}

/* ---- what will be, perhaps ---- */

const struct fault_parameter early_parameters[] = {
    {.name = "state",
     .type = FAULT_TEXT,
     .help = "which end; else the first that it may reach from where it is"},
    {0},
};

static int lowest(state_set states)
{
    for (int i = 0; i < STATES_MAX; i++)
        if (states & STATE_BIT(i))
            return i;
    return STATE_NONE;
}

static int end_of(const struct machine *machine, const struct resource *resource, const char *name)
{
    if (name)
        return machine_state(machine, name);
    state_set near = machine->reach_one ? machine->reach_one[resource->state] : 0;
    near &= machine->terminal;
    return lowest(near ? near : machine->terminal);
}

void name_early(struct exchange *exchange, struct fault_hit *hit)
{
    struct play *play = &exchange->play;
    struct resource *subject = answer_subject(exchange);
    const char *why = unfit(exchange);
    if (!why && (!subject || listed(exchange)))
        why = "it does not show one resource";
    const struct machine *machine = subject ? play_machine(play, subject) : NULL;
    if (!why && !(machine->open & STATE_BIT(subject->state)))
        why = "it has ended already";
    int to = why ? STATE_NONE : end_of(machine, subject, fault_text(hit, "state"));
    if (!why && (to == STATE_NONE || to == STATE_ABSENT))
        why = "its machine has no such end";
    if (why) {
        fault_withdraw(hit, why);
        return;
    }
    rehearsal_begin(play);
    rehearsal_keep(play, subject);
    change_move(play, subject, to);
    hit->note = arena_printf(exchange->arena, "state=%s", machine->states[to].name);
}

/* ---- what follows a page ---- */

static const char *const page_lies[] = {"loop",     "endless", "cut", "bad_token",
                                        "no_token", "empty",   NULL};
const struct fault_parameter page_parameters[] = {
    {.name = "how",
     .type = FAULT_CHOICE,
     .choices = page_lies,
     .fallback = "loop",
     .help = "next leads to the same page; the last one has a next too; an end too early; a next "
             "that is refused; more without a next; nothing on it, but more"},
    {0},
};

void name_page(struct exchange *exchange, struct fault_hit *hit)
{
    if (!listed(exchange)) {
        fault_withdraw(hit, "it answers no list");
        return;
    }
    exchange_pretence(exchange)->page = (enum page_fault)(PAGE_LOOP + fault_integer(hit, "how"));
    hit->note = arena_printf(exchange->arena, "how=%s", fault_text(hit, "how"));
}
