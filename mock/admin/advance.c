/* SPDX-License-Identifier: Apache-2.0 */
/* Moving the session's clock, and saying how far it is while it lasts. docs/TIME.md */
#include "mock/world/advance.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "mock/admin/handlers.h"

#include <string.h>

#define WITHIN_DEFAULT (366 * 24 * 3600 * NANOS_PER_SECOND)
enum { LIMIT_DEFAULT = 1000000 }; /* events, until idle: an outcome that repeats for ever ends */

struct moving {
    struct admin_call *call;
    nanos by, to, within, from;
    int64_t limit;
    bool has_by, has_to, until_idle;
    bool is_told; /* as lines, while it lasts */
    nanos began;  /* CLOCK_MONOTONIC */
};

/* ---- what was asked ---- */

static void read_bounds(struct moving *moving)
{
    struct admin_call *call = moving->call;
    moving->limit = moving->until_idle ? LIMIT_DEFAULT : 0;
    moving->within = WITHIN_DEFAULT;
    admin_member_integer(call, "limit", 1, &moving->limit);
    if (admin_member_duration(call, "within", &moving->within) && !moving->until_idle)
        admin_problem(call, "member 'within' goes with 'until_idle' only");
}

static void read_moving(struct moving *moving)
{
    struct admin_call *call = moving->call;
    const cJSON *idle = tree_get(call->body, "until_idle");
    const char *to = admin_member_text(call, "to");
    moving->has_by = admin_member_duration(call, "by", &moving->by);
    moving->has_to = to != NULL;
    moving->until_idle = tree_is_true(idle);
    if (idle && !cJSON_IsBool(idle))
        admin_problem(call, "member 'until_idle' is true or false, not %s",
                      json_text(call->arena, idle));
    if (to && instant_parse(to, false, &moving->to))
        admin_problem(call, "member 'to' is an instant such as 2026-01-01T00:00:00Z, not '%s'", to);
    read_bounds(moving);
    bool is_idle_given = moving->until_idle || (idle && !cJSON_IsBool(idle));
    if (!!tree_get(call->body, "by") + !!tree_get(call->body, "to") + is_idle_given != 1)
        admin_problem(call, "give one of 'by', 'to' and 'until_idle'");
}

/* With the lock held: where it ends at the latest. */
static int find_until(struct moving *moving, struct error *err)
{
    nanos now = world_now(moving->call->world);
    moving->from = now;
    if (moving->has_to)
        return moving->to < now ? fail(err, ERROR_CONFLICT, "time does not go back") : 0;
    if (__builtin_add_overflow(now, moving->until_idle ? moving->within : moving->by, &moving->to))
        return fail(err, ERROR_INVALID, "that is beyond the end of time");
    return 0;
}

static bool wants_lines(const struct admin_call *call)
{
    const char *accept = http_request_header(call->exchange->request, "Accept");
    return accept && strstr(accept, "application/x-ndjson");
}

/* ---- lines while it lasts ---- */

static int write_line(struct admin_call *call, const cJSON *line)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(line, JSON_COMPACT, &text);
    strbuf_addch(&text, '\n');
    int failed = http_stream_write(call->exchange->http, text.buf, text.len);
    strbuf_release(&text);
    return failed;
}

static int begin_lines(struct admin_call *call)
{
    struct http_response response;
    admin_response_init(call, &response, 200);
    http_response_header(&response, "Content-Type", "application/x-ndjson");
    http_response_header(&response, "Cache-Control", "no-store");
    int failed = http_stream_begin(call->exchange->http, &response);
    http_response_release(&response);
    return failed;
}

/* Without the lock. False: nobody is there any more, so it ends where it is. */
static bool tell(void *data, const struct advance_state *state)
{
    struct moving *moving = data;
    struct http_exchange *http = moving->call->exchange->http;
    if (http_exchange_is_stopping(http) || http_exchange_client_left(http))
        return false;
    if (!moving->is_told)
        return true;
    struct arena *arena = arena_new();
    cJSON *line = tree_object(arena);
    admin_set_instant(arena, line, "now", state->now);
    admin_set_integer(arena, line, "events", (int64_t)state->fired);
    if (!moving->until_idle) {
        admin_set_instant(arena, line, "to", moving->to);
        admin_set_duration(arena, line, "left", moving->to - state->now);
    }
    admin_set_integer(arena, line, "events_to_come", (int64_t)(state->arranged + state->recurring));
    admin_set_integer(arena, line, "recurring", (int64_t)state->recurring);
    if (state->delivering)
        admin_set_integer(arena, line, "webhooks_under_way", state->delivering);
    admin_set_integer(arena, line, "real_ms",
                      (instant_monotonic_now() - moving->began) / NANOS_PER_MS);
    bool is_there = !write_line(moving->call, line);
    arena_free(arena);
    return is_there;
}

/* ---- moving ---- */

static const struct ending {
    const char *name, *because;
} endings[] = {
    [ADVANCE_REACHED] = {"reached", "the clock is where it was to be"},
    [ADVANCE_IDLE] = {"idle", "nothing is to come"},
    [ADVANCE_RECURRING] = {"recurring", "only schedules that go on for ever are to come"},
    [ADVANCE_LIMIT] = {"limit", "as many events have happened as 'limit' allows; more are to come"},
    [ADVANCE_HORIZON] = {"horizon", "it did not come to rest 'within' its time"},
    [ADVANCE_STOPPED] = {"stopped", "the client left, or the server stops"},
    [ADVANCE_CLOSED] = {"closed", "the session was reset meanwhile"},
};

/* Takes the lock and gives it back; the answer. */
static cJSON *move(struct moving *moving, enum advance_end *end)
{
    struct admin_call *call = moving->call;
    struct world *world = call->world;
    uint64_t fired = world->fired;
    *end = world_advance(world, &(struct advance_terms){.until = moving->to,
                                                        .until_idle = moving->until_idle,
                                                        .limit = (uint64_t)moving->limit,
                                                        .tell = tell,
                                                        .data = moving});
    cJSON *body = admin_clock_json(call);
    admin_set_instant(call->arena, body, "from", moving->from);
    admin_set_integer(call->arena, body, "events", (int64_t)(world->fired - fired));
    if (moving->until_idle)
        admin_set_bool(call->arena, body, "idle",
                       *end == ADVANCE_IDLE || *end == ADVANCE_RECURRING);
    tree_set_string(call->arena, body, "ended", endings[*end].name);
    tree_set_string(call->arena, body, "because", endings[*end].because);
    return body;
}

static void answer(struct moving *moving, enum advance_end end, const cJSON *body)
{
    struct admin_call *call = moving->call;
    if (moving->is_told) {
        write_line(call, body);
        exchange_over(call->exchange);
        http_stream_end(call->exchange->http);
    } else if (end == ADVANCE_CLOSED) {
        admin_refuse(call, 409, endings[end].because, body);
    } else if (end == ADVANCE_STOPPED) {
        http_close_quietly(call->exchange->http);
    } else {
        admin_reply(call, 200, body);
    }
}

void admin_advance(struct admin_call *call)
{
    struct world *world = call->world;
    struct moving moving = {.call = call, .began = instant_monotonic_now()};
    struct error err = {0};
    enum advance_end end;
    read_moving(&moving);
    if (admin_refuse_problems(call))
        return;
    world_begin(world); /* while this runs, nobody else is granted time */
    if (find_until(&moving, &err)) {
        cJSON *body = admin_clock_json(call);
        world_unlock_to_answer(world);
        admin_refuse(call, error_row(err.kind)->http_status, err.text, body);
        world_end(world);
        return;
    }
    moving.is_told = wants_lines(call);
    if (moving.is_told) {
        world_unlock(world);
        begin_lines(call); /* a client that has left is seen at the first line */
        world_lock(world);
    }
    cJSON *body = move(&moving, &end);
    world_unlock_to_answer(world);
    answer(&moving, end, body);
    world_end(world);
}
