/* SPDX-License-Identifier: Apache-2.0 */
/* The names that expressions of a play may read, place by place. */
#include "core/base/vec.h"
#include "mock/play.h"

#include <string.h>

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

struct bound *env_find(const struct env *env, struct str name)
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
