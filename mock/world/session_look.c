/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions seen from outside, which is no use of them. */
#include "core/base/mem.h"
#include "mock/world/session_parts.h"

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
        look->used = instant_real_now() - (instant_monotonic_now() - registry_used(session));
        look->expires_after = registry_idle(sessions, name, session);
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
