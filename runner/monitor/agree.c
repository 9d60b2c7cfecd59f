/* SPDX-License-Identifier: Apache-2.0 */
/* Two views of what cannot have changed show the same; instants written as numbers are of their
 * unit. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "runner/monitor/parts.h"

#include <fnmatch.h>

/* ---- agreement ---- */

/* The member of that name: answers of one schema mostly have theirs in one order. */
const cJSON *member_near(const cJSON **at, const cJSON *object, const char *name)
{
    const cJSON *found = *at && text_is((*at)->string, name) ? *at : tree_get(object, name);

    *at = found ? found->next : *at;
    return found;
}

static bool may_differ(const struct machine *machine, const char *name)
{
    for (size_t i = 0; i < machine->member_count; i++)
        if (machine->members[i].rule == MEMBER_PER_VIEW &&
            text_starts_with(machine->members[i].at, "/") &&
            text_is(machine->members[i].at + 1, name))
            return true;
    return false;
}

static void say_difference(struct looking *looking, const struct belief *belief,
                           const struct showing *showing, const char *name)
{
    const cJSON *before = tree_get(belief->value, name), *after = tree_get(showing->value, name);
    struct breach breach = {.rule = "agree",
                            .place = showing->observation->place,
                            .source = SOURCE_SPEC,
                            .first = belief->shown_by,
                            .belief = belief};

    say_breach(looking, &breach,
               "%s %s: %s shows /%s %s, but %s (exchange %llu) showed %s, and nothing has happened "
               "since",
               belief->machine->name, belief->id, looking->seen->operation->name, name,
               after ? json_text(looking->arena, after) : "no more",
               belief->shown_by->operation->name, (unsigned long long)belief->shown_by->number,
               before ? json_text(looking->arena, before) : "nothing");
}

void check_agreement(struct looking *looking, const struct belief *belief,
                     const struct showing *showing)
{
    const struct moment *moment = looking->moment;
    const cJSON *member, *other, *at;
    size_t same = 0;

    if (!moment->is_virtual || moment->is_loose || !is_safe(looking->seen) ||
        showing->observation->partial || !belief->value || belief->is_partial ||
        belief->value_at != moment->at || belief->value_changes != moment->changes ||
        belief->shown_by == looking->seen || !belief->shown_by ||
        !text_is(belief->schema, showing->observation->schema))
        return;
    at = showing->value->child;
    cJSON_ArrayForEach (member, belief->value) {
        other = member_near(&at, showing->value, member->string);
        if (!tree_equal(member, other) && !may_differ(belief->machine, member->string)) {
            say_difference(looking, belief, showing, member->string);
            return;
        }
        same += other != NULL;
    }
    if (same == tree_count(showing->value))
        return;
    at = belief->value->child;
    cJSON_ArrayForEach (member, showing->value)
        if (!member_near(&at, belief->value, member->string) &&
            !may_differ(belief->machine, member->string)) {
            say_difference(looking, belief, showing, member->string);
            return;
        }
}

/* ---- instants ---- */

/* "*_at" and plain names are most of all patterns. */
static bool is_named(const char *pattern, const char *name, size_t len)
{
    const char *rest = *pattern == '*' ? pattern + 1 : pattern;
    size_t end = strlen(rest);

    if (strpbrk(rest, "*?[\\"))
        return fnmatch(pattern, name, 0) == 0;
    return rest == pattern ? text_is(name, rest)
                           : len >= end && memcmp(name + len - end, rest, end) == 0;
}

bool is_one_of_globs(const struct name_globs *globs, const char *name)
{
    size_t len = name ? strlen(name) : 0;

    if (!len || !globs->ends[(unsigned char)name[len - 1]])
        return false; /* it is asked of every member */
    for (size_t i = 0; i < globs->count; i++)
        if (is_named(globs->items[i], name, len))
            return true;
    return false;
}

/* No service tells of what is forty years away: then it is another unit. */
static void check_time(struct looking *looking, const cJSON *value)
{
    const struct times_rule *rule = &looking->monitor->provider->lifecycle->times;
    const nanos far = (nanos)40 * 366 * 86400 * NANOS_PER_SECOND;
    nanos now = looking->seen->answered_at, then;
    struct breach breach = {.rule = "time", .place = rule->place, .source = SOURCE_SPEC};
    int64_t number;

    if (tree_as_int64(value, &number)) {
        if (number == 0)
            return;
        then = number > INT64_MAX / rule->unit ? INT64_MAX : number * rule->unit;
    } else if (!tree_text(value) || instant_parse(tree_text(value), true, &then) != 0) {
        return;
    }
    if (then < now - far || then - far > now)
        say_breach(looking, &breach,
                   "%s shows /%s %s, which is no time near now as %s: another unit?",
                   looking->seen->operation->name, value->string, json_text(looking->arena, value),
                   cJSON_IsString(value)        ? "an instant"
                   : rule->unit == NANOS_PER_MS ? "milliseconds"
                                                : "seconds");
}

static void check_times_of(struct looking *looking, const cJSON *value, int depth)
{
    const struct times_rule *rule = &looking->monitor->provider->lifecycle->times;
    const cJSON *member;

    cJSON_ArrayForEach (member, value) {
        if (is_one_of_globs(&rule->members, member->string))
            check_time(looking, member);
        if (depth && (cJSON_IsObject(member) || cJSON_IsArray(member)))
            check_times_of(looking, member, depth - 1);
    }
}

void check_times(struct looking *looking)
{
    const struct seen_event *event;

    if (!looking->monitor->provider->lifecycle->times.unit)
        return;
    check_times_of(looking, looking->seen->answer, 4);
    vec_foreach (event, &looking->seen->events)
        check_times_of(looking, event->data, 4);
}
