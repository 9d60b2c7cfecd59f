/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/verify/verify.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdlib.h>

/* ---- what is near ---- */

/* A request that no operation fits is near when this operation is what its sender meant. */
static const char *misspelt(struct admin_call *call, const struct request_filter *filter,
                            const struct journal_record *record)
{
    const char *how = NULL;
    for (size_t i = 0; record->is_unmatched && i < filter->operations.count && !how; i++)
        how = near_is_operation(call, record, filter->operations.items[i]);
    return how;
}

static bool is_nearer(const struct near_requests *near, unsigned weight)
{
    return near->count < VERIFY_NEAR_MAX || near->items[near->count - 1].weight >= weight;
}

/* The nearest first; of two that are as near the newer one. */
static void keep_near(struct near_requests *near, struct near_request one)
{
    size_t place = near->count;
    while (place && near->items[place - 1].weight >= one.weight)
        place--;
    if (place == VERIFY_NEAR_MAX)
        return;
    if (near->count < VERIFY_NEAR_MAX)
        near->count++;
    for (size_t i = near->count - 1; i > place; i--)
        near->items[i] = near->items[i - 1];
    near->items[place] = one;
}

static void find_near(struct admin_call *call, const struct request_filter *filter,
                      const struct journal_view *view, struct near_requests *near)
{
    struct arena *arena = arena_new(); /* of one request: a full journal has many bodies */
    for (size_t i = 0; i < view->count; i++) {
        const struct journal_record *record = journal_record_of(view->entries[i]);
        cJSON *differences = tree_array(arena);
        unsigned weight = request_filter_differences(filter, record, arena, differences);
        const char *how = weight >= DIFFERENT ? misspelt(call, filter, record) : NULL;
        if (how) {
            differences = tree_array(arena);
            tree_append(differences, tree_string(arena, how));
            weight = DIFFERENT - 1;
        }
        if (weight && weight < DIFFERENT && is_nearer(near, weight))
            keep_near(near,
                      (struct near_request){record, weight, tree_copy(call->arena, differences)});
        arena_reset(arena);
    }
    arena_free(arena);
}

cJSON *verify_near(struct admin_call *call, const struct request_filter *filter,
                   struct journal *journal)
{
    struct near_requests near = {0};
    struct journal_view view;
    journal_query(journal, NULL, NULL, SIZE_MAX, &view);
    find_near(call, filter, &view, &near);
    cJSON *json = near_requests_json(call->arena, &near);
    journal_view_release(&view);
    return json;
}

/* ---- in order ---- */

struct alignment {
    struct admin_call *call;
    struct verdict *verdict;
    const struct journal_view *everything;
    size_t at; /* the record to be looked at next */
};

static bool fits(const struct expected *expected, const struct journal_record *record)
{
    struct request_filter filter = expected->filter;
    return request_filter_fits(record, &filter);
}

static void add_line(struct alignment *alignment, struct aligned line)
{
    vec_push_arena(alignment->call->arena, &alignment->verdict->lines, line);
    if (line.is_wrong)
        alignment->verdict->order_holds = false;
}

/* Requests that no step takes: wrong where nothing else may come. */
static void pass_over(struct alignment *alignment, size_t until)
{
    struct verdict *verdict = alignment->verdict;
    for (; alignment->at < until; alignment->at++)
        add_line(alignment, (struct aligned){.record = verdict->records[alignment->at],
                                             .is_wrong = verdict->wanted->is_exact});
}

/* Taken by no step so far, and before the turn of this one. */
static const struct journal_record *came_early(const struct alignment *alignment,
                                               const struct expected *step)
{
    const struct verdict *verdict = alignment->verdict;
    for (size_t i = 0; i < verdict->lines.count; i++)
        if (!verdict->lines.items[i].step && verdict->lines.items[i].record &&
            fits(step, verdict->lines.items[i].record))
            return verdict->lines.items[i].record;
    return NULL;
}

static void add_missing(struct alignment *alignment, const struct expected *step, size_t number)
{
    struct aligned line = {.step = step, .number = number, .is_wrong = true};
    line.early = came_early(alignment, step);
    if (!line.early)
        find_near(alignment->call, &step->filter, alignment->everything, &line.near);
    add_line(alignment, line);
}

/* The next record that fits, or the end. */
static size_t next_fitting(const struct alignment *alignment, const struct expected *step)
{
    size_t at = alignment->at;
    while (at < alignment->verdict->count && !fits(step, alignment->verdict->records[at]))
        at++;
    return at;
}

static void take(struct alignment *alignment, const struct expected *step, size_t number)
{
    struct aligned line = {.step = step, .number = number};
    line.record = alignment->verdict->records[alignment->at++];
    add_line(alignment, line);
}

/* Each takes the first that fits behind the one before. */
static void align_step(struct alignment *alignment, const struct expected *step, size_t number)
{
    const struct verdict *verdict = alignment->verdict;
    for (int64_t taken = 0; taken < step->least; taken++) {
        size_t next = next_fitting(alignment, step);
        if (next == verdict->count) {
            add_missing(alignment, step, number);
            return;
        }
        pass_over(alignment, next);
        take(alignment, step, number);
    }
}

/* Some step after this one takes it: then it is this one that is missing. */
static bool is_wanted_later(const struct alignment *alignment, size_t number)
{
    const struct expected_list *steps = &alignment->verdict->wanted->steps;
    for (size_t i = number; i < steps->count; i++)
        if (fits(&steps->items[i], alignment->verdict->records[alignment->at]))
            return true;
    return false;
}

/* Nothing may come between: what does not fit is either too much, or a later step's. */
static void align_exactly(struct alignment *alignment, const struct expected *step, size_t number)
{
    const struct verdict *verdict = alignment->verdict;
    int64_t taken = 0;
    while (alignment->at < verdict->count && taken < step->most) {
        if (fits(step, verdict->records[alignment->at])) {
            take(alignment, step, number);
            taken++;
        } else if (taken >= step->least || is_wanted_later(alignment, number) ||
                   next_fitting(alignment, step) == verdict->count) {
            break;
        } else {
            pass_over(alignment, alignment->at + 1);
        }
    }
    if (taken < step->least)
        add_missing(alignment, step, number);
}

static void align(struct admin_call *call, const struct journal_view *everything,
                  struct verdict *verdict)
{
    const struct verification *wanted = verdict->wanted;
    struct alignment alignment = {call, verdict, everything, 0};
    verdict->order_holds = true;
    for (size_t i = 0; i < wanted->steps.count; i++) {
        if (wanted->is_exact)
            align_exactly(&alignment, &wanted->steps.items[i], i + 1);
        else
            align_step(&alignment, &wanted->steps.items[i], i + 1);
    }
    pass_over(&alignment, verdict->count);
}

/* ---- never ---- */

static void look_for(struct admin_call *call, const struct expected *never, struct verdict *verdict)
{
    struct never_came came = {.never = never};
    for (size_t i = 0; i < verdict->count; i++)
        if (fits(never, verdict->records[i]))
            vec_push_arena(call->arena, &came, verdict->records[i]);
    vec_push_arena(call->arena, &verdict->never, came);
    verdict->holds = verdict->holds && !came.count;
}

/* ---- all of it ---- */

static int by_number(const void *a, const void *b)
{
    const struct journal_record *first = *(const struct journal_record *const *)a;
    const struct journal_record *second = *(const struct journal_record *const *)b;
    return (first->number > second->number) - (first->number < second->number);
}

/* The journal has them as they were answered; people think of them as they came. */
static const struct journal_record **take_records(struct admin_call *call,
                                                  const struct journal_view *view)
{
    const struct journal_record **records =
        arena_alloc(call->arena, (view->count + 1) * sizeof *records);
    for (size_t i = 0; i < view->count; i++)
        records[i] = journal_record_of(view->entries[i]);
    if (view->count)
        qsort(records, view->count, sizeof *records, by_number);
    return records;
}

/* Something says that no more came than we see. */
static bool needs_all(const struct verification *wanted)
{
    return wanted->never.count || wanted->is_exact ||
           (wanted->is_counted && wanted->whole.most != VERIFY_MANY);
}

void verify_judge(struct admin_call *call, const struct verification *wanted,
                  const struct journal_view *looked_at, const struct journal_view *everything,
                  struct verdict *verdict)
{
    const struct expected *whole = &wanted->whole;
    verdict->wanted = wanted;
    verdict->count = looked_at->count;
    verdict->records = take_records(call, looked_at);
    verdict->everything_count = everything->count;
    verdict->everything = take_records(call, everything);
    verdict->needs_all = needs_all(wanted);
    verdict->holds = verdict->is_complete || !verdict->needs_all;
    if (wanted->is_counted) {
        int64_t count = (int64_t)verdict->count;
        verdict->count_holds = count >= whole->least && count <= whole->most;
        if (count < whole->least)
            find_near(call, &whole->filter, everything, &verdict->near);
        verdict->holds = verdict->holds && verdict->count_holds;
    }
    if (wanted->is_ordered) {
        align(call, everything, verdict);
        verdict->holds = verdict->holds && verdict->order_holds;
    }
    for (size_t i = 0; i < wanted->never.count; i++)
        look_for(call, &wanted->never.items[i], verdict);
}
