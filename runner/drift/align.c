/* SPDX-License-Identifier: Apache-2.0 */
/* Which steps of two played workflows belong together. */
#include "core/base/str.h"
#include "runner/drift/parts.h"

static size_t times_played(const struct played_workflow *played, const struct arazzo_step *step)
{
    size_t times = 0;
    for (size_t i = 0; i < played->steps.count; i++)
        times += played->steps.items[i]->step == step;
    return times;
}

static struct unit *find_unit(struct units *units, const struct arazzo_step *step)
{
    struct unit *unit;
    vec_foreach (unit, units)
        if (unit->step == step)
            return unit;
    return NULL;
}

struct units units_of(struct arena *arena, const struct played_workflow *played,
                      const struct played_workflow *other)
{
    struct units units = {0};
    for (size_t i = 0; i < played->steps.count; i++) {
        const struct played_step *step = played->steps.items[i];
        bool is_loop = times_played(played, step->step) != times_played(other, step->step);
        struct unit *unit = is_loop ? find_unit(&units, step->step) : NULL;
        if (!unit) {
            struct unit made = {.workflow = step->workflow, .step = step->step};
            vec_push_arena(arena, &units, made);
            unit = &units.items[units.count - 1];
        }
        unit->times++;
        unit->result = step->result;
        unit->reason = step->reason;
        for (size_t j = 0; j < step->attempts.count; j++)
            vec_push_arena(arena, &unit->attempts, step->attempts.items[j]);
    }
    return units;
}

const struct unit *units_match(const struct units *units, size_t at, const struct units *other)
{
    const struct arazzo_step *step = units->items[at].step;
    size_t before = 0;
    for (size_t i = 0; i < at; i++)
        before += units->items[i].step == step;
    for (size_t i = 0; i < other->count; i++)
        if (other->items[i].step == step && !before--)
            return &other->items[i];
    return NULL;
}
