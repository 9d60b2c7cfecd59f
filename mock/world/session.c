/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/session_parts.h"

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "mock/world/session_expiry.h"

#include <stdio.h>
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

/* ---- the registry; all with its lock ---- */

static nanos idle_of(const struct sessions *sessions, const char *name,
                     const struct session *session)
{
    if (!*name)
        return 0; /* the default one stays */
    if (session->terms && session->terms->expires_after != SESSION_IDLE_AS_ALL)
        return session->terms->expires_after;
    return sessions->rules.idle;
}

static nanos used_at(const struct session *session)
{
    return session->world ? atomic_load_explicit(&session->world->used, memory_order_relaxed)
                          : session->used;
}

/* CLOCK_MONOTONIC at which it may go; INT64_MAX = never. */
nanos registry_expiry(const struct sessions *sessions, const char *name,
                      const struct session *session)
{
    nanos idle = idle_of(sessions, name, session), at;
    return idle <= 0 || __builtin_add_overflow(used_at(session), idle, &at) ? INT64_MAX : at;
}

/* The registry's own reference is none of them. */
static unsigned users_of(const struct session *session)
{
    return session->world ? atomic_load(&session->world->references) - 1 : 0;
}

struct session *registry_add(struct sessions *sessions, const char *name,
                             struct session_terms *terms)
{
    struct session *session = mem_alloc(sizeof *session);
    session->terms = terms;
    session->created = instant_real_now();
    session->used = instant_monotonic_now();
    map_put(sessions->by_name, name, session);
    return session;
}

/* Gives the world to the caller. */
struct world *registry_take_world(struct session *session)
{
    struct world *world = session->world;
    session->world = NULL;
    session->used = instant_monotonic_now();
    return world;
}

/* Takes the session out; the caller gets its world's reference. */
struct world *registry_take_out(struct sessions *sessions, const char *name)
{
    struct session *session = map_remove(sessions->by_name, name);
    struct world *world = session->world;
    session_terms_unref(session->terms);
    mem_free(session);
    return world;
}

/* Without its world; one that nobody declared is gone then. */
static struct world *empty(struct sessions *sessions, const char *name, struct session *session)
{
    return session->terms ? registry_take_world(session) : registry_take_out(sessions, name);
}

struct world *registry_make_world(const struct sessions *sessions, const char *name,
                                  const struct session_terms *terms, unsigned participants)
{
    struct world_settings settings = sessions->settings;
    if (participants)
        settings.participants = participants;
    if (terms && terms->participants)
        settings.participants = terms->participants;
    if (terms && terms->has_seed)
        settings.seed = terms->seed;
    if (terms && terms->has_clock)
        settings.clock = terms->clock;
    struct world *world = world_new(name, &settings);
    atomic_store(&world->used, instant_monotonic_now());
    return world;
}

/* A new world, its lock held, so that nobody meets it unfurnished. */
static struct world *put_world(const struct sessions *sessions, const char *name,
                               struct session *session, unsigned participants)
{
    session->world = registry_make_world(sessions, name, session->terms, participants);
    world_lock(session->world);
    return world_ref(session->world);
}

struct names {
    const struct map_entry *next;
};

static const char *next_name(void *data)
{
    struct names *names = data;
    while (names->next && !*names->next->key)
        names->next = names->next->next;
    const struct map_entry *entry = names->next;
    if (entry)
        names->next = entry->next;
    return entry ? entry->key : NULL;
}

static int refuse_undeclared(const struct sessions *sessions, const char *name, struct error *err)
{
    struct names names = {map_first(sessions->by_name)};
    const char *near = text_nearest(name, next_name, &names);
    return fail(err, ERROR_NOT_FOUND,
                "there is no session '%s'%s%s%s: with --sessions declared it has to be made by "
                "POST /__admin/sessions",
                name, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Whether one more may be. The default one may always: from there room is made. */
static int admit(struct sessions *sessions, const char *name, struct error *err)
{
    if (sessions->is_closed)
        return fail(err, ERROR_CONFLICT, "the server stops");
    if (!*name)
        return 0;
    if (budget_admit(sessions->settings.budget, err)) {
        atomic_fetch_add(&sessions->refused, 1);
        return -1;
    }
    if (map_count(sessions->by_name) < sessions->rules.most)
        return 0;
    atomic_fetch_add(&sessions->refused, 1);
    return fail(err, ERROR_TOO_LARGE,
                "there are %zu sessions already, as many as --sessions-limit allows: delete some, "
                "let them expire (--session-idle) or raise it",
                sessions->rules.most);
}

/* ---- using one ---- */

void registry_close(struct world *world)
{
    if (!world)
        return;
    world_close(world);
    world_unref(world);
}

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
        session && session->world == world ? empty(sessions, world->name, session) : NULL;
    pthread_rwlock_unlock(&sessions->lock);
    world_close(world);
    world_unref(ours);
    world_unref(world);
}

/* With the lock: the session, which may have been there without a world, or NULL and `err`. */
static struct session *get_session(struct sessions *sessions, const char *name, struct error *err)
{
    struct session *session = map_get(sessions->by_name, name);
    if (!session && *name && sessions->rules.declared_only) {
        refuse_undeclared(sessions, name, err);
        return NULL;
    }
    if (session && sessions->is_closed) {
        fail(err, ERROR_CONFLICT, "the server stops");
        return NULL;
    }
    if (!session && admit(sessions, name, err))
        return NULL;
    return session ? session : registry_add(sessions, name, NULL);
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
    struct session *session = get_session(sessions, name, err);
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
    result = session ? 0 : admit(sessions, name, err);
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
        world = with_terms ? registry_take_out(sessions, name) : empty(sessions, name, session);
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

enum sweep { SWEEP_WORLDS, SWEEP_IDLE, SWEEP_ALL };

/* Between two tries, but not where time stands still: they would hold it for ever. */
static bool is_calling(const struct session *session)
{
    const struct world *world = session->world;
    return world && world->clock.settings.mode != MODE_VIRTUAL && atomic_load(&world->calls);
}

static bool may_expire(const struct sessions *sessions, const struct map_entry *entry, nanos now)
{
    return registry_expiry(sessions, entry->key, entry->value) <= now && !users_of(entry->value) &&
           !is_calling(entry->value);
}

/* Takes them out together, and closes their worlds without the registry's lock. */
static size_t sweep(struct sessions *sessions, enum sweep what)
{
    const struct map_entry *next;
    nanos now = instant_monotonic_now();
    pthread_rwlock_wrlock(&sessions->lock);
    struct world **worlds = mem_alloc(map_count(sessions->by_name) * sizeof(struct world *));
    size_t count = 0;
    for (const struct map_entry *entry = map_first(sessions->by_name); entry; entry = next) {
        char name[SESSION_NAME_MAX + 1]; /* the entry may go */
        next = entry->next;
        if (what == SWEEP_IDLE && !may_expire(sessions, entry, now))
            continue;
        snprintf(name, sizeof name, "%s", entry->key);
        worlds[count++] = what == SWEEP_WORLDS ? empty(sessions, name, entry->value)
                                               : registry_take_out(sessions, name);
    }
    sessions->is_closed |= what == SWEEP_ALL;
    pthread_rwlock_unlock(&sessions->lock);
    for (size_t i = 0; i < count; i++)
        registry_close(worlds[i]);
    mem_free(worlds);
    return count;
}

void sessions_reset_all(struct sessions *sessions)
{
    sweep(sessions, SWEEP_WORLDS);
}

void sessions_close(struct sessions *sessions)
{
    sweep(sessions, SWEEP_ALL);
}

size_t sessions_expire(struct sessions *sessions)
{
    size_t count = sweep(sessions, SWEEP_IDLE);
    atomic_fetch_add(&sessions->expired, count);
    return count;
}

/* One whose time is over is in use: once that ends, it has to be idle for as long again. */
nanos sessions_next_expiry(struct sessions *sessions)
{
    nanos earliest = INT64_MAX, now = instant_monotonic_now();
    pthread_rwlock_rdlock(&sessions->lock);
    for (const struct map_entry *entry = map_first(sessions->by_name); entry; entry = entry->next) {
        nanos at = registry_expiry(sessions, entry->key, entry->value);
        if (at <= now)
            at = now + idle_of(sessions, entry->key, entry->value);
        earliest = at < earliest ? at : earliest;
    }
    pthread_rwlock_unlock(&sessions->lock);
    return earliest;
}

/* ---- looking ---- */

bool sessions_look(struct sessions *sessions, const char *name, struct session_look *look)
{
    *look = (struct session_look){0};
    pthread_rwlock_rdlock(&sessions->lock);
    const struct session *session = map_get(sessions->by_name, name);
    if (session) {
        look->in_flight = session->world ? atomic_load(&session->world->in_flight) : 0;
        look->world = session->world ? world_ref(session->world) : NULL;
        look->terms = session_terms_ref(session->terms);
        look->created = session->created;
        look->used = instant_real_now() - (instant_monotonic_now() - used_at(session));
        look->expires_after = idle_of(sessions, name, session);
    }
    pthread_rwlock_unlock(&sessions->lock);
    return session != NULL;
}

void session_look_release(struct session_look *look)
{
    world_unref(look->world);
    session_terms_unref(look->terms);
}

void sessions_each(struct sessions *sessions, void (*visit)(struct world *world, void *data),
                   void *data)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&sessions->lock);
    struct world **worlds = mem_alloc((map_count(sessions->by_name) + 1) * sizeof(struct world *));
    for (const struct map_entry *entry = map_first(sessions->by_name); entry; entry = entry->next) {
        struct world *world = ((const struct session *)entry->value)->world;
        if (world)
            worlds[count++] = world_ref(world);
    }
    pthread_rwlock_unlock(&sessions->lock);
    for (size_t i = 0; i < count; i++) {
        visit(worlds[i], data);
        world_unref(worlds[i]);
    }
    mem_free(worlds);
}

size_t sessions_count(struct sessions *sessions)
{
    pthread_rwlock_rdlock(&sessions->lock);
    size_t count = map_count(sessions->by_name);
    pthread_rwlock_unlock(&sessions->lock);
    return count;
}

uint64_t sessions_expired(const struct sessions *sessions)
{
    return atomic_load(&sessions->expired);
}

uint64_t sessions_refused(const struct sessions *sessions)
{
    return atomic_load(&sessions->refused);
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
