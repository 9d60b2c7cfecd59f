/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Granted time: exchanges of the admin API that can only wait. They count as exchanges of the
 * session (mock/world/park.h), so on a virtual clock time passes while everybody waits.
 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/lifecycle/machine.h"
#include "mock/admin/handlers.h"
#include "mock/admin/requests.h"
#include "mock/admin/resources.h"
#include "mock/state.h"
#include "mock/verify/verify.h"

#define WITHIN_DEFAULT (60 * NANOS_PER_SECOND)

/* ---- parking ---- */

static bool wait_on_socket(void *data, int fd)
{
    return http_exchange_wait(data, fd, -1) == HTTP_WOKEN;
}

static enum wake park(struct admin_call *call, uint64_t watch, nanos until)
{
    struct park_terms terms = {
        .watch = watch,
        .until = until,
        .wait = wait_on_socket,
        .wait_data = call->exchange->http,
    };
    return world_park(call->world, &terms);
}

static bool take_place(struct admin_call *call)
{
    if (!http_park_begin(call->exchange->http))
        return true;
    admin_refuse(call, 503, "too many requests wait or stream already", NULL);
    return false;
}

/* Nobody is there to answer, or the session is not the same any more. */
static void answer_broken(struct admin_call *call, enum wake wake)
{
    if (wake == WAKE_CLOSED)
        admin_refuse(call, 409, "the session was reset meanwhile", NULL);
    else
        http_close_quietly(call->exchange->http);
}

static nanos after(nanos now, nanos length)
{
    nanos until;
    return __builtin_add_overflow(now, length, &until) ? HORIZON_NONE - 1 : until;
}

/* ---- sleep ---- */

void admin_sleep(struct admin_call *call)
{
    struct world *world = call->world;
    enum wake wake = WAKE_TIME;
    nanos length;
    bool is_given = admin_member_duration(call, "for", &length);
    if (!is_given && !tree_get(call->body, "for"))
        admin_problem(call, "member 'for' is missing: how long, such as \"90s\"");
    if (admin_refuse_problems(call) || !take_place(call))
        return;
    world_begin(world);
    nanos from = world_now(world), until = after(from, length);
    while (wake != WAKE_LEFT && wake != WAKE_CLOSED && world_now(world) < until)
        wake = park(call, WATCH_NOTHING, until);
    cJSON *body = tree_object(call->arena);
    admin_set_instant(call->arena, body, "from", from);
    admin_set_instant(call->arena, body, "now", world_now(world));
    bool is_over = world_now(world) >= until;
    world_unlock_to_answer(world);
    if (is_over)
        admin_reply(call, 200, body);
    else
        answer_broken(call, wake);
    world_end(world);
}

/* ---- wait ---- */

enum until { UNTIL_STATE, UNTIL_REQUESTS, UNTIL_IDLE };

struct wanted {
    enum until until;
    const char *resource;
    struct resource_filter where; /* which resource, when the id is not enough */
    const cJSON *states;          /* names */
    struct found_resource found;
    state_set set;
    int64_t requests, seen; /* wanted; counted so far */
    uint64_t position;      /* in the journal: what is before it was counted */
    struct request_filter filter;
    nanos within;
};

static const char *from_until(struct admin_call *call, const char *name)
{
    const cJSON *until = tree_get(call->body, "until");
    const cJSON *member = tree_get(until, name);
    if (!member)
        return NULL;
    if (cJSON_IsNumber(member))
        return json_text(call->arena, member);
    if (!cJSON_IsString(member))
        admin_problem(call, "member 'until.%s' is a text, not %s", name,
                      json_text(call->arena, member));
    return tree_text(member);
}

static void read_requests(struct admin_call *call, struct wanted *wanted, const cJSON *until)
{
    request_filter_check_members(call, until, "until", "requests " FILTER_WORDS " " FILTER_PARTS);
    wanted->until = UNTIL_REQUESTS;
    if (!tree_as_int64(tree_get(until, "requests"), &wanted->requests) || wanted->requests < 0)
        admin_problem(call, "member 'until.requests' is how many, not %s",
                      json_text(call->arena, tree_get(until, "requests")));
    request_filter_read_object(call, until, "", &wanted->filter);
}

static void read_resource(struct admin_call *call, struct wanted *wanted, const cJSON *until)
{
    const cJSON *state = tree_get(until, "state"), *item;
    request_filter_check_members(call, until, "until", "resource state kind provider");
    wanted->resource = from_until(call, "resource");
    wanted->where.kind = from_until(call, "kind");
    wanted->where.provider = from_until(call, "provider");
    resource_filter_check(call, &wanted->where);
    cJSON *states = tree_array(call->arena);
    if (cJSON_IsString(state))
        tree_append(states, tree_copy(call->arena, state));
    else if (cJSON_IsArray(state))
        states = tree_copy(call->arena, state);
    if (!wanted->resource || !tree_count(states))
        admin_problem(call, "member 'until' is { resource, state }, { requests } or { idle }");
    cJSON_ArrayForEach (item, states) {
        struct resource_filter filter = {.state = tree_text(item)};
        if (filter.state)
            resource_filter_check(call, &filter);
        else
            admin_problem(call, "member 'until.state' is a name or a list of names");
    }
    wanted->states = states;
}

/* Nothing that was set going is to come any more: what `clock/advance` knows as idle. */
static void read_idle(struct admin_call *call, struct wanted *wanted, const cJSON *until)
{
    const cJSON *idle = tree_get(until, "idle");
    request_filter_check_members(call, until, "until", "idle");
    wanted->until = UNTIL_IDLE;
    if (!cJSON_IsTrue(idle))
        admin_problem(call, "member 'until.idle' is true, not %s", json_text(call->arena, idle));
}

static void read_wanted(struct admin_call *call, struct wanted *wanted)
{
    const cJSON *until = tree_get(call->body, "until");
    wanted->within = WITHIN_DEFAULT;
    admin_member_duration(call, "within", &wanted->within);
    if (!cJSON_IsObject(until))
        admin_problem(call, "member 'until' is { resource, state }, { requests } or { idle }");
    else if (tree_get(until, "requests"))
        read_requests(call, wanted, until);
    else if (tree_get(until, "idle"))
        read_idle(call, wanted, until);
    else
        read_resource(call, wanted, until);
}

/* With the lock held. False: there is no such resource (yet), or it cannot be in such a state. */
static bool resolve(struct admin_call *call, struct wanted *wanted, int *status,
                    const char **detail)
{
    const cJSON *item;
    if (wanted->until != UNTIL_STATE)
        return true;
    wanted->found = resource_lookup(call, wanted->resource, &wanted->where, status, detail);
    if (!wanted->found.resource)
        return false;
    const struct machine *machine = wanted->found.kind->kind->machine;
    cJSON_ArrayForEach (item, wanted->states)
        wanted->set |= machine_states_named(machine, tree_text(item));
    *status = 400;
    *detail = arena_printf(call->arena, "a %s has none of these states", machine->name);
    return wanted->set != 0;
}

/* Its documents may have been loaded again while this was parked. */
static void look_again(struct admin_call *call, struct wanted *wanted)
{
    const struct resource *resource = wanted->found.resource;
    const struct played *played = state_unit_of(call->world, wanted->found.kind->played);
    struct kind_play *kind = resource->is_deleted ? NULL : played_at(played, resource->kind);
    const cJSON *item;
    if (!kind || kind == wanted->found.kind)
        return;
    wanted->found.kind = kind;
    wanted->set = 0;
    cJSON_ArrayForEach (item, wanted->states)
        wanted->set |= machine_states_named(kind->kind->machine, tree_text(item));
}

static void count_requests(struct admin_call *call, struct wanted *wanted)
{
    wanted->seen += (int64_t)journal_count_from(call->world->journal, &wanted->position,
                                                request_filter_fits, &wanted->filter);
}

static bool has_come(struct admin_call *call, struct wanted *wanted)
{
    const struct world *world = call->world;
    const struct resource *resource = wanted->found.resource;
    if (wanted->until == UNTIL_IDLE)
        return !queue_count_of(world->queue, EVENT_ARRANGED) && !world->delivering;
    if (resource)
        return (wanted->set & STATE_BIT(resource->is_deleted ? STATE_ABSENT : resource->state)) !=
               0;
    count_requests(call, wanted); /* what came since: few */
    return wanted->seen >= wanted->requests;
}

/* When to look again. Idleness tells nobody that it has come: each event may have been the last. */
static nanos next_look(const struct world *world, const struct wanted *wanted, nanos until)
{
    nanos due;
    if (wanted->until != UNTIL_IDLE || world->delivering || !queue_next(world->queue, &due) ||
        due >= until)
        return until;
    return due > world_now(world) ? due : world_now(world) + 1;
}

/* Parks until it has come, the time is over, or it cannot come any more. */
static enum wake wait_for(struct admin_call *call, struct wanted *wanted, nanos until, bool *come)
{
    const struct resource *resource = wanted->found.resource;
    uint64_t watch = resource ? resource->serial : WATCH_EXCHANGES;
    enum wake wake = WAKE_CHANGE;
    while (!(*come = has_come(call, wanted)) && world_now(call->world) < until &&
           (!resource || !resource->is_deleted)) {
        wake = park(call, watch, next_look(call->world, wanted, until));
        if (wake == WAKE_LEFT || wake == WAKE_CLOSED)
            return wake;
        if (resource)
            look_again(call, wanted);
    }
    return WAKE_CHANGE;
}

/* What was waited for, as it is now. With the lock held; lets the resource go. */
static cJSON *story_of(struct admin_call *call, struct wanted *wanted, bool come)
{
    cJSON *body = tree_object(call->arena);
    if (wanted->found.resource) {
        body = resource_json(call->arena, wanted->found.kind, wanted->found.resource);
        store_drop(call->world->store, wanted->found.resource);
    } else if (wanted->until == UNTIL_REQUESTS) {
        admin_set_integer(call->arena, body, "requests", wanted->seen);
    } else {
        admin_set_integer(call->arena, body, "events_to_come",
                          (int64_t)queue_count(call->world->queue));
    }
    admin_set_bool(call->arena, body, "reached", come);
    return body;
}

static void answer_wait(struct admin_call *call, const struct wanted *wanted, bool come,
                        cJSON *body)
{
    const char *title = "it did not come within its time";
    if (wanted->found.resource && text_is(tree_get_text(body, "state"), "absent"))
        title = "the resource is gone";
    if (!come && wanted->until == UNTIL_REQUESTS)
        tree_set(call->arena, body, "near",
                 verify_near(call, &wanted->filter, call->world->journal));
    if (come)
        admin_reply(call, 200, body);
    else
        admin_refuse(call, 409, title, body);
}

static void refuse_unresolved(struct admin_call *call, int status, const char *detail)
{
    cJSON *members = tree_object(call->arena);
    tree_set_string(call->arena, members, "detail", detail);
    admin_refuse(call, status, "it cannot be waited for", members);
}

void admin_wait(struct admin_call *call)
{
    struct world *world = call->world;
    struct wanted wanted = {0};
    bool come = false;
    int status = 0;
    const char *detail = NULL;
    read_wanted(call, &wanted);
    if (admin_refuse_problems(call) || !take_place(call))
        return;
    if (wanted.until == UNTIL_REQUESTS) /* all that came until now: without the world's lock */
        count_requests(call, &wanted);
    world_begin(world);
    if (!resolve(call, &wanted, &status, &detail)) {
        world_unlock_to_answer(world);
        refuse_unresolved(call, status, detail);
        world_end(world);
        return;
    }
    if (wanted.found.resource)
        store_hold(wanted.found.resource);
    nanos from = world_now(world);
    bool watches = !wanted.found.resource;
    if (watches)
        world_watch_exchanges(world, true);
    enum wake wake = wait_for(call, &wanted, after(from, wanted.within), &come);
    if (watches)
        world_watch_exchanges(world, false);
    cJSON *body = story_of(call, &wanted, come);
    admin_set_instant(call->arena, body, "from", from);
    admin_set_instant(call->arena, body, "now", world_now(world));
    world_unlock_to_answer(world);
    if (wake == WAKE_LEFT || wake == WAKE_CLOSED)
        answer_broken(call, wake);
    else
        answer_wait(call, &wanted, come, body);
    world_end(world);
}
