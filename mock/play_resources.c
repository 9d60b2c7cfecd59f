/* SPDX-License-Identifier: Apache-2.0 */
/* Resources as values in a play: parsed at most once a version, and found again by what they show.
 */
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "mock/play.h"

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

const cJSON *play_bound_value(struct play *play, struct bound *bound)
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
    struct bound *bound = env_find(play->env, str_from(name));
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
