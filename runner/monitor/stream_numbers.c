/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of events: they grow, none is left out, what was told under one is told again alike. */
#include "runner/monitor/stream_parts.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/match.h"
#include "core/expr/template.h"

#include <stdlib.h>

struct breach stream_breach(const struct reading *reading, const char *rule)
{
    return (struct breach){
        .rule = rule, .place = reading->rule->place, .source = SOURCE_SPEC, .belief = reading->of};
}

const char *stream_name(const struct reading *reading)
{
    return reading->looking->seen->operation->name;
}

size_t stream_event_index(const struct reading *reading)
{
    return (size_t)(reading->event - reading->looking->seen->events.items) + 1;
}

/* ---- numbers ---- */

static bool as_number(const cJSON *value, int64_t *number)
{
    const char *text = tree_text(value);
    char *end;

    if (tree_as_int64(value, number))
        return true;
    if (!text || !*text)
        return false;
    *number = strtoll(text, &end, 10);
    return !*end;
}

static bool number_of(const struct reading *reading, const struct seen_event *event,
                      int64_t *number)
{
    const struct event_numbers *rule = &reading->rule->numbers;
    struct looking *looking = reading->looking;

    if (rule->rule == NUMBERS_NONE)
        return false;
    if (rule->where && match_eval(rule->where, event->data, &looking->eval) != TRUTH_TRUE)
        return false;
    if (rule->at)
        return as_number(pointer_get(event->data, rule->at), number);
    return event->id && as_number(tree_string(looking->arena, event->id), number);
}

static struct told_event *find_told(const struct told_stream *told, int64_t number)
{
    for (size_t i = told ? told->count : 0; i > 0; i--)
        if (told->items[i - 1].number == number)
            return &told->items[i - 1];
    return NULL;
}

/* In the order of numbers; nearly always the last. */
static void remember(struct reading *reading, int64_t number)
{
    struct told_event told = {number, reading->event, reading->looking->seen};
    struct told_stream *list = reading->told;
    size_t at;

    if (!list)
        return;
    memory_hold(told.by->memory);
    vec_push_arena(reading->looking->monitor->arena, list, told);
    for (at = list->count - 1; at > 0 && list->items[at - 1].number > number; at--)
        list->items[at] = list->items[at - 1];
    list->items[at] = told;
}

static void check_again(struct reading *reading, const struct told_event *told, int64_t number)
{
    struct breach breach = stream_breach(reading, "event");

    breach.first = told->by;
    if (!tree_equal(told->event->data, reading->event->data) ||
        !text_is(told->event->event, reading->event->event))
        say_breach(reading->looking, &breach,
                   "%s: event %lld is not what exchange %llu told under that number",
                   stream_name(reading), (long long)number, (unsigned long long)told->by->number);
}

static void check_unnumbered(struct reading *reading)
{
    const struct event_numbers *rule = &reading->rule->numbers;
    struct breach breach = stream_breach(reading, "order");

    if (!rule->all || (rule->where && match_eval(rule->where, reading->event->data,
                                                 &reading->looking->eval) != TRUTH_TRUE))
        return;
    say_breach(reading->looking, &breach, "%s: event %zu has no number", stream_name(reading),
               stream_event_index(reading));
}

void stream_check_number(struct reading *reading)
{
    enum number_rule rule = reading->rule->numbers.rule;
    struct breach breach = stream_breach(reading, "order");
    const struct told_event *told;
    int64_t number;

    reading->is_past = false;
    if (!number_of(reading, reading->event, &number)) {
        check_unnumbered(reading);
        return;
    }
    if (reading->previous >= 0 && number <= reading->previous)
        say_breach(reading->looking, &breach,
                   "%s: event %lld came after event %lld; their numbers only grow",
                   stream_name(reading), (long long)number, (long long)reading->previous);
    else if (rule == NUMBERS_FOLLOW && reading->previous >= 0 && number != reading->previous + 1)
        say_breach(reading->looking, &breach, "%s: after event %lld came event %lld; %s missing",
                   stream_name(reading), (long long)reading->previous, (long long)number,
                   number == reading->previous + 2 ? "one is" : "some are");
    told = find_told(reading->told, number);
    reading->is_past = told != NULL;
    if (told)
        check_again(reading, told, number);
    else
        remember(reading, number);
    if (reading->first < 0)
        reading->first = number;
    if (number > reading->previous)
        reading->previous = number;
}

/* What was told before and lies within what this stream told must be in it. */
static void check_gaps(struct reading *reading, int64_t after)
{
    const struct seen *seen = reading->looking->seen;
    int64_t from = after >= 0 ? after + 1 : reading->first;
    int64_t to = after >= 0 && !seen->is_cut ? INT64_MAX : reading->previous;

    for (size_t i = 0; reading->told && i < reading->told->count; i++) {
        const struct told_event *told = &reading->told->items[i];
        struct breach breach = stream_breach(reading, "order");
        bool is_there = false;
        int64_t number;

        if (told->number < from || told->number > to || told->by == seen)
            continue;
        for (size_t j = 0; j < seen->events.count && !is_there; j++)
            is_there =
                number_of(reading, &seen->events.items[j], &number) && number == told->number;
        breach.first = told->by;
        if (!is_there)
            say_breach(reading->looking, &breach, "%s: event %lld is missing; exchange %llu has it",
                       stream_name(reading), (long long)told->number,
                       (unsigned long long)told->by->number);
    }
}

void stream_check_start(struct reading *reading)
{
    const struct event_numbers *rule = &reading->rule->numbers;
    const cJSON *after = rule->after ? template_value(rule->after, &reading->looking->eval) : NULL;
    struct breach breach = stream_breach(reading, "order");
    int64_t asked;

    if (expr_is_unknown(after) || !as_number(after, &asked))
        asked = -1;
    if (asked >= 0 && reading->first >= 0 && reading->first <= asked)
        say_breach(reading->looking, &breach, "%s: event %lld came again after event %lld",
                   stream_name(reading), (long long)reading->first, (long long)asked);
    if (asked >= 0 && rule->rule == NUMBERS_FOLLOW && reading->first > asked + 1)
        say_breach(reading->looking, &breach,
                   "%s: the first event is %lld, but %lld was the last that the client has",
                   stream_name(reading), (long long)reading->first, (long long)asked);
    check_gaps(reading, asked);
}
