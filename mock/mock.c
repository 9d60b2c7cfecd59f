/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/mock.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/expr/template.h"
#include "mock/change.h"
#include "mock/live.h"
#include "mock/refused.h"
#include "mock/scheduler.h"
#include "mock/state.h"
#include "mock/webhooks.h"
#include "mock/world_functions.h"

#include <stdio.h>
#include <string.h>

/* ---- a session's world ---- */

static void seed_provider(struct world *world, const struct played *played)
{
    struct arena *arena = arena_new();
    struct play play;
    uint64_t key = draw_hash_text(draw_hash_text(world->seed, world->name), "seed");
    play_begin(&play, world, played, arena, draw_hash_text(key, played->provider->name));
    play.cause = "seed";
    play_bind(&play, "principal",
              template_eval(played->provider->service.auth.principal, &play.eval));
    for (size_t i = 0; i < played->provider->seed_count; i++)
        change_seed(&play, &played->provider->seeds[i]);
    play_end(&play);
    arena_free(arena);
}

static int furnish(struct world *world, void *data, struct error *err)
{
    struct mock *mock = data;
    (void)err;
    world->data = state_new(mock);
    world->on_free = state_free;
    store_on_release(world->store, live_release);
    for (size_t i = 0; i < mock->played_count; i++)
        seed_provider(world, mock->played[i]);
    return 0;
}

/* ---- loading ---- */

/* Those for this provider: NAME, or PROVIDER.NAME without its prefix. */
static size_t choose_variants(const struct mock *mock, const char *provider,
                              struct variant_choice *choices)
{
    size_t count = 0, len = strlen(provider);
    for (size_t i = 0; i < mock->options.variant_count; i++) {
        struct variant_choice choice = mock->options.variants[i];
        const char *dot = strchr(choice.name, '.');
        if (dot && !str_is((struct str){choice.name, (size_t)(dot - choice.name)}, provider))
            continue;
        choice.name += dot ? len + 1 : 0;
        choices[count++] = choice;
    }
    return count;
}

/* A schema that is compiled late, and is wrong. */
static void hear_late(void *data, const struct findings *findings)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    (void)data;
    findings_print(findings, &text);
    fputs(text.buf, stderr);
    strbuf_release(&text);
}

static struct played *load_document(struct mock *mock, const struct mock_document *document,
                                    unsigned kind_base, struct findings *findings)
{
    struct provider_options options = {
        .functions = world_functions_new(mock->arena), .is_lazy = true, .tell = hear_late};
    size_t errors = findings->errors;
    struct provider *provider =
        provider_from_document(mock->arena, document->name, document->file, &options, findings);
    if (!provider || findings->errors != errors)
        return NULL;
    return played_new(mock->arena, provider, kind_base, findings);
}

static struct played *load(struct mock *mock, const char *name, unsigned kind_base,
                           struct findings *findings)
{
    const struct mock_options *options = &mock->options;
    struct variant_choice *choices =
        arena_alloc(mock->arena, (options->variant_count + 1) * sizeof *choices);
    struct provider_options provider_options = {
        .contracts_dir = options->contracts_dir,
        .fixtures_dir = options->fixtures_dir,
        .choices = choices,
        .choice_count = choose_variants(mock, name, choices),
        .functions = world_functions_new(mock->arena),
    };
    size_t errors = findings->errors;
    struct provider *provider = provider_load(mock->arena, name, &provider_options, findings);
    if (!provider || findings->errors != errors)
        return NULL;
    return played_new(mock->arena, provider, kind_base, findings);
}

static void make_shapes(struct mock *mock)
{
    for (size_t i = 0; i < mock->played_count; i++)
        mock->shape_count += mock->played[i]->provider->kind_count;
    mock->shapes = arena_alloc(mock->arena, (mock->shape_count + 1) * sizeof *mock->shapes);
    for (size_t i = 0; i < mock->played_count; i++)
        played_shapes(mock->arena, mock->played[i], mock->shapes + mock->played[i]->kind_base);
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
        return fail(err, ERROR_INVALID, "'%s' names no provider: write PROVIDER.MACHINE=NAME",
                    text);
    if (provider_outcome_named(played->provider, text, &outcome, err))
        return -1;
    mock->forced[mock->forced_count++] = outcome;
    return 0;
}

static int load_all(struct mock *mock, struct findings *findings, struct error *err)
{
    const struct mock_options *options = &mock->options;
    unsigned kinds = 0;
    size_t count = options->provider_count + options->document_count;
    mock->played = arena_alloc(mock->arena, (count + 1) * sizeof *mock->played);
    for (size_t i = 0; i < count; i++) {
        struct played *played =
            i < options->provider_count
                ? load(mock, options->providers[i], kinds, findings)
                : load_document(mock, &options->documents[i - options->provider_count], kinds,
                                findings);
        if (!played)
            continue;
        played->index = mock->played_count;
        kinds += (unsigned)played->provider->kind_count;
        mock->played[mock->played_count++] = played;
    }
    if (findings->errors)
        return fail(err, ERROR_INVALID, "the documents have %zu error%s", findings->errors,
                    findings->errors == 1 ? "" : "s");
    mock->forced = arena_alloc(mock->arena, (options->outcome_count + 1) * sizeof *mock->forced);
    for (size_t i = 0; i < options->outcome_count; i++)
        if (force(mock, options->outcomes[i], err))
            return -1;
    make_shapes(mock);
    return 0;
}

struct mock *mock_new(const struct mock_options *options, struct findings *findings,
                      struct error *err)
{
    struct arena *arena = arena_new();
    struct mock *mock = arena_alloc(arena, sizeof *mock);
    mock->arena = arena;
    mock->options = *options;
    mock->started = instant_real_now();
    if (load_all(mock, findings, err)) {
        arena_free(arena);
        return NULL;
    }
    mock->scheduler = scheduler_new();
    mock->outbox = webhooks_new(mock);
    struct world_settings settings = {
        .clock = options->clock,
        .seed = options->seed,
        .participants = options->participants,
        .store_limit = options->world_limit,
        .kinds = mock->shapes,
        .kind_count = mock->shape_count,
        .scheduler = mock->scheduler,
    };
    mock->sessions = sessions_new(&settings, furnish, mock);
    return mock;
}

int mock_listen(struct mock *mock, struct error *err)
{
    struct http_options http = mock->options.http;
    http.handle = mock_handle;
    http.refused = refused_by_server;
    http.data = mock;
    mock->server = http_server_start(&http, err);
    atomic_store(&mock->is_listening, mock->server != NULL);
    return mock->server ? 0 : -1;
}

void mock_free(struct mock *mock)
{
    if (!mock)
        return;
    sessions_close(mock->sessions);
    if (mock->server)
        http_server_stop(mock->server);
    outbox_free(mock->outbox);
    sessions_free(mock->sessions);
    scheduler_free(mock->scheduler);
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

const struct outcome *mock_forced_outcome(const struct mock *mock, const struct kind *kind)
{
    for (size_t i = 0; i < mock->forced_count; i++)
        if (mock->forced[i]->kind == kind)
            return mock->forced[i];
    return NULL;
}

void mock_log(struct mock *mock, const struct journal_record *record)
{
    if (!mock->options.log_requests)
        return;
    char at[INSTANT_TEXT];
    instant_rfc3339(record->world_time, 3, at);
    fprintf(stderr, "%s %d %s %s%s%s%s%s\n", at, record->status, record->method, record->target,
            record->operation ? " " : "", record->operation ? record->operation : "",
            record->remark ? " - " : "", record->remark ? record->remark : "");
}
