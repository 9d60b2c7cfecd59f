/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/mock.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/template.h"
#include "mock/change.h"
#include "mock/faults/defaults.h"
#include "mock/keep/keeper.h"
#include "mock/keep/restore.h"
#include "mock/live.h"
#include "mock/loading.h"
#include "mock/refused.h"
#include "mock/state.h"
#include "mock/watch.h"
#include "mock/webhooks.h"
#include "mock/world/scheduler.h"
#include "mock/world_functions.h"

#include <stdio.h>
#include <string.h>

/* ---- a session's world ---- */

/* Before anybody can meet it: some look without its lock. */
static void prepare(struct world *world, void *data)
{
    struct mock *mock = data;
    world->data = state_new(mock);
    world->on_free = state_free;
    store_on_release(world->store, live_release);
    if (mock->keeper)
        store_on_change(world->store, keeper_note, mock->keeper);
    fault_defaults_give(mock->faults, &state_of(world)->faults, world_now(world));
}

static int furnish(struct world *world, const struct session_terms *terms, void *data,
                   struct error *err)
{
    struct mock *mock = data;
    if (!mock->options.seeds_on_demand)
        loading_furnish_new(mock, world);
    for (size_t i = 0; terms && i < terms->outcome_count; i++) {
        const struct outcome *outcome = mock_outcome_named(mock, terms->outcomes[i], err);
        if (!outcome)
            return -1;
        state_force(world, outcome, 0);
    }
    return 0;
}

struct world *mock_scratch_world(struct mock *mock, const char *name)
{
    struct world_settings settings = mock->world_settings;
    settings.scheduler = NULL;
    return world_new(name, &settings);
}

/* ---- outcomes by the command line ---- */

static int names_no_provider(const struct mock *mock, const char *text, struct error *err)
{
    const char *dot = strchr(text, '.'), *near = NULL;
    if (dot) {
        size_t count = mock->played_count;
        const char **names = arena_alloc(mock->arena, (count + 1) * sizeof *names);
        for (size_t i = 0; i < count; i++)
            names[i] = mock->played[i]->provider->name;
        near =
            text_nearest_of(arena_strndup(mock->arena, text, (size_t)(dot - text)), names, count);
    }
    if (near)
        return fail(err, ERROR_INVALID, "'%s' names no provider (did you mean '%s%s'?)", text, near,
                    dot);
    return fail(err, ERROR_INVALID, "'%s' names no provider: write PROVIDER.MACHINE=NAME", text);
}

/* PROVIDER.MACHINE=NAME, or MACHINE=NAME or NAME when one provider is played. */
static int force(struct mock *mock, const char *text, struct error *err)
{
    const char *dot = strchr(text, '.');
    const struct outcome *outcome = NULL;
    const struct played *played = mock->played_count == 1 ? mock->played[0] : NULL;
    if (dot) {
        char *name = arena_strndup(mock->arena, text, (size_t)(dot - text));
        if (mock_provider(mock, name)) {
            played = mock_provider(mock, name);
            text = dot + 1;
        }
    }
    if (!played)
        return names_no_provider(mock, text, err);
    if (provider_outcome_named(played->provider, text, &outcome, err))
        return -1;
    mock->forced_at[mock->forced_count] = played->index;
    mock->forced[mock->forced_count++] = outcome;
    return 0;
}

static int force_all(struct mock *mock, struct error *err)
{
    const struct mock_options *options = &mock->options;
    mock->forced = arena_alloc(mock->arena, (options->outcome_count + 1) * sizeof *mock->forced);
    mock->forced_at =
        arena_alloc(mock->arena, (options->outcome_count + 1) * sizeof *mock->forced_at);
    for (size_t i = 0; i < options->outcome_count; i++)
        if (force(mock, options->outcomes[i], err))
            return -1;
    return 0;
}

struct mock *mock_new(const struct mock_options *options, struct findings *findings,
                      struct error *err)
{
    struct arena *arena = arena_new();
    struct mock *mock = arena_alloc(arena, sizeof *mock);
    mock->arena = arena;
    mock->options = *options;
    mock->budget.most = options->memory;
    mock->budget.most_a_session = options->session_bytes;
    mock->started = instant_real_now();
    mock->faults = fault_defaults_new(options->faults, options->fault_count, findings, err);
    if (!mock->faults || loading_start(mock, findings, err) || force_all(mock, err) ||
        fault_defaults_check(mock->faults, mock, findings, err)) {
        fault_defaults_free(mock->faults);
        loading_free(mock);
        arena_free(arena);
        return NULL;
    }
    mock->scheduler = scheduler_new();
    mock->outbox = webhooks_new(mock);
    mock->world_settings = (struct world_settings){
        .clock = options->clock,
        .seed = options->seed,
        .participants = options->participants,
        .budget = &mock->budget,
        .on_new = prepare,
        .data = mock,
        .scheduler = mock->scheduler,
    };
    mock->sessions = sessions_new(&mock->world_settings, &options->sessions, furnish, mock);
    return mock;
}

int mock_listen(struct mock *mock, struct error *err)
{
    struct http_options http = mock->options.http;
    http.handle = mock_handle;
    http.refused = refused_by_server;
    http.data = mock;
    mock->server = http_server_start(&http, err);
    if (!mock->server || (mock->restored && restore_commit(mock->restored, err)))
        return -1;
    restored_free(mock->restored);
    mock->restored = NULL;
    if (mock->options.watches && !(mock->watch = watch_start(mock, err)))
        return -1;
    atomic_store(&mock->is_listening, true);
    mock->tls = (struct tls_listeners){
        .arena = mock->arena,
        .names = mock->options.tls_faults,
        .wanted = mock->options.tls_fault_count,
        .prefix = mock->options.tls_prefix,
        .keeps_files = mock->options.keeps_tls_files,
    };
    if (tls_faults_listen(&mock->tls, &http, err))
        return -1;
    return 0;
}

void mock_free(struct mock *mock)
{
    if (!mock)
        return;
    watch_stop(mock->watch);
    restored_free(mock->restored);
    sessions_close(mock->sessions);
    tls_faults_stop(&mock->tls);
    if (mock->server)
        http_server_stop(mock->server);
    outbox_free(mock->outbox);
    sessions_free(mock->sessions);
    scheduler_free(mock->scheduler);
    loading_free(mock);
    fault_defaults_free(mock->faults);
    arena_free(mock->arena);
}

/* ---- looking things up ---- */

const struct played *mock_provider(const struct mock *mock, const char *name)
{
    for (size_t i = 0; i < mock->played_count; i++)
        if (text_is(mock->played[i]->provider->name, name))
            return mock->played[i];
    return NULL;
}

const char *mock_base(struct mock *mock, const struct played *played, const struct world *world)
{
    const char *origin =
        mock->options.public_url ? mock->options.public_url : http_server_url(mock->server);
    static _Thread_local char base[1024];
    snprintf(base, sizeof base, "%s%s%s/%s", origin, *world->name ? "/~" : "", world->name,
             played->provider->name);
    return base;
}

nanos mock_now(struct mock *mock)
{
    if (mock->options.clock.mode != MODE_VIRTUAL)
        return instant_real_now();
    struct world *world = sessions_find(mock->sessions, "");
    if (!world)
        return mock->options.clock.epoch;
    nanos now = world_ask_now(world);
    world_unref(world);
    return now;
}

const struct outcome *mock_forced_outcome(const struct mock *mock, const struct played *played,
                                          const struct kind *kind)
{
    for (size_t i = 0; i < mock->forced_count; i++)
        if (mock->forced_at[i] == played->index && text_is(mock->forced[i]->kind->name, kind->name))
            return kind_outcome(kind, mock->forced[i]->name); /* as it is in this generation */
    return NULL;
}

/* ---- outcomes by name ---- */

/* The provider that the text begins with, cut off; NULL: it names none that is played. */
static const struct played *cut_provider(const struct mock *mock, const char **text)
{
    char name[128];
    const char *dot = strchr(*text, '.');
    if (!dot || (size_t)(dot - *text) >= sizeof name)
        return NULL;
    snprintf(name, sizeof name, "%.*s", (int)(dot - *text), *text);
    const struct played *played = mock_provider(mock, name);
    if (played)
        *text = dot + 1;
    return played;
}

const struct outcome *mock_outcome_named(struct mock *mock, const char *text, struct error *err)
{
    const struct outcome *found = NULL, *outcome = NULL;
    struct error first = {0}, other;
    loading_get_all(mock);
    const struct played *played = cut_provider(mock, &text);
    for (size_t i = 0; i < mock->played_count; i++) {
        if (played && mock->played[i] != played)
            continue;
        if (provider_outcome_named(mock->played[i]->provider, text, &outcome,
                                   first.kind ? &other : &first))
            continue;
        if (found) {
            fail(err, ERROR_INVALID,
                 "several providers have an outcome '%s': write PROVIDER.MACHINE=NAME", text);
            return NULL;
        }
        found = outcome;
    }
    if (!found)
        fail(err, ERROR_INVALID, "%s", first.kind ? first.text : "no provider is played");
    return found;
}

void mock_log(struct mock *mock, const struct journal_record *record)
{
    if (mock->options.on_request)
        mock->options.on_request(record, mock->options.on_request_data);
    if (!mock->options.log_requests)
        return;
    char at[INSTANT_TEXT];
    instant_rfc3339(record->world_time, 3, at);
    fprintf(stderr, "%s %d %s %s%s%s%s%s\n", at, record->status, record->method, record->target,
            record->operation ? " " : "", record->operation ? record->operation : "",
            record->remark ? " - " : "", record->remark ? record->remark : "");
}
