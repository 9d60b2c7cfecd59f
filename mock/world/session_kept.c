/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions taken along as a whole, and put in the place of others. */
#include "core/base/mem.h"
#include "mock/world/session_parts.h"

#include <stdio.h>

struct session_item *sessions_items(struct sessions *sessions, bool seals, size_t *count)
{
    pthread_rwlock_wrlock(&sessions->lock);
    struct session_item *items = mem_alloc((map_count(sessions->by_name) + 1) * sizeof *items);
    const struct map_entry *entry = map_first(sessions->by_name), *next;
    for (*count = 0; entry; entry = next) {
        const struct session *session = entry->value;
        struct session_item *item = &items[(*count)++];
        next = entry->next;
        item->name = mem_strdup(entry->key);
        item->terms = session_terms_ref(session->terms);
        item->world = seals            ? registry_take_out(sessions, item->name)
                      : session->world ? world_ref(session->world)
                                       : NULL;
    }
    sessions->is_closed |= seals;
    pthread_rwlock_unlock(&sessions->lock);
    return items;
}

void session_items_release(struct session_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mem_free(items[i].name);
        world_unref(items[i].world);
        session_terms_unref(items[i].terms);
    }
    mem_free(items);
}

struct world *sessions_make(struct sessions *sessions, const char *name,
                            const struct session_terms *terms)
{
    pthread_rwlock_rdlock(&sessions->lock);
    const struct session *session = map_get(sessions->by_name, name);
    struct session_terms *own = session_terms_ref(session ? session->terms : NULL);
    pthread_rwlock_unlock(&sessions->lock);
    struct world *world = registry_make_world(sessions, name, terms ? terms : own, 0);
    session_terms_unref(own);
    return world;
}

/* With the lock: how many there would be. */
static int admit_all(struct sessions *sessions, const struct session_item *items, size_t count,
                     bool all, struct error *err)
{
    size_t total = all ? 0 : map_count(sessions->by_name);
    if (sessions->is_closed)
        return fail(err, ERROR_CONFLICT, "the server stops");
    for (size_t i = 0; i < count; i++)
        total += all || !map_get(sessions->by_name, items[i].name);
    if (total <= sessions->rules.most)
        return 0;
    atomic_fetch_add(&sessions->refused, 1);
    return fail(err, ERROR_TOO_LARGE,
                "there would be %zu sessions, more than --sessions-limit allows (%zu)", total,
                sessions->rules.most);
}

/* With the lock; gives back the world that was there. */
static struct world *replace(struct sessions *sessions, struct session_item *item)
{
    struct session *session = map_get(sessions->by_name, item->name);
    struct world *old = session ? registry_take_world(session) : NULL;
    if (!session)
        session = registry_add(sessions, item->name, NULL);
    session->world = item->world;
    if (item->world)
        atomic_store(&item->world->used, instant_monotonic_now());
    if (item->world)
        atomic_store_explicit(&item->world->is_furnished, true, memory_order_release);
    if (item->terms) {
        session_terms_unref(session->terms);
        session->terms = item->terms;
    }
    item->world = NULL;
    item->terms = NULL;
    return old;
}

int sessions_put(struct sessions *sessions, struct session_item *items, size_t count, bool all,
                 struct error *err)
{
    nanos expires = INT64_MAX;
    size_t gone_count = 0;
    pthread_rwlock_wrlock(&sessions->lock);
    int result = admit_all(sessions, items, count, all, err);
    struct world **gone =
        mem_alloc((map_count(sessions->by_name) + count + 1) * sizeof(struct world *));
    while (!result && all && map_count(sessions->by_name)) {
        char name[SESSION_NAME_MAX + 1];
        snprintf(name, sizeof name, "%s", map_first(sessions->by_name)->key);
        gone[gone_count++] = registry_take_out(sessions, name);
    }
    for (size_t i = 0; !result && i < count; i++) {
        gone[gone_count++] = replace(sessions, &items[i]);
        nanos at =
            registry_expiry(sessions, items[i].name, map_get(sessions->by_name, items[i].name));
        expires = at < expires ? at : expires;
    }
    pthread_rwlock_unlock(&sessions->lock);
    expiry_expect(sessions->expiry, expires);
    for (size_t i = 0; i < gone_count; i++)
        registry_close(gone[i]);
    mem_free(gone);
    return result;
}
