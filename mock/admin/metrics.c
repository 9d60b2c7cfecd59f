/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: the server's, the session's, and requests by operation and status. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/admin/handlers.h"

#include <inttypes.h>

/* Requests of the journal that share provider, operation and status. */
struct tally {
    const char *provider, *operation;
    int status;
    uint64_t count;
};

struct tallies {
    struct arena *arena;
    VEC(struct tally);
};

static bool add_up(const struct journal_record *record, void *data)
{
    struct tallies *tallies = data;
    struct tally *tally;
    vec_foreach (tally, tallies) {
        if (tally->status == record->status && text_is(tally->operation, record->operation) &&
            text_is(tally->provider, record->provider)) {
            tally->count++;
            return false;
        }
    }
    struct tally fresh = {arena_strdup(tallies->arena, record->provider),
                          arena_strdup(tallies->arena, record->operation), record->status, 1};
    vec_push_arena(tallies->arena, tallies, fresh);
    return false;
}

/* One number with its meaning; both forms are written from this table. */
struct gauge {
    const char *name, *type, *help;
    uint64_t value;
};

enum { GAUGES_MAX = 32 };

static size_t read_gauges(struct admin_call *call, struct gauge gauges[static GAUGES_MAX])
{
    struct http_stats stats;
    struct world *world = call->world;
    size_t resources = 0;
    http_server_stats(call->mock->server, &stats);
    size_t sessions = sessions_count(call->mock->sessions); /* its lock comes before a world's */
    uint64_t expired = sessions_expired(call->mock->sessions);
    uint64_t refused = sessions_refused(call->mock->sessions);
    admin_look(call);
    for (size_t i = 0; i < store_kind_count(world->store); i++)
        resources += store_count(world->store, (unsigned)i);
    const struct gauge rows[] = {
        {"exchanges_total", "counter", "exchanges of the server since its start", stats.exchanges},
        {"connections", "gauge", "open connections", (uint64_t)stats.connections},
        {"threads", "gauge", "threads that serve connections", (uint64_t)stats.threads},
        {"busy", "gauge", "handlers at work", (uint64_t)stats.busy},
        {"waiting", "gauge", "exchanges that wait or stream", (uint64_t)stats.parked},
        {"connections_reaped_total", "counter", "idle connections closed for new ones",
         stats.reaped},
        {"sessions", "gauge", "sessions that there are", sessions},
        {"sessions_expired_total", "counter", "sessions forgotten since nobody used them", expired},
        {"sessions_refused_total", "counter", "sessions that a limit did not allow", refused},
        {"sessions_bytes", "gauge", "memory of all sessions",
         atomic_load(&call->mock->budget.used)},
        {"requests_refused_total", "counter", "requests that the memory of sessions did not allow",
         atomic_load(&call->mock->budget.refused)},
        {"resources", "gauge", "resources of this session", resources},
        {"resources_bytes", "gauge", "memory of this session's resources",
         store_bytes(world->store)},
        {"events_total", "counter", "events that happened in this session", world->fired},
        {"events_to_come", "gauge", "events that are arranged", queue_count(world->queue)},
        {"journal_entries", "gauge", "requests in this session's journal",
         journal_count(world->journal)},
        {"journal_bytes", "gauge", "memory of this session's journal",
         journal_bytes(world->journal)},
        {"journal_dropped_total", "counter", "requests that had to make room",
         journal_dropped(world->journal)},
    };
    world_unlock(world);
    memcpy(gauges, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}

static void print_prometheus(const struct tallies *tallies, const struct gauge *gauges,
                             size_t count, struct strbuf *out)
{
    const struct tally *tally;
    for (size_t i = 0; i < count; i++)
        strbuf_addf(out, "# HELP dryrun_%s %s\n# TYPE dryrun_%s %s\ndryrun_%s %" PRIu64 "\n",
                    gauges[i].name, gauges[i].help, gauges[i].name, gauges[i].type, gauges[i].name,
                    gauges[i].value);
    strbuf_adds(out, "# HELP dryrun_requests requests in this session's journal\n"
                     "# TYPE dryrun_requests gauge\n");
    vec_foreach (tally, tallies)
        strbuf_addf(out,
                    "dryrun_requests{provider=\"%s\",operation=\"%s\",status=\"%d\"} %" PRIu64 "\n",
                    tally->provider ? tally->provider : "",
                    tally->operation ? tally->operation : "", tally->status, tally->count);
}

static cJSON *to_json(struct arena *arena, const struct tallies *tallies,
                      const struct gauge *gauges, size_t count)
{
    cJSON *body = tree_object(arena), *requests = tree_array(arena);
    const struct tally *tally;
    for (size_t i = 0; i < count; i++)
        admin_set_integer(arena, body, gauges[i].name, (int64_t)gauges[i].value);
    vec_foreach (tally, tallies) {
        cJSON *item = tree_object(arena);
        admin_set_text(arena, item, "provider", tally->provider);
        admin_set_text(arena, item, "operation", tally->operation);
        admin_set_integer(arena, item, "status", tally->status);
        admin_set_integer(arena, item, "count", (int64_t)tally->count);
        tree_append(requests, item);
    }
    tree_set(arena, body, "requests", requests);
    return body;
}

void admin_metrics(struct admin_call *call)
{
    const char *format = admin_query(call, "format");
    struct tallies tallies = {.arena = call->arena};
    struct gauge gauges[GAUGES_MAX];
    struct journal_view view;
    if (format && !text_is(format, "json") && !text_is(format, "prometheus"))
        admin_problem(call, "query 'format' is json or prometheus, not '%s'", format);
    if (admin_refuse_problems(call))
        return;
    size_t count = read_gauges(call, gauges);
    journal_query(call->world->journal, add_up, &tallies, 0, &view);
    journal_view_release(&view);
    if (text_is(format, "json")) {
        admin_reply(call, 200, to_json(call->arena, &tallies, gauges, count));
        return;
    }
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    print_prometheus(&tallies, gauges, count, &text);
    admin_reply_text(call, 200, "text/plain; version=0.0.4", &text);
    strbuf_release(&text);
}
