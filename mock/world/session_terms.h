/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a session was declared: what its world is made with, each time that it is made anew. Never
 * changed once it is shared, and counted.
 */
#pragma once

#include "core/base/arena.h"
#include "mock/world/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SESSION_IDLE_AS_ALL = -1 };

struct session_terms {
    struct arena *arena; /* of itself and its texts */
    _Atomic unsigned references;
    bool has_seed, has_clock;
    uint64_t seed;
    struct clock_settings clock;
    unsigned participants;       /* 0 = as for all */
    nanos expires_after;         /* 0 = never, SESSION_IDLE_AS_ALL */
    const char *const *outcomes; /* PROVIDER.MACHINE=NAME, or shorter where one alone has it */
    size_t outcome_count;
};

struct session_terms *session_terms_new(void); /* nothing is said yet; one reference */
struct session_terms *session_terms_ref(struct session_terms *terms); /* NULL is fine */
void session_terms_unref(struct session_terms *terms);                /* NULL is fine */
