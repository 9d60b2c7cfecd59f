/* SPDX-License-Identifier: Apache-2.0 */
/* Which way things will go: forced outcomes, and signals that outcomes wait for. */
#include "mock/outcomes.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "mock/admin/handlers.h"
#include "mock/state.h"
#include "mock/timers.h"

#include <string.h>

/* ---- what there is ---- */

static cJSON *outcome_json(struct arena *arena, const struct provider *provider,
                           const struct outcome *outcome)
{
    cJSON *json = tree_object(arena);
    tree_set_string(arena, json, "provider", provider->name);
    tree_set_string(arena, json, "kind", outcome->kind->name);
    tree_set_string(arena, json, "machine", outcome->kind->machine->name);
    tree_set_string(arena, json, "outcome", outcome->name);
    admin_set_text(arena, json, "summary", outcome->summary);
    return json;
}

static const struct provider *provider_of(const struct admin_call *call,
                                          const struct outcome *outcome)
{
    return state_played_of_outcome(call->world, outcome)->provider;
}

static cJSON *known_json(struct admin_call *call)
{
    cJSON *all = tree_array(call->arena);
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct provider *provider = call->mock->played[i]->provider;
        for (size_t j = 0; j < provider->kind_count; j++)
            for (size_t k = 0; k < provider->kinds[j].outcomes.count; k++)
                tree_append(all, outcome_json(call->arena, provider,
                                              &provider->kinds[j].outcomes.items[k]));
    }
    return all;
}

/* In the order in which they are asked; with the lock held. */
static cJSON *forced_json(struct admin_call *call)
{
    struct arena *arena = call->arena;
    cJSON *all = tree_array(arena);
    const struct world_state *state = state_of(call->world);
    for (size_t i = 0; i < state->forced.count; i++) {
        const struct forced *forced = &state->forced.items[i];
        if (forced->times < 0)
            continue;
        cJSON *json = outcome_json(arena, provider_of(call, forced->outcome), forced->outcome);
        if (forced->times)
            admin_set_integer(arena, json, "times", forced->times);
        tree_append(all, json);
    }
    for (size_t i = 0; i < call->mock->forced_count; i++) {
        const struct outcome *outcome = call->mock->forced[i];
        cJSON *json = outcome_json(arena, provider_of(call, outcome), outcome);
        admin_set_bool(arena, json, "by_command_line", true);
        tree_append(all, json);
    }
    return all;
}

struct waiting {
    struct arena *arena;
    cJSON *all;
    struct admin_names names;
};

static void note_waiting(struct playing *playing, void *data)
{
    struct waiting *waiting = data;
    if (playing->status != PLAYING_SIGNAL)
        return;
    cJSON *json = tree_object(waiting->arena);
    tree_set_string(waiting->arena, json, "signal", playing->signal);
    tree_set_string(waiting->arena, json, "id", playing->live->resource->id);
    tree_set_string(waiting->arena, json, "outcome", playing->outcome->name);
    tree_append(waiting->all, json);
    if (!admin_has_name(&waiting->names, playing->signal))
        vec_push_arena(waiting->arena, &waiting->names,
                       arena_strdup(waiting->arena, playing->signal));
}

static struct waiting waiting_for_signals(struct admin_call *call)
{
    struct waiting waiting = {call->arena, tree_array(call->arena), {0}};
    state_each_playing(call->world, note_waiting, &waiting);
    return waiting;
}

/* Signals that timers of kinds listen to, whether or not such a resource is there. */
static cJSON *signals_json(struct admin_call *call, struct admin_names *names)
{
    cJSON *all = tree_array(call->arena);
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct provider *provider = call->mock->played[i]->provider;
        for (size_t j = 0; j < provider->kind_count; j++)
            for (size_t k = 0; k < provider->kinds[j].timer_count; k++) {
                const struct timer *timer = &provider->kinds[j].timers[k];
                if (!timer->signal)
                    continue;
                cJSON *json = tree_object(call->arena);
                tree_set_string(call->arena, json, "signal", timer->signal);
                tree_set_string(call->arena, json, "provider", provider->name);
                tree_set_string(call->arena, json, "kind", provider->kinds[j].name);
                tree_append(all, json);
                if (!admin_has_name(names, timer->signal))
                    vec_push_arena(call->arena, names, timer->signal);
            }
    }
    return all;
}

void admin_outcomes(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    admin_look(call);
    tree_set(call->arena, body, "forced", forced_json(call));
    tree_set(call->arena, body, "waiting_for_signals", waiting_for_signals(call).all);
    world_unlock(call->world);
    tree_set(call->arena, body, "outcomes", known_json(call));
    tree_set(call->arena, body, "signals", signals_json(call, &(struct admin_names){0}));
    admin_reply(call, 200, body);
}

/* ---- forcing ---- */

/* "NAME" or "MACHINE=NAME", in one provider or in the only one that has it. */
static const struct outcome *find_outcome(struct admin_call *call, const char *provider,
                                          const char *text)
{
    const struct outcome *found = NULL, *outcome = NULL;
    struct error err = {0}, first = {0};
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct provider *candidate = call->mock->played[i]->provider;
        if (provider && !text_is(provider, candidate->name))
            continue;
        if (provider_outcome_named(candidate, text, &outcome, &err)) {
            if (!first.kind)
                first = err;
            continue;
        }
        if (found) {
            admin_problem(call, "several providers have an outcome '%s': name the 'provider'",
                          text);
            return NULL;
        }
        found = outcome;
    }
    if (!found)
        admin_problem(call, "%s", first.kind ? first.text : "no provider is played");
    return found;
}

/* "PROVIDER.MACHINE=NAME" in parts: the provider is cut off when one of that name is played. */
static const char *cut_provider(struct admin_call *call, const char *text, const char **provider)
{
    const char *dot = strchr(text, '.');
    const char *name = dot ? arena_strndup(call->arena, text, (size_t)(dot - text)) : NULL;
    if (!name || *provider || !mock_provider(call->mock, name))
        return text;
    *provider = name;
    return dot + 1;
}

static const struct outcome *read_outcome(struct admin_call *call)
{
    const char *provider = admin_member_text(call, "provider");
    const char *machine = admin_member_text(call, "machine");
    const char *name = admin_member_text(call, "outcome");
    if (!tree_get(call->body, "outcome"))
        admin_problem(call, "member 'outcome' is missing: its name; GET /__admin/outcomes has all");
    if (!admin_check_provider(call, provider) || !name)
        return NULL;
    name = cut_provider(call, name, &provider);
    if (machine)
        name = arena_printf(call->arena, "%s=%s", cut_provider(call, machine, &provider), name);
    return find_outcome(call, provider, name);
}

void admin_force(struct admin_call *call)
{
    int64_t times = 0;
    const struct outcome *outcome = read_outcome(call);
    admin_member_integer(call, "times", 1, &times);
    if (admin_refuse_problems(call))
        return;
    cJSON *body = tree_object(call->arena);
    admin_look(call);
    state_force(call->world, outcome, times);
    tree_set(call->arena, body, "forced", forced_json(call));
    world_unlock(call->world);
    admin_reply(call, 200, body);
}

void admin_unforce(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    int64_t removed = 0;
    admin_look(call);
    struct world_state *state = state_of(call->world);
    for (size_t i = 0; i < state->forced.count; i++)
        removed += state->forced.items[i].times >= 0;
    state->forced.count = 0;
    world_unlock(call->world);
    admin_set_integer(call->arena, body, "removed", removed);
    admin_reply(call, 200, body);
}

/* ---- signals ---- */

static void refuse_signal(struct admin_call *call, const char *signal, struct waiting *waiting,
                          cJSON *body)
{
    cJSON *known = signals_json(call, &waiting->names);
    tree_set_string(
        call->arena, body, "detail",
        arena_printf(call->arena, "nothing waits for '%s'%s", signal,
                     admin_hint(call, signal, waiting->names.items, waiting->names.count)));
    tree_set(call->arena, body, "waiting_for_signals", waiting->all);
    tree_set(call->arena, body, "signals", known);
    admin_refuse(call, 409, "no outcome and no timer waits for this signal", body);
}

void admin_signal(struct admin_call *call)
{
    struct world *world = call->world;
    cJSON *body = tree_object(call->arena);
    const struct signal signal = {
        .name = admin_member_text(call, "signal"),
        .id = admin_member_text(call, "id"),
        .provider = admin_member_text(call, "provider"),
        .data = tree_get(call->body, "data"),
    };
    if (!tree_get(call->body, "signal"))
        admin_problem(call, "member 'signal' is missing: its name");
    admin_check_provider(call, signal.provider);
    if (admin_refuse_problems(call))
        return;
    world_begin(world);
    struct waiting waiting = waiting_for_signals(call);
    size_t resumed = outcome_signal(world, &signal), fired = timers_signal(world, &signal);
    world_catch_up(world); /* what was waited for happens now */
    world_unlock_to_answer(world);
    admin_set_integer(call->arena, body, "resumed", (int64_t)resumed);
    admin_set_integer(call->arena, body, "fired", (int64_t)fired);
    if (resumed + fired)
        admin_reply(call, 200, body);
    else
        refuse_signal(call, signal.name, &waiting, body);
    world_end(world);
}
