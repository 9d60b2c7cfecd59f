/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/loading.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/contract/router.h"
#include "mock/generation.h"
#include "mock/sources.h"
#include "mock/world_functions.h"

#include <stdio.h>
#include <string.h>

/* ---- one provider ---- */

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

void loading_print(const struct findings *findings)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    findings_print(findings, &text);
    fputs(text.buf, stderr);
    strbuf_release(&text);
}

/* A schema that is compiled late, and is wrong. */
static void hear_late(void *data, const struct findings *findings)
{
    (void)data;
    loading_print(findings);
}

static struct provider *read_provider(const struct mock *mock, const struct slot *slot,
                                      struct arena *arena, struct findings *findings)
{
    const struct mock_options *options = &mock->options;
    struct variant_choice *choices =
        arena_alloc(arena, (options->variant_count + 1) * sizeof *choices);
    struct provider_options how = {
        .contracts_dir = options->contracts_dir,
        .fixtures_dir = options->fixtures_dir,
        .choices = choices,
        .choice_count = choose_variants(mock, slot->name, choices),
        .functions = world_functions_new(arena),
        .is_lazy = mock->is_lazy || slot->document,
        .tell = hear_late,
    };
    return slot->document
               ? provider_from_document(arena, slot->name, slot->document->file, &how, findings)
               : provider_load(arena, slot->name, &how, findings);
}

/* The place in a store for a kind of this provider: the one that it had before, or the next. */
static unsigned number_kind(struct loading *loading, const struct slot *slot, const char *name)
{
    for (size_t i = 0; i < loading->kinds.count; i++)
        if (loading->kinds.items[i].slot == slot && text_is(loading->kinds.items[i].name, name))
            return (unsigned)i;
    struct kind_place place = {slot, mem_strdup(name)};
    vec_push(&loading->kinds, place);
    return (unsigned)loading->kinds.count - 1;
}

static struct played *take_in(struct mock *mock, struct slot *slot, struct arena *arena,
                              const struct provider *provider, struct findings *findings)
{
    struct loading *loading = mock->loading;
    unsigned *indexes = arena_alloc(arena, (provider->kind_count + 1) * sizeof *indexes);
    pthread_mutex_lock(&loading->lock);
    for (size_t i = 0; i < provider->kind_count; i++)
        indexes[i] = number_kind(loading, slot, provider->kinds[i].name);
    pthread_mutex_unlock(&loading->lock);
    struct played *played = played_new(arena, provider, indexes, findings);
    played->index = (size_t)(slot - loading->slots);
    return played;
}

struct played *loading_make(struct mock *mock, struct slot *slot, struct arena *arena,
                            struct findings *findings)
{
    const struct played *before = mock->played[slot - mock->loading->slots];
    size_t errors = findings->errors;
    struct provider *provider = read_provider(mock, slot, arena, findings);
    struct played *played = NULL;
    if (!provider || findings->errors > errors)
        return NULL;
    generation_keep_states(arena, before, provider, findings);
    if (findings->errors == errors)
        played = take_in(mock, slot, arena, provider, findings);
    return findings->errors == errors ? played : NULL;
}

void loading_publish(struct mock *mock, struct played *played)
{
    struct played *before = mock->played[played->index];
    played->generation = before->generation + 1;
    played->before = before;
    mock->played[played->index] = played;
}

/* ---- later ---- */

struct played *loading_stub(struct mock *mock, struct slot *slot, struct arena *arena,
                            const char *failure)
{
    static const struct lifecycle no_lifecycle;
    static const struct contract no_contract;
    struct provider *provider = arena_alloc(arena, sizeof *provider);
    struct played *stub = arena_alloc(arena, sizeof *stub);
    provider->name = slot->name;
    provider->lifecycle = &no_lifecycle;
    provider->contract = &no_contract;
    stub->provider = provider;
    stub->router = router_new(arena);
    stub->index = (size_t)(slot - mock->loading->slots);
    stub->failure = arena_strdup(arena, failure);
    return stub;
}

/* -1: its stub says why. */
static int load(struct mock *mock, struct slot *slot, struct findings *findings)
{
    size_t errors = findings->errors;
    slot->files = sources_hash(mock, slot);
    struct arena *arena = loading_arena(mock);
    struct played *played = loading_make(mock, slot, arena, findings);
    slot->loaded_at = instant_real_now();
    if (!played) {
        errors = findings->errors - errors;
        played = loading_stub(mock, slot, arena,
                              arena_printf(arena, "the documents of '%s' have %zu error%s",
                                           slot->name, errors, errors == 1 ? "" : "s"));
    }
    loading_publish(mock, played);
    return played->failure ? -1 : 0;
}

static void load_late(struct mock *mock, struct slot *slot)
{
    struct findings findings = {0};
    if (load(mock, slot, &findings))
        log_line(LEVEL_ERROR, "%s: every request to it is answered 500",
                 mock->played[slot - mock->loading->slots]->failure);
    findings_sort(&findings);
    loading_print(&findings);
    loading_keep_findings(mock, slot, &findings);
}

const struct played *loading_get(struct mock *mock, size_t index)
{
    struct slot *slot = &mock->loading->slots[index];
    if (!atomic_load(&slot->is_done)) {
        pthread_mutex_lock(&slot->lock);
        if (!slot->is_done)
            load_late(mock, slot);
        atomic_store(&slot->is_done, true);
        pthread_mutex_unlock(&slot->lock);
    }
    return mock->played[index];
}

void loading_get_all(struct mock *mock)
{
    for (size_t i = 0; mock->is_lazy && i < mock->played_count; i++)
        loading_get(mock, i);
}

void loading_keep_findings(struct mock *mock, struct slot *slot, struct findings *findings)
{
    struct findings old;
    pthread_mutex_lock(&mock->loading->lock);
    old = slot->findings;
    slot->findings = *findings;
    slot->failed_at = findings->errors ? instant_real_now() : 0;
    pthread_mutex_unlock(&mock->loading->lock);
    findings_release(&old);
    *findings = (struct findings){0};
}

/* ---- at the start ---- */

static int load_now(struct mock *mock, struct findings *findings, struct error *err)
{
    for (size_t i = 0; i < mock->played_count; i++) {
        struct slot *slot = &mock->loading->slots[i];
        load(mock, slot, findings);
        atomic_store(&slot->is_done, true);
    }
    if (findings->errors)
        return fail(err, ERROR_INVALID, "the documents have %zu error%s", findings->errors,
                    findings->errors == 1 ? "" : "s");
    return 0;
}

/* What is said of outcomes and variants is looked up at the start, and a clock that stands still
 * must find every seed at its epoch. One provider alone will be asked for anyway. */
static bool may_wait(const struct mock *mock, size_t count)
{
    const struct mock_options *options = &mock->options;
    return !options->load_all && count > 1 && count <= SLOTS_MAX && !options->outcome_count &&
           !options->variant_count && options->clock.mode != MODE_VIRTUAL;
}

struct slot *loading_slot(struct mock *mock, const char *name, const struct mock_document *document)
{
    struct loading *loading = mock->loading;
    if (mock->played_count == loading->capacity)
        return NULL;
    struct slot *slot = &loading->slots[mock->played_count];
    slot->document = document;
    slot->name = name;
    pthread_mutex_init(&slot->lock, NULL);
    mock->played[mock->played_count] = loading_stub(mock, slot, loading_arena(mock), NULL);
    mock->played_count++;
    return slot;
}

int loading_start(struct mock *mock, struct findings *findings, struct error *err)
{
    const struct mock_options *options = &mock->options;
    struct arena *arena = mock->arena;
    size_t count = options->provider_count + options->document_count;
    struct loading *loading = mock->loading = arena_alloc(arena, sizeof *loading);
    loading->capacity = count > SLOTS_MAX ? count : SLOTS_MAX;
    loading->slots = arena_alloc(arena, loading->capacity * sizeof *loading->slots);
    pthread_mutex_init(&loading->lock, NULL);
    pthread_mutex_init(&loading->reload, NULL);
    mock->played = arena_alloc(arena, loading->capacity * sizeof *mock->played);
    mock->is_lazy = may_wait(mock, count);
    for (size_t i = 0; i < options->provider_count; i++)
        loading_slot(mock, options->providers[i], NULL);
    for (size_t i = 0; i < options->document_count; i++)
        loading_slot(mock, options->documents[i].name, &options->documents[i]);
    return mock->is_lazy ? 0 : load_now(mock, findings, err);
}

struct arena *loading_arena(struct mock *mock)
{
    struct arena *arena = arena_new();
    pthread_mutex_lock(&mock->loading->lock);
    vec_push(&mock->loading->arenas, arena);
    pthread_mutex_unlock(&mock->loading->lock);
    return arena;
}

void loading_drop_arena(struct mock *mock, struct arena *arena)
{
    struct loading *loading = mock->loading;
    pthread_mutex_lock(&loading->lock);
    for (size_t i = loading->arenas.count; i-- > 0;)
        if (loading->arenas.items[i] == arena) {
            loading->arenas.items[i] = loading->arenas.items[--loading->arenas.count];
            break;
        }
    pthread_mutex_unlock(&loading->lock);
    arena_free(arena);
}

void loading_free(struct mock *mock)
{
    struct loading *loading = mock->loading;
    if (!loading)
        return;
    for (size_t i = 0; i < mock->played_count; i++) {
        findings_release(&loading->slots[i].findings);
        pthread_mutex_destroy(&loading->slots[i].lock);
    }
    for (size_t i = 0; i < loading->arenas.count; i++)
        arena_free(loading->arenas.items[i]);
    for (size_t i = 0; i < loading->kinds.count; i++)
        mem_free(loading->kinds.items[i].name);
    vec_free(&loading->arenas);
    vec_free(&loading->kinds);
    pthread_mutex_destroy(&loading->lock);
    pthread_mutex_destroy(&loading->reload);
}

/* ---- worlds ---- */

static bool can_play(const struct played *played)
{
    return played->generation && !played->failure;
}

void loading_furnish_new(struct mock *mock, struct world *world)
{
    for (size_t i = 0; i < mock->played_count; i++)
        if (can_play(mock->played[i]))
            generation_enter(world, mock->played[i]);
}

static bool is_furnished(const struct world *world, const struct played *played)
{
    return played->index >= SLOTS_MAX || (world->furnished >> played->index & 1);
}

void loading_furnish(struct mock *mock, struct world *world, const struct played *played)
{
    (void)mock;
    if (is_furnished(world, played) || !can_play(played))
        return;
    world_begin(world);
    if (!world->is_closed)
        generation_enter(world, played);
    world_unlock(world);
    world_end(world);
}

void loading_furnish_all(struct mock *mock, struct world *world)
{
    loading_get_all(mock);
    if (mock->options.seeds_on_demand)
        return;
    for (size_t i = 0; i < mock->played_count; i++)
        loading_furnish(mock, world, mock->played[i]);
    world_lock(world);
    if (!world->is_closed)
        loading_furnish_new(mock, world);
    world_unlock(world);
}
