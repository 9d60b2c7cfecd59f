/* SPDX-License-Identifier: Apache-2.0 */
/* How resources come into a world: created by a step, seeded, copied. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "mock/body.h"
#include "mock/change_parts.h"
#include "mock/past.h"
#include "mock/timers.h"

struct newborn {
    const struct kind_play *kind;
    const char *id;
    const cJSON *given;
    int state;
    nanos at;
    const struct assignments *set;
    const cJSON *members; /* put over everything, as stored; NULL */
};

static cJSON *fresh_body(struct play *play, const struct newborn *newborn, cJSON *tree)
{
    const struct kind *kind = newborn->kind->kind;
    const cJSON *state = kind->machine->states[newborn->state].value;
    play_bind(play, "id", tree_string(play->arena, newborn->id));
    play_bind(play, "given", newborn->given);
    play_bind(play, "state", state);
    if (kind->fresh_all) {
        change_set_all(play, tree, template_value(kind->fresh_all, &play->eval));
    } else if (kind->has_new) {
        change_assign(play, tree, &kind->fresh);
    } else {
        change_set_all(play, tree, newborn->given);
    }
    pointer_set(play->arena, tree, kind->id_at, tree_string(play->arena, newborn->id), NULL);
    change_set_state(play, kind, tree, newborn->state);
    change_set_all(play, tree, newborn->members);
    if (newborn->set)
        change_assign(play, tree, newborn->set);
    return tree;
}

static struct resource *add_to_store(struct play *play, const struct newborn *newborn, cJSON *tree)
{
    struct resource_data data = {0};
    body_data(play, newborn->kind, tree, &data);
    const struct kind *kind = newborn->kind->kind;
    const char *owner = NULL;
    if (kind->owner && kind->owner_link >= 0)
        owner = tree_text(pointer_get(tree, kind->machine->links[kind->owner_link].at));
    struct birth birth = {
        .kind = newborn->kind->index,
        .id = newborn->id,
        .owner = owner,
        .state = (uint8_t)newborn->state,
        .at = newborn->at,
        .cause = &play->cause,
        .data = data,
    };
    struct resource *resource = store_add(play->world->store, &birth, &play->err);
    body_release(&data);
    if (resource)
        play_know(play, resource, tree);
    return resource;
}

static struct resource *give_birth(struct play *play, const struct newborn *newborn)
{
    const struct kind *kind = newborn->kind->kind;
    struct passage passage = {STATE_ABSENT, newborn->state};
    cJSON *tree = tree_object(play->arena);
    struct env *outer = play_bind_self(play, kind, tree);
    fresh_body(play, newborn, tree);
    change_bind_passage(play, kind->machine, passage);
    uint64_t fitting = change_hook_members(play, kind, &tree, passage);
    play->env = outer;
    struct resource *resource = add_to_store(play, newborn, tree);
    if (!resource)
        return NULL;
    play_hold(play, resource);
    rehearsal_born(play, resource);
    if (play->cause.kind != CAUSE_SEED)
        past_add_birth(play, resource);
    play->depth++;
    change_hook_steps(play, resource, fitting);
    if (resource->state == passage.to && !resource->is_deleted)
        change_follow_move(play, resource, passage);
    if (kind->machine->always_count)
        change_settle_later(play, resource);
    play->depth--;
    world_notify(play->world, resource->serial);
    return resource;
}

static int birth_state(const struct machine *machine, int state)
{
    if (state != STATE_NONE && state != STATE_ABSENT)
        return state;
    return machine->first_initial != STATE_NONE ? machine->first_initial : 1;
}

/* A given id that is there already: kept as it is, or made anew in the same place. */
static struct resource *meet_existing(struct play *play, const struct create *create,
                                      struct resource *existing, struct newborn *newborn)
{
    if (create->if_exists == IF_EXISTS_KEEP)
        return existing;
    if (create->if_exists == IF_EXISTS_FAIL) {
        fail(&play->err, ERROR_CONFLICT, "there is a %s '%s' already", create->kind->name,
             newborn->id);
        return NULL;
    }
    const cJSON *old = play_tree(play, existing);
    cJSON *tree = tree_object(play->arena);
    struct env *outer = play_bind_self(play, create->kind, tree);
    fresh_body(play, newborn, tree);
    for (size_t i = 0; i < create->keep_count; i++) {
        const cJSON *kept = pointer_get(old, create->keep[i]);
        if (kept)
            pointer_set(play->arena, tree, create->keep[i], tree_copy(play->arena, kept), NULL);
    }
    play->env = outer;
    body_write(play, existing, tree);
    change_move(play, existing, newborn->state);
    timers_arm(play, existing, false);
    world_notify(play->world, existing->serial);
    return existing;
}

/* What is assigned there, as a text; NULL: nothing is. */
static const char *assigned_text(struct play *play, const struct assignments *assignments,
                                 const char *at)
{
    for (size_t i = 0; i < assignments->count; i++)
        if (text_is(assignments->items[i].at, at))
            return template_text(assignments->items[i].value, &play->eval);
    return NULL;
}

/*
 * Who will own it, as far as that can be told before it is made: by `set`, by `new`, or by what is
 * given where the kind has no `new`. NULL: nobody, or it cannot be told.
 */
static const char *future_owner(struct play *play, const struct create *create,
                                const struct newborn *newborn)
{
    const struct kind *kind = create->kind;
    if (!kind->owner || kind->owner_link < 0)
        return NULL;
    const char *at = kind->machine->links[kind->owner_link].at;
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    play_bind(play, "given", newborn->given);
    const char *owner = assigned_text(play, &create->set, at);
    if (!owner)
        owner = kind->has_new ? assigned_text(play, &kind->fresh, at)
                              : tree_text(pointer_get(newborn->given, at));
    play->env = outer;
    return owner;
}

struct resource *change_create(struct play *play, const struct create *create, int state)
{
    const struct kind *kind = create->kind;
    struct newborn newborn = {.kind = played_kind(play->played, kind),
                              .at = world_now(play->world)};
    const struct template *id = create->id ? create->id : kind->id_make;
    if (change_too_deep(play))
        return NULL;
    newborn.given = template_value(create->given, &play->eval);
    newborn.id = template_text(id, &play->eval);
    newborn.set = &create->set;
    newborn.state = birth_state(kind->machine, state);
    if (!newborn.id) {
        fail(&play->err, ERROR_INVALID, "a %s cannot be made without an id", kind->name);
        return NULL;
    }
    const char *owner = create->id ? future_owner(play, create, &newborn) : NULL;
    struct resource *existing = play_find_under(play, kind->machine, owner, newborn.id);
    for (int tries = 0; existing && !create->id && tries < 8; tries++) {
        newborn.id = template_text(id, &play->eval); /* drawn before: draw once more */
        existing = play_find(play, kind->machine, newborn.id);
    }
    return existing ? meet_existing(play, create, existing, &newborn) : give_birth(play, &newborn);
}

struct resource *change_seed(struct play *play, const struct seed *seed)
{
    const struct kind *kind = seed->kind;
    struct newborn newborn = {.kind = played_kind(play->played, kind)};
    newborn.at = world_now(play->world) + seed->at;
    play->eval.now = newborn.at;
    newborn.given = template_value(seed->members, &play->eval);
    newborn.set = &seed->stored;
    newborn.id = seed->id ? seed->id : template_text(kind->id_make, &play->eval);
    newborn.state = birth_state(kind->machine, seed->state);
    play->cause.place = &seed->place;
    struct resource *resource = newborn.id ? give_birth(play, &newborn) : NULL;
    play->eval.now = world_now(play->world);
    if (resource && seed->outcome) {
        struct pending_start start = {.resource = resource, .outcome = seed->outcome};
        vec_push_arena(play->arena, &play->starts, start);
    }
    return resource;
}

static struct resource *copy_one(struct play *play, struct resource *of, const char *link_at,
                                 const char *target, const struct assignments *set)
{
    const struct kind *kind = play_kind(play, of)->kind;
    struct newborn newborn = {.kind = play_kind(play, of), .at = world_now(play->world)};
    cJSON *members = tree_copy(play->arena, play_tree(play, of));
    newborn.id = template_text(kind->id_make, &play->eval);
    pointer_set(play->arena, members, kind->id_at, tree_string(play->arena, newborn.id), NULL);
    if (link_at)
        pointer_set(play->arena, members, link_at, tree_string(play->arena, target), NULL);
    newborn.members = members;
    newborn.set = set;
    newborn.state = of->state;
    return newborn.id ? give_birth(play, &newborn) : NULL;
}

/* What links to the original is copied, too, and links to the twin. */
static void copy_related(struct play *play, struct resource *of, struct resource *twin,
                         const struct kind *kind)
{
    const struct machine *target = play_machine(play, of);
    const struct kind_play *related = played_kind(play->played, kind);
    kind = related ? related->kind : kind;
    for (size_t i = 0; related && i < kind->machine->link_count; i++) {
        if (kind->machine->links[i].machine != target->index)
            continue;
        struct resource *one =
            store_related_first(play->world->store, related->index, (unsigned)i, of->id);
        for (; one; one = store_related_next(one, (unsigned)i))
            copy_one(play, one, kind->machine->links[i].at, twin->id, NULL);
    }
}

struct resource *change_copy(struct play *play, struct resource *of, const struct copy *copy)
{
    struct resource *twin = copy_one(play, of, NULL, NULL, &copy->set);
    for (size_t i = 0; twin && i < copy->related_count; i++)
        copy_related(play, of, twin, copy->related[i]);
    return twin;
}
