/* SPDX-License-Identifier: Apache-2.0 */
/* What is being run: routes, health, version, lifecycles. */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/json.h"
#include "mock/admin/handlers.h"

#include <inttypes.h>

void admin_index(struct admin_call *call)
{
    struct arena *arena = call->arena;
    cJSON *body = tree_object(arena), *routes = tree_array(arena);
    for (size_t i = 0; i < admin_route_count; i++) {
        const struct admin_route *row = &admin_routes[i];
        cJSON *route = tree_object(arena);
        tree_set_string(arena, route, "method", row->method);
        tree_set_string(arena, route, "path", arena_printf(arena, "/__admin%s", row->path));
        tree_set_string(arena, route, "summary", row->summary);
        if (row->members && *row->members)
            tree_set_string(arena, route, "members", row->members);
        if (row->queries)
            tree_set_string(arena, route, "query", row->queries);
        tree_append(routes, route);
    }
    tree_set(arena, body, "routes", routes);
    admin_reply(call, 200, body);
}

void admin_health(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    tree_set_string(call->arena, body, "status", "ok");
    admin_reply(call, 200, body);
}

static cJSON *provider_names(const struct admin_call *call)
{
    cJSON *names = tree_array(call->arena);
    for (size_t i = 0; i < call->mock->played_count; i++)
        if (!call->mock->played[i]->is_gone)
            tree_append(names, tree_string(call->arena, call->mock->played[i]->provider->name));
    return names;
}

void admin_ready(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    bool is_ready = !http_exchange_is_stopping(call->exchange->http);
    admin_set_bool(call->arena, body, "ready", is_ready);
    tree_set(call->arena, body, "providers", provider_names(call));
    admin_reply(call, is_ready ? 200 : 503, body);
}

void admin_version(struct admin_call *call)
{
    static const char *const clocks[] = {"real", "scaled", "virtual"};
    const struct mock_options *options = &call->mock->options;
    cJSON *body = tree_object(call->arena);
    tree_set_string(call->arena, body, "name", "dryrun");
    tree_set_string(call->arena, body, "version", DRYRUN_VERSION);
    tree_set(call->arena, body, "providers", provider_names(call));
    tree_set(call->arena, body, "seed",
             tree_number(call->arena, arena_printf(call->arena, "%" PRIu64, options->seed)));
    tree_set_string(call->arena, body, "clock", clocks[options->clock.mode]);
    admin_set_instant(call->arena, body, "started", call->mock->started);
    admin_reply(call, 200, body);
}

/* ---- lifecycles ---- */

static cJSON *state_names(struct arena *arena, const struct machine *machine, state_set set)
{
    cJSON *names = tree_array(arena);
    for (size_t i = 0; i < machine->state_count; i++)
        if (set & STATE_BIT(i))
            tree_append(names, tree_string(arena, machine->states[i].name));
    return names;
}

static cJSON *states_json(struct arena *arena, const struct machine *machine)
{
    cJSON *states = tree_array(arena);
    for (size_t i = 0; i < machine->state_count; i++) {
        const struct state *row = &machine->states[i];
        cJSON *state = tree_object(arena);
        tree_set_string(arena, state, "name", row->name);
        if (row->value)
            tree_set(arena, state, "value", tree_copy(arena, row->value));
        if (row->initial)
            admin_set_bool(arena, state, "initial", true);
        if (row->terminal)
            admin_set_bool(arena, state, "terminal", true);
        if (row->waits)
            admin_set_bool(arena, state, "waits", true);
        if (row->is_gone)
            admin_set_bool(arena, state, "gone", true);
        tree_append(states, state);
    }
    return states;
}

static void set_place(struct arena *arena, cJSON *object, struct place place)
{
    if (place.file)
        tree_set_string(arena, object, "rule",
                        arena_printf(arena, "%s:%u", place.file, place.line));
}

static cJSON *moves_json(struct arena *arena, const struct machine *machine)
{
    cJSON *moves = tree_array(arena);
    for (size_t i = 0; i < machine->move_count; i++) {
        const struct move *row = &machine->moves[i];
        cJSON *move = tree_object(arena);
        tree_set_string(arena, move, "from", machine->states[row->from].name);
        tree_set_string(arena, move, "to", machine->states[row->to].name);
        tree_set_string(arena, move, "source", source_name(row->source));
        set_place(arena, move, row->place);
        tree_append(moves, move);
    }
    return moves;
}

static cJSON *row_json(struct arena *arena, const struct machine *machine, const struct row *row)
{
    cJSON *json = tree_object(arena);
    state_set in = row->tests.in == STATES_ANY ? machine->present : row->tests.in;
    tree_set(arena, json, "in", state_names(arena, machine, in));
    if (row->error) {
        tree_set_string(arena, json, "error", row->error->name);
        admin_set_integer(arena, json, "status", row->status ? row->status : row->error->status);
    } else if (row->to != STATE_NONE && !row->each) {
        tree_set_string(arena, json, "to", machine->states[row->to].name);
    }
    admin_set_text(arena, json, "case", row->case_name);
    admin_set_text(arena, json, "note", row->note);
    admin_set_bool(arena, json, "conditional",
                   row->tests.where || row->tests.when || row->tests.unless || row->tests.exists ||
                       row->tests.none || row->tests.last);
    tree_set_string(arena, json, "source", source_name(row->source));
    set_place(arena, json, row->place);
    return json;
}

static cJSON *operations_json(struct arena *arena, const struct provider *provider,
                              const struct machine *machine)
{
    cJSON *operations = tree_object(arena);
    for (size_t i = 0; i < provider->operation_count; i++) {
        const struct provider_operation *operation = &provider->operations[i];
        for (size_t j = 0; j < operation->participant_count; j++) {
            const struct participant *participant = &operation->participants[j];
            if (participant->machine != machine || !participant->rows.count)
                continue;
            cJSON *rows = tree_array(arena);
            for (size_t k = 0; k < participant->rows.count; k++)
                tree_append(rows, row_json(arena, machine, participant->rows.items[k]));
            tree_set(arena, operations, operation->name, rows);
        }
    }
    return operations;
}

static cJSON *provider_json(struct arena *arena, const struct provider *provider)
{
    cJSON *json = tree_object(arena), *machines = tree_array(arena);
    tree_set_string(arena, json, "provider", provider->name);
    for (size_t i = 0; i < provider->lifecycle->machine_count; i++) {
        const struct machine *machine = &provider->lifecycle->machines[i];
        cJSON *item = tree_object(arena);
        tree_set_string(arena, item, "machine", machine->name);
        tree_set(arena, item, "states", states_json(arena, machine));
        tree_set(arena, item, "moves", moves_json(arena, machine));
        tree_set(arena, item, "operations", operations_json(arena, provider, machine));
        tree_append(machines, item);
    }
    tree_set(arena, json, "machines", machines);
    return json;
}

void admin_lifecycles(struct admin_call *call)
{
    struct arena *arena = call->arena;
    const char *wanted = admin_query(call, "provider");
    cJSON *body = tree_object(arena), *lifecycles = tree_array(arena);
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct provider *provider = call->mock->played[i]->provider;
        if (!wanted || text_is(wanted, provider->name))
            tree_append(lifecycles, provider_json(arena, provider));
    }
    admin_check_provider(call, wanted);
    if (admin_refuse_problems(call))
        return;
    tree_set(arena, body, "lifecycles", lifecycles);
    admin_reply(call, 200, body);
}
