/* SPDX-License-Identifier: Apache-2.0 */
/* `dryrun check --against`: the other side, and both laid side by side (docs/DRIFT.md). */
#pragma once

#include "cli/check_targets.h"
#include "runner/drift/drift.h"
#include "runner/play/jobs.h"

struct against {
    struct check_side side;
    struct runner_options options;
};

/* Finds the other side of `left`, whose runner has `options`. 0, or -1 and `err`, or findings. */
int against_begin(struct against *against, const struct check_side *left,
                  const struct runner_options *options, struct findings *findings,
                  struct error *err);
/* Plays it, when the first side could be played, and compares the two. In the arena. */
struct drift *against_play(struct against *against, const struct check_side *left,
                           const struct jobs *jobs, struct http_client *(*new_client)(void *data),
                           void *data);
void against_end(struct against *against);
