/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions by name, each one a world, made on first use. A world is counted: whoever got it may go
 * on after the session was reset or has expired, in a closed world that nobody finds any more.
 */
#pragma once

#include "mock/world.h"

struct sessions;

enum { SESSION_NAME_MAX = 64, SESSIONS_MAX = 10000 };

/* Fills a new world (seeded resources, first events), with its lock held. 0, or -1 and `err`. */
typedef int session_furnish_fn(struct world *world, void *data, struct error *err);

/* The settings are copied; what they point at must outlive the sessions. */
struct sessions *sessions_new(const struct world_settings *settings, session_furnish_fn *furnish,
                              void *data);
void sessions_free(struct sessions *sessions); /* closes every world */

/* [A-Za-z0-9._-]{1,64}; the default session "" is always fine. */
bool session_name_is_valid(const char *name);
/* A reference (world_unref it), or NULL and `err`: a bad name, too many sessions, furnishing
 * failed. */
struct world *sessions_get(struct sessions *sessions, const char *name, struct error *err);
struct world *sessions_find(struct sessions *sessions, const char *name); /* a reference, or NULL */
/* The world is closed and forgotten; the next use makes a new one. False: there was none. */
bool sessions_reset(struct sessions *sessions, const char *name);
void sessions_reset_all(struct sessions *sessions);
/* Forgets sessions (not the default one) not asked for since `idle` of real time; returns how many.
 */
size_t sessions_expire(struct sessions *sessions, nanos idle);
size_t sessions_count(struct sessions *sessions);
/* Wakes and closes all worlds: the server stops. sessions_get fails from now on. */
void sessions_close(struct sessions *sessions);
/* Names in order of creation, NULL-terminated; each and the array are freed with mem_free. */
char **sessions_names(struct sessions *sessions);
