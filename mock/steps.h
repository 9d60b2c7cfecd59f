/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays step lists. One interpreter for requests, hooks, timers, callbacks (at once) and outcomes
 * (over time): a position is data, a stack of frames, so that it can wait for hours without a
 * thread. At once, `after` and `every` take no time.
 */
#pragma once

#include "mock/play.h"

enum frame_kind { FRAME_STEPS, FRAME_EACH, FRAME_REPEAT };

struct step_frame {
    enum frame_kind kind;
    const struct steps *steps;
    size_t index;
    bool waited, gated;      /* of the step at `index`: its time has passed, its `if` holds */
    const struct step *step; /* EACH, REPEAT: the step that it plays */
    cJSON *array;            /* EACH */
    size_t round;            /* EACH: items begun; REPEAT: rounds begun */
    bool has_with;           /* restore `$with` when it ends */
    const cJSON *outer_with;
};

struct stepper {
    struct arena *arena; /* for frames and arrays: lives as long as the position */
    struct {
        struct step_frame *items;
        size_t count, cap;
    } frames;
    struct resource *subject; /* what steps are about when they do not say */
    bool halted;              /* set from outside: stop after this step */
};

enum stepped { STEPPED_DONE, STEPPED_WAITS, STEPPED_SIGNAL, STEPPED_HALTED };

void stepper_init(struct stepper *stepper, struct arena *arena, const struct steps *steps,
                  struct resource *subject);
/* Plays on; for WAITS gives how long, for SIGNAL its name. `at_once`: never waits. */
enum stepped stepper_run(struct play *play, struct stepper *stepper, bool at_once, nanos *delay,
                         const char **signal);

/* All of them now, with names bound in a place of their own. */
void steps_run(struct play *play, const struct steps *steps, struct resource *subject);
/* The same, but what they bind stays visible: for the steps of a request. */
void steps_run_here(struct play *play, const struct steps *steps, struct resource *subject);
