/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/admin/resources.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/lifecycle/machine.h"
#include "mock/admin/handlers.h"
#include "mock/body.h"
#include "mock/live.h"
#include "mock/outcomes.h"
#include "mock/state.h"
#include "mock/world/scan.h"

/* ---- finding ---- */

void resource_filter_check(struct admin_call *call, const struct resource_filter *filter)
{
    static const char *const sets[] = {"open", "terminal", "waits", "present"};
    struct admin_names kinds = admin_kind_names(call), states = admin_state_names(call);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        vec_push_arena(call->arena, &states, sets[i]);
    admin_check_provider(call, filter->provider);
    if (filter->kind && !admin_has_name(&kinds, filter->kind))
        admin_problem(call, "no provider has a kind '%s'%s", filter->kind,
                      admin_hint(call, filter->kind, kinds.items, kinds.count));
    if (filter->state && !admin_has_name(&states, filter->state))
        admin_problem(call, "no machine has a state '%s'%s", filter->state,
                      admin_hint(call, filter->state, states.items, states.count));
}

static bool kind_fits(const struct resource_filter *filter, const struct played *played,
                      const struct kind_play *kind)
{
    return (!filter->provider || text_is(filter->provider, played->provider->name)) &&
           (!filter->kind || text_is(filter->kind, kind->kind->name));
}

static void
each_of_kind(struct admin_call *call, const struct resource_filter *filter, struct kind_play *kind,
             void (*visit)(struct kind_play *kind, struct resource *resource, void *data),
             void *data)
{
    struct scan_result result;
    struct predicate in_state = {
        .test = TEST_STATE,
        .states = filter->state ? machine_states_named(kind->kind->machine, filter->state) : 0,
    };
    struct scan scan = {
        .order = (unsigned)kind_order(kind, NULL, false, false),
        .limit = SIZE_MAX,
        .predicates = &in_state,
        .predicate_count = filter->state ? 1 : 0,
    };
    scan_run(store_index(call->world->store, kind->index), &scan, &result);
    for (size_t i = 0; i < result.count; i++)
        visit(kind, result.rows[i], data);
    scan_release(&result);
}

void resource_each(struct admin_call *call, const struct resource_filter *filter,
                   void (*visit)(struct kind_play *kind, struct resource *resource, void *data),
                   void *data)
{
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct played *played = state_unit(call->world, i);
        for (size_t j = 0; played && j < played->provider->kind_count; j++)
            if (kind_fits(filter, played, &played->kinds[j]))
                each_of_kind(call, filter, &played->kinds[j], visit, data);
    }
}

struct lookup {
    const char *id;
    struct found_resource found;
    size_t count;
    struct strbuf where;
    struct admin_names near;
    struct arena *arena;
};

static void look_at(struct kind_play *kind, struct resource *resource, void *data)
{
    struct lookup *lookup = data;
    if (!text_is(resource->id, lookup->id)) {
        vec_push_arena(lookup->arena, &lookup->near, resource->id);
        return;
    }
    lookup->found = (struct found_resource){kind, resource};
    strbuf_addf(&lookup->where, "%s?provider=%s&kind=%s", lookup->count++ ? ", " : "",
                kind->played->provider->name, kind->kind->name);
}

/* An id is found at once; only when there is none is everything looked at. */
static struct found_resource find_quickly(struct admin_call *call, const char *id,
                                          const struct resource_filter *filter, size_t *count)
{
    struct found_resource found = {0};
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct played *played = state_unit(call->world, i);
        for (size_t j = 0; played && j < played->provider->kind_count; j++) {
            struct kind_play *kind = &played->kinds[j];
            size_t others = 0;
            struct resource *resource =
                kind_fits(filter, played, kind)
                    ? store_find_any(call->world->store, kind->index, id, &others)
                    : NULL;
            if (!resource)
                continue;
            found = (struct found_resource){kind, resource};
            *count += others;
        }
    }
    return found;
}

struct found_resource resource_lookup(struct admin_call *call, const char *id,
                                      const struct resource_filter *filter, int *status,
                                      const char **detail)
{
    struct lookup lookup = {.id = id, .arena = call->arena};
    struct found_resource found = find_quickly(call, id, filter, &lookup.count);
    if (lookup.count == 1)
        return found;
    lookup.count = 0;
    strbuf_init(&lookup.where, LIMIT_MESSAGE);
    resource_each(call, filter, look_at, &lookup);
    *status = lookup.count ? 409 : 404;
    *detail = lookup.count
                  ? arena_printf(call->arena, "several resources have the id '%s': %s", id,
                                 lookup.where.buf)
                  : arena_printf(call->arena, "there is no resource '%s'%s", id,
                                 admin_hint(call, id, lookup.near.items,
                                            lookup.near.count < 2000 ? lookup.near.count : 0));
    strbuf_release(&lookup.where);
    return lookup.count == 1 ? lookup.found : (struct found_resource){0};
}

/* ---- showing ---- */

void resource_refuse(struct admin_call *call, int status, const char *detail)
{
    cJSON *members = tree_object(call->arena);
    tree_set_string(call->arena, members, "detail", detail);
    admin_refuse(call, status, status == 404 ? "no such resource" : "the id is not unique",
                 members);
}

const char *resource_state(const struct kind_play *kind, const struct resource *resource)
{
    return resource->is_deleted ? "absent" : kind->kind->machine->states[resource->state].name;
}

cJSON *resource_json(struct arena *arena, const struct kind_play *kind,
                     const struct resource *resource)
{
    cJSON *json = tree_object(arena);
    nanos next = outcome_next(resource);
    tree_set_string(arena, json, "provider", kind->played->provider->name);
    tree_set_string(arena, json, "kind", kind->kind->name);
    tree_set_string(arena, json, "machine", kind->kind->machine->name);
    tree_set_string(arena, json, "id", resource->id);
    admin_set_text(arena, json, "owner", resource_owner(resource));
    tree_set_string(arena, json, "state", resource_state(kind, resource));
    admin_set_instant(arena, json, "born", resource->born);
    admin_set_instant(arena, json, "entered", resource->entered);
    admin_set_integer(arena, json, "version", resource->version);
    if (next != HORIZON_NONE)
        admin_set_instant(arena, json, "next_event", next);
    return json;
}

struct listing {
    struct admin_call *call;
    cJSON *items;
    size_t limit, total;
};

static void list_one(struct kind_play *kind, struct resource *resource, void *data)
{
    struct listing *listing = data;
    if (listing->total++ < listing->limit)
        tree_append(listing->items, resource_json(listing->call->arena, kind, resource));
}

struct resource_filter resource_filter_read(struct admin_call *call)
{
    struct resource_filter filter = {
        .provider = admin_query(call, "provider"),
        .kind = admin_query(call, "kind"),
        .state = admin_query(call, "state"),
    };
    resource_filter_check(call, &filter);
    return filter;
}

void admin_resources(struct admin_call *call)
{
    struct resource_filter filter = resource_filter_read(call);
    struct listing listing = {call, tree_array(call->arena), admin_query_limit(call), 0};
    if (admin_refuse_problems(call))
        return;
    admin_look(call);
    resource_each(call, &filter, list_one, &listing);
    world_unlock(call->world);
    cJSON *body = tree_object(call->arena);
    tree_set(call->arena, body, "resources", listing.items);
    admin_set_integer(call->arena, body, "total", (int64_t)listing.total);
    admin_reply(call, 200, body);
}

static cJSON *playing_json(struct arena *arena, const struct playing *playing)
{
    static const char *const statuses[] = {"due", "halted", "signal", "queued"};
    cJSON *json = tree_object(arena);
    tree_set_string(arena, json, "name", playing->outcome->name);
    tree_set_string(arena, json, "status", statuses[playing->status]);
    if (playing->status == PLAYING_DUE && playing->event)
        admin_set_instant(arena, json, "due", queue_event_due(playing->event));
    if (playing->status == PLAYING_SIGNAL)
        tree_set_string(arena, json, "signal", playing->signal);
    return json;
}

static void set_live(struct arena *arena, cJSON *json, const struct resource *resource)
{
    const struct live *live = live_find(resource);
    cJSON *timers = tree_array(arena);
    for (size_t i = 0; live && i < live->timers.count; i++) {
        const struct armed_timer *armed = live->timers.items[i];
        if (!armed->event)
            continue;
        cJSON *timer = tree_object(arena);
        tree_set_string(arena, timer, "name", armed->timer->name);
        admin_set_instant(arena, timer, "due", armed->due);
        tree_append(timers, timer);
    }
    if (live && live->playing)
        tree_set(arena, json, "outcome", playing_json(arena, live->playing));
    tree_set(arena, json, "timers", timers);
}

/* The body as an answer would show it, and beside it what is kept hidden. */
static void set_body(struct admin_call *call, cJSON *json, const struct found_resource *found)
{
    struct play play;
    struct arena *arena = call->arena;
    const struct kind *kind = found->kind->kind;
    play_begin(&play, call->world, found->kind->played, arena,
               draw_hash_text(call->world->seed, found->resource->id));
    tree_set(arena, json, "body", tree_copy(arena, body_show(&play, found->resource, NULL)));
    cJSON *hidden = tree_object(arena);
    for (size_t i = 0; i < kind->hidden_count; i++) {
        const cJSON *value = pointer_get(play_tree(&play, found->resource), kind->hidden[i]);
        if (value)
            tree_set(arena, hidden, kind->hidden[i], tree_copy(arena, value));
    }
    tree_set(arena, json, "hidden", hidden);
    play_end(&play);
}

void admin_resource(struct admin_call *call)
{
    struct arena *arena = call->arena;
    struct resource_filter filter = resource_filter_read(call);
    cJSON *body = NULL;
    int status = 0;
    const char *detail = NULL;
    if (admin_refuse_problems(call))
        return;
    admin_look(call);
    struct found_resource found = resource_lookup(call, call->values[0], &filter, &status, &detail);
    if (found.resource) {
        const struct state *state = &found.kind->kind->machine->states[found.resource->state];
        body = resource_json(arena, found.kind, found.resource);
        admin_set_bool(arena, body, "terminal", state->terminal);
        admin_set_bool(arena, body, "waits", state->waits);
        set_live(arena, body, found.resource);
        set_body(call, body, &found);
        tree_set_string(arena, body, "history",
                        arena_printf(arena, "/__admin/resources/%s/history", call->values[0]));
    }
    world_unlock(call->world);
    if (body)
        admin_reply(call, 200, body);
    else
        resource_refuse(call, status, detail);
}
