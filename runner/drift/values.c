/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies, or the data of events: members, types, forms, and values that the contract lists. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/drift/parts.h"

#include <stdint.h>

enum { LIKE_MAX = 80 };

static struct shape *shape_of(const struct values *values, int side)
{
    struct arena *arena = values->at->drifting->arena;
    struct shape *shape = shape_new(arena, "");
    for (size_t i = 0; i < values->samples[side].count; i++)
        if (values->samples[side].items[i].value)
            shape_add(arena, shape, values->samples[side].items[i].value);
    return shape;
}

/* The place, with the event that it is of. */
static const char *path_text(const struct values *values, const char *path)
{
    return values->event ? arena_printf(values->at->drifting->arena, "%s %s", values->event, path)
                         : path;
}

/* A scalar, short enough to be read. */
static const char *like_text(struct arena *arena, const struct shape *shape)
{
    const cJSON *like = shape ? shape->like : NULL;
    const char *text =
        like && !cJSON_IsObject(like) && !cJSON_IsArray(like) ? json_text(arena, like) : NULL;
    return text && strlen(text) <= LIKE_MAX ? text : NULL;
}

/* ---- one difference of shape ---- */

/* Whether an enum or a const lists the values there; asked once for each schema. */
static bool is_listed(const struct values *values, const char *path, struct contract_says *says)
{
    enum { YES = 1, NO };
    struct drifting *drifting = values->at->drifting;
    const struct samples *samples = values->samples;
    const struct schema *schema = samples->count ? samples->items[0].schema : NULL;
    const char *key = arena_printf(drifting->arena, "%p %s", (const void *)schema, path);
    uintptr_t known = (uintptr_t)map_get(drifting->spots, key);
    if (known == NO)
        return false;
    *says = contract_ask(drifting, &samples[DRIFT_LEFT], path);
    if (!says->is_listed)
        *says = contract_ask(drifting, &samples[DRIFT_RIGHT], path);
    if (!known)
        map_put(drifting->spots, key, (void *)(uintptr_t)(says->is_listed ? YES : NO));
    return says->is_listed;
}

/* States of resources are compared by their order. */
static bool is_state(const struct values *values, const char *path)
{
    struct arena *arena = values->at->drifting->arena;
    return states_has_member(arena, &values->samples[DRIFT_LEFT].items[0], path) &&
           states_has_member(arena, &values->samples[DRIFT_RIGHT].items[0], path);
}

/* A member is an answer to what was asked, when the object is a map of anything. */
static bool is_worth_telling(const struct values *values, const struct shape_difference *difference,
                             struct contract_says *says)
{
    struct drifting *drifting = values->at->drifting;
    int has = difference->side[DRIFT_LEFT] ? DRIFT_LEFT : DRIFT_RIGHT;
    if (difference->aspect == SHAPE_VALUE_ASPECT)
        return is_listed(values, difference->path, says) && !is_state(values, difference->path);
    *says = contract_ask(drifting, &values->samples[has], difference->path);
    if (difference->aspect != SHAPE_MEMBER_ASPECT || !*difference->path)
        return true;
    if (values->has_other_states && !says->is_required)
        return false;
    return says->is_named || says->is_closed;
}

static enum drift_kind usual_kind(const struct shape_difference *difference)
{
    switch (difference->aspect) {
    case SHAPE_MEMBER_ASPECT:
    case SHAPE_NULL_ASPECT:
        return DRIFT_VARIATION;
    default:
        return DRIFT_DIFFERENCE;
    }
}

/* An example of the schema is one of many: it only tells what the schema must have. */
static bool is_made(const struct values *values)
{
    for (int side = 0; side < DRIFT_SIDES; side++)
        for (size_t i = 0; i < values->samples[side].count; i++)
            if (values->samples[side].items[i].is_made)
                return true;
    return false;
}

static void tell_shape(void *data, const struct shape_difference *difference)
{
    static const enum drift_aspect aspects[] = {[SHAPE_MEMBER_ASPECT] = DRIFT_MEMBER,
                                                [SHAPE_NULL_ASPECT] = DRIFT_TYPE,
                                                [SHAPE_TYPE_ASPECT] = DRIFT_TYPE,
                                                [SHAPE_FORM_ASPECT] = DRIFT_FORMAT,
                                                [SHAPE_VALUE_ASPECT] = DRIFT_VALUE};
    const struct values *values = data;
    struct arena *arena = values->at->drifting->arena;
    struct drift_finding finding = {.aspect = aspects[difference->aspect]};
    struct contract_says says = {0};
    bool by_value = difference->aspect == SHAPE_VALUE_ASPECT;
    if (!is_worth_telling(values, difference, &says))
        return;
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct shape *shape = difference->side[side];
        struct drift_shown *shown = &finding.side[side];
        shown->text = by_value ? shape_values_text(arena, shape) : shape_text(arena, shape);
        shown->like = by_value ? NULL : like_text(arena, shape);
        shown->seen = values->samples[side].items[0].attempt->seen;
        contract_breaks(values->at->drifting, &values->samples[side], difference->path, shown);
    }
    finding.path = path_text(values, difference->path);
    finding.contract = says.place;
    finding.kind = drift_kind_of(&finding, usual_kind(difference));
    if (finding.kind == DRIFT_BREACH || !is_made(values))
        drift_tell(values->at, finding);
}

/* ---- what the document has against one side alone ---- */

static bool has_problem(const struct values *values, int side, const char *path,
                        const char *keyword)
{
    struct drifting *drifting = values->at->drifting;
    for (size_t i = 0; i < values->samples[side].count; i++) {
        struct sample *sample = &values->samples[side].items[i];
        const struct problems *problems = sample_problems(drifting, sample);
        for (size_t j = 0; problems && j < problems->count; j++)
            if (text_is(problems->items[j].keyword, keyword) &&
                text_is(fold_pointer(drifting->arena, sample->value, problems->items[j].pointer),
                        path))
                return true;
    }
    return false;
}

/* A value of the right type that is out of bounds, an object with too many members. */
static void tell_problem(const struct values *values, int side, const struct sample *sample,
                         const struct problem *problem)
{
    struct drifting *drifting = values->at->drifting;
    const char *path = fold_pointer(drifting->arena, sample->value, problem->pointer);
    struct drift_finding finding = {.kind = DRIFT_BREACH, .aspect = DRIFT_VALUE};
    if (!text_is(problem->in, "body") || has_problem(values, !side, path, problem->keyword))
        return;
    finding.path = path_text(values, path);
    finding.side[side] = (struct drift_shown){.text = problem->message,
                                              .broken = problem->message,
                                              .rule = problem->place,
                                              .seen = sample->attempt->seen};
    finding.side[!side] = (struct drift_shown){
        .text = "as the contract says", .seen = values->samples[!side].items[0].attempt->seen};
    drift_tell(values->at, finding);
}

static void compare_problems(const struct values *values)
{
    for (int side = 0; side < DRIFT_SIDES; side++)
        for (size_t i = 0; i < values->samples[side].count; i++) {
            struct sample *sample = &values->samples[side].items[i];
            const struct problems *problems = sample_problems(values->at->drifting, sample);
            for (size_t j = 0; problems && j < problems->count; j++)
                tell_problem(values, side, sample, &problems->items[j]);
        }
}

void values_compare(const struct values *values)
{
    const struct drift *drift = values->at->drifting->drift;
    size_t before = drift_told(drift);
    shape_compare(values->at->drifting->arena, shape_of(values, DRIFT_LEFT),
                  shape_of(values, DRIFT_RIGHT), tell_shape, (void *)values);
    if (drift_told(drift) == before)
        compare_problems(values);
}
