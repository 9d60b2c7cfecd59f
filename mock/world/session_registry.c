/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions by name, and what they are made of; all with the registry's lock. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "mock/world/session_parts.h"

nanos registry_idle(const struct sessions *sessions, const char *name,
                    const struct session *session)
{
    if (!*name)
        return 0; /* the default one stays */
    if (session->terms && session->terms->expires_after != SESSION_IDLE_AS_ALL)
        return session->terms->expires_after;
    return sessions->rules.idle;
}

nanos registry_used(const struct session *session)
{
    return session->world ? atomic_load_explicit(&session->world->used, memory_order_relaxed)
                          : session->used;
}

nanos registry_expiry(const struct sessions *sessions, const char *name,
                      const struct session *session)
{
    nanos idle = registry_idle(sessions, name, session), at;
    return idle <= 0 || __builtin_add_overflow(registry_used(session), idle, &at) ? INT64_MAX : at;
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

struct world *registry_take_world(struct session *session)
{
    struct world *world = session->world;
    session->world = NULL;
    session->used = instant_monotonic_now();
    return world;
}

struct world *registry_take_out(struct sessions *sessions, const char *name)
{
    struct session *session = map_remove(sessions->by_name, name);
    struct world *world = session->world;
    session_terms_unref(session->terms);
    mem_free(session);
    return world;
}

struct world *registry_empty(struct sessions *sessions, const char *name, struct session *session)
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

int registry_admit(struct sessions *sessions, const char *name, struct error *err)
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

void registry_close(struct world *world)
{
    if (!world)
        return;
    world_close(world);
    world_unref(world);
}

struct session *registry_get(struct sessions *sessions, const char *name, struct error *err)
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
    if (!session && registry_admit(sessions, name, err))
        return NULL;
    return session ? session : registry_add(sessions, name, NULL);
}
