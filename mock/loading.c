/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/loading.h"

#include "core/base/draw.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/contract/router.h"
#include "core/expr/template.h"
#include "mock/change.h"
#include "mock/live.h"
#include "mock/state.h"
#include "mock/world_functions.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS_MAX = 64 }; /* bits of a world's `furnished` */

struct slot {
    const char *name;
    const struct mock_document *document; /* NULL: a provider */
    struct arena *arena;
    pthread_mutex_t lock; /* held while it is loaded */
    atomic_bool is_done;
    const char *failure; /* NULL: none */
};

struct loading {
    struct slot *slots;
    size_t count;
    pthread_mutex_t lock; /* of shapes, and of giving out kinds */
    struct kind_shape *shapes;
    size_t shape_count;
};

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

static void print(const struct findings *findings)
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
    print(findings);
}

static struct provider *read_provider(const struct mock *mock, const struct slot *slot,
                                      struct findings *findings)
{
    const struct mock_options *options = &mock->options;
    struct variant_choice *choices =
        arena_alloc(slot->arena, (options->variant_count + 1) * sizeof *choices);
    struct provider_options how = {
        .contracts_dir = options->contracts_dir,
        .fixtures_dir = options->fixtures_dir,
        .choices = choices,
        .choice_count = choose_variants(mock, slot->name, choices),
        .functions = world_functions_new(slot->arena),
        .is_lazy = mock->is_lazy || slot->document,
        .tell = hear_late,
    };
    return slot->document ? provider_from_document(slot->arena, slot->name, slot->document->file,
                                                   &how, findings)
                          : provider_load(slot->arena, slot->name, &how, findings);
}

/* Its kinds follow those that came before. */
static struct played *take_in(struct mock *mock, struct slot *slot, const struct provider *provider,
                              struct findings *findings)
{
    struct loading *loading = mock->loading;
    pthread_mutex_lock(&loading->lock);
    size_t base = loading->shape_count, count = base + provider->kind_count;
    struct played *played = played_new(slot->arena, provider, (unsigned)base, findings);
    played->index = (size_t)(slot - loading->slots);
    loading->shapes = mem_realloc(loading->shapes, (count + 1) * sizeof *loading->shapes);
    played_shapes(slot->arena, played, loading->shapes + base);
    loading->shape_count = count;
    pthread_mutex_unlock(&loading->lock);
    return played;
}

/* The stub stays when this is NULL. */
static struct played *load(struct mock *mock, struct slot *slot, struct findings *findings)
{
    size_t errors = findings->errors;
    const struct provider *provider = read_provider(mock, slot, findings);
    struct played *played = NULL;
    if (provider && findings->errors == errors)
        played = take_in(mock, slot, provider, findings);
    if (played && findings->errors == errors)
        return played;
    slot->failure =
        arena_printf(slot->arena, "the documents of '%s' have %zu error%s", slot->name,
                     findings->errors - errors, findings->errors - errors == 1 ? "" : "s");
    return NULL;
}

/* ---- later ---- */

static struct played *make_stub(struct mock *mock, struct slot *slot, size_t index)
{
    static const struct lifecycle no_lifecycle;
    static const struct contract no_contract;
    struct arena *arena = mock->arena;
    struct provider *provider = arena_alloc(arena, sizeof *provider);
    struct played *stub = arena_alloc(arena, sizeof *stub);
    provider->name = slot->name;
    provider->lifecycle = &no_lifecycle;
    provider->contract = &no_contract;
    stub->provider = provider;
    stub->router = router_new(arena);
    stub->index = index;
    return stub;
}

static void load_late(struct mock *mock, struct slot *slot)
{
    struct findings findings = {0};
    struct played *played = load(mock, slot, &findings);
    findings_sort(&findings);
    print(&findings);
    if (played)
        mock->played[slot - mock->loading->slots] = played;
    else
        log_line(LEVEL_ERROR, "%s: every request to it is answered 500", slot->failure);
    findings_release(&findings);
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
    for (size_t i = 0; mock->is_lazy && i < mock->loading->count; i++)
        loading_get(mock, i);
}

const char *loading_failure(const struct mock *mock, const struct played *played)
{
    const struct slot *slot = &mock->loading->slots[played->index];
    return atomic_load(&slot->is_done) ? slot->failure : NULL;
}

/* ---- at the start ---- */

static int load_now(struct mock *mock, struct findings *findings, struct error *err)
{
    struct loading *loading = mock->loading;
    for (size_t i = 0; i < loading->count; i++) {
        struct played *played = load(mock, &loading->slots[i], findings);
        atomic_store(&loading->slots[i].is_done, true);
        if (played)
            mock->played[i] = played;
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

int loading_start(struct mock *mock, struct findings *findings, struct error *err)
{
    const struct mock_options *options = &mock->options;
    struct arena *arena = mock->arena;
    size_t count = options->provider_count + options->document_count;
    struct loading *loading = mock->loading = arena_alloc(arena, sizeof *loading);
    loading->slots = arena_alloc(arena, (count + 1) * sizeof *loading->slots);
    loading->count = count;
    pthread_mutex_init(&loading->lock, NULL);
    mock->played = arena_alloc(arena, (count + 1) * sizeof *mock->played);
    mock->played_count = count;
    mock->is_lazy = may_wait(mock, count);
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &loading->slots[i];
        slot->document =
            i < options->provider_count ? NULL : &options->documents[i - options->provider_count];
        slot->name = slot->document ? slot->document->name : options->providers[i];
        slot->arena = arena_new();
        pthread_mutex_init(&slot->lock, NULL);
        mock->played[i] = make_stub(mock, slot, i);
    }
    return mock->is_lazy ? 0 : load_now(mock, findings, err);
}

void loading_free(struct mock *mock)
{
    struct loading *loading = mock->loading;
    for (size_t i = 0; loading && i < loading->count; i++) {
        arena_free(loading->slots[i].arena);
        pthread_mutex_destroy(&loading->slots[i].lock);
    }
    if (!loading)
        return;
    pthread_mutex_destroy(&loading->lock);
    mem_free(loading->shapes);
}

/* ---- worlds ---- */

static void seed(struct world *world, const struct played *played)
{
    struct arena *arena = arena_new();
    struct play play;
    uint64_t key = draw_hash_text(draw_hash_text(world->seed, world->name), "seed");
    play_begin(&play, world, played, arena, draw_hash_text(key, played->provider->name));
    play.cause.name = "seed";
    play_bind(&play, "principal",
              template_eval(played->provider->service.auth.principal, &play.eval));
    for (size_t i = 0; i < played->provider->seed_count; i++)
        change_seed(&play, &played->provider->seeds[i]);
    play_end(&play);
    arena_free(arena);
}

void loading_add_kinds(struct mock *mock, struct world *world)
{
    struct loading *loading = mock->loading;
    size_t known = store_kind_count(world->store);
    pthread_mutex_lock(&loading->lock);
    if (known < loading->shape_count)
        store_add_kinds(world->store, loading->shapes + known, loading->shape_count - known);
    pthread_mutex_unlock(&loading->lock);
}

/* With the world's lock. */
static void furnish(struct mock *mock, struct world *world, const struct played *played)
{
    loading_add_kinds(mock, world);
    seed(world, played);
    if (played->index < SLOTS_MAX)
        world->furnished |= UINT64_C(1) << played->index;
}

void loading_furnish_new(struct mock *mock, struct world *world)
{
    for (size_t i = 0; i < mock->played_count; i++)
        if (atomic_load(&mock->loading->slots[i].is_done) && !mock->loading->slots[i].failure)
            furnish(mock, world, mock->played[i]);
}

static bool is_furnished(const struct world *world, const struct played *played)
{
    return world->furnished >> played->index & 1;
}

void loading_furnish(struct mock *mock, struct world *world, const struct played *played)
{
    if (!mock->is_lazy || is_furnished(world, played) || loading_failure(mock, played))
        return;
    world_begin(world);
    if (!world->is_closed && !is_furnished(world, played))
        furnish(mock, world, played);
    world_unlock(world);
    world_end(world);
}
