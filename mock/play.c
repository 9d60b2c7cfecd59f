/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/play.h"

#include "core/base/str.h"
#include "mock/auth.h"
#include "mock/change.h"
#include "mock/exchange.h"
#include "mock/outcomes.h"
#include "mock/rehearsal.h"
#include "mock/state.h"
#include "mock/webhooks.h"

#include <stddef.h>
#include <string.h>

/* ---- what expressions ask ---- */

static bool is_link(const struct lifecycle *lifecycle, struct str name)
{
    for (size_t i = 0; i < lifecycle->machine_count; i++)
        for (size_t j = 0; j < lifecycle->machines[i].link_count; j++)
            if (str_is(name, lifecycle->machines[i].links[j].name))
                return true;
    return false;
}

/* Names that nothing binds. */
static bool resolve_other(struct play *play, struct str name, const cJSON **value)
    __attribute__((noinline));

static bool resolve_other(struct play *play, struct str name, const cJSON **value)
{
    const struct provider *provider = play->played->provider;
    if (play->exchange && auth_resolve(play->exchange, name, value))
        return true;
    if (is_link(provider->lifecycle, name)) {
        *value = NULL; /* what was bound has none */
        return true;
    }
    if (str_is(name, "variant")) {
        *value = provider->lifecycle->variant_values;
        return true;
    }
    if (str_is(name, "tables")) {
        *value = provider->tables;
        return true;
    }
    return false;
}

static bool resolve(void *data, struct str name, struct eval *eval, const cJSON **value)
{
    struct play *play = data;
    (void)eval;
    struct bound *bound = env_find(play->env, name);
    if (!bound)
        return resolve_other(play, name, value);
    *value = play_bound_value(play, bound);
    return true;
}

static const cJSON *ask_http(void *data, enum http_part part, struct str name, struct eval *eval)
{
    struct play *play = data;
    return exchange_http(play->exchange, play->playing, part, name, eval);
}

static const char *step_up(struct eval *eval, const char *pointer, const char *id)
{
    struct play *play = eval->host;
    const struct provider *provider = play->played->provider;
    for (size_t i = 0; i < provider->kind_count; i++) {
        const struct machine *machine = provider->kinds[i].machine;
        for (size_t j = 0; j < machine->link_count; j++) {
            if (!text_is(machine->links[j].at, pointer))
                continue;
            struct resource *resource = play_find(play, machine, id);
            return resource ? store_link_target(resource, (unsigned)j) : NULL;
        }
    }
    return NULL;
}

static int64_t count_up(struct eval *eval)
{
    struct play *play = eval->host;
    return state_count_up(play->world);
}

void play_begin(struct play *play, struct world *world, const struct played *played,
                struct arena *arena, uint64_t draw_key)
{
    memset(play, 0, offsetof(struct play, err)); /* whose text is a kilobyte */
    error_clear(&play->err);
    play->world = world;
    play->played = played;
    play->arena = arena;
    play->mock = state_of(world)->mock;
    play->scope = (struct scope){.resolve = resolve, .http = ask_http, .data = play};
    play->eval = (struct eval){
        .arena = arena,
        .scope = &play->scope,
        .now = world_now(world),
        .time_form = played->provider->service.time,
        .hooks = played->provider->hooks,
        .draw_key = draw_key,
        .count_up = count_up,
        .step_up = step_up,
        .keeps_sources = true,
        .sees_all = true,
        .host = play,
    };
    play->env = env_new(arena, NULL);
}

void play_renew(struct play *play)
{
    const struct played *now = state_unit_of(play->world, play->played);
    play->played = now;
    play->eval.time_form = now->provider->service.time;
    play->eval.hooks = now->provider->hooks;
}

bool play_is_in(const struct play *play, const struct resource *resource,
                const struct machine *machine, state_set set)
{
    const struct machine *now = play_machine(play, resource);
    int state = resource->is_deleted ? STATE_ABSENT : resource->state;
    if (now != machine)
        state = machine_state(machine, now->states[state].name);
    return state != STATE_NONE && (set & STATE_BIT(state)) != 0;
}

void play_settle(struct play *play)
{
    for (size_t i = 0; i < play->settle.count && i < 10000; i++)
        change_settle(play, play->settle.items[i]);
    play->settle.count = 0;
}

void play_flush(struct play *play)
{
    rehearsal_end(play);
    play_settle(play);
    for (size_t i = 0; i < play->resumes.count; i++)
        outcome_resume(play, play->resumes.items[i]);
    for (size_t i = 0; i < play->starts.count; i++)
        outcome_start(play, &play->starts.items[i]);
    for (size_t i = 0; i < play->calls.count; i++)
        webhook_send(play, &play->calls.items[i]);
    play->resumes.count = play->starts.count = play->calls.count = 0;
}

void play_end(struct play *play)
{
    play_flush(play);
    for (size_t i = 0; i < play->held.count; i++)
        store_drop(play->world->store, play->held.items[i]);
    play->held.count = 0;
}

static void swap_arena(struct play *play, struct play_aside *aside)
{
    struct arena *arena = play->arena;
    struct resource **held = play->held.items;
    const size_t count = play->held.count, cap = play->held.cap;
    play->arena = play->eval.arena = aside->arena;
    play->held.items = aside->held;
    play->held.count = aside->held_count;
    play->held.cap = aside->held_cap;
    aside->arena = arena;
    aside->held = held;
    aside->held_count = count;
    aside->held_cap = cap;
}

void play_aside(struct play *play, struct play_aside *aside)
{
    *aside =
        (struct play_aside){.arena = arena_new(), .env = play->env, .problem = play->eval.problem};
    swap_arena(play, aside);
    play->env = env_new(play->arena, play->env);
}

void play_aside_end(struct play *play, struct play_aside *aside)
{
    for (size_t i = 0; i < play->held.count; i++)
        store_drop(play->world->store, play->held.items[i]);
    swap_arena(play, aside);
    play->env = aside->env;
    for (struct env *env = play->env; env; env = (struct env *)(uintptr_t)env->outer)
        env_forget_parsed(env);
    memset(play->known, 0, sizeof play->known);
    play->eval.now_node = NULL;
    if (play->eval.problem != aside->problem)
        play->eval.problem = arena_strdup(play->arena, play->eval.problem);
    arena_free(aside->arena);
}
