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
#include "mock/world/scan.h"
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

static bool conditions_hold(struct play *play, const struct timer *timer,
                            const struct resource *resource)
{
    return (timer->in & STATE_BIT(resource->state)) &&
           criterion_gate(timer->when, timer->unless, &play->eval) == TRUTH_TRUE;
}

static void set(struct play *play, const struct timer *timer, const struct resource *resource,
                struct setting *setting)
{
    *setting = (struct setting){0};
    if (!conditions_hold(play, timer, resource))
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
    if (timer->cron)
        queue_sort(play->world->queue, armed->event, EVENT_RECURRING);
}

/* What to do with a timer, once for itself or once for each item that it names. */
struct items {
    size_t only; /* this one, unless `all` */
    bool all;
    void (*visit)(struct play *play, const struct timer *timer, size_t item,
                  struct resource *resource, void *data);
    void *data;
};

/* How many there are. An item is bound as `as`. */
static size_t for_each_item(struct play *play, const struct timer *timer, const struct items *how,
                            struct resource *resource)
{
    size_t index = 0;
    if (!timer->each) {
        how->visit(play, timer, 0, resource, how->data);
        return 1;
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
        if (how->all || index == how->only) {
            play_bind(play, timer->as ? timer->as : "item", value);
            how->visit(play, timer, index, resource, how->data);
        }
        index++;
    }
    return index;
}

static void arm_item(struct play *play, const struct timer *timer, size_t item,
                     struct resource *resource, void *data)
{
    (void)data;
    arm(play, resource, timer, item);
}

/* Those of items that are there no more. */
static void disarm_rest(struct resource *resource, const struct timer *timer, size_t count)
{
    struct live *live = live_find(resource);
    for (size_t i = 0; live && i < live->timers.count; i++)
        if (live->timers.items[i]->timer == timer && live->timers.items[i]->item >= count)
            disarm(live->timers.items[i]);
}

void timers_arm(struct play *play, struct resource *resource, bool entered)
{
    (void)entered;
    const struct kind *kind = play_kind(play, resource)->kind;
    if (!kind->timer_count || resource->is_deleted || play->rehearsal)
        return;
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    world_view_bind(play, resource);
    for (size_t i = 0; i < kind->timer_count; i++)
        if (!kind->timers[i].signal)
            disarm_rest(resource, &kind->timers[i],
                        for_each_item(play, &kind->timers[i],
                                      &(struct items){.all = true, .visit = arm_item}, resource));
    play->env = outer;
}

void timers_disarm(struct play *play, struct resource *resource)
{
    (void)play;
    struct live *live = live_find(resource);
    for (size_t i = 0; live && i < live->timers.count; i++)
        disarm(live->timers.items[i]);
}

void timers_renew(struct live *live, const struct kind *kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < live->timers.count; i++) {
        struct armed_timer *armed = live->timers.items[i];
        const struct timer *now = NULL;
        for (size_t j = 0; j < kind->timer_count && !now; j++)
            if (text_is(kind->timers[j].name, armed->timer->name))
                now = &kind->timers[j];
        armed->timer = now ? now : armed->timer;
        if (now) {
            live->timers.items[kept++] = armed;
        } else {
            disarm(armed);
            mem_free(armed);
        }
    }
    live->timers.count = kept;
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

/* Why timers fire now: one is due, or a signal came. */
struct firing {
    nanos due;
    bool all;    /* every item whose conditions hold, else `item` alone */
    size_t item; /* of the armed timer */
    const struct signal *signal;
    size_t fired;
};

static void fire_item(struct play *play, const struct timer *timer, size_t item,
                      struct resource *resource, void *data)
{
    (void)item;
    struct firing *firing = data;
    if (firing->signal && (resource->is_deleted || !conditions_hold(play, timer, resource)))
        return;
    const struct change change = {.set = timer->set};
    int to = change_target(play, play_machine(play, resource), &timer->to);
    firing->fired++;
    if (to != STATE_NONE || timer->set.count)
        change_apply(play, resource, &change, to);
    if (timer->steps.count && !resource->is_deleted)
        steps_run(play, &timer->steps, resource);
}

/* $timer says which and when, $signal what came with it. */
static void bind_firing(struct play *play, const struct timer *timer, const struct firing *firing)
{
    cJSON *about = tree_object(play->arena);
    tree_set(play->arena, about, "due",
             time_form_node(play->eval.time_form, firing->due, play->arena));
    tree_set_string(play->arena, about, "name", timer->name);
    play_bind(play, "timer", about);
    if (!firing->signal)
        return;
    about = tree_object(play->arena);
    tree_set_string(play->arena, about, "name", firing->signal->name);
    if (firing->signal->data)
        tree_set(play->arena, about, "data", tree_copy(play->arena, firing->signal->data));
    play_bind(play, "signal", about);
}

static void fire(struct world *world, struct resource *resource, const struct timer *timer,
                 uint64_t key, struct firing *firing)
{
    struct arena *arena = arena_new();
    struct play play;
    store_hold(resource);
    play_begin(&play, world, state_played_of_kind(world, resource->kind), arena, key);
    play.cause = (struct move_cause){firing->signal ? CAUSE_SIGNAL : CAUSE_TIMER, timer->name,
                                     &timer->place, 0};
    world_view_bind(&play, resource);
    bind_firing(&play, timer, firing);
    for_each_item(&play, timer, &(struct items){firing->item, firing->all, fire_item, firing},
                  resource);
    if (!resource->is_deleted)
        timers_arm(&play, resource, false);
    play_end(&play);
    store_drop(world->store, resource);
    arena_free(arena);
}

static uint64_t firing_key(const struct world *world, const struct resource *resource,
                           const struct timer *timer, nanos due)
{
    uint64_t key = draw_hash_text(draw_hash_text(world->seed, world->name), resource->id);
    return draw_hash(draw_hash_text(key, timer->name), &due, sizeof due);
}

static void timer_due(void *data)
{
    struct armed_timer *armed = data;
    struct resource *resource = armed->live->resource;
    struct world *world = armed->live->world;
    const struct timer *timer = armed->timer;
    struct firing firing = {.due = armed->due, .item = armed->item};
    armed->event = NULL;
    if (timer->cron) { /* the next time has the same text: armed by forgetting this one */
        mem_free(armed->key);
        armed->key = NULL;
    }
    fire(world, resource, timer, firing_key(world, resource, timer, firing.due), &firing);
}

void timers_restore(struct world *world, struct resource *resource, const struct armed_timer *armed,
                    uint64_t sequence)
{
    struct live *live = live_of(world, resource);
    struct armed_timer *own = mem_alloc(sizeof *own);
    *own = *armed;
    own->live = live;
    own->key = armed->key ? mem_strdup(armed->key) : NULL;
    own->event =
        sequence ? queue_restore(world->queue, armed->due, sequence, timer_due, NULL, own) : NULL;
    if (own->event && own->timer->cron)
        queue_sort(world->queue, own->event, EVENT_RECURRING);
    vec_push(&live->timers, own);
}

/* ---- signals ---- */

static size_t give_signal(struct world *world, struct resource *resource,
                          const struct signal *signal, const struct kind *kind)
{
    size_t fired = 0;
    for (size_t i = 0; i < kind->timer_count && !resource->is_deleted; i++) {
        const struct timer *timer = &kind->timers[i];
        struct firing firing = {.due = world_now(world), .all = true, .signal = signal};
        if (!text_is(timer->signal, signal->name))
            continue;
        /* the same signal may come again at the same instant */
        uint64_t key = firing_key(world, resource, timer, firing.due);
        uint32_t seen = draws_seen(world->draws, key);
        key = draw_hash(key, &seen, sizeof seen);
        fire(world, resource, timer, key, &firing);
        fired += firing.fired;
    }
    return fired;
}

static bool listens(const struct kind *kind, const char *signal)
{
    for (size_t i = 0; i < kind->timer_count; i++)
        if (text_is(kind->timers[i].signal, signal))
            return true;
    return false;
}

size_t timers_signal(struct world *world, const struct signal *signal)
{
    size_t fired = 0;
    for (size_t i = 0; i < store_kind_count(world->store); i++) {
        const struct played *played = state_played_of_kind(world, (unsigned)i);
        const struct kind *kind = played ? played_at(played, (unsigned)i)->kind : NULL;
        if (!kind || (signal->provider && !text_is(signal->provider, played->provider->name)) ||
            !listens(kind, signal->name))
            continue;
        struct scan scan = {.limit = SIZE_MAX};
        struct scan_result result; /* of before: what is born now did not hear it */
        scan_run(store_index(world->store, (unsigned)i), &scan, &result);
        for (size_t j = 0; j < result.count; j++)
            store_hold(result.rows[j]);
        for (size_t j = 0; j < result.count; j++) {
            if (!signal->id || text_is(signal->id, result.rows[j]->id))
                fired += give_signal(world, result.rows[j], signal, kind);
            store_drop(world->store, result.rows[j]);
        }
        scan_release(&result);
    }
    return fired;
}
