/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of sessions, for the files that it is made of: everything here with its lock,
 * but for registry_close. */
#pragma once

#include "core/base/map.h"
#include "mock/world/session.h"
#include "mock/world/session_expiry.h"

struct session {
    struct world *world;         /* one reference; NULL: not used since it was declared or reset */
    struct session_terms *terms; /* one reference; NULL: made on first use */
    nanos created;               /* real time */
    nanos used;                  /* CLOCK_MONOTONIC, while there is no world */
};

struct sessions {
    /* Taken before a world's lock, and never while one is held. Every request reads, few write. */
    pthread_rwlock_t lock;
    struct map *by_name; /* struct session */
    struct world_settings settings;
    struct session_rules rules;
    session_furnish_fn *furnish;
    void *data;
    struct expiry *expiry;
    _Atomic uint64_t expired, refused;
    bool is_closed;
};

/* ---- session_registry.c ---- */

/* The session, which may have been there without a world; or NULL and `err`. */
struct session *registry_get(struct sessions *sessions, const char *name, struct error *err);
/* Whether one more may be. The default one may always: from there room is made. */
int registry_admit(struct sessions *sessions, const char *name, struct error *err);
/* How long it may be unused; 0 = for ever. */
nanos registry_idle(const struct sessions *sessions, const char *name,
                    const struct session *session);
nanos registry_used(const struct session *session); /* CLOCK_MONOTONIC */
/* CLOCK_MONOTONIC at which it may go; INT64_MAX = never. */
nanos registry_expiry(const struct sessions *sessions, const char *name,
                      const struct session *session);
/* Without a world; takes the reference of the terms, which may be NULL. */
struct session *registry_add(struct sessions *sessions, const char *name,
                             struct session_terms *terms);
/* Gives the world to the caller, or NULL; the session stays, or goes. */
struct world *registry_take_world(struct session *session);
struct world *registry_take_out(struct sessions *sessions, const char *name);
/* The one where it was declared, else the other. */
struct world *registry_empty(struct sessions *sessions, const char *name, struct session *session);
/* As it was declared (NULL: it was not); `participants` 0 = as for all. */
struct world *registry_make_world(const struct sessions *sessions, const char *name,
                                  const struct session_terms *terms, unsigned participants);
/* Closes the world and gives it back; NULL is fine. Without the lock. */
void registry_close(struct world *world);
