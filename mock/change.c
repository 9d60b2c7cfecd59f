/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/change.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"
#include "core/expr/criterion.h"
#include "core/expr/template.h"
#include "mock/body.h"
#include "mock/change_parts.h"
#include "mock/events.h"
#include "mock/outcomes.h"
#include "mock/past.h"
#include "mock/steps.h"
#include "mock/timers.h"
#include "mock/world_view.h"

/* ---- the tree of a change ---- */

void change_assign(struct play *play, cJSON *tree, const struct assignments *assignments)
{
    bool is_new = !tree->child && assignments->are_distinct;
    for (size_t i = 0; i < assignments->count; i++) {
        const struct assignment *assignment = &assignments->items[i];
        cJSON *value = template_eval(assignment->value, &play->eval);
        if (!value)
            continue;
        if (is_new)
            tree_add(tree, assignment->member, value);
        else
            body_put(play, tree, assignment->at, assignment->member, value);
    }
}

void change_set_all(struct play *play, cJSON *tree, const cJSON *values)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, values)
        tree_set(play->arena, tree, member->string, tree_copy(play->arena, member));
}

static cJSON *replace_body(struct play *play, const cJSON *old, const struct change *change)
{
    cJSON *tree = template_eval(change->replace, &play->eval);
    if (!cJSON_IsObject(tree))
        tree = tree_object(play->arena);
    for (size_t i = 0; i < change->keep_count; i++) {
        const cJSON *kept = pointer_get(old, change->keep[i]);
        if (kept)
            pointer_set(play->arena, tree, change->keep[i], tree_copy(play->arena, kept), NULL);
    }
    return tree;
}

static cJSON *apply(struct play *play, cJSON *tree, const struct change *change)
{
    if (change->replace)
        tree = replace_body(play, tree, change);
    for (size_t i = 0; i < change->unset_count; i++)
        pointer_remove(tree, change->unset[i]);
    if (change->merge) {
        const cJSON *patch = template_value(change->merge, &play->eval);
        tree = patch ? merge_patch(play->arena, tree, patch) : tree;
    }
    if (change->set_all)
        change_set_all(play, tree, template_value(change->set_all, &play->eval));
    change_assign(play, tree, &change->set);
    return tree;
}

void change_set_state(struct play *play, const struct kind *kind, cJSON *tree, int state)
{
    const cJSON *value = kind->machine->states[state].value;
    if (kind->state_at && value)
        pointer_set(play->arena, tree, kind->state_at, tree_copy(play->arena, value), NULL);
}

/* ---- hooks ---- */

static bool hook_fits(struct play *play, const struct hook *hook, struct passage passage)
{
    bool born = passage.from == STATE_ABSENT;
    bool fits = (hook->created && born) || (hook->enters & STATE_BIT(passage.to)) ||
                (!born && (hook->leaves & STATE_BIT(passage.from)));
    return fits && criterion_gate(hook->when, hook->unless, &play->eval) == TRUTH_TRUE;
}

/* Which hooks fit is decided as their turn comes: earlier ones may set what later ones read. */
uint64_t change_hook_members(struct play *play, const struct kind *kind, cJSON **tree,
                             struct passage passage)
{
    uint64_t fitting = 0;
    for (size_t i = 0; i < kind->hook_count && i < 64; i++) {
        const struct hook *hook = &kind->hooks[i];
        if (!hook_fits(play, hook, passage))
            continue;
        fitting |= UINT64_C(1) << i;
        if (hook->has_change)
            *tree = apply(play, *tree, &hook->change);
    }
    return fitting;
}

void change_hook_steps(struct play *play, struct resource *resource, uint64_t fitting)
{
    const struct kind *kind = play_kind(play, resource)->kind;
    for (size_t i = 0; i < kind->hook_count && i < 64; i++)
        if ((fitting & (UINT64_C(1) << i)) && kind->hooks[i].steps.count)
            steps_run(play, &kind->hooks[i].steps, resource);
}

void change_bind_passage(struct play *play, const struct machine *machine, struct passage passage)
{
    play_bind(play, "from", tree_string(play->arena, machine->states[passage.from].name));
}

/* ---- what follows from a change ---- */

void change_settle_later(struct play *play, struct resource *resource)
{
    for (size_t i = 0; i < play->settle.count; i++)
        if (play->settle.items[i] == resource)
            return;
    play_hold(play, resource);
    vec_push_arena(play->arena, &play->settle, resource);
}

/* What it links to waits for the end of the instant. Asked before it is deleted: then its links go.
 */
static void settle_upward(struct play *play, struct resource *resource)
{
    const struct followers *up = &play->played->up[play_machine(play, resource)->index];
    for (size_t i = 0; i < up->count; i++) {
        const char *target = store_link_target(resource, up->items[i].link);
        struct resource *other = target ? play_find(play, up->items[i].machine, target) : NULL;
        if (other)
            change_settle_later(play, other);
    }
}

/* What links to it is forced at once. */
static void settle_downward(struct play *play, struct resource *resource)
{
    const struct played *played = play->played;
    const struct machine *machine = play_machine(play, resource);
    const struct followers *down = &played->down[machine->index];
    for (size_t i = 0; i < down->count; i++) {
        const struct kind_play *kind = played_kind_of(played, down->items[i].machine);
        struct resource *other =
            store_related_first(play->world->store, kind->index, down->items[i].link, resource->id);
        while (other) {
            struct resource *next = store_related_next(other, down->items[i].link);
            change_settle(play, other);
            other = next;
        }
    }
}

static void announce(struct play *play, struct resource *resource, int to)
{
    const struct provider *provider = play->played->provider;
    const struct machine *machine = play_machine(play, resource);
    for (size_t i = 0; i < provider->service.callback_count; i++) {
        const struct webhook *webhook = &provider->service.callbacks[i];
        if (!webhook->rule || webhook->rule->of != machine->index ||
            !(webhook->rule->states & STATE_BIT(to)))
            continue;
        struct pending_call call = {webhook, resource};
        play_hold(play, resource);
        vec_push_arena(play->arena, &play->calls, call);
    }
}

void change_follow_move(struct play *play, struct resource *resource, struct passage passage)
{
    outcome_moved(play, resource, passage.to);
    timers_arm(play, resource, true);
    settle_downward(play, resource);
    settle_upward(play, resource);
    if (passage.from == STATE_ABSENT)
        events_add(play, resource, "created", NULL);
    events_add(play, resource, play_machine(play, resource)->states[passage.to].name, NULL);
    announce(play, resource, passage.to);
}

/* ---- changes ---- */

bool change_too_deep(struct play *play)
{
    if (play->depth < PLAY_DEPTH_MAX)
        return false;
    if (play->err.kind == ERROR_NONE)
        fail(&play->err, ERROR_INVALID, "changes that cause changes are nested too deep");
    return true;
}

static void delete_owned(struct play *play, struct resource *owner)
{
    const struct provider *provider = play->played->provider;
    const struct kind *kind = play_kind(play, owner)->kind;
    for (size_t i = 0; i < provider->kind_count; i++) {
        const struct kind *owned = &provider->kinds[i];
        if (owned->owner != kind || owned->owner_link < 0)
            continue;
        struct resource *first;
        while ((first = store_related_first(play->world->store, play->played->kinds[i].index,
                                            (unsigned)owned->owner_link, owner->id)))
            change_move(play, first, STATE_ABSENT);
    }
}

static void delete_resource(struct play *play, struct resource *resource)
{
    play_hold(play, resource);
    if (play->rehearsal) {
        rehearsal_delete(play, resource);
        return;
    }
    past_forget(play, resource);
    delete_owned(play, resource);
    outcome_end(play, resource);
    timers_disarm(play, resource);
    settle_upward(play, resource);
    store_delete(play->world->store, resource, world_now(play->world), &play->cause);
    settle_downward(play, resource);
    events_add(play, resource, "absent", NULL);
    world_notify(play->world, resource->serial);
}

static void move_and_follow(struct play *play, struct resource *resource, struct passage passage,
                            uint64_t fitting, const cJSON *tree)
{
    store_set_state(play->world->store, resource, (uint8_t)passage.to, world_now(play->world),
                    &play->cause);
    play_know(play, resource, tree);
    change_hook_steps(play, resource, fitting);
    /* a hook may have moved it on: then that move has had its own consequences */
    if (!resource->is_deleted && resource->state == passage.to)
        change_follow_move(play, resource, passage);
}

int change_apply(struct play *play, struct resource *resource, const struct change *change, int to)
{
    if (resource->is_deleted || change_too_deep(play))
        return -1;
    if (to == STATE_ABSENT) {
        delete_resource(play, resource);
        return 0;
    }
    const struct kind *kind = play_kind(play, resource)->kind;
    struct passage passage = {resource->state, to};
    bool moves = to != STATE_NONE && to != resource->state;
    play_hold(play, resource);
    if (moves)
        past_add(play, resource);
    play->depth++;
    cJSON *tree = tree_copy(play->arena, play_tree(play, resource));
    struct env *outer = play_bind_self(play, kind, tree);
    cJSON *changed = change ? apply(play, tree, change) : tree;
    uint64_t fitting = 0;
    if (changed != tree) {
        play->env = outer;
        play_bind_self(play, kind, changed);
    }
    if (moves) {
        change_set_state(play, kind, changed, to);
        change_bind_passage(play, kind->machine, passage);
        fitting = change_hook_members(play, kind, &changed, passage);
    }
    if (!change || !change->quiet)
        change_assign(play, changed, &kind->change);
    play->env = outer;
    int failed = body_write(play, resource, changed);
    if (moves)
        move_and_follow(play, resource, passage, fitting, changed);
    else
        timers_arm(play, resource, false);
    world_notify(play->world, resource->serial);
    play->depth--;
    return failed;
}

int change_move(struct play *play, struct resource *resource, int to)
{
    if (to == STATE_NONE || to == resource->state)
        return 0;
    return change_apply(play, resource, NULL, to);
}

int change_target(struct play *play, const struct machine *machine, const struct target_state *to)
{
    const char *name = to->name;
    if (!name && to->value)
        name = template_text(to->value, &play->eval);
    return name ? machine_state(machine, name) : STATE_NONE;
}

void change_settle(struct play *play, struct resource *resource)
{
    const struct machine *machine = play_machine(play, resource);
    if (!machine->always_count || resource->is_deleted || change_too_deep(play))
        return;
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    world_view_bind(play, resource);
    int to = STATE_NONE;
    const struct place *before = play->cause.place;
    const struct row *row = world_view_always(play, resource, &to);
    play->env = outer;
    if (!row)
        return;
    play->depth++;
    play->cause.place = &row->place;
    change_move(play, resource, to);
    play->cause.place = before;
    play->depth--;
}
