/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that go together: when they expire, are reset all at once, or the server stops. */
#include "core/base/mem.h"
#include "mock/world/session_parts.h"

#include <stdio.h>

/* The registry's own reference is none of them. */
static unsigned users_of(const struct session *session)
{
    return session->world ? atomic_load(&session->world->references) - 1 : 0;
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
        worlds[count++] = what == SWEEP_WORLDS ? registry_empty(sessions, name, entry->value)
                                               : registry_take_out(sessions, name);
    }
    sessions->is_closed |= what == SWEEP_ALL;
    if (what == SWEEP_IDLE) /* whoever sees one gone sees it counted */
        atomic_fetch_add(&sessions->expired, count);
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
    return sweep(sessions, SWEEP_IDLE);
}

/* One whose time is over is in use: once that ends, it has to be idle for as long again. */
nanos sessions_next_expiry(struct sessions *sessions)
{
    nanos earliest = INT64_MAX, now = instant_monotonic_now();
    pthread_rwlock_rdlock(&sessions->lock);
    for (const struct map_entry *entry = map_first(sessions->by_name); entry; entry = entry->next) {
        nanos at = registry_expiry(sessions, entry->key, entry->value);
        if (at <= now)
            at = now + registry_idle(sessions, entry->key, entry->value);
        earliest = at < earliest ? at : earliest;
    }
    pthread_rwlock_unlock(&sessions->lock);
    return earliest;
}
