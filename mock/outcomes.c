/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/outcomes.h"

#include "core/base/draw.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/criterion.h"
#include "core/expr/template.h"
#include "mock/exchange.h"
#include "mock/state.h"
#include "mock/timers.h"
#include "mock/world_view.h"

enum { PLAYING_LEAST = 4096 + 64 }; /* an arena's first block */

/* ---- the end ---- */

/* The next one with the same queue text begins when the one before has stopped or halted. */
static void let_next_begin(struct playing *playing);

static void free_playing(struct playing *playing)
{
    queue_cancel(playing->world->queue, playing->event);
    let_next_begin(playing);
    state_playing_remove(playing->world, playing);
    env_drop(playing->env, playing->world->store);
    playing->live->playing = NULL;
    world_let_go(playing->world, playing->bytes);
    playing_unref(playing);
}

struct playing *playing_ref(struct playing *playing)
{
    atomic_fetch_add_explicit(&playing->references, 1, memory_order_relaxed);
    return playing;
}

void playing_unref(struct playing *playing)
{
    if (atomic_fetch_sub_explicit(&playing->references, 1, memory_order_acq_rel) == 1)
        arena_free(playing->arena);
}

void outcome_release(struct live *live)
{
    if (live->playing)
        free_playing(live->playing);
}

void outcome_end(struct play *play, struct resource *resource)
{
    struct live *live = live_find(resource);
    if (!live || !live->playing || play->rehearsal)
        return;
    if (play->playing == live->playing)
        live->playing->stepper.halted = true; /* it ends when its step is done */
    else
        free_playing(live->playing);
}

/* ---- playing on ---- */

static void outcome_due(void *data);

static void count_bytes(struct playing *playing)
{
    size_t bytes = sizeof(struct arena) + arena_bytes(playing->arena);
    bytes = bytes > PLAYING_LEAST ? bytes : PLAYING_LEAST;
    world_let_go(playing->world, playing->bytes);
    world_hold(playing->world, bytes);
    playing->bytes = bytes;
}

static void schedule(struct playing *playing, nanos delay)
{
    nanos due;
    if (__builtin_add_overflow(world_now(playing->world), delay, &due))
        due = INT64_MAX;
    playing->status = PLAYING_DUE;
    playing->event = queue_add(playing->world->queue, due, outcome_due, NULL, playing);
}

static bool waits_now(const struct playing *playing)
{
    const struct resource *owner = playing->live->resource;
    const struct kind_play *kind = played_at(playing->played, owner->kind);
    return (kind->kind->machine->waits & STATE_BIT(owner->state)) != 0;
}

static void after_steps(struct playing *playing, enum stepped stepped, nanos delay,
                        const char *signal)
{
    if (stepped == STEPPED_WAITS) {
        schedule(playing, delay);
    } else if (stepped == STEPPED_SIGNAL) {
        playing->status = PLAYING_SIGNAL;
        playing->signal = signal;
    } else if (stepped == STEPPED_HALTED && !playing->live->resource->is_deleted &&
               waits_now(playing)) {
        playing->status = PLAYING_HALTED;
        playing->stepper.halted = false;
        let_next_begin(playing);
    } else {
        free_playing(playing);
    }
}

static void outcome_due(void *data)
{
    struct playing *playing = data;
    struct world *world = playing->world;
    struct arena *arena = arena_new();
    struct play play;
    nanos delay = 0;
    const char *signal = NULL;
    playing->event = NULL;
    play_begin(&play, world, playing->played, arena, playing->draw_key);
    play.eval.drawn = playing->drawn;
    play.playing = playing;
    play.cause = (struct move_cause){CAUSE_OUTCOME, playing->outcome->name, NULL, 0};
    play.env = playing->env;
    /* its resource may go while it plays: what is left of it is looked at afterwards */
    struct live *live = playing->live;
    struct resource *owner = store_hold(live->resource);
    enum stepped stepped = stepper_run(&play, &playing->stepper, false, &delay, &signal);
    playing->drawn = play.eval.drawn;
    if (play.eval.problem)
        log_line(LEVEL_WARNING, "outcome '%s' of '%s': %s", playing->outcome->name, owner->id,
                 play.eval.problem);
    play_end(&play);
    if (live->playing == playing) { /* else its own steps started another one */
        env_forget_parsed(playing->env);
        count_bytes(playing);
        after_steps(playing, playing->stepper.halted ? STEPPED_HALTED : stepped, delay, signal);
    }
    store_drop(world->store, owner);
    arena_free(arena);
}

void outcome_moved(struct play *play, struct resource *resource, int to)
{
    struct live *live = live_find(resource);
    const struct machine *machine = play_machine(play, resource);
    if (!live || !live->playing || play->rehearsal)
        return;
    struct playing *playing = live->playing;
    if (play->playing == playing) {
        if (machine->waits & STATE_BIT(to))
            playing->stepper.halted = true;
        return;
    }
    if (!(machine->open & STATE_BIT(to)) || (machine->terminal & STATE_BIT(to)))
        free_playing(playing);
    else if (playing->status == PLAYING_HALTED && play->exchange &&
             !(machine->waits & STATE_BIT(to)))
        vec_push_arena(play->arena, &play->resumes, playing);
}

void outcome_resume(struct play *play, struct playing *playing)
{
    exchange_snapshot(play->exchange, playing->arena, &playing->request);
    if (playing->status == PLAYING_HALTED)
        schedule(playing, 0);
}

/* ---- the beginning ---- */

static const struct outcome *choose(struct play *play, const struct kind *kind)
{
    for (size_t i = 0; i < kind->outcomes.choice_count; i++) {
        const struct choice *choice = &kind->outcomes.choices[i];
        if (criterion_gate(choice->when, choice->unless, &play->eval) != TRUTH_TRUE)
            continue;
        if (choice->outcome)
            return choice->outcome;
        const char *name = template_text(choice->value, &play->eval);
        return name ? kind_outcome(kind, name) : NULL;
    }
    return kind->outcomes.count ? &kind->outcomes.items[0] : NULL;
}

/* The names that its steps may read: those of the steps that started it, and its owner. */
static struct env *make_env(struct play *play, struct playing *playing, const struct env *from)
{
    struct env *env = env_new(playing->arena, NULL);
    env->is_lasting = true;
    for (; from; from = from->outer)
        for (size_t i = 0; i < from->count; i++) {
            const struct bound *bound = &from->items[i];
            bool hidden = false;
            for (size_t j = 0; j < env->count && !hidden; j++)
                hidden = text_is(env->items[j].name, bound->name);
            if (hidden)
                continue;
            if (bound->resource)
                play_bind_resource(play, env, bound->name, bound->resource);
            else
                env_set(env, bound->name, bound->value);
        }
    return env;
}

static void bind_owner(struct play *play, struct env *env, struct resource *owner)
{
    const struct kind *kind = play_kind(play, owner)->kind;
    play_bind_resource(play, env, kind->name, owner);
    play_bind_resource(play, env, kind->machine->name, owner);
    play_bind_resource(play, env, "resource", owner);
}

/* Of what was started by no steps, such as the seed: what it links to. */
static void bind_links(struct play *play, struct env *env, struct resource *owner)
{
    struct env *outer = play->env;
    play->env = env;
    world_view_bind(play, owner);
    play->env = outer;
}

const struct outcome *outcome_pick(struct play *play, const struct pending_start *start)
{
    const struct kind *kind = play_kind(play, start->resource)->kind;
    const struct outcome *outcome = start->outcome;
    if (!outcome)
        outcome = state_forced_outcome(play, kind);
    if (outcome)
        return outcome;
    struct env *outer = play->env;
    play->env = env_new(play->arena, start->env ? start->env : outer);
    world_view_bind(play, start->resource);
    outcome = choose(play, kind);
    play->env = outer;
    return outcome;
}

static struct playing *make_playing(struct world *world, const struct played *played,
                                    const struct outcome *outcome, struct resource *owner)
{
    struct arena *arena = arena_new();
    struct playing *playing = arena_alloc(arena, sizeof *playing);
    playing->arena = arena;
    playing->world = world;
    playing->played = played;
    playing->outcome = outcome;
    playing->live = live_of(world, owner);
    atomic_init(&playing->references, 1);
    return playing;
}

struct playing *outcome_restore(struct world *world, const struct played *played,
                                const struct outcome *outcome, struct resource *owner)
{
    struct playing *playing = make_playing(world, played, outcome, owner);
    playing->env = env_new(playing->arena, NULL);
    playing->env->is_lasting = true;
    stepper_init(&playing->stepper, playing->arena, &outcome->steps, owner);
    playing->status = PLAYING_HALTED;
    playing->live->playing = playing;
    return playing;
}

void outcome_restored(struct playing *playing)
{
    count_bytes(playing);
}

void outcome_restore_due(struct playing *playing, nanos due, uint64_t sequence)
{
    playing->status = PLAYING_DUE;
    playing->event =
        queue_restore(playing->world->queue, due, sequence, outcome_due, NULL, playing);
}

void outcome_start(struct play *play, const struct pending_start *start)
{
    struct resource *owner = start->resource;
    const struct outcome *outcome = owner->is_deleted ? NULL : outcome_pick(play, start);
    struct live *known = live_find(owner);
    if (!outcome)
        return;
    if (known && known->playing)
        free_playing(known->playing);
    if (!outcome->steps.count)
        return; /* nothing ever happens */
    struct playing *playing = make_playing(play->world, play->played, outcome, owner);
    struct arena *arena = playing->arena;
    playing->env = make_env(play, playing, start->env);
    bind_owner(play, playing->env, owner);
    if (!start->env)
        bind_links(play, playing->env, owner);
    playing->draw_key = draw_hash_text(eval_draw(&play->eval), owner->id);
    playing->queue = arena_strdup(arena, start->queue);
    const struct kind_play *kind = play_kind(play, owner);
    if (kind->reads_request[outcome - kind->kind->outcomes.items])
        exchange_snapshot(play->exchange, arena, &playing->request);
    stepper_init(&playing->stepper, arena, &outcome->steps, owner);
    playing->live->playing = playing;
    count_bytes(playing);
    if (state_playing_add(play->world, playing))
        playing->status = PLAYING_QUEUED;
    else
        schedule(playing, 0);
}

/* ---- queues, signals ---- */

static void let_next_begin(struct playing *playing)
{
    struct playing *next = state_playing_next(playing->world, playing);
    if (next)
        schedule(next, 0);
}

struct signalling {
    const struct signal *signal;
    size_t count;
};

static void give_signal(struct playing *playing, void *data)
{
    struct signalling *signalling = data;
    const struct signal *signal = signalling->signal;
    if (playing->status != PLAYING_SIGNAL || !text_is(playing->signal, signal->name) ||
        (signal->id && !text_is(signal->id, playing->live->resource->id)) ||
        (signal->provider && !text_is(signal->provider, playing->played->provider->name)))
        return;
    schedule(playing, 0);
    signalling->count++;
}

size_t outcome_signal(struct world *world, const struct signal *signal)
{
    struct signalling signalling = {signal, 0};
    state_each_playing(world, give_signal, &signalling);
    return signalling.count;
}

bool outcome_postpone(const struct resource *resource, nanos by)
{
    const struct live *live = live_find(resource);
    struct playing *playing = live ? live->playing : NULL;
    nanos due;
    if (!playing || playing->status != PLAYING_DUE || !playing->event)
        return false;
    if (__builtin_add_overflow(queue_event_due(playing->event), by, &due))
        due = INT64_MAX;
    queue_cancel(playing->world->queue, playing->event);
    playing->event = queue_add(playing->world->queue, due, outcome_due, NULL, playing);
    return true;
}

nanos outcome_next(const struct resource *resource)
{
    const struct live *live = live_find(resource);
    nanos next = HORIZON_NONE;
    if (!live)
        return next;
    const struct playing *playing = live->playing;
    if (playing && playing->status == PLAYING_QUEUED) /* then by what is ahead of it */
        playing = state_playing_ahead(live->world, playing);
    if (playing && playing->status == PLAYING_DUE && playing->event)
        next = queue_event_due(playing->event);
    for (size_t i = 0; i < live->timers.count; i++)
        if (live->timers.items[i]->event && live->timers.items[i]->due < next)
            next = live->timers.items[i]->due;
    return next;
}
