/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a resource unfolds over time. A playing outcome is a position in compiled steps with its own
 * names; it is an event in the queue, or it waits for a client or a signal. Nothing of it is a
 * thread. Everything is called with the world's lock held.
 */
#pragma once

#include "mock/live.h"
#include "mock/steps.h"

enum playing_status { PLAYING_DUE, PLAYING_HALTED, PLAYING_SIGNAL, PLAYING_QUEUED };

/* What `$request` means in the steps of an outcome: the request that started or resumed it. */
struct request_snapshot {
    const char *method, *url;
    cJSON *path, *query, *header, *body, *sent;
};

struct playing {
    struct arena *arena; /* of everything in it; goes with it */
    struct world *world;
    const struct played *played;
    const struct outcome *outcome;
    struct live *live;
    struct env *env;
    struct stepper stepper;
    struct request_snapshot request;
    struct event *event; /* DUE */
    enum playing_status status;
    const char *signal; /* SIGNAL */
    const char *queue;  /* outcomes with one text run one after the other; NULL */
    uint64_t draw_key, drawn;
    struct playing *queue_next;
    size_t bytes;                /* counted for it */
    _Atomic unsigned references; /* of its memory: values that it reads never change */
};

/* Whoever reads its memory without the lock; what is in it may have been replaced meanwhile. */
struct playing *playing_ref(struct playing *playing);
void playing_unref(struct playing *playing);

/* One that goes on from a kept state: its names, frames and status are the caller's to fill. */
struct playing *outcome_restore(struct world *world, const struct played *played,
                                const struct outcome *outcome, struct resource *owner);
void outcome_restored(struct playing *playing); /* all of it is there: its memory is counted */
void outcome_restore_due(struct playing *playing, nanos due, uint64_t sequence);

/* Which outcome it will be: forced, or by the kind's choices. NULL = none. */
const struct outcome *outcome_pick(struct play *play, const struct pending_start *start);
void outcome_start(struct play *play, const struct pending_start *start);
void outcome_resume(struct play *play, struct playing *playing);
/* A resource has reached a state: its outcome halts, is resumed or ends. */
void outcome_moved(struct play *play, struct resource *resource, int to);
void outcome_end(struct play *play, struct resource *resource);
void outcome_release(struct live *live);
/* Lets every outcome of the world go on that waits for this signal (of one resource, or of all). */
struct signal;
size_t outcome_signal(struct world *world, const struct signal *signal);
/* What it would do next it does so much later; false: it waits for a client, or for nothing. */
bool outcome_postpone(const struct resource *resource, nanos by);
/* When the resource moves next by itself; HORIZON_NONE when it waits. For streams. */
nanos outcome_next(const struct resource *resource);
