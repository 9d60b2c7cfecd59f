/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/session_parts.h"

#include "core/base/mem.h"

#include <string.h>

static void init_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* a reset must not wait for a moment without requests */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

struct sessions *sessions_new(const struct world_settings *settings,
                              const struct session_rules *rules, session_furnish_fn *furnish,
                              void *data)
{
    struct sessions *sessions = mem_alloc(sizeof *sessions);
    init_lock(&sessions->lock);
    sessions->by_name = map_new();
    sessions->settings = *settings;
    if (rules)
        sessions->rules = *rules;
    if (!sessions->rules.most)
        sessions->rules.most = SESSIONS_MAX;
    sessions->furnish = furnish;
    sessions->data = data;
    sessions->expiry = expiry_new(sessions);
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    sessions_close(sessions);
    expiry_free(sessions->expiry);
    map_free(sessions->by_name);
    pthread_rwlock_destroy(&sessions->lock);
    mem_free(sessions);
}

const struct session_rules *sessions_rules(const struct sessions *sessions)
{
    return &sessions->rules;
}

bool session_name_is_valid(const char *name)
{
    if (!*name)
        return true; /* the default session */
    size_t len = strlen(name);
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return len <= SESSION_NAME_MAX && strspn(name, letters) == len;
}

static int check_name(const char *name, struct error *err)
{
    if (session_name_is_valid(name))
        return 0;
    return fail(err, ERROR_INVALID, "'%.80s' is no session name: 1 to %d of A-Z a-z 0-9 . _ -",
                name, SESSION_NAME_MAX);
}

/* With the registry's lock: a new world, its own held, so that nobody meets it unfurnished. */
static struct world *put_world(const struct sessions *sessions, const char *name,
                               struct session *session, unsigned participants)
{
    session->world = registry_make_world(sessions, name, session->terms, participants);
    world_lock(session->world);
    return world_ref(session->world);
}

/* ---- using one ---- */

/* Whoever made it holds its lock until it is furnished: afterwards what is in it can be read
 * without the lock. Never with the registry's lock. */
static struct world *furnished(struct world *world)
{
    if (world && !atomic_load_explicit(&world->is_furnished, memory_order_acquire)) {
        world_lock(world);
        world_unlock(world);
    }
    return world;
}

/* Mostly it was used in this very tick: then nothing is written that others read. */
static void note_use(struct world *world)
{
    nanos tick = instant_monotonic_tick();
    if (atomic_load_explicit(&world->used, memory_order_relaxed) != tick)
        atomic_store_explicit(&world->used, tick, memory_order_relaxed);
}

static struct world *look_up(struct sessions *sessions, const char *name, bool is_use)
{
    pthread_rwlock_rdlock(&sessions->lock);
    struct session *session = map_get(sessions->by_name, name);
    struct world *world = session && session->world ? world_ref(session->world) : NULL;
    pthread_rwlock_unlock(&sessions->lock);
    if (world && is_use)
        note_use(world);
    return furnished(world);
}

struct world *sessions_find(struct sessions *sessions, const char *name)
{
    return look_up(sessions, name, false);
}

static void remove_failed(struct sessions *sessions, struct world *world)
{
    pthread_rwlock_wrlock(&sessions->lock);
    struct session *session = map_get(sessions->by_name, world->name);
    struct world *ours =
        session && session->world == world ? registry_empty(sessions, world->name, session) : NULL;
    pthread_rwlock_unlock(&sessions->lock);
    world_close(world);
    world_unref(ours);
    world_unref(world);
}

struct world *sessions_enter(struct sessions *sessions, const char *name, unsigned participants,
                             struct error *err)
{
    struct session_terms *terms = NULL;
    nanos expires = INT64_MAX;
    if (check_name(name, err))
        return NULL;
    struct world *world = look_up(sessions, name, true);
    if (world)
        return world;
    pthread_rwlock_wrlock(&sessions->lock);
    struct session *session = registry_get(sessions, name, err);
    bool is_new = session && !session->world; /* else somebody was faster */
    if (is_new) {
        world = put_world(sessions, name, session, participants);
        terms = session_terms_ref(session->terms);
        expires = registry_expiry(sessions, name, session);
    } else if (session) {
        world = world_ref(session->world);
    }
    pthread_rwlock_unlock(&sessions->lock);
    expiry_expect(sessions->expiry, expires);
    if (!is_new)
        return furnished(world);
    int result = sessions->furnish ? sessions->furnish(world, terms, sessions->data, err) : 0;
    atomic_store_explicit(&world->is_furnished, true, memory_order_release);
    world_unlock(world);
    session_terms_unref(terms);
    if (result == 0)
        return world;
    remove_failed(sessions, world);
    return NULL;
}

void sessions_leave(struct world *world)
{
    if (!world)
        return;
    note_use(world);
    world_unref(world);
}

/* ---- declaring and forgetting ---- */

int sessions_declare(struct sessions *sessions, const char *name, struct session_terms *terms,
                     struct error *err)
{
    struct session_terms *old = terms;
    int result = check_name(name, err);
    if (result)
        goto done;
    pthread_rwlock_wrlock(&sessions->lock);
    struct session *session = map_get(sessions->by_name, name);
    result = session ? 0 : registry_admit(sessions, name, err);
    if (session) {
        old = session->terms;
        session->terms = terms;
    } else if (result == 0) {
        session = registry_add(sessions, name, terms);
        old = NULL;
        result = 1;
    }
    nanos expires = session ? registry_expiry(sessions, name, session) : INT64_MAX;
    pthread_rwlock_unlock(&sessions->lock);
    expiry_expect(sessions->expiry, expires);
done:
    session_terms_unref(old);
    return result;
}

static bool forget(struct sessions *sessions, const char *name, bool with_terms)
{
    struct world *world = NULL;
    pthread_rwlock_wrlock(&sessions->lock);
    struct session *session = map_get(sessions->by_name, name);
    bool was_there = session && (with_terms || session->world);
    if (was_there)
        world = with_terms ? registry_take_out(sessions, name)
                           : registry_empty(sessions, name, session);
    pthread_rwlock_unlock(&sessions->lock);
    registry_close(world);
    return was_there;
}

bool sessions_reset(struct sessions *sessions, const char *name)
{
    return forget(sessions, name, false);
}

bool sessions_delete(struct sessions *sessions, const char *name)
{
    return forget(sessions, name, true);
}
