/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world_view.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/template.h"
#include "mock/world/scan.h"

struct subject world_view_subject(const struct machine *machine, struct resource *resource)
{
    struct subject subject = {.machine = machine, .states = STATE_BIT(STATE_ABSENT)};
    if (resource) {
        subject.states = STATE_BIT(resource->state);
        subject.unread = resource; /* few rows look inside */
    }
    return subject;
}

/* ---- candidates of a query, in birth order ---- */

struct candidates {
    struct play *play;
    const struct query *query;
    struct {
        VEC(struct resource *);
    } found;
    bool youngest_only, any; /* `last`; stop at the first that fits */
};

static bool fits(struct candidates *all, struct resource *resource)
{
    const struct query *query = all->query;
    if (!(query->in & STATE_BIT(resource->state)))
        return false;
    if (!query->where)
        return true;
    return query_fits(query, STATE_BIT(resource->state), play_tree(all->play, resource), false,
                      &all->play->eval) == TRUTH_TRUE;
}

static void add(struct candidates *all, struct resource *resource)
{
    if (resource && fits(all, resource))
        vec_push_arena(all->play->arena, &all->found, resource);
}

/* `of` beside an id names the owner, where ids are unique only within one. */
static struct resource *find_one(struct candidates *all, const struct machine *machine,
                                 const char *id)
{
    const struct lifecycle *lifecycle = all->play->played->provider->lifecycle;
    const char *owner =
        all->query->of ? query_of_id(lifecycle, all->query, &all->play->eval) : NULL;
    return play_find_under(all->play, machine, owner, id);
}

static void add_ids(struct candidates *all, const struct machine *machine)
{
    const cJSON *ids = template_value(all->query->ids, &all->play->eval), *id;
    cJSON_ArrayForEach (id, ids)
        if (cJSON_IsString(id))
            add(all, find_one(all, machine, id->valuestring));
}

static void add_related(struct candidates *all, const struct kind_play *kind, const char *target)
{
    struct store *store = all->play->world->store;
    unsigned link = (unsigned)all->query->link;
    if (!store_related_count(store, kind->index, link, target, all->query->in))
        return;
    struct resource *one = store_related_first(store, kind->index, link, target);
    for (; one && !(all->any && all->found.count); one = store_related_next(one, link))
        add(all, one);
}

/* Every resource of the kind: costs a pass, docs/LIMITS.md. */
static void add_all(struct candidates *all, const struct kind_play *kind)
{
    struct scan scan = {.limit = SIZE_MAX};
    struct predicate states = {.test = TEST_STATE, .states = all->query->in};
    scan.predicates = &states;
    scan.predicate_count = 1;
    struct scan_result result;
    scan_run(store_index(all->play->world->store, kind->index), &scan, &result);
    for (size_t i = 0; i < result.count && !(all->any && all->found.count); i++)
        add(all, result.rows[i]);
    scan_release(&result);
}

static void find(struct candidates *all)
{
    const struct query *query = all->query;
    const struct lifecycle *lifecycle = all->play->played->provider->lifecycle;
    const struct machine *machine = &lifecycle->machines[query->machine];
    const struct kind_play *kind = played_kind_of(all->play->played, machine);
    if (!kind)
        return;
    if (query->id) {
        const char *id = query_id(query, &all->play->eval);
        add(all, id ? find_one(all, machine, id) : NULL);
    } else if (query->ids) {
        add_ids(all, machine);
    } else if (query->of) {
        const char *target = query_of_id(lifecycle, query, &all->play->eval);
        if (target)
            add_related(all, kind, target);
    } else {
        add_all(all, kind);
    }
}

static enum truth exists(void *data, const struct query *query, struct eval *eval)
{
    (void)eval;
    struct candidates all = {.play = data, .query = query, .any = true};
    find(&all);
    return all.found.count ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth last(void *data, const struct query *query, struct eval *eval)
{
    struct play *play = data;
    const struct lifecycle *lifecycle = play->played->provider->lifecycle;
    const struct kind_play *kind =
        played_kind_of(play->played, &lifecycle->machines[query->machine]);
    const char *target = query_of_id(lifecycle, query, eval);
    if (!kind || !target)
        return TRUTH_FALSE;
    struct candidates all = {.play = play, .query = query};
    struct resource *youngest =
        store_related_last(play->world->store, kind->index, (unsigned)query->link, target);
    return youngest && fits(&all, youngest) ? TRUTH_TRUE : TRUTH_FALSE;
}

static const cJSON *value(void *data, void *unread)
{
    return play_tree_kept(data, unread);
}

struct world_view world_view_of(struct play *play)
{
    return (struct world_view){.data = play, .exists = exists, .last = last, .value = value};
}

struct resource **world_view_select(struct play *play, const struct query *query, size_t *count)
{
    struct candidates all = {.play = play, .query = query};
    find(&all);
    *count = all.found.count;
    return all.found.items;
}

/* ---- binding ---- */

void world_view_bind(struct play *play, struct resource *resource)
{
    const struct kind *kind = play_kind(play, resource)->kind;
    const struct machine *machine = kind->machine;
    const struct lifecycle *lifecycle = play->played->provider->lifecycle;
    play_bind_resource(play, play->env, kind->name, resource);
    if (!text_is(kind->name, machine->name))
        play_bind_resource(play, play->env, machine->name, resource);
    play_bind_resource(play, play->env, "resource", resource);
    for (size_t i = 0; i < machine->link_count; i++) {
        const struct link *link = &machine->links[i];
        const char *target = store_link_target(resource, (unsigned)i);
        if (!target || text_is(link->name, machine->name) || play_resource_named(play, link->name))
            continue;
        struct resource *other = play_find(play, &lifecycle->machines[link->machine], target);
        play_bind_resource(play, play->env, link->name, other);
    }
}

const struct row *world_view_always(struct play *play, struct resource *resource, int *to)
{
    const struct machine *machine = play_machine(play, resource);
    struct subject subject = world_view_subject(machine, resource);
    struct world_view view = world_view_of(play);
    const struct row *row = always_decide(machine, &subject, &play->eval, &view);
    *to = row ? row_target(row, machine, resource->state, &play->eval) : STATE_NONE;
    return row;
}
