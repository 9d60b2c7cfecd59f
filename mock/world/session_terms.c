/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/session_terms.h"

struct session_terms *session_terms_new(void)
{
    struct arena *arena = arena_new();
    struct session_terms *terms = arena_alloc(arena, sizeof *terms);
    terms->arena = arena;
    terms->expires_after = SESSION_IDLE_AS_ALL;
    atomic_init(&terms->references, 1);
    return terms;
}

struct session_terms *session_terms_ref(struct session_terms *terms)
{
    if (terms)
        atomic_fetch_add_explicit(&terms->references, 1, memory_order_relaxed);
    return terms;
}

void session_terms_unref(struct session_terms *terms)
{
    if (terms && atomic_fetch_sub_explicit(&terms->references, 1, memory_order_acq_rel) == 1)
        arena_free(terms->arena);
}
