/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/restore.h"

#include "core/base/mem.h"
#include "mock/keep/restore_parts.h"
#include "mock/keep/snapshot_write.h"
#include "mock/loading.h"
#include "mock/state.h"
#include "mock/webhooks.h"

#include <stdlib.h>

/* ---- why things moved ---- */

enum { CAUSE_BY, CAUSE_NAME, CAUSE_FILE, CAUSE_LINE, CAUSE_COLUMN, CAUSE_MEMBERS };
static const char *const cause_names[CAUSE_MEMBERS] = {"by", "name", "file", "line", "column"};

static void read_cause(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[CAUSE_MEMBERS];
    struct move_cause cause = {0};
    int64_t line = 0, column = 0;
    if (!read_members(reading, piece, cause_names, CAUSE_MEMBERS, values))
        return;
    const char *by = read_text(reading, reading->scratch, values[CAUSE_BY]);
    unsigned kind = 0;
    while (kind < CAUSE_KINDS && !text_is(cause_kind_name((enum cause_kind)kind), by))
        kind++;
    if (kind == CAUSE_KINDS)
        reading_problem(reading, piece.ptr, "'by' of a cause is no kind of cause: '%s'",
                        by ? by : "");
    else
        cause.kind = (enum cause_kind)kind;
    cause.name = restore_name(restoring, read_text(reading, reading->scratch, values[CAUSE_NAME]));
    const char *file = read_text(reading, reading->scratch, values[CAUSE_FILE]);
    read_integer(reading, values[CAUSE_LINE], 0, INT32_MAX, &line);
    read_integer(reading, values[CAUSE_COLUMN], 0, INT32_MAX, &column);
    if (file) {
        file = restore_name(restoring, file);
        struct place *place = arena_alloc(state_of(restoring->world)->names, sizeof *place);
        *place = (struct place){file, (unsigned)line, (unsigned)column};
        cause.place = place;
    }
    vec_push(&restoring->causes, cause);
}

/* ---- webhooks ---- */

enum {
    CALL_CALLBACK,
    CALL_RESOURCE,
    CALL_METHOD,
    CALL_URL,
    CALL_HEADERS,
    CALL_BODY,
    CALL_TRIED,
    CALL_NUMBER,
    CALL_DUE,
    CALL_ORDER,
    CALL_MEMBERS
};
static const char *const call_names[CALL_MEMBERS] = {
    "callback", "resource", "method", "url", "headers", "body", "tried", "number", "due", "order"};

static void read_headers(struct reading *reading, struct str piece, struct kept_call *call)
{
    const cJSON *rows = read_tree(reading, reading->scratch, piece), *row;
    struct http_header *headers =
        arena_alloc(reading->scratch, (tree_count(rows) + 1) * sizeof *headers);
    cJSON_ArrayForEach (row, rows) {
        const char *name = tree_text(tree_at(row, 0)), *value = tree_text(tree_at(row, 1));
        if (name && value)
            headers[call->header_count++] = (struct http_header){name, value};
        else
            reading_problem(reading, piece.ptr, "'headers' are [name, value], both texts");
    }
    call->headers = headers;
}

static const struct webhook *find_webhook(const struct provider *provider, const char *name)
{
    for (size_t i = 0; i < provider->service.callback_count; i++)
        if (text_is(provider->service.callbacks[i].name, name))
            return &provider->service.callbacks[i];
    return NULL;
}

static void read_call(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[CALL_MEMBERS];
    struct kept_call call = {.due = world_now(restoring->world)};
    int64_t serial = 0, order = 0, number = 0;
    if (!read_members(reading, piece, call_names, CALL_MEMBERS, values))
        return;
    const char *name = read_text(reading, reading->scratch, values[CALL_CALLBACK]);
    read_integer(reading, values[CALL_RESOURCE], 1, INT64_MAX - 1, &serial);
    read_integer(reading, values[CALL_TRIED], 0, INT32_MAX, &call.tried);
    read_integer(reading, values[CALL_NUMBER], 0, INT64_MAX - 1, &number);
    read_integer(reading, values[CALL_ORDER], 1, INT64_MAX - 1, &order);
    read_instant(reading, values[CALL_DUE], &call.due);
    call.url = read_text(reading, reading->scratch, values[CALL_URL]);
    call.method = read_text(reading, reading->scratch, values[CALL_METHOD]);
    call.body = read_text(reading, reading->scratch, values[CALL_BODY]);
    call.sequence = (uint64_t)order;
    call.number = (uint64_t)number;
    call.resource = restore_find(restoring, (uint64_t)serial);
    read_headers(reading, values[CALL_HEADERS], &call);
    if (!name || !call.url || !call.method || !call.body || !call.resource) {
        reading_problem(reading, piece.ptr,
                        "a webhook needs 'callback', 'url', 'method', 'body' and the serial of a "
                        "'resource' that is here");
        return;
    }
    call.played = state_played_of_kind(restoring->world, call.resource->kind);
    call.webhook = find_webhook(call.played->provider, name);
    if (!call.webhook) {
        reading_remark(reading, piece.ptr, "a webhook is dropped: '%s' has no callback '%s'",
                       call.played->provider->name, name);
        return;
    }
    webhook_restore(restoring->world, &call);
    restoring->session->webhooks++;
}

/* ---- forced outcomes, draws, providers ---- */

enum { FORCED_PROVIDER, FORCED_KIND, FORCED_OUTCOME, FORCED_TIMES, FORCED_MEMBERS };
static const char *const forced_names[FORCED_MEMBERS] = {"provider", "kind", "outcome", "times"};

static void read_forced(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct str values[FORCED_MEMBERS];
    struct forced forced = {0};
    if (!read_members(reading, piece, forced_names, FORCED_MEMBERS, values))
        return;
    const char *provider = read_text(reading, reading->scratch, values[FORCED_PROVIDER]);
    const char *kind = read_text(reading, reading->scratch, values[FORCED_KIND]);
    const char *name = read_text(reading, reading->scratch, values[FORCED_OUTCOME]);
    read_integer(reading, values[FORCED_TIMES], 0, INT64_MAX, &forced.times);
    if (!provider || !kind || !name) {
        reading_problem(reading, piece.ptr, "what is forced has 'provider', 'kind' and 'outcome'");
        return;
    }
    const struct played *played = restore_provider(restoring, values[FORCED_PROVIDER], provider);
    const struct kind_play *of =
        played ? restore_kind(restoring, played, values[FORCED_KIND], kind) : NULL;
    forced.outcome = of ? kind_outcome(of->kind, name) : NULL;
    if (forced.outcome)
        vec_push(&state_of(restoring->world)->forced, forced);
    else if (of)
        reading_remark(reading, piece.ptr, "the outcome '%s' is not forced: kind '%s' has none",
                       name, kind);
}

static void read_draw(struct restoring *restoring, struct str piece)
{
    struct reading *reading = restoring->reading;
    struct draws_entry entry = {0};
    const cJSON *row = read_tree(reading, reading->scratch, piece);
    const char *key = tree_text(tree_at(row, 0));
    char *end = NULL;
    int64_t count = 0;
    if (key)
        entry.request = strtoull(key, &end, 16);
    bool is_right = key && strlen(key) == 16 && !*end && tree_as_int64(tree_at(row, 1), &count) &&
                    count > 0 && count <= UINT32_MAX;
    entry.count = (uint32_t)count;
    entry.is_old = tree_is_true(tree_at(row, 2));
    if (row && (!is_right || !draws_restore(restoring->world->draws, &entry)))
        reading_problem(reading, piece.ptr,
                        "a draw is [16 hexadecimal digits, how often from 1], each once");
}

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
    read_each(restoring, values[FORCED], read_forced);
    read_each(restoring, values[CAUSES], read_cause);
    restore_resources(restoring, values[RESOURCES]);
    restore_outcomes(restoring);
    read_each(restoring, values[WEBHOOKS], read_call);
    read_each(restoring, values[DRAWS], read_draw);
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

static void read_session(struct reading *reading, struct restored *restored, struct str piece,
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

/* ---- the document ---- */

static bool is_format(struct reading *reading, struct str piece)
{
    const char *format = read_text(reading, reading->scratch, piece);
    if (!piece.ptr)
        reading_problem(reading, reading->whole.ptr,
                        "this is no kept state: it has no 'dryrun_state'");
    else if (format && !text_is(format, STATE_FORMAT))
        reading_problem(reading, piece.ptr, "the format is '%.40s', this program reads '%s'",
                        format, STATE_FORMAT);
    return text_is(format, STATE_FORMAT);
}

static void read_document(struct reading *reading, struct restored *restored,
                          const struct restore_options *options)
{
    static const char *const names[] = {"dryrun_state", "sessions"};
    struct str values[2], item;
    struct json_walk walk;
    const char *end = reading->whole.ptr + reading->whole.len;
    struct str whole = json_walk_value(reading->whole);
    for (const char *at = whole.ptr + whole.len; whole.len && at < end; at++)
        if (!strchr(" \n\r\t", *at)) {
            reading_problem(reading, at, "more text behind the state");
            return;
        }
    if (!read_members(reading, whole.len ? whole : reading->whole, names, 2, values) ||
        !is_format(reading, values[0]))
        return;
    if (!values[1].ptr)
        reading_problem(reading, reading->whole.ptr, "a state has no 'sessions'");
    if (!read_items(reading, values[1], &walk))
        return;
    while (read_next(reading, &walk, &item) && reading->findings->errors <= READING_PROBLEMS_MAX)
        read_session(reading, restored, item, options);
    if (options->session && restored->count != 1)
        reading_problem(reading, values[1].ptr,
                        "there are %zu sessions here: add ?all=true to get them all, each by its "
                        "own name",
                        restored->count);
}

struct restored *restore_read(struct mock *mock, struct str text,
                              const struct restore_options *options, struct findings *findings)
{
    struct restored *restored = mem_alloc(sizeof *restored);
    struct reading reading = {
        .mock = mock,
        .findings = findings,
        .file = options->file,
        .whole = text.len ? text : (struct str){"", 0},
        .arena = arena_new(),
        .scratch = arena_new(),
        .told = map_new(),
    };
    restored->mock = mock;
    restored->all = options->all;
    restored->arena = arena_new();
    read_document(&reading, restored, options);
    map_free(reading.told);
    arena_free(reading.scratch);
    arena_free(reading.arena);
    if (!findings->errors)
        return restored;
    restored_free(restored);
    return NULL;
}

/* What was to go at once goes, and the scheduler hears what is due. */
static void resume(struct world *world)
{
    world_lock(world);
    if (!world_is_closed(world))
        webhooks_resume(world);
    world_unlock(world);
    world_unref(world);
}

int restore_commit(struct restored *restored, struct error *err)
{
    struct arena *arena = restored->arena;
    struct world **worlds = arena_alloc(arena, (restored->count + 1) * sizeof(struct world *));
    for (size_t i = 0; i < restored->count; i++)
        if (restored->items[i].world) /* they may be closed and forgotten at once */
            worlds[i] = world_ref(restored->items[i].world);
    int result = sessions_put(restored->mock->sessions, restored->items, restored->count,
                              restored->all, err);
    for (size_t i = 0; i < restored->count; i++) {
        if (worlds[i] && !result)
            resume(worlds[i]);
        else
            world_unref(worlds[i]);
    }
    return result;
}

void restored_free(struct restored *restored)
{
    if (!restored)
        return;
    for (size_t i = 0; i < restored->count; i++)
        if (restored->items[i].world)
            webhooks_forget(restored->items[i].world);
    session_items_release(restored->items, restored->count);
    mem_free(restored->sessions);
    arena_free(restored->arena);
    mem_free(restored);
}
