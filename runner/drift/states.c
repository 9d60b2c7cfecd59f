/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the states that resources showed. A resource of one side is that of the other which
 * was first shown by the same step at the same place; what is only seen in lists may be anybody's.
 */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/lifecycle/machine.h"
#include "runner/drift/parts.h"

/* One value that shows a state. */
struct glimpse {
    const struct machine *machine;
    const char *id;    /* NULL: it has none */
    const char *state; /* of the machine, or whatever is shown instead */
};

/* "/data/0": an item of a list. */
static bool is_item(const char *pointer)
{
    while (*pointer) {
        size_t digits = strspn(pointer + 1, "0123456789"), len = strcspn(pointer + 1, "/");
        if (digits && digits == len)
            return true;
        pointer += 1 + len;
    }
    return false;
}

static bool read_glimpse(struct arena *arena, const struct machine *machine,
                         const struct observed *observed, struct glimpse *out)
{
    for (size_t i = 0; i < machine->observe_count; i++) {
        const struct observation *row = &machine->observe[i];
        if (!row->schema || !text_is(row->schema, observed->schema))
            continue;
        state_set states = row->is != STATE_NONE ? STATE_BIT(row->is)
                                                 : machine_states_of(machine, observed->value,
                                                                     row->state_at, row->partial);
        const cJSON *id = row->id ? pointer_get(observed->value, row->id) : NULL;
        const char *other =
            row->state_at ? tree_text(pointer_get(observed->value, row->state_at)) : NULL;
        if (state_set_count(states) != 1 && !(other && !states))
            return false;
        *out = (struct glimpse){machine, id ? value_text(arena, id) : NULL,
                                states ? machine->states[state_set_first(states)].name : other};
        return true;
    }
    return false;
}

static bool glimpse_of(struct arena *arena, const struct seen *seen,
                       const struct observed *observed, struct glimpse *out)
{
    const struct lifecycle *lifecycle = seen->provider ? seen->provider->lifecycle : NULL;
    for (size_t i = 0; lifecycle && i < lifecycle->machine_count; i++)
        if (!lifecycle->machines[i].is_stateless &&
            read_glimpse(arena, &lifecycle->machines[i], observed, out))
            return true;
    return false;
}

const char *states_shown(struct arena *arena, const struct seen *seen)
{
    const struct observed *observed;
    struct glimpse glimpse;
    const char *text = "";
    vec_foreach (observed, &seen->observed)
        if (!is_item(observed->pointer) && glimpse_of(arena, seen, observed, &glimpse))
            text = arena_printf(arena, "%s%s%s=%s", text, *text ? " " : "", glimpse.machine->name,
                                glimpse.state);
    return text;
}

static bool is_state_of(struct arena *arena, const struct sample *sample,
                        const struct observed *observed, const char *path)
{
    struct glimpse glimpse;
    if (!glimpse_of(arena, sample->attempt->seen, observed, &glimpse))
        return false;
    for (size_t i = 0; i < glimpse.machine->observe_count; i++) {
        const struct observation *row = &glimpse.machine->observe[i];
        const char *at = row->state_at ? row->state_at : glimpse.machine->state_at;
        if (row->schema && at && text_is(row->schema, observed->schema) &&
            text_is(fold_pointer(arena, sample->value,
                                 arena_printf(arena, "%s%s", observed->pointer, at)),
                    path))
            return true;
    }
    return false;
}

bool states_has_member(struct arena *arena, const struct sample *sample, const char *path)
{
    const struct observed *observed;
    vec_foreach (observed, sample->observed)
        if (is_state_of(arena, sample, observed, path))
            return true;
    return false;
}

/* ---- what one side showed ---- */

struct shown_state {
    const char *state;
    size_t unit; /* of the compared ones */
    const struct attempt *attempt;
};

struct followed {
    const struct machine *machine;
    const char *id;
    const char *born; /* where it was first shown: unit and place; NULL: only in lists so far */
    struct {
        VEC(struct shown_state);
    } states;
};

struct following {
    struct arena *arena;
    const struct drift_side *side;
    size_t unit;
    const struct attempt *attempt;
    struct {
        VEC(struct followed);
    } resources;
};

static struct followed *find_followed(struct following *following, const struct glimpse *glimpse)
{
    struct followed *followed;
    vec_foreach (followed, &following->resources)
        if (followed->machine == glimpse->machine && text_is(followed->id, glimpse->id))
            return followed;
    struct followed made = {.machine = glimpse->machine, .id = glimpse->id};
    vec_push_arena(following->arena, &following->resources, made);
    return &following->resources.items[following->resources.count - 1];
}

static void follow_list(struct following *following, const struct observed_list *list,
                        const char *event)
{
    const struct seen *seen = following->attempt->seen;
    const struct observed *observed;
    struct glimpse glimpse;
    vec_foreach (observed, list) {
        if (!glimpse_of(following->arena, seen, observed, &glimpse))
            continue;
        struct followed *followed = find_followed(following, &glimpse);
        struct shown_state shown = {glimpse.state, following->unit, following->attempt};
        size_t count = followed->states.count;
        if (!followed->born && !is_item(observed->pointer))
            followed->born = arena_printf(following->arena, "%zu %s %s%s", following->unit,
                                          glimpse.machine->name, event, observed->pointer);
        if (!count || !text_is(followed->states.items[count - 1].state, glimpse.state))
            vec_push_arena(following->arena, &followed->states, shown);
    }
}

static void follow(struct following *following, const struct compared_units *units, int side)
{
    for (size_t i = 0; i < units->count; i++) {
        const struct unit *unit = units->items[i].unit[side];
        following->unit = i;
        for (size_t j = 0; j < unit->attempts.count; j++) {
            following->attempt = unit->attempts.items[j];
            const struct seen *seen = following->attempt->seen;
            if (!seen || is_made_of_schema(seen))
                continue;
            follow_list(following, &seen->observed, "");
            for (size_t k = 0; k < seen->events.count; k++)
                follow_list(following, &seen->events.items[k].observed, "event ");
        }
    }
}

/* ---- two orders ---- */

static const char *order_text(struct arena *arena, const struct followed *followed)
{
    const char *text = "";
    for (size_t i = 0; i < followed->states.count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", followed->states.items[i].state);
    return text;
}

/* Where they first differ: the number of states that are the same. */
static size_t same_states(const struct followed *left, const struct followed *right)
{
    size_t same = 0;
    while (same < left->states.count && same < right->states.count &&
           text_is(left->states.items[same].state, right->states.items[same].state))
        same++;
    return same;
}

/* All states of `some` come in `all` in this order, the first and the last at its ends. */
static bool only_misses(const struct followed *some, const struct followed *all, bool has_parted)
{
    size_t at = 0, last = all->states.count - 1;
    for (size_t i = 0; i < all->states.count && at < some->states.count; i++)
        at += text_is(all->states.items[i].state, some->states.items[at].state);
    return at == some->states.count &&
           text_is(some->states.items[0].state, all->states.items[0].state) &&
           (has_parted || text_is(some->states.items[at - 1].state, all->states.items[last].state));
}

/* What the judge has against this resource, in this workflow. */
static void find_broken(const struct following *following, const struct played_workflow *played,
                        const struct followed *followed, struct drift_shown *shown)
{
    for (size_t i = 0; i < played->verdict_count && !shown->broken; i++) {
        const struct verdict *verdict =
            &following->side->result->verdicts.items[played->first_verdict + i];
        if (verdict->kind == VERDICT_NOTE || !text_is(verdict->machine, followed->machine->name) ||
            (verdict->id && followed->id && !strstr(verdict->id, followed->id)))
            continue;
        shown->broken = verdict->text;
        shown->rule = verdict->place;
    }
}

static void tell_order(const struct spot_of_drift *at, struct drift_finding finding,
                       const struct followed *const resources[DRIFT_SIDES], bool has_parted)
{
    const struct followed *left = resources[DRIFT_LEFT], *right = resources[DRIFT_RIGHT];
    bool is_missed = only_misses(left, right, has_parted) || only_misses(right, left, has_parted);
    finding.kind = drift_kind_of(&finding, is_missed ? DRIFT_NOTE : DRIFT_DIFFERENCE);
    drift_tell(at, finding);
}

static void compare_orders(struct drifting *drifting, const struct compared_units *units,
                           const struct following *const sides[DRIFT_SIDES],
                           const struct followed *const resources[DRIFT_SIDES],
                           const struct played_workflow *const played[DRIFT_SIDES])
{
    const struct followed *left = resources[DRIFT_LEFT], *right = resources[DRIFT_RIGHT];
    struct drift_finding finding = {.aspect = DRIFT_STATES, .path = left->machine->name};
    size_t same = same_states(left, right);
    if (same == left->states.count && same == right->states.count)
        return;
    if (units->has_parted && (same == left->states.count || same == right->states.count))
        return; /* the other went on */
    const struct followed *longer = same < left->states.count ? left : right;
    const struct compared_unit *where = &units->items[longer->states.items[same].unit];
    const struct arazzo_step *step = where->unit[DRIFT_LEFT]->step;
    const struct seen *first = longer->states.items[same].attempt->seen;
    struct spot_of_drift at = {
        drifting, step->provider, first->operation, {where->unit[0], where->unit[1]}};
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct followed *followed = resources[side];
        size_t last = followed->states.count - 1;
        finding.side[side].text = order_text(drifting->arena, followed);
        finding.side[side].seen = followed->states.items[same < last ? same : last].attempt->seen;
        find_broken(sides[side], played[side], followed, &finding.side[side]);
    }
    tell_order(&at, finding, resources, units->has_parted);
}

void states_compare(struct drifting *drifting, const struct compared_units *units,
                    const struct played_workflow *const played[DRIFT_SIDES])
{
    struct following sides[DRIFT_SIDES];
    const struct following *const both[] = {&sides[DRIFT_LEFT], &sides[DRIFT_RIGHT]};
    const struct followed *left, *right;
    for (int side = 0; side < DRIFT_SIDES; side++) {
        sides[side] =
            (struct following){.arena = drifting->arena, .side = &drifting->drift->side[side]};
        follow(&sides[side], units, side);
    }
    vec_foreach (left, &sides[DRIFT_LEFT].resources)
        vec_foreach (right, &sides[DRIFT_RIGHT].resources) {
            const struct followed *const resources[] = {left, right};
            if (left->born && right->born && text_is(left->born, right->born))
                compare_orders(drifting, units, both, resources, played);
        }
}
