/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listener on this machine's loopback for the calls that services make (x-dryrun-receive). It
 * answers 200 and keeps what came until somebody takes it. Any thread may ask.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/contract/parameters.h"

struct receivers;

struct delivery {
    const char *method, *query;
    struct header_fields headers;
    struct str body;
};

/* NULL and `err` when it cannot listen. */
struct receivers *receivers_new(struct error *err);
void receivers_free(struct receivers *receivers); /* NULL is fine */
/* "http://127.0.0.1:40123"; paths are the caller's. */
const char *receivers_url(const struct receivers *receivers);
/*
 * The oldest call to `path` that nobody has taken, copied into the arena; waits so long for one
 * (0: not at all). False when none came.
 */
bool receivers_take(struct receivers *receivers, const char *path, nanos wait, struct arena *arena,
                    struct delivery *out);
