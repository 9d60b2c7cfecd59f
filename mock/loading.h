/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When providers are loaded: all before listening, or each when it is first asked for, and again
 * when its documents have changed (mock/reload.h). Until then a provider that nobody asked for is
 * played by a stub: its name, and nothing that it could do. Each loading is a generation; none is
 * freed before the mock ends, because resources, outcomes and journals speak of it by address.
 */
#pragma once

#include "core/base/vec.h"
#include "mock/mock.h"

#include <pthread.h>

enum { SLOTS_MAX = 64 }; /* bits of a world's `furnished` */

/* The place of one provider in the mock; what plays there is mock->played at the same place. */
struct slot {
    const char *name;
    const struct mock_document *document; /* NULL: a provider */
    pthread_mutex_t lock;                 /* held while it is loaded */
    atomic_bool is_done;
    uint64_t files; /* hash of the documents that were loaded last, or tried */
    nanos loaded_at;
    nanos failed_at;          /* 0: the last try went well */
    struct findings findings; /* of the last try; under the lock of `loading` */
};

struct kind_place {
    const struct slot *slot;
    char *name;
};

struct loading {
    struct slot *slots;
    size_t capacity;
    pthread_mutex_t lock;   /* of the places of kinds, of arenas, of findings */
    pthread_mutex_t reload; /* one at a time */
    struct {
        VEC(struct kind_place);
    } kinds; /* their places in every store */
    struct {
        VEC(struct arena *);
    } arenas; /* of all generations */
};

/* Loads all, or puts stubs (mock->is_lazy). -1: findings (or `err`) say why. */
int loading_start(struct mock *mock, struct findings *findings, struct error *err);
void loading_free(struct mock *mock);

/* The one at this place, loaded now if it was not. */
const struct played *loading_get(struct mock *mock, size_t index);
void loading_get_all(struct mock *mock);

/* Seeds a new world with what is loaded; its lock is held. */
void loading_furnish_new(struct mock *mock, struct world *world);
/* Seeds a world with a provider that came later; nothing happens the second time. */
void loading_furnish(struct mock *mock, struct world *world, const struct played *played);
/* Loads all that there is, and lets the world play the newest of each (with `seeds_on_demand` not
 * what nobody asked for). */
void loading_furnish_all(struct mock *mock, struct world *world);

/* For mock/reload.c. */
struct slot *loading_slot(struct mock *mock, const char *name,
                          const struct mock_document *document); /* NULL: there are too many */
struct arena *loading_arena(struct mock *mock);                  /* goes with the mock, or: */
void loading_drop_arena(struct mock *mock, struct arena *arena);
/* The documents as they are now, in the arena; NULL: findings say why. */
struct played *loading_make(struct mock *mock, struct slot *slot, struct arena *arena,
                            struct findings *findings);
struct played *loading_stub(struct mock *mock, struct slot *slot, struct arena *arena,
                            const char *failure);
void loading_publish(struct mock *mock, struct played *played); /* the next generation */
void loading_keep_findings(struct mock *mock, struct slot *slot,
                           struct findings *findings); /* takes them */
void loading_print(const struct findings *findings);   /* on standard error */
