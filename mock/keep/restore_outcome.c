/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An outcome goes on where it stood: the same steps by the same path, as long as they read the same
 * as when it was kept. What can not go on stands still: its resource keeps its state.
 */
#include "core/base/draw.h"
#include "mock/keep/restore_parts.h"
#include "mock/keep/snapshot_parts.h"
#include "mock/state.h"

#include <stdlib.h>

enum {
    NAME,
    FINGERPRINT,
    STATUS,
    DUE,
    ORDER,
    SIGNAL,
    QUEUE,
    QUEUED,
    DRAW_KEY,
    DRAWN,
    NAMES,
    FRAMES,
    REQUEST,
    MEMBERS
};
static const char *const member_names[MEMBERS] = {
    "name",   "fingerprint", "status", "due",   "order",  "signal", "queue",
    "queued", "draw_key",    "drawn",  "names", "frames", "request"};

/* ---- where it stands ---- */

enum {
    FRAME_IN,
    FRAME_STEP,
    FRAME_WAITED,
    FRAME_GATED,
    FRAME_ROUND,
    FRAME_ITEMS,
    FRAME_HAS_WITH,
    FRAME_OUTER_WITH,
    FRAME_MEMBERS
};
static const char *const frame_names[FRAME_MEMBERS] = {"in",    "step",  "waited",   "gated",
                                                       "round", "items", "has_with", "outer_with"};

enum { FRAMES_KEPT_MAX = 64 };

static const struct steps *steps_of(const struct step *step, const char *in,
                                    struct step_frame *frame)
{
    if (text_is(in, "else"))
        return step->otherwise.count ? &step->otherwise : NULL;
    if (text_is(in, "do") && step->verb == VERB_DO)
        return step->run.script ? &step->run.script->steps : &step->run.steps;
    frame->step = step;
    if (text_is(in, "each") && step->verb == VERB_EACH) {
        frame->kind = FRAME_EACH;
        return &step->each.steps;
    }
    if (text_is(in, "repeat") && step->verb == VERB_REPEAT) {
        frame->kind = FRAME_REPEAT;
        return &step->repeat.steps;
    }
    return NULL;
}

/* The steps that it is in, by the path from the outcome's own. False: they are not there. */
static bool find_steps(const struct playing *playing, const char *in, struct step_frame *frame)
{
    const struct stepper *stepper = &playing->stepper;
    if (!stepper->frames.count) {
        frame->steps = text_is(in, "steps") ? &playing->outcome->steps : NULL;
    } else {
        const struct step_frame *below = &stepper->frames.items[stepper->frames.count - 1];
        if (below->index < 1 || below->index > below->steps->count)
            return false;
        frame->steps = steps_of(&below->steps->items[below->index - 1], in, frame);
    }
    return frame->steps && frame->index <= frame->steps->count;
}

static void read_values(struct reading *reading, struct arena *arena, const struct str *values,
                        struct step_frame *frame)
{
    int64_t index = 0, round = 0;
    read_integer(reading, values[FRAME_STEP], 0, INT32_MAX, &index);
    read_integer(reading, values[FRAME_ROUND], 0, INT32_MAX, &round);
    read_flag(reading, values[FRAME_WAITED], &frame->waited);
    read_flag(reading, values[FRAME_GATED], &frame->gated);
    read_flag(reading, values[FRAME_HAS_WITH], &frame->has_with);
    frame->outer_with = read_tree(reading, arena, values[FRAME_OUTER_WITH]);
    frame->array = read_tree(reading, arena, values[FRAME_ITEMS]);
    frame->index = (size_t)index;
    frame->round = (size_t)round;
}

/* False: it stands at no such place. */
static bool read_frame(struct reading *reading, struct playing *playing, struct str piece)
{
    struct str values[FRAME_MEMBERS];
    struct step_frame frame = {.kind = FRAME_STEPS};
    if (!read_members(reading, piece, frame_names, FRAME_MEMBERS, values))
        return true; /* told */
    const char *in = read_text(reading, reading->scratch, values[FRAME_IN]);
    read_values(reading, playing->arena, values, &frame);
    if (playing->stepper.frames.count == FRAMES_KEPT_MAX || !find_steps(playing, in, &frame))
        return false;
    if (frame.kind == FRAME_EACH && !cJSON_IsArray(frame.array))
        reading_problem(reading, piece.ptr, "'items' of a loop is no array");
    vec_push_arena(playing->arena, &playing->stepper.frames, frame);
    return true;
}

static bool read_frames(struct reading *reading, struct playing *playing, struct str piece)
{
    struct json_walk walk;
    struct str item;
    playing->stepper.frames.count = 0;
    bool is_there = read_items(reading, piece, &walk);
    while (is_there && read_next(reading, &walk, &item))
        is_there = read_frame(reading, playing, item);
    return is_there && playing->stepper.frames.count > 0;
}

/* ---- what it remembers ---- */

enum { BOUND_NAME, BOUND_VALUE, BOUND_RESOURCE, BOUND_MEMBERS };
static const char *const bound_names[BOUND_MEMBERS] = {"name", "value", "resource"};

static void read_bound(struct restoring *restoring, struct playing *playing, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[BOUND_MEMBERS];
    int64_t serial = 0;
    if (!read_members(reading, piece, bound_names, BOUND_MEMBERS, values))
        return;
    const char *name = read_text(reading, playing->arena, values[BOUND_NAME]);
    read_integer(reading, values[BOUND_RESOURCE], 1, INT64_MAX - 1, &serial);
    struct resource *resource = restore_find(restoring, (uint64_t)serial);
    if (!name)
        reading_problem(reading, piece.ptr, "a name of an outcome has no 'name'");
    else if (resource)
        play_bind_resource(NULL, playing->env, name, resource);
    else if (serial)
        reading_problem(reading, piece.ptr, "'%s' is resource %lld, which is not here", name,
                        (long long)serial);
    else
        env_set(playing->env, name, read_tree(reading, reading->scratch, values[BOUND_VALUE]));
}

static void read_bounds(struct restoring *restoring, struct playing *playing, struct str piece)
{
    struct json_walk walk;
    struct str item;
    if (!read_items(restoring->reading, piece, &walk))
        return;
    while (read_next(restoring->reading, &walk, &item))
        read_bound(restoring, playing, item);
}

enum {
    REQUEST_METHOD,
    REQUEST_URL,
    REQUEST_PATH,
    REQUEST_QUERY,
    REQUEST_BODY,
    REQUEST_SENT,
    REQUEST_MEMBERS
};
static const char *const request_names[REQUEST_MEMBERS] = {"method", "url",  "path",
                                                           "query",  "body", "sent"};

static void read_request(struct reading *reading, struct playing *playing, struct str piece)
{
    struct str values[REQUEST_MEMBERS];
    struct request_snapshot *request = &playing->request;
    struct arena *arena = playing->arena;
    if (!piece.ptr || !read_members(reading, piece, request_names, REQUEST_MEMBERS, values))
        return;
    request->method = read_text(reading, arena, values[REQUEST_METHOD]);
    request->url = read_text(reading, arena, values[REQUEST_URL]);
    request->path = read_tree(reading, arena, values[REQUEST_PATH]);
    request->query = read_tree(reading, arena, values[REQUEST_QUERY]);
    request->body = read_tree(reading, arena, values[REQUEST_BODY]);
    request->sent =
        values[REQUEST_SENT].ptr ? read_tree(reading, arena, values[REQUEST_SENT]) : request->body;
}

/* ---- how it goes on ---- */

static void read_due(struct reading *reading, struct playing *playing, const struct str *values)
{
    nanos due = world_now(playing->world);
    int64_t order = 0;
    read_instant(reading, values[DUE], &due);
    read_integer(reading, values[ORDER], 1, INT64_MAX - 1, &order);
    outcome_restore_due(playing, due, (uint64_t)order);
}

static void read_status(struct restoring *restoring, struct playing *playing,
                        const struct str *values)
{
    struct reading *reading = restoring->reading;
    const char *status = read_text(reading, reading->scratch, values[STATUS]);
    int64_t place = INT64_MAX;
    playing->queue = read_text(reading, playing->arena, values[QUEUE]);
    playing->signal = read_text(reading, playing->arena, values[SIGNAL]);
    read_integer(reading, values[QUEUED], 1, INT32_MAX, &place);
    if (playing->queue)
        vec_push(&restoring->queued, ((struct queued_outcome){playing, place}));
    if (text_is(status, "due"))
        read_due(reading, playing, values);
    else if (text_is(status, "halted"))
        playing->status = PLAYING_HALTED;
    else if (text_is(status, "signal") && playing->signal)
        playing->status = PLAYING_SIGNAL;
    else if (text_is(status, "queued") && playing->queue)
        playing->status = PLAYING_QUEUED;
    else
        reading_problem(reading, values[NAME].ptr,
                        "'status' of an outcome is due, halted, signal (with 'signal') or queued "
                        "(with 'queue')");
}

/* NULL: it goes on; else why not. */
static const char *fill(struct restoring *restoring, struct playing *playing,
                        const struct str *values)
{
    struct reading *reading = restoring->reading;
    uint64_t fingerprint = 0, own;
    int64_t drawn = 0;
    read_hex(reading, values[FINGERPRINT], &fingerprint);
    if (!read_frames(reading, playing, values[FRAMES]))
        return "it stands at a step that is not there any more";
    own = outcome_fingerprint(playing->outcome, playing->stepper.frames.items,
                              playing->stepper.frames.count);
    if (values[FINGERPRINT].ptr && own != fingerprint)
        return "its steps have changed since it was kept";
    read_hex(reading, values[DRAW_KEY], &playing->draw_key);
    read_integer(reading, values[DRAWN], 0, INT64_MAX, &drawn);
    playing->drawn = (uint64_t)drawn;
    read_bounds(restoring, playing, values[NAMES]);
    read_request(reading, playing, values[REQUEST]);
    read_status(restoring, playing, values);
    return NULL;
}

static void stand_still(struct restoring *restoring, const struct resource *resource,
                        struct str piece, const char *name, const char *why)
{
    const struct played *played = state_played_of_kind(restoring->world, resource->kind);
    restoring->session->halted++;
    reading_remark(
        restoring->reading, piece.ptr, "the outcome '%s' of %s '%s' of '%s' stands still: %s", name,
        played_at(played, resource->kind)->kind->name, resource->id, played->provider->name, why);
}

static void restore_outcome(struct restoring *restoring, const struct later_outcome *later)
{
    struct reading *reading = restoring->reading;
    struct resource *resource = later->resource;
    const struct played *played = state_played_of_kind(restoring->world, resource->kind);
    const struct kind *kind = played_at(played, resource->kind)->kind;
    struct str values[MEMBERS];
    if (!read_members(reading, later->piece, member_names, MEMBERS, values))
        return;
    const char *name = read_text(reading, reading->scratch, values[NAME]);
    const struct outcome *outcome = name ? kind_outcome(kind, name) : NULL;
    if (!name) {
        reading_problem(reading, later->piece.ptr, "the outcome of '%s' has no 'name'",
                        resource->id);
        return;
    }
    if (!outcome) {
        stand_still(restoring, resource, later->piece, name, "its kind has no such outcome");
        return;
    }
    struct playing *playing = outcome_restore(restoring->world, played, outcome, resource);
    const char *why = fill(restoring, playing, values);
    if (why) {
        outcome_release(playing->live);
        stand_still(restoring, resource, later->piece, name, why);
        return;
    }
    outcome_restored(playing);
    restoring->session->outcomes++;
}

static int compare_places(const void *a, const void *b)
{
    int64_t one = ((const struct queued_outcome *)a)->place;
    int64_t other = ((const struct queued_outcome *)b)->place;
    return (one > other) - (one < other);
}

void restore_outcomes(struct restoring *restoring)
{
    const struct later_outcome *later;
    const struct queued_outcome *queued;
    vec_foreach (later, &restoring->later) {
        restore_outcome(restoring, later);
        arena_reset(restoring->reading->scratch);
    }
    if (restoring->queued.count)
        qsort(restoring->queued.items, restoring->queued.count, sizeof *restoring->queued.items,
              compare_places);
    vec_foreach (queued, &restoring->queued)
        vec_push(&state_of(restoring->world)->queued, queued->playing);
}
