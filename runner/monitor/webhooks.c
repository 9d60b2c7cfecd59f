/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that the service makes. One tells of a moment that is over: what it shows must lie before
 * or after what else was seen of the resource, and after what was announced before; no call comes
 * twice.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

struct hearing {
    struct monitor *monitor;
    const struct heard *heard;
    const struct callback_rule *rule;
    struct verdicts *out;
};

/* What was announced last of one resource. */
struct announced {
    const struct belief *belief;
    const struct callback_rule *rule; /* NULL: none says which states are announced */
    const char *callback;
    state_set states;
    uint64_t number;
};

__attribute__((format(printf, 3, 4))) static void
say_heard(const struct hearing *hearing, const struct belief *belief, const char *format, ...)
{
    struct verdict verdict = {.kind = VERDICT_VIOLATION, .rule = "webhook"};
    va_list args;

    va_start(args, format);
    verdict.text = arena_vprintf(hearing->out->arena, format, args);
    va_end(args);
    if (hearing->rule)
        verdict.place = hearing->rule->place;
    if (belief) {
        verdict.machine = belief->machine->name;
        verdict.id = arena_strdup(hearing->out->arena, belief->id);
        verdict.first = belief->last;
    }
    verdict_add(hearing->out, verdict);
}

static const struct callback_rule *find_rule(const struct lifecycle *lifecycle, const char *name)
{
    for (size_t i = 0; i < lifecycle->callback_count; i++)
        if (text_is(lifecycle->callbacks[i].name, name))
            return &lifecycle->callbacks[i];
    return NULL;
}

static void check_twice(const struct hearing *hearing)
{
    struct monitor *monitor = hearing->monitor;
    struct arena *arena = hearing->out->arena;
    const struct heard *heard = hearing->heard;
    const char *key = arena_printf(arena, "%s %s %s", heard->callback, heard->to,
                                   heard->body ? json_text(arena, heard->body) : "");
    uint64_t *number = map_get(monitor->heard, key);

    if (number) {
        say_heard(hearing, NULL, "callback %s came twice: call %llu is call %llu again",
                  heard->callback, (unsigned long long)heard->number, (unsigned long long)*number);
        return;
    }
    number = arena_alloc(monitor->arena, sizeof *number);
    *number = heard->number;
    map_put(monitor->heard, key, number);
}

static void check_order(const struct hearing *hearing, const struct belief *belief, state_set shown)
{
    struct monitor *monitor = hearing->monitor;
    const struct machine *machine = belief->machine;
    struct arena *arena = hearing->out->arena;
    const char *key = arena_printf(arena, "%s\n%s", hearing->heard->callback, belief->id);
    struct announced *before = map_get(monitor->announced, key);

    if (!before) {
        before = arena_alloc(monitor->arena, sizeof *before);
        map_put(monitor->announced, key, before);
    } else if (!(beliefs_lived(monitor->beliefs, machine, before->states) & shown)) {
        say_heard(hearing, belief,
                  "%s %s: callback %s announces %s, but call %llu announced %s; no way leads there",
                  machine->name, belief->id, hearing->heard->callback,
                  state_set_text(arena, machine, shown), (unsigned long long)before->number,
                  state_set_text(arena, machine, before->states));
    }
    *before = (struct announced){belief, hearing->rule, hearing->heard->callback, shown,
                                 hearing->heard->number};
}

static void check_belief(const struct hearing *hearing, const struct belief *belief,
                         state_set shown)
{
    const struct beliefs *beliefs = hearing->monitor->beliefs;
    const struct machine *machine = belief->machine;
    struct arena *arena = hearing->out->arena;

    if (!(beliefs_lived(beliefs, machine, shown) & belief->states) &&
        !(beliefs_lived(beliefs, machine, belief->states) & shown))
        say_heard(hearing, belief,
                  "%s %s: callback %s announces %s, but it was %s (exchange %llu); no way leads "
                  "from one to the other",
                  machine->name, belief->id, hearing->heard->callback,
                  state_set_text(arena, machine, shown),
                  state_set_text(arena, machine, belief->states),
                  (unsigned long long)(belief->last ? belief->last->number : 0));
}

/* What never changes is in a call as in every answer. */
static void check_constants(const struct hearing *hearing, const struct belief *belief,
                            const cJSON *value)
{
    struct arena *arena = hearing->out->arena;

    for (size_t i = 0; i < belief->machine->member_count; i++) {
        const struct member *member = &belief->machine->members[i];
        const cJSON *before = belief_last(belief, member->at),
                    *now = pointer_get(value, member->at);

        if ((member->rule != MEMBER_CONSTANT && member->rule != MEMBER_BIRTH) || !before || !now ||
            expr_is_unknown(before) || tree_equal(before, now))
            continue;
        say_heard(hearing, belief, "%s %s: callback %s shows %s %s, but it was %s and is constant",
                  belief->machine->name, belief->id, hearing->heard->callback, member->at,
                  json_text(arena, now), json_text(arena, before));
    }
}

static void check_value(const struct hearing *hearing, const struct machine *machine,
                        const struct observation *observation, const cJSON *value)
{
    const cJSON *id = observation->id ? pointer_get(value, observation->id) : NULL;
    struct arena *arena = hearing->out->arena;
    const struct belief *belief;
    state_set shown;

    if (!id || cJSON_IsNull(id) || machine->within >= 0)
        return;
    belief = beliefs_get(hearing->monitor->beliefs, machine, value_text(arena, id));
    shown = observation->is != STATE_NONE
                ? STATE_BIT(observation->is)
                : machine_states_of(machine, value, observation->state_at, observation->partial);
    if (!shown)
        return;
    if (hearing->rule && hearing->rule->of == machine->index && hearing->rule->states &&
        !(shown & hearing->rule->states))
        say_heard(hearing, belief, "%s %s: callback %s announces %s, but only %s are announced",
                  machine->name, belief->id, hearing->heard->callback,
                  state_set_text(arena, machine, shown),
                  state_set_text(arena, machine, hearing->rule->states));
    check_constants(hearing, belief, value);
    check_belief(hearing, belief, shown);
    check_order(hearing, belief, shown);
}

void monitor_webhook(struct monitor *monitor, const struct heard *heard, struct verdicts *out)
{
    const struct lifecycle *lifecycle = monitor->provider->lifecycle;
    struct hearing hearing = {monitor, heard, find_rule(lifecycle, heard->callback), out};
    const struct observed *observed;

    check_twice(&hearing);
    vec_foreach (observed, &heard->observed)
        for (size_t i = 0; i < lifecycle->machine_count; i++)
            for (size_t j = 0; j < lifecycle->machines[i].observe_count; j++)
                if (text_is(lifecycle->machines[i].observe[j].schema, observed->schema))
                    check_value(&hearing, &lifecycle->machines[i],
                                &lifecycle->machines[i].observe[j], observed->value);
}

/* Time enough has passed: who was told how it began was told how it ended. */
void monitor_silence(struct monitor *monitor, struct verdicts *out)
{
    struct map_entry const *entry;

    for (entry = map_first(monitor->announced); entry && monitor->is_virtual; entry = entry->next) {
        struct announced *last = entry->value;
        const struct belief *belief = last->belief;
        struct heard heard = {.callback = last->callback};
        struct hearing hearing = {monitor, &heard, last->rule, out};
        state_set ended = last->rule ? last->rule->states & belief->machine->terminal : 0;

        if (!belief->states || belief->states & ~ended || belief->states & last->states ||
            !belief->last)
            continue;
        say_heard(&hearing, belief,
                  "%s %s: it is %s (exchange %llu), but call %llu of callback %s, the last, "
                  "announced %s",
                  belief->machine->name, belief->id,
                  state_set_text(out->arena, belief->machine, belief->states),
                  (unsigned long long)belief->last->number, (unsigned long long)last->number,
                  last->callback, state_set_text(out->arena, belief->machine, last->states));
        last->states |= belief->states; /* told once */
    }
}
