/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was said is what is shown: members that a request gave, from its answer on until another
 * request gives them; and the instants that tell when something was made, and when it was changed.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

/* A clock that is not ours may be off by as much. */
static const nanos CLOCKS_DIFFER = 300 * NANOS_PER_SECOND;

/* One member that a request gave. */
struct given {
    const struct taken *taken;
    const struct take_rule *rule;
    const cJSON *value;
    const struct seen *by; /* held */
    struct given *next;
};

/* ---- what was said ---- */

static struct given **find_given(struct belief *belief, const char *at)
{
    struct given **given = &belief->given;

    while (*given && !text_is((*given)->taken->at, at))
        given = &(*given)->next;
    return given;
}

/* NULL: from here on nobody knows. */
static void put_given(struct looking *looking, struct belief *belief, const struct given *what)
{
    struct given **place = find_given(belief, what->taken->at), *given = *place;

    if (!what->value) {
        *place = given ? given->next : NULL;
        return;
    }
    if (!given) {
        given = arena_alloc(looking->monitor->arena, sizeof *given);
        *place = given;
    }
    given->taken = what->taken;
    given->rule = what->rule;
    given->value = what->value;
    seen_refer(&given->by, what->by);
}

/* Nobody asked for a change since it was shown: it is as it was, and stays so. */
static const cJSON *kept_value(const struct looking *looking, const struct belief *belief,
                               const struct taken *taken)
{
    const cJSON *value =
        belief->value && !belief->is_touched ? pointer_get(belief->value, taken->at) : NULL;

    return looking->monitor->is_virtual ? value : NULL;
}

/* What is expected from here on; NULL: nobody knows. */
static const cJSON *laid_over(struct looking *looking, struct belief *belief,
                              const struct given *given, const cJSON *value)
{
    const struct given *known = *find_given(belief, given->taken->at);
    const cJSON *before = known ? known->value : kept_value(looking, belief, given->taken);

    if (!given->rule->merges || !cJSON_IsObject(before))
        return tree_copy(looking->monitor->arena, value);
    return merge_patch(looking->monitor->arena, before, value);
}

static void note_taken(struct looking *looking, struct belief *belief, const struct take_rule *rule,
                       const struct taken *taken)
{
    struct given given = {.taken = taken, .rule = rule, .by = looking->seen};
    const cJSON *value = template_value(taken->value, &looking->eval);

    if (value && !expr_is_unknown(value) && !cJSON_IsNull(value))
        given.value = laid_over(looking, belief, &given, value);
    else if (rule->clears && !value)
        given.value = tree_null(looking->monitor->arena);
    else if (rule->keeps && !value && *find_given(belief, taken->at))
        return;
    else if (rule->keeps && !value)
        given.value = tree_copy(looking->monitor->arena, kept_value(looking, belief, taken));
    put_given(looking, belief, &given);
}

void takes_note(struct looking *looking, struct belief *belief)
{
    const struct provider_operation *operation = looking->seen->operation;

    if (looking->before.is_loose) {
        belief->given = NULL;
        return;
    }
    for (size_t i = 0; i < operation->take_count; i++) {
        const struct take_rule *rule = operation->takes[i].rule;

        if (operation->takes[i].machine != belief->machine->index ||
            (rule->birth && belief->made_by != looking->seen))
            continue;
        for (size_t j = 0; j < rule->member_count; j++)
            note_taken(looking, belief, rule, &rule->members[j]);
    }
}

/* ---- what is shown ---- */

static bool same_instant(const cJSON *a, const cJSON *b)
{
    nanos one, other;

    return tree_text(a) && tree_text(b) && instant_parse(tree_text(a), true, &one) == 0 &&
           instant_parse(tree_text(b), true, &other) == 0 && one == other;
}

/* All that was sent is in what is shown; services add defaults. */
static bool holds(const cJSON *shown, const cJSON *sent, bool is_whole, int depth)
{
    const cJSON *member, *other;

    if (cJSON_IsNull(sent))
        return !shown || cJSON_IsNull(shown);
    if (tree_equal(shown, sent) || same_instant(shown, sent))
        return true;
    if (is_whole || !depth)
        return false;
    if (cJSON_IsArray(sent)) {
        if (!cJSON_IsArray(shown) || tree_count(sent) != tree_count(shown))
            return false;
        other = shown->child;
        cJSON_ArrayForEach (member, sent) {
            if (!holds(other, member, false, depth - 1))
                return false;
            other = other->next;
        }
        return true;
    }
    if (!cJSON_IsObject(sent) || !cJSON_IsObject(shown))
        return false;
    cJSON_ArrayForEach (member, sent)
        if (!cJSON_IsNull(member) &&
            !holds(tree_get(shown, member->string), member, false, depth - 1))
            return false;
    return true;
}

static void say_other(struct looking *looking, const struct belief *belief,
                      const struct given *given, const cJSON *shown)
{
    struct breach breach = {.rule = "sent",
                            .place = given->rule->place,
                            .source = given->rule->source,
                            .first = given->by != looking->seen ? given->by : NULL,
                            .belief = belief};

    say_breach(looking, &breach, "%s %s: %s shows %s %s, but %s (exchange %llu) made it %s",
               belief->machine->name, belief->id, looking->seen->operation->name, given->taken->at,
               shown ? json_text(looking->arena, shown) : "no more", given->by->operation->name,
               (unsigned long long)given->by->number, json_text(looking->arena, given->value));
}

void takes_check(struct looking *looking, struct belief *belief, const struct showing *showing)
{
    struct given **place = &belief->given;

    if (showing->is_event || looking->moment->is_loose)
        return;
    while (*place) {
        struct given *given = *place;
        const cJSON *shown = pointer_get(showing->value, given->taken->at);
        bool is_unknown = !shown && showing->observation->partial;

        if (is_unknown || holds(shown, given->value, given->rule->is_whole, 8)) {
            place = &given->next;
            continue;
        }
        say_other(looking, belief, given, shown);
        *place = given->next; /* one mistake is told once */
    }
}

/* ---- when it was made, when it was changed ---- */

static bool read_instant(const struct looking *looking, const cJSON *value, nanos *at, nanos *grain)
{
    const struct times_rule *rule = &looking->monitor->provider->lifecycle->times;
    int64_t number;

    *grain = NANOS_PER_SECOND;
    if (tree_as_int64(value, &number)) {
        *grain = rule->unit;
        return rule->unit && !__builtin_mul_overflow(number, rule->unit, at);
    }
    return tree_text(value) && instant_parse(tree_text(value), true, at) == 0;
}

static void say_time(struct looking *looking, const struct belief *belief,
                     const struct member *member, const char *what)
{
    struct breach breach = {
        .rule = "member", .place = member->place, .source = SOURCE_SPEC, .belief = belief};

    say_breach(looking, &breach, "%s %s: %s shows %s", belief->machine->name, belief->id,
               looking->seen->operation->name, what);
}

/* What an exchange made was made between its request and its answer. */
static void check_birth(struct looking *looking, const struct belief *belief,
                        const struct showing *showing, const struct member *member)
{
    const struct seen *by = belief->made_by;
    const cJSON *value = pointer_get(showing->value, member->at);
    nanos at, grain, from, to, slack = looking->monitor->is_virtual ? 0 : CLOCKS_DIFFER;

    if (!by || (belief->value && pointer_get(belief->value, member->at)) ||
        !read_instant(looking, value, &at, &grain) || by->is_doubtful)
        return;
    if (by->response->is_stream || by->sent_at > by->answered_at) /* when, nobody knows so well */
        slack += CLOCKS_DIFFER;
    from = (by->sent_at < by->answered_at ? by->sent_at : by->answered_at) - slack;
    to = by->answered_at + slack;
    if (at + grain > from && at <= to)
        return;
    say_time(looking, belief, member,
             arena_printf(looking->arena, "%s %s, but it was made %.0f s %s (%s, exchange %llu)",
                          member->at, json_text(looking->arena, value),
                          (double)(at > to ? at - to : from - at) / (double)NANOS_PER_SECOND,
                          at > to ? "before that" : "later", by->operation->name,
                          (unsigned long long)by->number));
}

static bool is_exempt(const struct machine *machine, const char *name, const struct member *stamp)
{
    bool is = text_is(name, stamp->at + 1);

    for (size_t i = 0; i < machine->member_count && !is; i++)
        is = machine->members[i].rule == MEMBER_PER_VIEW &&
             text_is(machine->members[i].at + 1, name);
    return is;
}

/* The name of a member that differs from the last view; NULL. */
static const char *changed_member(const struct belief *belief, const cJSON *value,
                                  const struct member *stamp, bool is_partial)
{
    const cJSON *member, *now, *at = value->child;

    cJSON_ArrayForEach (member, belief->value) {
        now = member_near(&at, value, member->string);
        if (!(is_partial && !now) && !tree_equal(member, now) &&
            !is_exempt(belief->machine, member->string, stamp))
            return member->string;
    }
    at = belief->value->child;
    cJSON_ArrayForEach (member, value)
        if (!is_partial && !member_near(&at, belief->value, member->string) &&
            !is_exempt(belief->machine, member->string, stamp))
            return member->string;
    return NULL;
}

/* It was changed after it was last looked at; on a clock that is ours, that is known to the second.
 */
static void check_stamp(struct looking *looking, const struct belief *belief,
                        const struct showing *showing, const struct member *member)
{
    const cJSON *value = pointer_get(showing->value, member->at);
    const char *changed;
    nanos at, grain;

    if (!looking->monitor->is_virtual || showing->is_event || looking->moment->is_loose ||
        !belief->value || !text_is(belief->seen_schema, showing->observation->schema) ||
        !read_instant(looking, value, &at, &grain) || at + grain > belief->seen_at)
        return;
    changed = changed_member(belief, showing->value, member, showing->observation->partial);
    if (changed)
        say_time(looking, belief, member,
                 arena_printf(looking->arena,
                              "/%s changed, but %s is still %s: it tells each change", changed,
                              member->at, json_text(looking->arena, value)));
}

/* Nothing is changed before it is made. */
static void check_age(struct looking *looking, const struct belief *belief,
                      const struct showing *showing, const struct member *stamp)
{
    const struct machine *machine = belief->machine;
    const cJSON *value = pointer_get(showing->value, stamp->at);
    nanos changed, made, grain;

    if (!read_instant(looking, value, &changed, &grain))
        return;
    for (size_t i = 0; i < machine->member_count; i++) {
        const struct member *birth = &machine->members[i];
        const cJSON *born = pointer_get(showing->value, birth->at);

        if (birth->rule == MEMBER_BIRTH && read_instant(looking, born, &made, &grain) &&
            changed + grain <= made)
            say_time(looking, belief, stamp,
                     arena_printf(looking->arena, "%s %s, which is before %s (%s)", stamp->at,
                                  json_text(looking->arena, value), birth->at,
                                  json_text(looking->arena, born)));
    }
}

void see_past_members(struct looking *looking, const struct belief *belief,
                      const struct showing *showing)
{
    const struct times_rule *rule = &looking->monitor->provider->lifecycle->times;
    struct breach breach = {
        .rule = "time", .place = rule->place, .source = SOURCE_SPEC, .belief = belief};
    nanos now = looking->seen->answered_at, at, grain;
    const cJSON *member;

    now += looking->monitor->is_virtual ? 0 : CLOCKS_DIFFER;
    if (!rule->past.count || showing->is_event || looking->seen->response->is_stream)
        return;
    cJSON_ArrayForEach (member, showing->value)
        if (is_one_of_globs(&rule->past, member->string) &&
            read_instant(looking, member, &at, &grain) && at > now)
            say_breach(looking, &breach, "%s %s: %s shows /%s %s, which is %.0f s ahead",
                       belief->machine->name, belief->id, looking->seen->operation->name,
                       member->string, json_text(looking->arena, member),
                       (double)(at - now) / (double)NANOS_PER_SECOND);
}

void see_stamps(struct looking *looking, const struct belief *belief, const struct showing *showing)
{
    for (size_t i = 0; i < belief->machine->member_count; i++) {
        const struct member *member = &belief->machine->members[i];

        if (member->rule == MEMBER_BIRTH)
            check_birth(looking, belief, showing, member);
        if (member->rule == MEMBER_STAMPS) {
            check_age(looking, belief, showing, member);
            check_stamp(looking, belief, showing, member);
        }
    }
}
