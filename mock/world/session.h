/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions by name, each one a world, made on first use or as it was declared. A world is counted:
 * whoever got it may go on after the session was reset or has expired, in a closed world that
 * nobody finds any more.
 */
#pragma once

#include "mock/world/session_terms.h"
#include "mock/world/world.h"

struct sessions;

enum { SESSION_NAME_MAX = 64, SESSIONS_MAX = 10000 };

/* Fills a new world (seeded resources, first events), with its lock held; `terms` are NULL when
 * nobody declared it. 0, or -1 and `err`. */
typedef int session_furnish_fn(struct world *world, const struct session_terms *terms, void *data,
                               struct error *err);

/* What holds for all sessions together. */
struct session_rules {
    size_t most; /* how many there may be, with the default one; 0 = SESSIONS_MAX */
    nanos idle;  /* real time after which an unused one is forgotten; 0 = never */
    bool
        declared_only; /* a name that nobody declared is refused; the default one is always there */
};

/* The settings are copied; what they point at must outlive the sessions. `rules` NULL: as zero. */
struct sessions *sessions_new(const struct world_settings *settings,
                              const struct session_rules *rules, session_furnish_fn *furnish,
                              void *data);
void sessions_free(struct sessions *sessions); /* closes every world */
const struct session_rules *sessions_rules(const struct sessions *sessions);

/* [A-Za-z0-9._-]{1,64}; the default session "" is always fine. */
bool session_name_is_valid(const char *name);
/*
 * A reference (give it back with sessions_leave), made if need be; `participants` (0 = as for all)
 * count only then, and only where none were declared. NULL and `err`: ERROR_INVALID a bad name,
 * ERROR_NOT_FOUND nobody declared it (the nearest is named), ERROR_TOO_LARGE a limit is reached
 * (and which), ERROR_CONFLICT the server stops, or why it could not be furnished.
 */
struct world *sessions_enter(struct sessions *sessions, const char *name, unsigned participants,
                             struct error *err);
/* Counts as a use up to now. NULL is fine. */
void sessions_leave(struct world *world);
/* A reference without using it (world_unref), or NULL: no such session, or not used since its
 * reset. */
struct world *sessions_find(struct sessions *sessions, const char *name);

/*
 * Declares a session, or says anew how one is made that is there: what it holds stays until it is
 * reset. Takes the reference of `terms`. 1: it is new, 0: it was there. -1 and `err` as above.
 */
int sessions_declare(struct sessions *sessions, const char *name, struct session_terms *terms,
                     struct error *err);
/* The world is closed; the next use makes a new one, as declared. False: there was none. */
bool sessions_reset(struct sessions *sessions, const char *name);
void sessions_reset_all(struct sessions *sessions);
/* The same, and what was declared is forgotten, too. Of the default session: a reset. */
bool sessions_delete(struct sessions *sessions, const char *name);

/* What is known of one, without using it. */
struct session_look {
    struct world *world;         /* a reference, NULL = not used since it was declared or reset */
    struct session_terms *terms; /* a reference, NULL = made on first use */
    nanos created, used;         /* real time */
    nanos expires_after;         /* 0 = never */
    unsigned in_flight;          /* exchanges, streams, waits and webhooks under way */
};
bool sessions_look(struct sessions *sessions, const char *name, struct session_look *look);
void session_look_release(struct session_look *look);

/* Forgets the sessions that nobody has used for as long as they may be idle and that nobody uses
 * now; returns how many. A thread of the sessions' own does this in time. */
size_t sessions_expire(struct sessions *sessions);
/* CLOCK_MONOTONIC when the next one may expire, INT64_MAX = none. */
nanos sessions_next_expiry(struct sessions *sessions);

/* ---- kept states (mock/keep/snapshot.h) ---- */

struct session_item {
    char *name;
    struct world *world;         /* a reference; NULL: declared, but not used */
    struct session_terms *terms; /* a reference; NULL: nobody declared it */
};
/* All, in order of creation. With `seals` they are taken out without being closed, and sessions
 * are neither found nor made from now on. */
struct session_item *sessions_items(struct sessions *sessions, bool seals, size_t *count);
void session_items_release(struct session_item *items, size_t count); /* the array, too */
/* A world that is not a session yet, unfurnished; `terms` NULL: as the session of that name is
 * declared, if it is. */
struct world *sessions_make(struct sessions *sessions, const char *name,
                            const struct session_terms *terms);
/*
 * These become the sessions of their names, all at once; the worlds that had the names (with `all`,
 * every other session) are closed. Where nothing is declared now, what was declared stays. Takes
 * worlds and terms over (they are NULL then), or refuses and leaves everything as it was.
 */
int sessions_put(struct sessions *sessions, struct session_item *items, size_t count, bool all,
                 struct error *err);

/* Every world that there is now, without any lock held; none counts as used by this. */
void sessions_each(struct sessions *sessions, void (*visit)(struct world *world, void *data),
                   void *data);
size_t sessions_count(struct sessions *sessions);
/* How many expired, and how many were refused for a limit, since the start. */
uint64_t sessions_expired(const struct sessions *sessions);
uint64_t sessions_refused(const struct sessions *sessions);
/* Wakes and closes all worlds: the server stops. sessions_enter fails from now on. */
void sessions_close(struct sessions *sessions);
/* Names in order of creation, NULL-terminated; each and the array are freed with mem_free. */
char **sessions_names(struct sessions *sessions);
