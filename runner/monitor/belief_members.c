/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a resource's members, and until when. */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "runner/memory.h"
#include "runner/monitor/belief.h"

#include <string.h>

static cJSON *lay_over(struct arena *arena, const cJSON *known, const cJSON *shown)
{
    cJSON *both = tree_copy(arena, known);
    const cJSON *member;

    cJSON_ArrayForEach (member, shown)
        tree_set(arena, both, member->string, tree_copy(arena, member));
    return both;
}

void belief_show(struct arena *arena, struct belief *belief, const struct shown *shown,
                 const struct moment *moment)
{
    if (!cJSON_IsObject(shown->value))
        return;
    if (shown->partial && belief->value) { /* the others are as old as they were */
        belief->value = lay_over(arena, belief->value, shown->value);
        seen_refer(&belief->value_by, NULL);
        return;
    }
    belief->value = shown->value;
    seen_refer(&belief->value_by, shown->by);
    belief->is_partial = shown->partial;
    belief->value_at = moment->at;
    belief->value_changes = moment->is_loose ? UINT64_MAX : moment->changes;
    belief->is_touched = moment->is_loose;
}

/* Ended in that state, nobody asked for a change, and it cannot have come there anew. */
static bool has_ended(const struct belief *belief, int state, const struct moment *moment)
{
    const struct machine *machine = belief->machine;
    state_set bit;

    if (state == STATE_NONE || moment->is_loose || belief->is_touched)
        return false;
    bit = STATE_BIT(state);
    if (!(machine->terminal & bit) || !(belief->states & bit))
        return false;
    return !(belief_closure(machine, machine_step(machine, belief->states)) & bit);
}

/* Every object on the way to the pointer's target, the root included, has members nobody saw. */
static void mark_way(struct arena *arena, cJSON *root, const char *pointer)
{
    unknown_mark_partial(root);
    for (const char *slash = strchr(pointer + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *prefix = arena_strndup(arena, pointer, (size_t)(slash - pointer));
        cJSON *object = (cJSON *)pointer_get(root, prefix);

        if (cJSON_IsObject(object))
            unknown_mark_partial(object);
    }
}

static void keep_member(struct arena *arena, cJSON *kept, const struct belief *belief,
                        const struct member *member)
{
    const cJSON *value = pointer_get(belief->value, member->at);
    bool is_set = value && !cJSON_IsNull(value);

    bool is_kept = member->rule == MEMBER_CONSTANT || member->rule == MEMBER_BIRTH ||
                   (member->rule == MEMBER_ONCE && is_set) ||
                   (member->rule == MEMBER_ASKED && !belief->is_touched);

    if (!is_kept)
        return;
    if (!value && belief->is_partial)
        return;
    pointer_set(arena, kept, member->at, value ? tree_copy(arena, value) : tree_null(arena), NULL);
    mark_way(arena, kept, member->at);
}

/* Declared constant (or set once, and set): known for ever. */
static const cJSON *keep_constants(const struct belief *belief, struct arena *arena)
{
    const struct machine *machine = belief->machine;
    cJSON *kept = tree_object(arena);

    for (size_t i = 0; belief->value && i < machine->member_count; i++)
        keep_member(arena, kept, belief, &machine->members[i]);
    for (size_t i = 0; belief->value && i < machine->link_count; i++) {
        struct member link = {machine->links[i].at, MEMBER_ONCE, machine->links[i].place};

        keep_member(arena, kept, belief, &link);
    }
    if (machine->id_at && machine->id_at[0])
        pointer_set(arena, kept, machine->id_at, tree_string(arena, belief->id), NULL);
    unknown_mark_partial(kept);
    return kept;
}

const cJSON *belief_members(const struct belief *belief, int state, const struct moment *moment,
                            struct arena *arena, bool *partial)
{
    bool is_fresh = moment->is_virtual && !moment->is_loose && belief->value &&
                    belief->value_at == moment->at && belief->value_changes == moment->changes;

    if (belief->value && (is_fresh || has_ended(belief, state, moment))) {
        *partial = belief->is_partial;
        return belief->value;
    }
    *partial = true;
    return keep_constants(belief, arena);
}

const cJSON *belief_last(const struct belief *belief, const char *pointer)
{
    const cJSON *value = belief->value ? pointer_get(belief->value, pointer) : NULL;

    return value || (belief->value && !belief->is_partial) ? value : expr_unknown();
}
