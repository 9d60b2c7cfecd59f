/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workflows by many threads (-j): each is played by a runner of its own, in a session of its own on
 * our mock; results come together in the order of the documents, as if one had played them all.
 * Foreign services have no sessions, so what is done to them is done by one thread.
 */
#pragma once

#include "runner/play/play.h"

struct job {
    const struct arazzo_workflow *workflow;
};

struct jobs {
    VEC(struct job);
};

/* Adds the workflows of a document that are begun by themselves; `wanted` (may be NULL) picks. */
void jobs_add(struct arena *arena, struct jobs *jobs, const struct arazzo *document,
              bool (*wanted)(void *data, const struct arazzo_workflow *workflow), void *data);
/*
 * Plays them with so many threads; what has become of them is the runner's. `options` are those of
 * the runner; each thread has an HTTP client made by `new_client`, and secrets of its own
 * meanwhile.
 */
void jobs_play(struct runner *runner, const struct jobs *jobs, size_t threads,
               struct http_client *(*new_client)(void *data), void *data);
