/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/played.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/contract/openapi.h"
#include "core/contract/router.h"
#include "core/data/pointer.h"
#include "core/expr/match.h"
#include "mock/reads.h"

/* ---- columns ---- */

/* The schema of the member that a pointer leads to; NULL when the document does not describe it. */
static const struct schema *schema_at(const struct schema *schema, const char *pointer)
{
    char name[128];
    while (schema && *pointer == '/') {
        const char *end = pointer + 1 + strcspn(pointer + 1, "/");
        size_t len = (size_t)(end - pointer - 1);
        if (len >= sizeof name || memchr(pointer, '~', len + 1))
            return NULL;
        memcpy(name, pointer + 1, len);
        name[len] = '\0';
        schema = schema_property(schema, name);
        pointer = end;
    }
    return schema;
}

static bool is_date_time(const struct schema *schema)
{
    const cJSON *node = schema_node(schema_target(schema));
    return text_is(tree_get_text(node, "format"), "date-time");
}

/* What a member's schema makes of its column; false when it cannot be one. */
static bool column_from(const struct kind *kind, const char *at, struct column *column)
{
    const struct schema *schema = kind->schema ? schema_at(kind->schema, at) : NULL;
    *column = (struct column){.at = at, .type = COLUMN_TEXT};
    if (!schema)
        return false;
    unsigned types = schema_types(schema) & ~(unsigned)SCHEMA_NULL;
    if (types == SCHEMA_STRING) {
        column->is_instant = is_date_time(schema);
        column->type = column->is_instant ? COLUMN_INTEGER : COLUMN_TEXT;
        return true;
    }
    if (types == SCHEMA_INTEGER || types == SCHEMA_BOOLEAN) {
        column->type = COLUMN_INTEGER;
        return true;
    }
    column->type = COLUMN_REAL;
    return types == (SCHEMA_INTEGER | SCHEMA_NUMBER);
}

struct making {
    struct arena *arena;
    const struct kind *kind;
    struct {
        VEC(struct column);
    } columns;
    struct {
        VEC(struct order);
    } orders;
};

/* What no schema describes can be sorted by as a text; filters then read the resource itself. */
static void want_column(struct making *making, const char *at, bool is_sorted)
{
    struct column column;
    const struct column *known;
    vec_foreach (known, &making->columns)
        if (text_is(known->at, at))
            return;
    if ((!column_from(making->kind, at, &column) && !is_sorted) ||
        making->columns.count >= KIND_COLUMNS_MAX)
        return;
    vec_push_arena(making->arena, &making->columns, column);
}

static void want_order(struct making *making, const char *at, bool absent_first, bool ties)
{
    const struct order *known;
    vec_foreach (known, &making->orders)
        if (text_is(known->at, at) && known->absent_first == absent_first &&
            known->ties_descending == ties)
            return;
    struct order order = {at, absent_first, ties};
    vec_push_arena(making->arena, &making->orders, order);
}

/* Members that a match names, as written in the file: only their pointers matter here. */
static void want_columns_of(struct making *making, const struct match *match)
{
    for (size_t i = 0; i < match_test_count(match); i++)
        want_column(making, match_test_pointer(match, i), false);
}

static void want_list(struct making *making, const struct list *list)
{
    for (size_t i = 0; i < list->sort.key_count; i++) {
        const struct sort_key *key = &list->sort.keys[i];
        bool always_there = making->kind->schema && key->at[0] == '/' &&
                            schema_requires(making->kind->schema, key->at + 1);
        want_column(making, key->at, true);
        want_order(making, key->at, key->absent_first, list->sort.ties_descending);
        if (!always_there) /* walked backwards, absent members would change their end */
            want_order(making, key->at, !key->absent_first, list->sort.ties_descending);
    }
    want_columns_of(making, list->where);
    for (size_t i = 0; i < list->filter_count; i++)
        for (size_t j = 0; j < list->filters[i].row_count; j++)
            want_columns_of(making, list->filters[i].rows[j].where);
}

static void want_answers(struct making *making, const struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++)
        if (answers->items[i].kind == ANSWER_LIST && answers->items[i].list->kind == making->kind)
            want_list(making, answers->items[i].list);
}

/* ---- one kind ---- */

static bool schema_takes_null(const struct schema *schema)
{
    return (schema_types(schema) & SCHEMA_NULL) != 0;
}

/* The document's members that are shown as null when they are not set. */
static void find_unset(struct arena *arena, const struct provider *provider, struct kind_play *play)
{
    enum unset_form form = provider->service.unset;
    struct {
        VEC(struct unset_member);
    } members = {0};
    const struct schema *schema = play->kind->schema;
    if (form == UNSET_OMIT || !schema)
        return;
    const cJSON *properties = tree_get(schema_node(schema_target(schema)), "properties");
    const cJSON *property;
    cJSON_ArrayForEach (property, properties) {
        const struct schema *member = schema_property(schema, property->string);
        if (member && (form == UNSET_NULL || schema_takes_null(member))) {
            struct unset_member unset = {property->string};
            vec_push_arena(arena, &members, unset);
        }
    }
    play->unset = members.items;
    play->unset_count = members.count;
}

static bool is_streamed(const struct provider *provider, const struct machine *machine)
{
    const struct lifecycle *lifecycle = provider->lifecycle;
    for (size_t i = 0; i < lifecycle->stream_count; i++) {
        if (lifecycle->streams[i].of == machine->index)
            return true;
        for (size_t j = 0; j < machine->link_count; j++)
            if (machine->links[j].machine == lifecycle->streams[i].of)
                return true;
    }
    return false;
}

/* Hooks, of other kinds too, run within an outcome's moves and see the same names. */
static bool hooks_read_request(const struct provider *provider)
{
    for (size_t i = 0; i < provider->kind_count; i++)
        for (size_t j = 0; j < provider->kinds[i].hook_count; j++)
            if (hook_reads(&provider->kinds[i].hooks[j], "request"))
                return true;
    return false;
}

/* ---- where columns and links stand ---- */

struct roots {
    const char *names[MEMBER_SET_MAX];
    size_t count;
};

static struct place_in_body place_in_body(struct arena *arena, struct roots *roots,
                                          const char *pointer)
{
    struct place_in_body place = {path_compile(arena, pointer), -1};
    const char *name = place.path ? path_first(place.path) : NULL;
    for (size_t i = 0; name && i < roots->count && place.root < 0; i++)
        if (text_is(roots->names[i], name))
            place.root = (int)i;
    if (!name || place.root >= 0)
        return place;
    place.root = (int)roots->count;
    roots->names[roots->count++] = name; /* fewer than KIND_COLUMNS_MAX + KIND_LINKS_MAX */
    return place;
}

static void find_places(struct arena *arena, struct kind_play *play, struct column *columns)
{
    const struct machine *machine = play->kind->machine;
    struct roots roots = {.count = 0};
    struct place_in_body *links =
        arena_alloc(arena, (machine->link_count + 1) * sizeof *play->links);
    for (size_t i = 0; i < play->column_count; i++)
        columns[i].path = place_in_body(arena, &roots, columns[i].at);
    for (size_t i = 0; i < machine->link_count && i < KIND_LINKS_MAX; i++)
        links[i] = place_in_body(arena, &roots, machine->links[i].at);
    play->links = links;
    member_set_init(&play->roots,
                    arena_copy(arena, roots.names, (roots.count + 1) * sizeof *roots.names),
                    roots.count);
}

static void make_kind(struct arena *arena, struct played *played, const struct kind *kind,
                      unsigned index)
{
    const struct provider *provider = played->provider;
    struct kind_play *play = &played->kinds[kind->index];
    struct making making = {.arena = arena, .kind = kind};
    want_order(&making, NULL, true, false);
    for (size_t i = 0; i < provider->operation_count; i++) {
        const struct service_entry *entry = &provider->operations[i].service;
        want_answers(&making, &entry->answers);
        for (size_t j = 0; j < entry->case_count; j++)
            want_answers(&making, &entry->cases[j].answers);
    }
    play->kind = kind;
    play->played = played;
    play->index = index;
    play->columns = making.columns.items;
    play->column_count = making.columns.count;
    play->orders = making.orders.items;
    play->order_count = making.orders.count;
    find_places(arena, play, making.columns.items);
    for (size_t i = 0; i < kind->computed_count; i++) {
        if (kind->computed[i].at_write)
            play->computes_at_write = true;
        else
            play->computes_at_read = true;
    }
    bool *reads = arena_alloc(arena, (kind->outcomes.count + 1) * sizeof *reads);
    for (size_t i = 0; i < kind->outcomes.count; i++)
        reads[i] =
            hooks_read_request(provider) || steps_read(&kind->outcomes.items[i].steps, "request");
    play->reads_request = reads;
    play->is_streamed = is_streamed(provider, kind->machine);
    find_unset(arena, provider, play);
    play->is_plain = !play->computes_at_read && !play->unset_count;
}

/* ---- who follows whom ---- */

static void find_followers(struct arena *arena, struct played *played)
{
    const struct lifecycle *lifecycle = played->provider->lifecycle;
    struct followers *down = arena_alloc(arena, lifecycle->machine_count * sizeof *down);
    struct followers *up = arena_alloc(arena, lifecycle->machine_count * sizeof *up);
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];
        for (size_t j = 0; j < machine->link_count; j++) {
            const struct machine *target = &lifecycle->machines[machine->links[j].machine];
            struct follower follower = {machine, (unsigned)j};
            if (machine->always_count && played_kind_of(played, machine))
                vec_push_arena(arena, &down[target->index], follower);
            follower.machine = target;
            if (target->always_count && target != machine && played_kind_of(played, target))
                vec_push_arena(arena, &up[machine->index], follower);
        }
    }
    played->down = down;
    played->up = up;
}

/* ---- in the store ---- */

static struct kind_shape shape_of(struct arena *arena, const struct kind_play *kind)
{
    enum column_type *columns = arena_alloc(arena, (kind->column_count + 1) * sizeof *columns);
    struct order_shape *orders = arena_alloc(arena, kind->order_count * sizeof *orders);
    for (size_t i = 0; i < kind->column_count; i++)
        columns[i] = kind->columns[i].type;
    for (size_t i = 0; i < kind->order_count; i++) {
        int column = kind->orders[i].at ? kind_column(kind, kind->orders[i].at) : ORDER_BY_BIRTH;
        orders[i] = (struct order_shape){column, !kind->orders[i].absent_first,
                                         kind->orders[i].ties_descending};
    }
    return (struct kind_shape){
        .name = kind->kind->name,
        .state_count = kind->kind->machine->state_count,
        .columns = columns,
        .column_count = kind->column_count,
        .orders = orders,
        .order_count = kind->order_count,
        .link_count = kind->kind->machine->link_count,
    };
}

static void find_places_in_store(struct arena *arena, struct played *played)
{
    const size_t count = played->provider->kind_count;
    struct kind_shape *shapes = arena_alloc(arena, (count + 1) * sizeof *shapes);
    for (size_t i = 0; i < count; i++) {
        shapes[i] = shape_of(arena, &played->kinds[i]);
        if (played->kinds[i].index >= played->index_count)
            played->index_count = played->kinds[i].index + 1;
    }
    struct kind_play **by_index =
        arena_alloc(arena, (played->index_count + 1) * sizeof(struct kind_play *));
    for (size_t i = 0; i < count; i++)
        by_index[played->kinds[i].index] = &played->kinds[i];
    played->shapes = shapes;
    played->by_index = by_index;
}

struct played *played_new(struct arena *arena, const struct provider *provider,
                          const unsigned *indexes, struct findings *findings)
{
    struct played *played = arena_alloc(arena, sizeof *played);
    played->provider = provider;
    played->kinds = arena_alloc(arena, (provider->kind_count + 1) * sizeof *played->kinds);
    for (size_t i = 0; i < provider->kind_count; i++)
        make_kind(arena, played, &provider->kinds[i], indexes[i]);
    find_places_in_store(arena, played);
    find_followers(arena, played);
    played->shows = arena_alloc(arena, (provider->operation_count + 1) * sizeof *played->shows);
    struct router *router = router_new(arena);
    for (size_t i = 0; i < provider->service.mount_count; i++)
        router_mount(router, provider->contract, provider->service.mounts[i].at,
                     provider->service.mounts[i].replaces, findings);
    played->router = router;
    return played;
}

struct kind_play *played_kind(const struct played *played, const struct kind *kind)
{
    const struct provider *provider = played->provider;
    if ((size_t)kind->index < provider->kind_count && &provider->kinds[kind->index] == kind)
        return &played->kinds[kind->index];
    kind = provider_kind(provider, kind->name);
    return kind ? &played->kinds[kind->index] : NULL;
}

struct kind_play *played_kind_of(const struct played *played, const struct machine *machine)
{
    const struct kind *kind = played->provider->kind_of_machine[machine->index];
    return kind ? &played->kinds[kind->index] : NULL;
}

int kind_column(const struct kind_play *kind, const char *at)
{
    for (size_t i = 0; i < kind->column_count; i++)
        if (text_is(kind->columns[i].at, at))
            return (int)i;
    return -1;
}

int kind_order(const struct kind_play *kind, const struct sort_key *key, bool ties_descending,
               bool is_backward)
{
    int found = -1;
    for (size_t i = 0; i < kind->order_count; i++) {
        const struct order *order = &kind->orders[i];
        if (!key && !order->at)
            return (int)i;
        if (!key || !text_is(order->at, key->at) || order->ties_descending != ties_descending)
            continue;
        if (order->absent_first == (key->absent_first != is_backward))
            return (int)i;
        found = (int)i;
    }
    return found;
}
