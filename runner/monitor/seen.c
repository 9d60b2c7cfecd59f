/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer shows of resources: each view cuts what was believed; nothing left is a breach. */
#include "core/base/map.h"
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

static bool is_single_channel(struct looking *looking, const struct showing *showing)
{
    const struct stream_rule *stream = looking->seen->operation->stream;

    bool is_told;

    if (!showing->is_event || !stream || !stream->complete || looking->events.is_loose)
        return false;
    is_told = stream->of == showing->machine->index;
    for (size_t i = 0; i < stream->name_count; i++)
        is_told |= stream->names[i].machine == showing->machine->index;
    return is_told;
}

/* Which states the view may show; false when it shows one that does not exist. */
static bool shown_states(struct looking *looking, const struct belief *belief,
                         const struct showing *showing, state_set *shown)
{
    const struct machine *machine = showing->machine;
    const struct observation *observation = showing->observation;
    const cJSON *found;

    if (observation->is != STATE_NONE) {
        *shown = STATE_BIT(observation->is);
        return true;
    }
    if (!cJSON_IsObject(showing->value)) {
        *shown = machine->present;
        return true;
    }
    *shown =
        machine_states_of(machine, showing->value, observation->state_at, observation->partial);
    if (*shown)
        return true;
    found = observation->state_at ? pointer_get(showing->value, observation->state_at) : NULL;
    say(looking,
        (struct verdict){
            .kind = VERDICT_VIOLATION,
            .rule = "state",
            .place = observation->place,
            .text = arena_printf(looking->arena,
                                 "%s %s: %s shows the state '%s', which a %s does not "
                                 "have",
                                 machine->name, belief->id, looking->seen->operation->name,
                                 found ? value_text(looking->arena, found) : "", machine->name)},
        belief);
    return false;
}

static void meet_state(struct looking *looking, const struct belief *belief, state_set before,
                       state_set now)
{
    const struct machine *machine = belief->machine;
    struct coverage *coverage = looking->monitor->coverage;
    int from = state_set_first(before), to = state_set_first(now);

    if (state_set_count(now) != 1 || to == STATE_ABSENT)
        return;
    coverage_meet(coverage, COVERAGE_STATES, machine->name, " ", machine->states[to].name);
    if (state_set_count(before) == 1 && from != to)
        coverage_meet(coverage, COVERAGE_MOVES, machine->name, " ", machine->states[from].name,
                      " -> ", machine->states[to].name);
}

/* Nobody has asked for a change since: so it was there when the stream ended. */
static void say_untold(struct looking *looking, const struct belief *belief, state_set shown)
{
    struct breach breach = {
        .rule = "end", .place = belief->machine->place, .source = SOURCE_SPEC, .belief = belief};

    say_breach(looking, &breach, "%s %s: %s shows %s, which the stream of exchange %llu never told",
               belief->machine->name, belief->id, looking->seen->operation->name,
               state_set_text(looking->arena, belief->machine, shown),
               (unsigned long long)belief->last->number);
}

static void see_state(struct looking *looking, struct belief *belief, const struct showing *showing,
                      state_set shown)
{
    const struct beliefs *beliefs = looking->monitor->beliefs;
    const struct row *row = belief->last == looking->seen ? belief->row : NULL;
    bool is_single = is_single_channel(looking, showing) && belief->last == looking->seen;
    state_set before = belief->states, possible;

    if (is_single)
        possible = belief_step(belief->machine, belief->states);
    else
        possible = belief_states(beliefs, belief, looking->moment);
    if (belief->untold && !(shown & ~belief->untold) &&
        looking->monitor->changes == belief->changes)
        say_untold(looking, belief, shown);
    if (!(possible & shown)) {
        say_state(looking, belief, shown, is_single);
        belief->value_changes = UINT64_MAX; /* one mistake is told once */
    } else {
        shown &= possible;
    }
    belief_tell(beliefs, belief, shown, looking->moment, looking->seen);
    if (!showing->is_event && showing->observation->is != STATE_NONE)
        belief->row = row; /* the answer says that it was done; the row, what was done */
    else
        belief->row = NULL;
    meet_state(looking, belief, before, belief->states);
}

/* The answer of a delete may show, for the last time, what is gone now. */
static bool is_last_look(const struct looking *looking, const struct belief *belief,
                         const struct showing *showing)
{
    return !showing->is_event && belief->row && belief->last == looking->seen &&
           belief->states == STATE_BIT(STATE_ABSENT) && showing->observation->is == STATE_NONE;
}

struct belief *see_showing(struct looking *looking, const struct showing *showing)
{
    struct belief *belief = beliefs_get(looking->monitor->beliefs, showing->machine, showing->id);
    const struct observation *observation = showing->observation;
    struct resource_view view = {.observation = observation, .value = showing->value};
    state_set shown;
    size_t verdicts;

    if (is_last_look(looking, belief, showing) || !shown_states(looking, belief, showing, &shown))
        return belief;
    see_state(looking, belief, showing, shown);
    if (shown == STATE_BIT(STATE_ABSENT) || !cJSON_IsObject(showing->value) || !observation->schema)
        return belief;
    if (!belief->since)
        belief->since = looking->seen->answered_order;
    view.state = state_set_count(shown) == 1 ? state_set_first(shown) : STATE_NONE;
    view.is_same = belief->value && tree_equal(belief->value, showing->value);
    verdicts = looking->out->count;
    check_view(looking, belief, &view);
    takes_check(looking, belief, showing);
    see_past_members(looking, belief, showing);
    if (!view.is_same)
        see_stamps(looking, belief, showing);
    see_deadlines(looking, belief, showing, shown);
    if (!view.is_same && looking->out->count == verdicts)
        check_agreement(looking, belief, showing);
    struct shown members = {showing->value, observation->partial, looking->seen};
    belief_show(looking->monitor->arena, belief, &members, looking->moment);
    if (!is_safe(looking->seen) && belief->value_changes == looking->moment->changes)
        belief->value_changes++; /* the answer to a change shows what is after it */
    if (!showing->is_event) {
        belief->seen_schema = observation->schema;
        belief->seen_at = looking->moment->at;
    } else {
        belief->seen_schema = NULL;
    }
    if (!observation->partial) {
        belief->schema = observation->schema;
        seen_refer(&belief->shown_by, looking->seen);
    }
    return belief;
}

/* ---- which values show which resources ---- */

static void find_shows(struct monitor *monitor, struct shows *shows)
{
    const struct lifecycle *lifecycle = monitor->provider->lifecycle;

    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];

        for (size_t j = 0; j < machine->observe_count; j++) {
            struct shows_as as = {machine, &machine->observe[j]};

            if (as.observation->id && text_is(as.observation->schema, shows->schema))
                vec_push_arena(monitor->arena, &shows->as, as);
        }
    }
}

/* Looked for once: most values of an answer show nothing. */
static const struct shows *shows_of(struct monitor *monitor, const char *schema)
{
    struct shows *known, made = {.schema = schema};

    vec_foreach (known, &monitor->shows)
        if (known->schema == schema)
            return known;
    find_shows(monitor, &made);
    vec_push_arena(monitor->arena, &monitor->shows, made);
    return &monitor->shows.items[monitor->shows.count - 1];
}

void find_showings(struct looking *looking, const struct observed *observed, bool is_event,
                   showing_found *found, void *data)
{
    const struct shows shows = *shows_of(looking->monitor, observed->schema);
    const struct shows_as *as;

    vec_foreach (as, &shows.as) {
        struct showing showing = {as->machine, as->observation, observed->value, NULL, is_event};
        const cJSON *id = pointer_get(observed->value, as->observation->id);

        if (!id || cJSON_IsNull(id))
            continue;
        showing.id =
            looking_id(looking, as->machine, observed->value, value_text(looking->arena, id));
        if (showing.id)
            found(looking, &showing, data);
    }
}

static const char *taken_id(struct looking *looking, const struct machine *machine)
{
    for (size_t i = 0; i < looking->taking_count; i++)
        if (looking->takings[i].belief && looking->takings[i].participant->machine == machine)
            return looking->takings[i].belief->id;
    return NULL;
}

static bool is_for(struct looking *looking, const struct observation *observation)
{
    const struct provider_operation *operation;
    int status = looking->answer.status;

    if (!observation->operation ||
        (observation->status ? observation->status != status : status < 200 || status > 299))
        return false;
    operation = provider_operation_named(looking->monitor->provider, observation->operation);
    return operation == looking->seen->operation;
}

/* Observations that an operation's answer makes as such; without a pointer to an id they are about
 * the resource that the request names. */
static void find_by_operation(struct looking *looking, showing_found *found, void *data)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;

    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];

        for (size_t j = 0; j < machine->observe_count; j++) {
            const struct observation *observation = &machine->observe[j];
            struct showing showing = {machine, observation, looking->seen->answer, NULL, false};
            const cJSON *id;

            if (!is_for(looking, observation))
                continue;
            id = observation->id ? pointer_get(looking->seen->answer, observation->id) : NULL;
            showing.id = id && !cJSON_IsNull(id)
                             ? looking_id(looking, machine, looking->seen->answer,
                                          value_text(looking->arena, id))
                             : taken_id(looking, machine);
            if (showing.id)
                found(looking, &showing, data);
        }
    }
}

static void find_in_body(struct looking *looking, showing_found *found, void *data)
{
    const struct observed *observed;

    looking->moment = &looking->after;
    find_by_operation(looking, found, data);
    vec_foreach (observed, &looking->seen->observed)
        find_showings(looking, observed, false, found, data);
}

static void find_all(struct looking *looking, showing_found *found, void *data)
{
    const struct seen_event *event;
    const struct observed *observed;

    find_in_body(looking, found, data);
    looking->moment = &looking->events;
    vec_foreach (event, &looking->seen->events)
        vec_foreach (observed, &event->observed)
            find_showings(looking, observed, true, found, data);
    looking->moment = &looking->after;
}

/* ---- births ---- */

struct newcomers {
    const struct machine *machine;
    const char *id; /* the only one that was unknown or absent; NULL = none yet */
    bool are_many;
};

static void count_newcomer(struct looking *looking, const struct showing *showing, void *data)
{
    struct newcomers *newcomers = data;
    const struct belief *known =
        beliefs_find(looking->monitor->beliefs, showing->machine, showing->id);

    if (showing->machine != newcomers->machine || text_is(newcomers->id, showing->id) ||
        (known && known->states != STATE_BIT(STATE_ABSENT)))
        return;
    newcomers->are_many = newcomers->id != NULL;
    newcomers->id = showing->id;
}

/* The one resource that is new in the answer to a request that makes one starts where the row
 * says. */
static void see_births(struct looking *looking, const state_set *born,
                       const struct row *const *born_by)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    struct beliefs *beliefs = looking->monitor->beliefs;

    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        struct newcomers newcomers = {&lifecycle->machines[i], NULL, false};
        struct belief *belief;

        if (!born[i])
            continue;
        find_all(looking, count_newcomer, &newcomers);
        if (!newcomers.id || newcomers.are_many) {
            looking->monitor->is_dim[i] = true;
            continue;
        }
        belief = beliefs_get(beliefs, newcomers.machine, newcomers.id);
        seen_refer(&belief->made_by, looking->seen);
        belief->made = ++looking->monitor->births;
        takes_note(looking, belief);
        belief_tell(beliefs, belief, machine_forced(newcomers.machine, born[i]), &looking->before,
                    looking->seen);
        belief->row = born_by[i];
    }
}

static void see_one(struct looking *looking, const struct showing *showing, void *data)
{
    (void)data;
    see_showing(looking, showing);
}

void see_all(struct looking *looking, const state_set *born, const struct row *const *born_by)
{
    see_births(looking, born, born_by);
    find_in_body(looking, see_one, NULL);
    if (looking->seen->response->is_stream)
        see_stream(looking);
    see_list(looking);
    see_answer(looking);
    see_wait(looking);
    note_links(looking);
    check_times(looking);
}
