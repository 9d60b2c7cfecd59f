/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/json.h"
#include "mock/body.h"
#include "mock/generation.h"
#include "mock/keep/restore_parts.h"
#include "mock/loading.h"
#include "mock/state.h"

/* ---- by serial ---- */

static uint32_t hash_serial(uint64_t serial)
{
    return (uint32_t)(serial * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static uint32_t hash_of(const void *item)
{
    return hash_serial(((const struct resource *)item)->serial);
}

static bool has_serial(const void *item, const void *key)
{
    return ((const struct resource *)item)->serial == *(const uint64_t *)key;
}

void restore_serials_init(struct restoring *restoring)
{
    table_init(&restoring->serials, hash_of, &restoring->table_bytes);
}

struct resource *restore_find(const struct restoring *restoring, uint64_t serial)
{
    return table_find(&restoring->serials, hash_serial(serial), has_serial, &serial);
}

/* ---- names ---- */

const char *restore_name(struct restoring *restoring, const char *text)
{
    struct world_state *state = state_of(restoring->world);
    if (!state->names)
        state->names = arena_new();
    return arena_strdup(state->names, text);
}

static const char *near_of(const char *name, const char *const *known, size_t count,
                           struct arena *arena)
{
    const char *near = text_nearest_of(name, known, count);
    return near ? arena_printf(arena, ", did you mean '%s'?", near) : "";
}

/* It is played in the world from now on, without its seeds. */
static const struct played *take_in(struct restoring *restoring, struct str piece, size_t index)
{
    struct reading *reading = restoring->reading;
    const struct played *here = state_unit(restoring->world, index);
    const struct played *played = here ? here : loading_get(reading->mock, index);
    if (here)
        return here;
    if (played->failure || !played->generation) {
        const char *why = played->failure ? played->failure : "its documents are gone";
        if (reading_first_time(reading, why))
            reading_problem(reading, piece.ptr, "%s", why);
        return NULL;
    }
    generation_adopt(restoring->world, played);
    return played;
}

const struct played *restore_provider(struct restoring *restoring, struct str piece,
                                      const char *name)
{
    struct reading *reading = restoring->reading;
    struct mock *mock = reading->mock;
    size_t count = mock->played_count;
    const char **known = arena_alloc(reading->scratch, (count + 1) * sizeof *known);
    for (size_t i = 0; i < count; i++) {
        known[i] = mock->played[i]->provider->name;
        if (text_is(known[i], name))
            return take_in(restoring, piece, i);
    }
    if (reading_first_time(reading, arena_printf(reading->scratch, "provider %s", name)))
        reading_problem(reading, piece.ptr, "no provider '%s' is played here%s", name,
                        near_of(name, known, count, reading->scratch));
    return NULL;
}

struct kind_play *restore_kind(struct restoring *restoring, const struct played *played,
                               struct str piece, const char *name)
{
    struct reading *reading = restoring->reading;
    const struct provider *provider = played->provider;
    const struct kind *kind = provider_kind(provider, name);
    if (kind)
        return played_kind(played, kind);
    const char **known = arena_alloc(reading->scratch, (provider->kind_count + 1) * sizeof *known);
    for (size_t i = 0; i < provider->kind_count; i++)
        known[i] = provider->kinds[i].name;
    if (reading_first_time(reading,
                           arena_printf(reading->scratch, "kind %s %s", provider->name, name)))
        reading_problem(reading, piece.ptr, "'%s' has no kind '%s'%s", provider->name, name,
                        near_of(name, known, provider->kind_count, reading->scratch));
    return NULL;
}

static int read_state(struct restoring *restoring, struct str piece, const struct machine *machine)
{
    struct reading *reading = restoring->reading;
    const char *name = read_text(reading, reading->scratch, piece);
    if (!name)
        return machine->first_initial != STATE_NONE ? machine->first_initial : 1;
    int state = machine_state(machine, name);
    if (state > STATE_ABSENT)
        return state;
    const char **known = arena_alloc(reading->scratch, (machine->state_count + 1) * sizeof *known);
    for (size_t i = 1; i < machine->state_count; i++)
        known[i - 1] = machine->states[i].name;
    reading_problem(reading, piece.ptr, "machine '%s' has no state '%s'%s", machine->name, name,
                    near_of(name, known, machine->state_count - 1, reading->scratch));
    return STATE_NONE;
}

/* ---- texts ---- */

static struct text *print(const cJSON *tree)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(tree, JSON_COMPACT, &out);
    struct text *text = text_new(out.buf, out.len);
    strbuf_release(&out);
    return text;
}

/* Texts, and the columns and links that follow from them. False: told. */
static bool read_body(struct restoring *restoring, const struct kind_play *kind, struct str view,
                      struct str hidden, struct resource_data *data)
{
    struct reading *reading = restoring->reading;
    cJSON *shown = read_tree(reading, reading->scratch, view);
    cJSON *beside = read_tree(reading, reading->scratch, hidden);
    if (!shown || (hidden.ptr && !beside))
        return false;
    if (beside && !cJSON_IsObject(beside)) {
        reading_problem(reading, hidden.ptr, "'hidden' is %s, not an object",
                        tree_type_name(beside));
        return false;
    }
    data->view = print(shown);
    data->hidden = beside ? print(beside) : NULL;
    const cJSON *member;
    cJSON_ArrayForEach (member, beside)
        if (cJSON_IsObject(shown))
            tree_set(reading->scratch, shown, member->string, tree_share(reading->scratch, member));
    body_index(reading->scratch, kind, shown, data);
    return true;
}

/* ---- moves ---- */

static int move_state(struct reading *reading, struct str piece, const struct machine *machine,
                      const char *name)
{
    if (text_is(name, "absent"))
        return MOVE_ABSENT;
    int state = name ? machine_state(machine, name) : STATE_NONE;
    if (state == STATE_NONE)
        reading_problem(reading, piece.ptr, "machine '%s' has no state '%s'", machine->name,
                        name ? name : "");
    return state;
}

static bool read_number(const cJSON *array, size_t index, uint32_t *out)
{
    const cJSON *node = tree_at(array, index);
    int64_t value;
    if (!node)
        return true;
    if (!tree_as_int64(node, &value) || value < 0 || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* [instant, from, to, cause, exchange, sequence] */
static void read_move(struct restoring *restoring, struct resource *resource,
                      const struct machine *machine, struct str piece)
{
    struct reading *reading = restoring->reading;
    const cJSON *row = read_tree(reading, reading->scratch, piece);
    const char *at = tree_text(tree_at(row, 0));
    struct move_record move = {0};
    struct move_cause none = {0};
    uint32_t cause = 0;
    if (!row)
        return;
    if (!cJSON_IsArray(row) || tree_count(row) < 3 || tree_count(row) > 6 || !at ||
        instant_parse(at, false, &move.at) || !read_number(row, 3, &cause) ||
        !read_number(row, 4, &move.exchange) || !read_number(row, 5, &move.sequence)) {
        reading_problem(reading, piece.ptr,
                        "a move is [instant, from, to, cause, exchange, sequence]");
        return;
    }
    int from = move_state(reading, piece, machine, tree_text(tree_at(row, 1)));
    int to = move_state(reading, piece, machine, tree_text(tree_at(row, 2)));
    move.from = (uint8_t)from;
    move.to = (uint8_t)to;
    if (tree_at(row, 3) && cause >= restoring->causes.count)
        reading_problem(reading, piece.ptr, "there is no cause %u: 'causes' has %zu", cause,
                        restoring->causes.count);
    else if (from != STATE_NONE && to != STATE_NONE)
        store_restore_move(restoring->world->store, resource, &move,
                           tree_at(row, 3) ? &restoring->causes.items[cause] : &none);
}

static void read_moves(struct restoring *restoring, struct resource *resource,
                       const struct machine *machine, struct str piece)
{
    struct json_walk walk;
    struct str item;
    if (!read_items(restoring->reading, piece, &walk))
        return;
    while (read_next(restoring->reading, &walk, &item))
        read_move(restoring, resource, machine, item);
}

/* ---- one resource ---- */

enum {
    PROVIDER,
    KIND,
    ID,
    OWNER,
    SERIAL,
    STATE,
    DELETED,
    VERSION,
    BORN,
    ENTERED,
    VIEW,
    HIDDEN,
    MOVES,
    MOVES_DROPPED,
    TIMERS,
    EVENTS,
    EVENTS_DROPPED,
    OUTCOME,
    MEMBERS
};
static const char *const member_names[MEMBERS] = {
    "provider", "kind",          "id",     "owner",   "serial",         "state",
    "deleted",  "version",       "born",   "entered", "view",           "hidden",
    "moves",    "moves_dropped", "timers", "events",  "events_dropped", "outcome"};

/* The kind, or NULL when that or what must be there is missing; told. */
static struct kind_play *read_kind(struct restoring *restoring, struct str piece,
                                   const struct str *values, const char **id)
{
    struct reading *reading = restoring->reading;
    static const int needed[] = {PROVIDER, KIND, ID, VIEW};
    bool is_whole = true;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!values[needed[i]].ptr) {
            reading_problem(reading, piece.ptr, "a resource has no '%s'", member_names[needed[i]]);
            is_whole = false;
        }
    const char *provider = read_text(reading, reading->scratch, values[PROVIDER]);
    const char *kind = read_text(reading, reading->scratch, values[KIND]);
    *id = read_text(reading, reading->scratch, values[ID]);
    const struct played *played =
        provider ? restore_provider(restoring, values[PROVIDER], provider) : NULL;
    struct kind_play *found =
        played && kind ? restore_kind(restoring, played, values[KIND], kind) : NULL;
    return is_whole && *id ? found : NULL;
}

static void read_rebirth(struct restoring *restoring, const struct str *values,
                         struct rebirth *rebirth)
{
    struct reading *reading = restoring->reading;
    int64_t serial = (int64_t)restoring->last_serial + 1, version = 1, dropped = 0;
    rebirth->birth.at = world_now(restoring->world);
    read_integer(reading, values[SERIAL], 1, INT64_MAX - 1, &serial);
    read_integer(reading, values[VERSION], 1, UINT32_MAX, &version);
    read_integer(reading, values[MOVES_DROPPED], 0, UINT32_MAX, &dropped);
    read_instant(reading, values[BORN], &rebirth->birth.at);
    rebirth->entered = rebirth->birth.at;
    read_instant(reading, values[ENTERED], &rebirth->entered);
    read_flag(reading, values[DELETED], &rebirth->is_deleted);
    rebirth->serial = (uint64_t)serial;
    rebirth->version = (uint32_t)version;
    rebirth->moves_dropped = (uint32_t)dropped;
    rebirth->birth.owner = read_text(reading, reading->scratch, values[OWNER]);
}

static struct resource *bear(struct restoring *restoring, struct str piece,
                             const struct rebirth *rebirth)
{
    struct error err = {0};
    const struct resource *twin = restore_find(restoring, rebirth->serial);
    if (twin) {
        reading_problem(restoring->reading, piece.ptr,
                        "'%s' has the serial %llu, which '%s' has already", rebirth->birth.id,
                        (unsigned long long)rebirth->serial, twin->id);
        return NULL;
    }
    struct resource *resource = store_restore(restoring->world->store, rebirth, &err);
    if (!resource) {
        reading_problem(restoring->reading, piece.ptr, "%s", err.text);
        return NULL;
    }
    table_add(&restoring->serials, resource);
    restoring->last_serial = rebirth->serial;
    if (rebirth->is_deleted)
        vec_push(&restoring->gone, resource);
    else
        restoring->session->resources++;
    return resource;
}

static void restore_resource(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[MEMBERS];
    struct rebirth rebirth = {0};
    int64_t dropped = 0;
    if (!read_members(reading, piece, member_names, MEMBERS, values))
        return;
    const struct kind_play *kind = read_kind(restoring, piece, values, &rebirth.birth.id);
    if (!kind)
        return;
    int state = read_state(restoring, values[STATE], kind->kind->machine);
    read_rebirth(restoring, values, &rebirth);
    read_integer(reading, values[EVENTS_DROPPED], 0, INT64_MAX / 2, &dropped);
    if (state == STATE_NONE ||
        !read_body(restoring, kind, values[VIEW], values[HIDDEN], &rebirth.birth.data))
        return;
    rebirth.birth.kind = kind->index;
    rebirth.birth.state = (uint8_t)state;
    struct resource *resource = bear(restoring, piece, &rebirth);
    body_release(&rebirth.birth.data);
    if (!resource)
        return;
    read_moves(restoring, resource, kind->kind->machine, values[MOVES]);
    restore_timers(restoring, resource, values[TIMERS]);
    restore_events(restoring, resource, values[EVENTS], dropped);
    if (values[OUTCOME].ptr)
        vec_push(&restoring->later, ((struct later_outcome){resource, values[OUTCOME]}));
}

void restore_resources(struct restoring *restoring, struct str piece)
{
    struct json_walk walk;
    struct str item;
    if (!read_items(restoring->reading, piece, &walk))
        return;
    while (read_next(restoring->reading, &walk, &item)) {
        restore_resource(restoring, item);
        world_charge(restoring->world); /* which limits what follows */
        arena_reset(restoring->reading->scratch);
    }
}
