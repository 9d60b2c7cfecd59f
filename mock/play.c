/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/play.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "mock/auth.h"
#include "mock/change.h"
#include "mock/exchange.h"
#include "mock/outcomes.h"
#include "mock/rehearsal.h"
#include "mock/state.h"
#include "mock/webhooks.h"

#include <stddef.h>
#include <string.h>

/* ---- names ---- */

struct env *env_new(struct arena *arena, const struct env *outer)
{
    struct env *env = arena_alloc(arena, sizeof *env);
    env->arena = arena;
    env->outer = outer;
    return env;
}

/* Names are a few letters: done before memcmp would have begun. */
static inline bool is_named(const struct bound *bound, const char *name, size_t len)
{
    if (bound->len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (bound->name[i] != name[i])
            return false;
    return true;
}

/* One of 64, by length and first and last letter. */
static inline uint64_t letters_of(const char *name, size_t len)
{
    unsigned mixed = len ? (unsigned char)name[0] * 5u + (unsigned char)name[len - 1] * 11u : 0;
    return UINT64_C(1) << ((mixed + (unsigned)len * 17u) & 63);
}

static struct bound *env_slot(struct env *env, const char *name)
{
    struct bound *bound;
    size_t len = strlen(name);
    env->letters |= letters_of(name, len);
    vec_foreach (bound, env)
        if (is_named(bound, name, len))
            return bound;
    struct bound fresh = {.name = name, .len = len};
    vec_push_arena(env->arena, env, fresh);
    return &env->items[env->count - 1];
}

void env_set(struct env *env, const char *name, const cJSON *value)
{
    if (env->is_lasting && value)
        value = tree_copy(env->arena, value);
    struct bound *bound = env_slot(env, name);
    *bound = (struct bound){.name = name, .len = bound->len, .value = value};
}

void env_forget_parsed(struct env *env)
{
    struct bound *bound;
    vec_foreach (bound, env)
        bound->parsed = NULL;
}

void env_drop(struct env *env, struct store *store)
{
    for (size_t i = 0; i < env->held.count; i++)
        store_drop(store, env->held.items[i]);
    env->held.count = 0;
}

void play_bind(struct play *play, const char *name, const cJSON *value)
{
    env_set(play->env, name, value);
}

struct env *play_bind_self(struct play *play, const struct kind *kind, const cJSON *tree)
{
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    play_bind(play, kind->name, tree);
    play_bind(play, kind->machine->name, tree);
    play_bind(play, "resource", tree);
    play_bind(play, "self", tree);
    return outer;
}

void play_hold(struct play *play, struct resource *resource)
{
    if (play->held.count && play->held.items[play->held.count - 1] == resource)
        return; /* once is enough */
    store_hold(resource);
    vec_push_arena(play->arena, &play->held, resource);
}

void play_bind_resource(struct play *play, struct env *env, const char *name,
                        struct resource *resource)
{
    if (resource && env->is_lasting)
        vec_push_arena(env->arena, &env->held, store_hold(resource));
    else if (resource)
        play_hold(play, resource);
    struct bound *bound = env_slot(env, name);
    *bound = (struct bound){.name = name, .len = bound->len, .resource = resource};
}

static struct bound *find_bound(const struct env *env, struct str name)
{
    const uint64_t letters = letters_of(name.ptr, name.len);
    for (; env; env = env->outer) {
        struct bound *bound;
        if (!(env->letters & letters))
            continue;
        vec_foreach (bound, env)
            if (is_named(bound, name.ptr, name.len))
                return bound;
    }
    return NULL;
}

/* ---- resources as values ---- */

static cJSON *parse_text(struct arena *arena, const struct text *text)
{
    return text ? json_parse(arena, text->bytes, text->len, NULL, NULL) : NULL;
}

static const cJSON *parse_resource(struct play *play, struct resource *resource)
{
    cJSON *tree = parse_text(play->arena, resource->view);
    cJSON *hidden = parse_text(play->arena, resource->hidden);
    if (!hidden || !cJSON_IsObject(hidden))
        return tree;
    for (cJSON *member = hidden->child; member;) {
        cJSON *next = member->next;
        const char *name = member->string;
        member->next = member->prev = NULL;
        tree_set(play->arena, tree, name, member);
        member = next;
    }
    return tree;
}

void play_know(struct play *play, const struct resource *resource, const cJSON *tree)
{
    play->known[play->known_next++ % KNOWN_TREES] =
        (struct known_tree){resource, resource->version, tree};
}

const cJSON *play_tree(struct play *play, struct resource *resource)
{
    for (size_t i = 0; i < KNOWN_TREES; i++)
        if (play->known[i].resource == resource && play->known[i].version == resource->version)
            return play->known[i].tree;
    for (const struct env *env = play->env; env; env = env->outer) {
        struct bound *bound;
        vec_foreach (bound, env)
            if (bound->resource == resource && bound->parsed && bound->version == resource->version)
                return bound->parsed;
    }
    return parse_resource(play, resource);
}

const cJSON *play_tree_kept(struct play *play, struct resource *resource)
{
    const cJSON *tree = play_tree(play, resource);
    for (const struct env *env = play->env; env; env = env->outer) {
        struct bound *bound;
        vec_foreach (bound, env) {
            if (bound->resource != resource)
                continue;
            bound->parsed = tree;
            bound->version = resource->version;
            return tree;
        }
    }
    return tree;
}

static const cJSON *bound_value(struct play *play, struct bound *bound)
{
    if (!bound->resource)
        return bound->value;
    if (!bound->parsed || bound->version != bound->resource->version) {
        bound->parsed = play_tree(play, bound->resource);
        bound->version = bound->resource->version;
    }
    return bound->parsed;
}

static struct resource *resource_of_tree(struct play *play, const cJSON *value)
{
    for (const struct env *env = play->env; env; env = env->outer) {
        struct bound *bound;
        vec_foreach (bound, env)
            if (bound->resource && bound->parsed == value)
                return bound->resource;
    }
    return NULL;
}

struct kind_play *play_kind(const struct play *play, const struct resource *resource)
{
    const struct played *played = play->played;
    struct kind_play *kind = played_at(played, resource->kind);
    /* what was deleted, and is only held any more, may be of a kind that is no more */
    while (!kind && (played = played->before))
        kind = played_at(played, resource->kind);
    return kind;
}

const struct machine *play_machine(const struct play *play, const struct resource *resource)
{
    return play_kind(play, resource)->kind->machine;
}

static size_t shared_members(const cJSON *value, const cJSON *tree)
{
    size_t count = 0;
    const cJSON *member;
    cJSON_ArrayForEach (member, value)
        if (tree_get(tree, member->string))
            count++;
    return count;
}

/* The owner's id that a value of the kind shows; NULL when it shows none, or has none. */
static const char *owner_shown(const struct kind *kind, const cJSON *value)
{
    if (!kind->owner || kind->owner_link < 0)
        return NULL;
    return tree_text(pointer_get(value, kind->machine->links[kind->owner_link].at));
}

/*
 * By the id it shows: for values that are copies ($find, items of loops). A value may hold ids of
 * several kinds; the resource that it looks most alike is meant.
 */
static struct resource *resource_by_shape(struct play *play, const cJSON *value)
{
    const struct provider *provider = play->played->provider;
    struct resource *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < provider->kind_count; i++) {
        const struct kind *kind = &provider->kinds[i];
        const char *id = tree_text(pointer_get(value, kind->id_at));
        const char *owner = id ? owner_shown(kind, value) : NULL;
        struct resource *found = id ? play_find_under(play, kind->machine, owner, id) : NULL;
        if (!found || found->kind != play->played->kinds[i].index)
            continue;
        size_t shared = shared_members(value, play_tree(play, found));
        if (shared > most) {
            most = shared;
            best = found;
        }
    }
    return best;
}

struct resource *play_resource(struct play *play, const cJSON *value)
{
    if (!cJSON_IsObject(value))
        return NULL;
    struct resource *resource = resource_of_tree(play, value);
    return resource ? resource : resource_by_shape(play, value);
}

struct resource *play_resource_named(struct play *play, const char *name)
{
    struct bound *bound = find_bound(play->env, str_from(name));
    return bound ? bound->resource : NULL;
}

struct resource *play_find_under(struct play *play, const struct machine *machine,
                                 const char *owner, const char *id)
{
    const struct store *store = play->world->store;
    const struct provider *provider = play->played->provider;
    for (size_t i = 0; i < provider->kind_count; i++) {
        const struct kind *kind = &provider->kinds[i];
        if (kind->machine != machine)
            continue;
        unsigned index = play->played->kinds[i].index;
        struct resource *found = owner && kind->owner ? store_find(store, index, owner, id)
                                                      : store_find_any(store, index, id, NULL);
        if (found)
            return found;
    }
    return NULL;
}

struct resource *play_find(struct play *play, const struct machine *machine, const char *id)
{
    return play_find_under(play, machine, NULL, id);
}

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
    struct bound *bound = find_bound(play->env, name);
    if (!bound)
        return resolve_other(play, name, value);
    *value = bound_value(play, bound);
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
