/* SPDX-License-Identifier: Apache-2.0 */
/* One session of a kept state: its world is built beside those that are played. */
#include "core/base/mem.h"
#include "mock/keep/restore_parts.h"
#include "mock/loading.h"
#include "mock/state.h"

static void read_provider(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    const char *name = read_text(reading, reading->scratch, piece);
    if (name)
        restore_provider(restoring, piece, name);
}

static void read_each(struct restoring *restoring, struct str piece,
                      void (*read)(struct restoring *restoring, struct str piece))
{
    struct json_walk walk;
    struct str item;
    if (!read_items(restoring->reading, piece, &walk))
        return;
    while (read_next(restoring->reading, &walk, &item)) {
        read(restoring, item);
        arena_reset(restoring->reading->scratch);
    }
}

/* ---- links ---- */

static bool is_there(const struct restoring *restoring, const struct played *played,
                     const struct machine *machine, const char *id)
{
    const struct provider *provider = played->provider;
    for (size_t i = 0; i < provider->kind_count; i++)
        if (provider->kinds[i].machine == machine &&
            store_find_any(restoring->world->store, played->kinds[i].index, id, NULL))
            return true;
    return false;
}

/* The first of each kind and link: services allow them, so this is no problem. */
static void check_links(struct restoring *restoring, const struct resource *resource,
                        const char *at)
{
    struct reading *reading = restoring->reading;
    const struct played *played = state_played_of_kind(restoring->world, resource->kind);
    const struct kind *kind = played_at(played, resource->kind)->kind;
    for (size_t i = 0; i < kind->machine->link_count && !resource->is_deleted; i++) {
        const struct link *link = &kind->machine->links[i];
        const char *target = store_link_target(resource, (unsigned)i);
        if (!target || link->machine < 0 ||
            is_there(restoring, played, &played->provider->lifecycle->machines[link->machine],
                     target))
            continue;
        if (reading_first_time(reading,
                               arena_printf(reading->scratch, "link %s %s %s",
                                            played->provider->name, kind->name, link->name)))
            reading_remark(reading, at, "%s '%s' of '%s' has as '%s' '%s', which is not here",
                           kind->name, resource->id, played->provider->name, link->name, target);
    }
}

static void check_all_links(struct restoring *restoring, const char *at)
{
    size_t from = 0;
    const struct resource *resource;
    while ((resource = table_next(&restoring->serials, &from)))
        check_links(restoring, resource, at);
    arena_reset(restoring->reading->scratch);
}

/* ---- one session ---- */

enum {
    NAME,
    DECLARED,
    SEED,
    CLOCK,
    FROZEN,
    UNTOUCHED,
    NOW,
    PARTICIPANTS,
    SERIAL,
    SEQUENCE,
    EVENTS,
    REQUESTS,
    COUNTER,
    PROVIDERS,
    FORCED,
    CAUSES,
    RESOURCES,
    WEBHOOKS,
    DRAWS,
    MEMBERS
};
static const char *const member_names[MEMBERS] = {
    "name",         "declared", "seed",      "clock",    "frozen",   "untouched", "now",
    "participants", "serial",   "sequence",  "events",   "requests", "counter",   "providers",
    "forced",       "causes",   "resources", "webhooks", "draws"};

static void read_head(struct restoring *restoring, const struct str *values)
{
    struct reading *reading = restoring->reading;
    struct world *world = restoring->world;
    int64_t seed = (int64_t)world->seed, participants = world->parking.participants;
    nanos now = world_now(world);
    bool is_frozen = false, is_untouched = false;
    read_flag(reading, values[FROZEN], &is_frozen);
    read_flag(reading, values[UNTOUCHED], &is_untouched);
    state_of(world)->is_kept = !is_untouched;
    read_integer(reading, values[SEED], 0, INT64_MAX, &seed);
    read_integer(reading, values[PARTICIPANTS], 1, 10000, &participants);
    read_integer(reading, values[COUNTER], 0, INT64_MAX - 1, &state_of(world)->counter);
    read_instant(reading, values[NOW], &now);
    world->seed = (uint64_t)seed;
    world->parking.participants = (unsigned)participants;
    if (is_frozen) /* first: it must not run on from there */
        clock_freeze(&world->clock);
    world_resume(world, now);
}

static void read_numbers(struct restoring *restoring, const struct str *values)
{
    struct reading *reading = restoring->reading;
    int64_t serial = 0, sequence = 0, events = 0, requests = 0;
    read_integer(reading, values[SERIAL], 0, INT64_MAX - 1, &serial);
    read_integer(reading, values[SEQUENCE], 0, UINT32_MAX, &sequence);
    read_integer(reading, values[EVENTS], 0, INT64_MAX - 1, &events);
    read_integer(reading, values[REQUESTS], 0, INT64_MAX - 1, &requests);
    store_resume(restoring->world->store, (uint64_t)serial, (uint32_t)sequence);
    state_of(restoring->world)->seeded = (uint32_t)sequence;
    queue_resume(restoring->world->queue, (uint64_t)events);
    journal_resume(restoring->world->journal, (uint64_t)requests);
}

static void restoring_release(struct restoring *restoring)
{
    struct resource **gone;
    vec_foreach (gone, &restoring->gone)
        store_drop(restoring->world->store, *gone);
    vec_free(&restoring->gone);
    vec_free(&restoring->causes);
    vec_free(&restoring->later);
    vec_free(&restoring->queued);
    table_release(&restoring->serials);
}

static void fill_world(struct restoring *restoring, const struct str *values,
                       const struct restore_options *options)
{
    struct reading *reading = restoring->reading;
    struct error err = {0};
    restore_serials_init(restoring);
    read_head(restoring, values);
    read_each(restoring, values[PROVIDERS], read_provider);
    read_each(restoring, values[FORCED], restore_forced);
    read_each(restoring, values[CAUSES], restore_cause);
    restore_resources(restoring, values[RESOURCES]);
    restore_outcomes(restoring);
    read_each(restoring, values[WEBHOOKS], restore_call);
    read_each(restoring, values[DRAWS], restore_draw);
    read_numbers(restoring, values);
    if (options->check_links)
        check_all_links(restoring, values[RESOURCES].ptr);
    if (!reading->findings->errors && world_check_room(restoring->world, 1, &err))
        reading_problem(reading, values[NAME].ptr ? values[NAME].ptr : reading->whole.ptr, "%s",
                        err.text);
    if (!reading->findings->errors)
        loading_furnish_new(reading->mock, restoring->world);
    restoring_release(restoring);
}

static struct restored_session *add_session(struct restored *restored, const char *name,
                                            struct session_terms *terms, struct world *world)
{
    if (restored->count == restored->cap) {
        restored->cap = restored->cap ? restored->cap * 2 : 8;
        restored->sessions =
            mem_realloc(restored->sessions, restored->cap * sizeof *restored->sessions);
        restored->items = mem_realloc(restored->items, restored->cap * sizeof *restored->items);
    }
    restored->sessions[restored->count] = (struct restored_session){.name = name};
    restored->items[restored->count] =
        (struct session_item){.name = mem_strdup(name), .world = world, .terms = terms};
    return &restored->sessions[restored->count++];
}

static const char *session_name(struct reading *reading, const struct restored *restored,
                                struct str piece, struct str value, const char *instead)
{
    const char *name = read_text(reading, reading->arena, value);
    if (!name)
        reading_problem(reading, piece.ptr, "a session has no 'name' (\"\" is the default one)");
    else if (!session_name_is_valid(name))
        reading_problem(reading, value.ptr,
                        "'%.80s' is no session name: 1 to %d of A-Z a-z 0-9 . _ -", name,
                        SESSION_NAME_MAX);
    for (size_t i = 0; name && !instead && i < restored->count; i++)
        if (text_is(restored->sessions[i].name, name))
            reading_problem(reading, value.ptr, "there are two sessions '%s'", name);
    return instead ? instead : name ? name : "";
}

void restore_session(struct reading *reading, struct restored *restored, struct str piece,
                     const struct restore_options *options)
{
    struct str values[MEMBERS];
    if (!read_members(reading, piece, member_names, MEMBERS, values))
        return;
    const char *name = session_name(reading, restored, piece, values[NAME], options->session);
    name = arena_strdup(restored->arena, name);
    struct session_terms *terms = restore_terms(reading, values[DECLARED]);
    if (terms && !values[PROVIDERS].ptr && !values[RESOURCES].ptr) { /* and not yet used */
        add_session(restored, name, terms, NULL);
        return;
    }
    struct world *world = sessions_make(reading->mock->sessions, name, terms);
    struct restoring restoring = {
        .reading = reading,
        .world = world,
        .session = add_session(restored, name, terms, world),
    };
    fill_world(&restoring, values, options);
}
