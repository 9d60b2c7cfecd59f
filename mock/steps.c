/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/steps.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/expr/criterion.h"
#include "core/expr/template.h"
#include "core/expr/time_form.h"
#include "mock/change.h"
#include "mock/events.h"
#include "mock/exchange.h"
#include "mock/outcomes.h"
#include "mock/pretence.h"
#include "mock/world_view.h"

enum { FRAMES_MAX = 64, ROUNDS_MAX = 100000 };

/* ---- time ---- */

static nanos delay_of(struct play *play, const struct delay *delay)
{
    nanos length = 0;
    if (delay->kind == DELAY_FIXED)
        length = delay->least;
    if (delay->kind == DELAY_TEMPLATE)
        duration_read(template_value(delay->value, &play->eval), &length);
    if (delay->kind == DELAY_BETWEEN) {
        struct draw draw = draw_from(eval_draw(&play->eval));
        length =
            delay->least + (nanos)draw_below(&draw, (uint64_t)(delay->most - delay->least) + 1);
    }
    return length > 0 ? length : 0;
}

static nanos backoff_of(const struct repeat *repeat, size_t round)
{
    double length = (double)repeat->delay;
    for (size_t i = 2; i < round && length < 1e18; i++)
        length *= repeat->factor;
    nanos pause = length < 1e18 ? (nanos)length : INT64_MAX / 4;
    return repeat->max && pause > repeat->max ? repeat->max : pause;
}

/* ---- verbs that act ---- */

static void do_change(struct play *play, const struct step *step, struct resource *subject)
{
    const struct machine *machine = play_machine(play, subject);
    int to = change_target(play, machine, &step->change.to);
    change_apply(play, subject, &step->change, to);
}

static void push_start(struct play *play, const struct start *start, struct resource *resource)
{
    struct pending_start pending = {.resource = resource, .env = play->env};
    const struct kind *kind = play_kind(play, resource)->kind;
    const char *name = start->outcome ? template_text(start->outcome, &play->eval) : start->name;
    if (name && !text_is(name, "choose"))
        pending.outcome = kind_outcome(kind, name);
    pending.queue = template_text(start->queue, &play->eval);
    play_hold(play, resource);
    vec_push_arena(play->arena, &play->starts, pending);
}

/* What `same` finds, unless a fault has it forgotten. */
static struct resource *made_before(struct play *play, const struct create *create)
{
    struct resource *same = play_resource(play, template_value(create->same, &play->eval));
    struct pretence *pretence = play->exchange ? play->exchange->pretence : NULL;
    if (!pretence || !create->same)
        return same;
    pretence->same = create->same;
    pretence->is_repeat = same && !pretence->forgets_repeats;
    if (!same || pretence->is_repeat)
        return same;
    pretence->twin = pretence->twin ? pretence->twin : same;
    return NULL;
}

static void do_create(struct play *play, const struct step *step, struct resource *subject)
{
    (void)subject;
    const struct kind_play *kind = played_kind(play->played, step->create.kind);
    if (!kind) /* of documents that were loaded again since these steps began */
        return;
    struct create now = step->create;
    const struct create *create = &now;
    const struct machine *machine = kind->kind->machine;
    now.kind = kind->kind;
    struct resource *same = made_before(play, create);
    play_bind(play, "repeated", tree_bool(play->arena, same != NULL));
    if (same) { /* asked for again: what was made then */
        play_bind_resource(play, play->env, step->as ? step->as : create->kind->name, same);
        exchange_made(play->exchange, same);
        return;
    }
    int state = change_target(play, machine, &create->to);
    if (state == STATE_NONE)
        state = exchange_birth_state(play->exchange, machine);
    struct resource *made = change_create(play, create, state);
    if (!made)
        return;
    play_bind_resource(play, play->env, step->as ? step->as : create->kind->name, made);
    exchange_made(play->exchange, made);
    if (!create->start.wanted)
        return;
    /* chosen at once, so that the answer may tell of it */
    push_start(play, &create->start, made);
    struct pending_start *start = &play->starts.items[play->starts.count - 1];
    start->outcome = outcome_pick(play, start);
    if (start->outcome)
        play_bind(play, "outcome", tree_string(play->arena, start->outcome->name));
}

static void do_copy(struct play *play, const struct step *step, struct resource *subject)
{
    (void)subject;
    struct resource *of = play_resource(play, template_value(step->copy.of, &play->eval));
    struct resource *twin = of ? change_copy(play, of, &step->copy) : NULL;
    if (!twin)
        return;
    play_bind_resource(play, play->env, step->as ? step->as : "copy", twin);
    exchange_made(play->exchange, twin);
}

static void do_emit(struct play *play, const struct step *step, struct resource *subject)
{
    const struct emit *emit = &step->emit;
    const char *name = emit->name ? emit->name : template_text(emit->name_value, &play->eval);
    const cJSON *data = template_value(emit->data, &play->eval);
    if (name)
        events_add(play, subject, name, data);
}

static void do_let(struct play *play, const struct step *step, struct resource *subject)
{
    (void)subject;
    for (size_t i = 0; i < step->let.count; i++)
        play_bind(play, step->let.items[i].name,
                  template_eval(step->let.items[i].value, &play->eval));
}

static void do_start(struct play *play, const struct step *step, struct resource *subject)
{
    push_start(play, &step->start, subject);
}

static void do_call(struct play *play, const struct step *step, struct resource *subject)
{
    struct pending_call call = {step->call, subject};
    play_hold(play, subject);
    vec_push_arena(play->arena, &play->calls, call);
}

static const struct act {
    void (*act)(struct play *play, const struct step *step, struct resource *subject);
    bool needs_subject;
} acts[VERBS] = {
    [VERB_CHANGE] = {do_change, true}, [VERB_CREATE] = {do_create, false},
    [VERB_COPY] = {do_copy, false},    [VERB_EMIT] = {do_emit, true},
    [VERB_LET] = {do_let, false},      [VERB_START] = {do_start, true},
    [VERB_CALL] = {do_call, true},
};

/* ---- frames ---- */

static struct step_frame *push(struct stepper *stepper, enum frame_kind kind,
                               const struct steps *steps)
{
    struct step_frame frame = {.kind = kind, .steps = steps};
    vec_push_arena(stepper->arena, &stepper->frames, frame);
    return &stepper->frames.items[stepper->frames.count - 1];
}

static void push_each(struct play *play, struct stepper *stepper, const struct step *step)
{
    const cJSON *items = template_value(step->each.in, &play->eval);
    struct step_frame *frame = push(stepper, FRAME_EACH, &step->each.steps);
    frame->step = step;
    frame->index = step->each.steps.count; /* the first round begins like every other */
    frame->array = tree_array(stepper->arena);
    const cJSON *item;
    cJSON_ArrayForEach (item, items) {
        cJSON *copy = tree_copy(stepper->arena, item);
        if (cJSON_IsObject(items)) {
            cJSON *pair = tree_object(stepper->arena);
            tree_set_string(stepper->arena, pair, "key", item->string);
            tree_set(stepper->arena, pair, "value", copy);
            copy = pair;
        }
        tree_append(frame->array, copy);
    }
}

static void push_run(struct play *play, struct stepper *stepper, const struct step *step)
{
    const struct run_steps *run = &step->run;
    struct step_frame *frame =
        push(stepper, FRAME_STEPS, run->script ? &run->script->steps : &run->steps);
    if (!run->with.count)
        return;
    cJSON *with = tree_object(stepper->arena);
    for (size_t i = 0; i < run->with.count; i++) {
        cJSON *value = template_eval(run->with.items[i].value, &play->eval);
        if (value)
            tree_set(stepper->arena, with, run->with.items[i].name,
                     tree_copy(stepper->arena, value));
    }
    frame->has_with = true;
    frame->outer_with = scope_find(&play->eval, STR_LITERAL("with"));
    play_bind(play, "with", with);
}

static void pop(struct play *play, struct stepper *stepper)
{
    struct step_frame *frame = &stepper->frames.items[--stepper->frames.count];
    if (frame->has_with)
        play_bind(play, "with", frame->outer_with);
}

/* An item that stands for a resource is bound as that resource, so that steps may be about it. */
static void bind_item(struct play *play, const struct step *step, const cJSON *item)
{
    const char *name = step->each.as ? step->each.as : "item";
    struct resource *resource = play_resource(play, item);
    if (resource)
        play_bind_resource(play, play->env, name, resource);
    else
        play_bind(play, name, item);
}

/* The next round of a loop, or its end. False: there is time to pass before it. */
static bool next_round(struct play *play, struct stepper *stepper, nanos *delay, bool at_once)
{
    struct step_frame *frame = &stepper->frames.items[stepper->frames.count - 1];
    const struct step *step = frame->step;
    if (frame->kind == FRAME_EACH) {
        const cJSON *item = tree_at(frame->array, frame->round);
        if (!item) {
            pop(play, stepper);
            return true;
        }
        if (!frame->waited && step->each.every.kind != DELAY_NONE && !at_once) {
            frame->waited = true;
            *delay = delay_of(play, &step->each.every);
            return false;
        }
        frame->round++;
        bind_item(play, step, item);
    } else {
        int64_t times = ROUNDS_MAX;
        const cJSON *limit = template_value(step->repeat.times, &play->eval);
        tree_as_int64(limit, &times);
        bool again = (int64_t)frame->round < times &&
                     (!frame->round || !step->repeat.while_ ||
                      criterion_eval(step->repeat.while_, &play->eval) == TRUTH_TRUE);
        if (!again) {
            pop(play, stepper);
            return true;
        }
        if (!frame->waited && frame->round && step->repeat.delay && !at_once) {
            frame->waited = true;
            *delay = backoff_of(&step->repeat, frame->round + 1);
            return false;
        }
        frame->round++;
        play_bind(play, "round", tree_integer(play->arena, (int64_t)frame->round));
    }
    frame->waited = false;
    frame->index = 0;
    return true;
}

static void act(struct play *play, struct stepper *stepper, const struct step *step)
{
    struct resource *subject = stepper->subject;
    if (step->verb == VERB_EACH) {
        push_each(play, stepper, step);
    } else if (step->verb == VERB_DO) {
        push_run(play, stepper, step);
    } else if (step->verb == VERB_REPEAT) {
        struct step_frame *frame = push(stepper, FRAME_REPEAT, &step->repeat.steps);
        frame->step = step;
        frame->index = step->repeat.steps.count;
    } else {
        if (step->subject)
            subject = play_resource(play, template_value(step->subject, &play->eval));
        if (acts[step->verb].needs_subject && (!subject || subject->is_deleted))
            return; /* what it was about is gone */
        const struct place *before = play->cause.place;
        play->cause.place = &step->place;
        acts[step->verb].act(play, step, subject);
        play->cause.place = before;
    }
}

void stepper_init(struct stepper *stepper, struct arena *arena, const struct steps *steps,
                  struct resource *subject)
{
    *stepper = (struct stepper){.arena = arena, .subject = subject};
    push(stepper, FRAME_STEPS, steps);
}

/* `if` is asked first: what it skips takes no time. */
static bool gate(struct play *play, struct stepper *stepper, struct step_frame *frame)
{
    const struct step *step = &frame->steps->items[frame->index];
    if (frame->gated || criterion_gate(step->when, step->unless, &play->eval) == TRUTH_TRUE) {
        frame->gated = true;
        return true;
    }
    frame->index++;
    if (step->otherwise.count)
        push(stepper, FRAME_STEPS, &step->otherwise);
    return false;
}

enum stepped stepper_run(struct play *play, struct stepper *stepper, bool at_once, nanos *delay,
                         const char **signal)
{
    while (stepper->frames.count && stepper->frames.count < FRAMES_MAX) {
        struct step_frame *frame = &stepper->frames.items[stepper->frames.count - 1];
        if (frame->index >= frame->steps->count) {
            if (frame->kind == FRAME_STEPS)
                pop(play, stepper);
            else if (!next_round(play, stepper, delay, at_once))
                return STEPPED_WAITS;
            continue;
        }
        if (!gate(play, stepper, frame))
            continue;
        const struct step *step = &frame->steps->items[frame->index];
        if (step->after.kind != DELAY_NONE && !frame->waited && !at_once) {
            frame->waited = true;
            if (step->after.kind == DELAY_SIGNAL) {
                *signal = step->after.signal;
                return STEPPED_SIGNAL;
            }
            *delay = delay_of(play, &step->after);
            return STEPPED_WAITS;
        }
        frame->waited = frame->gated = false;
        frame->index++;
        act(play, stepper, step);
        if (stepper->halted)
            return STEPPED_HALTED;
    }
    return STEPPED_DONE;
}

void steps_run_here(struct play *play, const struct steps *steps, struct resource *subject)
{
    struct stepper stepper;
    nanos delay;
    const char *signal;
    stepper_init(&stepper, play->arena, steps, subject);
    stepper_run(play, &stepper, true, &delay, &signal);
}

void steps_run(struct play *play, const struct steps *steps, struct resource *subject)
{
    struct env *outer = play->env;
    play->env = env_new(play->arena, outer);
    if (subject)
        world_view_bind(play, subject);
    steps_run_here(play, steps, subject);
    play->env = outer;
}
