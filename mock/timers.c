/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/timers.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/criterion.h"
#include "core/expr/cron.h"
#include "core/expr/template.h"
#include "core/expr/time_form.h"
#include "mock/change.h"
#include "mock/state.h"
#include "mock/steps.h"
#include "mock/world_view.h"

/* When a timer that would be armed now is due, and the text that tells one arming from another. */
struct setting {
    bool is_armed;
    const char *key;
    nanos due;
};

static bool cron_due(struct play *play, const struct timer *timer, struct setting *setting)
{
    const char *text = template_text(timer->cron, &play->eval);
    const char *zone_name = timer->zone ? template_text(timer->zone, &play->eval) : NULL;
    const struct zone *zone = zone_find(zone_name ? zone_name : "UTC");
    struct cron cron;
    if (!text || !zone || cron_parse(text, &cron, NULL))
        return false;
    setting->key = arena_printf(play->arena, "cron %s %s", text, zone_name ? zone_name : "UTC");
    return cron_next(&cron, zone, world_now(play->world), &setting->due);
}

static bool at_due(struct play *play, const struct timer *timer, struct setting *setting)
{
    const cJSON *at = template_value(timer->at, &play->eval);
    if (!at || time_form_read(play->eval.time_form, at, &setting->due))
        return false;
    setting->key = arena_printf(play->arena, "at %lld", (long long)setting->due);
    return setting->due > world_now(play->world);
}

static bool after_due(struct play *play, const struct timer *timer, const struct resource *resource,
                      struct setting *setting)
{
    nanos after = 0;
    const cJSON *length = template_value(timer->after, &play->eval);
    if (!length || duration_read(length, &after) || after < 0)
        return false;
    if (__builtin_add_overflow(resource->entered, after, &setting->due))
        return false;
    setting->key = arena_printf(play->arena, "after %lld", (long long)setting->due);
    return true;
}

static void set(struct play *play, const struct timer *timer, const struct resource *resource,
                struct setting *setting)
{
    *setting = (struct setting){0};
    if (!(timer->in & STATE_BIT(resource->state)) ||
        criterion_gate(timer->when, timer->unless, &play->eval) != TRUTH_TRUE)
        return;
    if (timer->cron)
        setting->is_armed = cron_due(play, timer, setting);
    else if (timer->at)
        setting->is_armed = at_due(play, timer, setting);
    else if (timer->after)
        setting->is_armed = after_due(play, timer, resource, setting);
}

/* ---- one armed timer ---- */

static struct armed_timer *find(struct live *live, const struct timer *timer, size_t item)
{
    for (size_t i = 0; live && i < live->timers.count; i++)
        if (live->timers.items[i]->timer == timer && live->timers.items[i]->item == item)
            return live->timers.items[i];
    return NULL;
}

static void disarm(struct armed_timer *armed)
{
    queue_cancel(armed->live->world->queue, armed->event);
    armed->event = NULL;
    mem_free(armed->key);
    armed->key = NULL;
}

static void timer_due(void *data);

static void arm(struct play *play, struct resource *resource, const struct timer *timer,
                size_t item)
{
    struct setting setting;
    set(play, timer, resource, &setting);
    struct armed_timer *armed = find(live_find(resource), timer, item);
    if (!setting.is_armed) {
        /* one that has fired keeps its key, so that the same instant does not fire twice */
        if (armed && (armed->event || !setting.key || !text_is(armed->key, setting.key)))
            disarm(armed);
        return;
    }
    if (armed && armed->key && text_is(armed->key, setting.key))
        return;
    if (!armed) {
        struct live *live = live_of(play->world, resource);
        armed = mem_alloc(sizeof *armed);
        armed->live = live;
        armed->timer = timer;
        armed->item = item;
        vec_push(&live->timers, armed);
    }
    disarm(armed);
    armed->key = mem_strdup(setting.key);
    armed->due = setting.due;
    armed->event = queue_add(play->world->queue, setting.due, timer_due, NULL, armed);
}

/* Once for the timer, or once for each item it names, bound as `as`. */
static void for_each_item(struct play *play, const struct timer *timer, size_t only, bool all,
                          void (*visit)(struct play *play, const struct timer *timer, size_t item,
                                        struct resource *resource),
                          struct resource *resource)
{
    size_t index = 0;
    if (!timer->each) {
        visit(play, timer, 0, resource);
        return;
    }
    const cJSON *items = template_value(timer->each, &play->eval), *item;
    cJSON_ArrayForEach (item, items) {
        const cJSON *value = item;
        if (cJSON_IsObject(items)) {
            cJSON *pair = tree_object(play->arena);
            tree_set_string(play->arena, pair, "key", item->string);
            tree_set(play->arena, pair, "value", tree_copy(play->arena, item));
            value = pair;
        }
        if (all || index == only) {
            play_bind(play, timer->as ? timer->as : "item", value);
            visit(play, timer, index, resource);
        }
        index++;
    }
}

static void arm_item(struct play *play, const struct timer *timer, size_t item,
                     struct resource *resource)
{
    arm(play, resource, timer, item);
}

void timers_arm(struct play *play, struct resource *resource, bool entered)
{
    (void)entered;
    const struct kind *kind = play_kind(play, resource)->kind;
    if (!kind->timer_count || resource->is_deleted)
        return;
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    world_view_bind(play, resource);
    for (size_t i = 0; i < kind->timer_count; i++)
        for_each_item(play, &kind->timers[i], 0, true, arm_item, resource);
    play->env = outer;
}

void timers_disarm(struct play *play, struct resource *resource)
{
    (void)play;
    struct live *live = live_find(resource);
    for (size_t i = 0; live && i < live->timers.count; i++)
        disarm(live->timers.items[i]);
}

void timers_release(struct live *live)
{
    for (size_t i = 0; i < live->timers.count; i++) {
        disarm(live->timers.items[i]);
        mem_free(live->timers.items[i]);
    }
    vec_free(&live->timers);
}

/* ---- firing ---- */

static void fire_item(struct play *play, const struct timer *timer, size_t item,
                      struct resource *resource)
{
    (void)item;
    const struct change change = {.set = timer->set};
    int to = change_target(play, play_machine(play, resource), &timer->to);
    if (to != STATE_NONE || timer->set.count)
        change_apply(play, resource, &change, to);
    if (timer->steps.count && !resource->is_deleted)
        steps_run(play, &timer->steps, resource);
}

static void timer_due(void *data)
{
    struct armed_timer *armed = data;
    struct live *live = armed->live;
    struct resource *resource = store_hold(live->resource);
    struct world *world = live->world;
    const struct timer *timer = armed->timer;
    const struct played *played = state_played_of_kind(world, resource->kind);
    struct arena *arena = arena_new();
    struct play play;
    uint64_t key = draw_hash_text(draw_hash_text(world->seed, world->name), resource->id);
    key = draw_hash(draw_hash_text(key, timer->name), &armed->due, sizeof armed->due);
    nanos due = armed->due;
    armed->event = NULL;
    play_begin(&play, world, played, arena, key);
    play.cause = timer->name;
    world_view_bind(&play, resource);
    cJSON *about = tree_object(arena);
    tree_set(arena, about, "due", time_form_node(play.eval.time_form, due, arena));
    tree_set_string(arena, about, "name", timer->name);
    play_bind(&play, "timer", about);
    size_t item = armed->item;
    if (timer->cron) { /* the next time has the same text: armed by forgetting this one */
        mem_free(armed->key);
        armed->key = NULL;
    }
    for_each_item(&play, timer, item, false, fire_item, resource);
    if (!resource->is_deleted)
        timers_arm(&play, resource, false);
    play_end(&play);
    store_drop(world->store, resource);
    arena_free(arena);
}
