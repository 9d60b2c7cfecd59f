/* SPDX-License-Identifier: Apache-2.0 */
/* The story of one resource: its moves, and the exchanges that touched it. */
#include "core/base/str.h"
#include "mock/admin/handlers.h"
#include "mock/admin/requests.h"
#include "mock/admin/resources.h"

static const char *state_name(const struct machine *machine, uint8_t state)
{
    return state == MOVE_ABSENT || state >= machine->state_count ? "absent"
                                                                 : machine->states[state].name;
}

/* What did it, which request that was, and the row or step of the data that says so. */
static void set_cause(struct arena *arena, cJSON *json, const struct move_cause *cause)
{
    tree_set_string(arena, json, "cause", cause->name ? cause->name : cause_kind_name(cause->kind));
    tree_set_string(arena, json, "by", cause_kind_name(cause->kind));
    if (cause->exchange)
        admin_set_integer(arena, json, "exchange", cause->exchange);
    if (cause->place && cause->place->file)
        tree_set_string(arena, json, "rule",
                        arena_printf(arena, "%s:%u", cause->place->file, cause->place->line));
}

static cJSON *moves_json(struct admin_call *call, const struct found_resource *found)
{
    struct arena *arena = call->arena;
    cJSON *moves = tree_array(arena);
    const struct move_log *log = &found->resource->moves;
    for (size_t i = 0; i < log->count; i++) {
        const struct move_record *row = &log->items[i];
        cJSON *move = tree_object(arena);
        admin_set_integer(arena, move, "number", (int64_t)(log->dropped + i + 1));
        admin_set_instant(arena, move, "at", row->at);
        tree_set_string(arena, move, "from", state_name(found->kind->kind->machine, row->from));
        tree_set_string(arena, move, "to", state_name(found->kind->kind->machine, row->to));
        struct move_cause cause = store_cause(call->world->store, row);
        set_cause(arena, move, &cause);
        admin_set_integer(arena, move, "sequence", row->sequence);
        tree_append(moves, move);
    }
    return moves;
}

struct touching {
    const char *id, *machine, *provider; /* NULL = any */
};

static bool touches(const struct journal_record *record, void *data)
{
    const struct touching *touching = data;
    if (touching->provider && !text_is(touching->provider, record->provider))
        return false;
    for (size_t i = 0; i < record->touched_count; i++)
        if (text_is(record->touched[i].id, touching->id) &&
            (!touching->machine || text_is(record->touched[i].machine, touching->machine)))
            return true;
    return false;
}

/* The state in which the exchange left the resource, instead of the whole list of touched ones. */
static cJSON *exchange_json(struct arena *arena, const struct journal_record *record,
                            const struct touching *touching)
{
    cJSON *json = request_json(arena, record, RECORD_SHORT);
    tree_remove(json, "touched");
    for (size_t i = 0; i < record->touched_count; i++)
        if (text_is(record->touched[i].id, touching->id))
            tree_set_string(arena, json, "state", record->touched[i].state);
    return json;
}

static cJSON *exchanges_json(struct admin_call *call, struct touching *touching)
{
    struct journal_view view;
    cJSON *exchanges = tree_array(call->arena);
    journal_query(call->world->journal, touches, touching, ADMIN_LIMIT_MAX, &view);
    for (size_t i = 0; i < view.count; i++)
        tree_append(exchanges,
                    exchange_json(call->arena, journal_record_of(view.entries[i]), touching));
    journal_view_release(&view);
    return exchanges;
}

void admin_history(struct admin_call *call)
{
    struct arena *arena = call->arena;
    struct resource_filter filter = resource_filter_read(call);
    struct touching touching = {.id = call->values[0], .provider = filter.provider};
    cJSON *body = NULL;
    int status = 0;
    const char *detail = NULL;
    if (admin_refuse_problems(call))
        return;
    admin_look(call);
    struct found_resource found = resource_lookup(call, call->values[0], &filter, &status, &detail);
    if (found.resource) {
        touching.machine = found.kind->kind->machine->name;
        touching.provider = found.kind->played->provider->name;
        body = resource_json(arena, found.kind, found.resource);
        tree_set(arena, body, "moves", moves_json(call, &found));
        admin_set_integer(arena, body, "moves_dropped", found.resource->moves.dropped);
    }
    world_unlock(call->world);
    cJSON *exchanges = exchanges_json(call, &touching);
    if (!body && (status != 404 || !tree_count(exchanges))) {
        resource_refuse(call, status, detail);
        return;
    }
    if (!body) { /* it is gone; the journal still knows of it */
        body = tree_object(arena);
        tree_set_string(arena, body, "id", call->values[0]);
        tree_set_string(arena, body, "state", "absent");
        tree_set(arena, body, "moves", tree_array(arena));
    }
    tree_set(arena, body, "exchanges", exchanges);
    admin_reply(call, 200, body);
}
