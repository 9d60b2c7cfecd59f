/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/session.h"

#include "core/base/map.h"
#include "core/base/mem.h"

#include <string.h>

struct session {
    struct world *world;     /* one reference */
    _Atomic nanos last_used; /* CLOCK_MONOTONIC */
};

struct sessions {
    /* Taken before a world's lock, and never while one is held. Every request reads, few write. */
    pthread_rwlock_t lock;
    struct map *by_name; /* struct session */
    struct world_settings settings;
    session_furnish_fn *furnish;
    void *data;
    bool is_closed;
};

static void init_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* a reset must not wait for a moment without requests */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

struct sessions *sessions_new(const struct world_settings *settings, session_furnish_fn *furnish,
                              void *data)
{
    struct sessions *sessions = mem_alloc(sizeof *sessions);
    init_lock(&sessions->lock);
    sessions->by_name = map_new();
    sessions->settings = *settings;
    sessions->furnish = furnish;
    sessions->data = data;
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    sessions_reset_all(sessions);
    map_free(sessions->by_name);
    pthread_rwlock_destroy(&sessions->lock);
    mem_free(sessions);
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

/* With the registry's lock, for reading at least: the session's world, or NULL. */
static struct world *look_up(struct sessions *sessions, const char *name)
{
    struct session *session = map_get(sessions->by_name, name);
    if (!session)
        return NULL;
    atomic_store_explicit(&session->last_used, instant_monotonic_now(), memory_order_relaxed);
    return world_ref(session->world);
}

/* With the registry's lock: takes the session out; the caller gets its reference. */
static struct world *take_out(struct sessions *sessions, const char *name)
{
    struct session *session = map_remove(sessions->by_name, name);
    if (!session)
        return NULL;
    struct world *world = session->world;
    mem_free(session);
    return world;
}

/* With the registry's lock: a new world, its lock held, so that nobody meets it unfurnished. */
static struct world *put_new(struct sessions *sessions, const char *name)
{
    struct session *session = mem_alloc(sizeof *session);
    session->world = world_new(name, &sessions->settings);
    atomic_init(&session->last_used, instant_monotonic_now());
    world_lock(session->world);
    map_put(sessions->by_name, name, session);
    return world_ref(session->world);
}

static void close_and_unref(struct world *world)
{
    world_close(world);
    world_unref(world);
}

static void remove_failed(struct sessions *sessions, struct world *world)
{
    pthread_rwlock_wrlock(&sessions->lock);
    struct session *session = map_get(sessions->by_name, world->name);
    struct world *ours = NULL;
    if (session && session->world == world)
        ours = take_out(sessions, world->name);
    pthread_rwlock_unlock(&sessions->lock);
    world_close(world);
    world_unref(ours);
    world_unref(world);
}

struct world *sessions_get(struct sessions *sessions, const char *name, struct error *err)
{
    if (!session_name_is_valid(name)) {
        fail(err, ERROR_INVALID, "'%.80s' is no session name: 1 to %d of A-Z a-z 0-9 . _ -", name,
             SESSION_NAME_MAX);
        return NULL;
    }
    struct world *world = sessions_find(sessions, name);
    if (world)
        return world;
    pthread_rwlock_wrlock(&sessions->lock);
    world = look_up(sessions, name); /* somebody may have been faster */
    bool is_refused =
        !world && (sessions->is_closed || map_count(sessions->by_name) >= SESSIONS_MAX);
    bool is_new = !world && !is_refused;
    if (is_new)
        world = put_new(sessions, name);
    pthread_rwlock_unlock(&sessions->lock);
    if (is_refused)
        fail(err, ERROR_TOO_LARGE, "there are %d sessions already, or the server stops",
             SESSIONS_MAX);
    if (!is_new)
        return world;
    int result = sessions->furnish ? sessions->furnish(world, sessions->data, err) : 0;
    world_unlock(world);
    if (result == 0)
        return world;
    remove_failed(sessions, world);
    return NULL;
}

struct world *sessions_find(struct sessions *sessions, const char *name)
{
    pthread_rwlock_rdlock(&sessions->lock);
    struct world *world = look_up(sessions, name);
    pthread_rwlock_unlock(&sessions->lock);
    return world;
}

bool sessions_reset(struct sessions *sessions, const char *name)
{
    pthread_rwlock_wrlock(&sessions->lock);
    struct world *world = take_out(sessions, name);
    pthread_rwlock_unlock(&sessions->lock);
    if (world)
        close_and_unref(world);
    return world != NULL;
}

/* Takes out the sessions not used since `before` (not the default one, unless `all`). */
static size_t take_out_idle(struct sessions *sessions, nanos before, bool all)
{
    pthread_rwlock_wrlock(&sessions->lock);
    struct world **worlds = mem_alloc(map_count(sessions->by_name) * sizeof(struct world *));
    size_t count = 0;
    const struct map_entry *next;
    for (const struct map_entry *entry = map_first(sessions->by_name); entry; entry = next) {
        const struct session *session = entry->value;
        next = entry->next;
        if (all || (*entry->key && session->last_used < before))
            worlds[count++] = take_out(sessions, session->world->name);
    }
    pthread_rwlock_unlock(&sessions->lock);
    for (size_t i = 0; i < count; i++)
        close_and_unref(worlds[i]);
    mem_free(worlds);
    return count;
}

void sessions_reset_all(struct sessions *sessions)
{
    take_out_idle(sessions, 0, true);
}

size_t sessions_expire(struct sessions *sessions, nanos idle)
{
    return take_out_idle(sessions, instant_monotonic_now() - idle, false);
}

size_t sessions_count(struct sessions *sessions)
{
    pthread_rwlock_rdlock(&sessions->lock);
    size_t count = map_count(sessions->by_name);
    pthread_rwlock_unlock(&sessions->lock);
    return count;
}

void sessions_close(struct sessions *sessions)
{
    pthread_rwlock_wrlock(&sessions->lock);
    sessions->is_closed = true;
    pthread_rwlock_unlock(&sessions->lock);
    sessions_reset_all(sessions);
}

char **sessions_names(struct sessions *sessions)
{
    pthread_rwlock_rdlock(&sessions->lock);
    char **names = mem_alloc((map_count(sessions->by_name) + 1) * sizeof *names);
    size_t count = 0;
    for (const struct map_entry *entry = map_first(sessions->by_name); entry; entry = entry->next)
        names[count++] = mem_strdup(entry->key);
    pthread_rwlock_unlock(&sessions->lock);
    return names;
}
