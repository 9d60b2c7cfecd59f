/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it is in a world. `real` is the machine's time, `scaled:N` runs N times as fast from
 * the moment the world began, `virtual` stands still until it is set. The first two can be set,
 * too, and run on from there; frozen ones stand still until they are set or thawed. No clock goes
 * back. Guarded by the world's lock.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/instant.h"

#include <stdbool.h>
#include <stdint.h>

enum clock_mode { MODE_REAL, MODE_SCALED, MODE_VIRTUAL };

#define CLOCK_EPOCH ((nanos)1767225600 * NANOS_PER_SECOND) /* 2026-01-01T00:00:00Z */
enum { CLOCK_SCALE_MAX = 1000000 };

struct clock_settings {
    enum clock_mode mode;
    int64_t scale; /* MODE_SCALED: 1 .. CLOCK_SCALE_MAX */
    nanos epoch;   /* MODE_VIRTUAL: where time begins */
    nanos step; /* MODE_VIRTUAL: how far an answered service request moves time; 0 = not at all */
};

struct clock {
    struct clock_settings settings;
    nanos began;          /* instant when the world began */
    nanos base;           /* while it runs: its time when it was last set or thawed, */
    nanos base_monotonic; /* which was then on CLOCK_MONOTONIC */
    nanos still;          /* while it stands: its time */
    bool is_frozen;
};

/* Reads "real", "scaled:N" or "virtual" into `settings->mode` and `scale`. */
int clock_parse(const char *text, struct clock_settings *settings, struct error *err);
void clock_init(struct clock *clock, const struct clock_settings *settings);
nanos clock_now(const struct clock *clock);
bool clock_runs(const struct clock *clock); /* by itself: neither virtual nor frozen */
/*
 * As if it stood at this instant now, which may lie before the epoch: for a kept state. A real one
 * is the machine's, or later than that.
 */
void clock_resume(struct clock *clock, nanos instant);
/* Any clock; one that is later already stays as it is. */
void clock_set(struct clock *clock, nanos instant);
void clock_freeze(struct clock *clock); /* it may be frozen or thawed already */
void clock_thaw(struct clock *clock);
/* How far it is before (or, negative, behind) the machine's time; real clocks only, else 0. */
nanos clock_ahead(const struct clock *clock);
/* CLOCK_MONOTONIC at which the world's time will be `instant`; INT64_MAX while it stands. */
nanos clock_monotonic_at(const struct clock *clock, nanos instant);
