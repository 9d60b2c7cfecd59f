/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/reload.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/generation.h"
#include "mock/loading.h"
#include "mock/sources.h"

#include <string.h>

enum { TRIES_MAX = 8 }; /* while files change under our hands */

const char *reload_result_name(enum reload_result result)
{
    static const char *const names[] = {
        [RELOAD_LOADED] = "loaded",   [RELOAD_UNCHANGED] = "unchanged", [RELOAD_FAILED] = "failed",
        [RELOAD_REMOVED] = "removed", [RELOAD_WAITING] = "waiting",
    };
    return names[result];
}

/* ---- sessions ---- */

static void move_on(struct world *world, void *data)
{
    world_lock(world);
    if (!world_is_closed(world))
        generation_enter(world, data);
    world_unlock(world);
}

static void publish(struct mock *mock, struct played *played)
{
    loading_publish(mock, played);
    if (!played->failure)
        sessions_each(mock->sessions, move_on, played);
}

/* ---- one provider ---- */

/* What stood in the files at one moment: they are the same before and after. NULL: findings. */
static struct played *make(struct mock *mock, struct slot *slot, struct findings *findings)
{
    for (int tries = 0;; tries++) {
        uint64_t files = slot->files = sources_hash(mock, slot);
        struct arena *arena = loading_arena(mock);
        struct played *played = loading_make(mock, slot, arena, findings);
        bool is_still = tries + 1 == TRIES_MAX || sources_hash(mock, slot) == files;
        if (is_still && played)
            return played;
        loading_drop_arena(mock, arena);
        if (is_still)
            return NULL;
        findings_release(findings);
        *findings = (struct findings){0};
    }
}

static void tell_failure(const struct mock *mock, const struct slot *slot, size_t index,
                         const struct findings *findings)
{
    loading_print(findings);
    log_line(LEVEL_WARNING, "%s: %zu error%s, generation %u stays", slot->name, findings->errors,
             findings->errors == 1 ? "" : "s", mock->played[index]->generation);
}

static enum reload_result load_again(struct mock *mock, struct slot *slot, size_t index,
                                     bool is_asked)
{
    uint64_t files = sources_hash(mock, slot);
    struct findings findings = {0};
    if (files == slot->files && (!slot->failed_at || !is_asked))
        return slot->failed_at ? RELOAD_FAILED : RELOAD_UNCHANGED;
    struct played *played = make(mock, slot, &findings);
    findings_sort(&findings);
    if (played) {
        publish(mock, played);
        slot->loaded_at = instant_real_now();
        loading_print(&findings); /* warnings */
        log_line(LEVEL_INFO, "%s: generation %u", slot->name, played->generation);
    } else {
        tell_failure(mock, slot, index, &findings);
    }
    loading_keep_findings(mock, slot, &findings);
    return played ? RELOAD_LOADED : RELOAD_FAILED;
}

static enum reload_result take_away(struct mock *mock, struct slot *slot, size_t index)
{
    if (mock->played[index]->is_gone)
        return RELOAD_REMOVED;
    struct arena *arena = loading_arena(mock);
    struct played *gone =
        loading_stub(mock, slot, arena,
                     arena_printf(arena, "the documents of '%s' were taken away", slot->name));
    gone->is_gone = true;
    slot->files = 0;
    atomic_store(&slot->is_done, true); /* whether or not somebody has asked for it */
    publish(mock, gone);
    log_line(LEVEL_WARNING, "%s: its documents are gone, it is not played any more", slot->name);
    return RELOAD_REMOVED;
}

static struct reloaded look_at(struct mock *mock, size_t index, bool is_asked)
{
    struct slot *slot = &mock->loading->slots[index];
    struct reloaded row = {.name = slot->name, .index = index, .result = RELOAD_WAITING};
    nanos from = instant_monotonic_now();
    pthread_mutex_lock(&slot->lock);
    if (!slot->document && mock->options.finds_providers && !sources_are_there(mock, slot->name))
        row.result = take_away(mock, slot, index);
    else if (slot->is_done)
        row.result = load_again(mock, slot, index, is_asked);
    pthread_mutex_unlock(&slot->lock);
    row.generation = mock->played[index]->generation;
    row.took = instant_monotonic_now() - from;
    return row;
}

/* ---- providers that come later ---- */

static bool is_known(const struct mock *mock, const char *name)
{
    for (size_t i = 0; i < mock->played_count; i++)
        if (text_is(mock->loading->slots[i].name, name))
            return true;
    return false;
}

/* They are loaded at once, so that what is wrong with them is said. */
static void find_new(struct mock *mock, struct arena *arena)
{
    const char **names = provider_list(arena, mock->options.contracts_dir, NULL);
    for (size_t i = 0; names && names[i]; i++) {
        if (is_known(mock, names[i]) || !sources_are_there(mock, names[i]))
            continue;
        struct slot *slot = loading_slot(mock, arena_strdup(loading_arena(mock), names[i]), NULL);
        if (slot)
            atomic_store(&slot->is_done, true);
        else
            log_line(LEVEL_WARNING, "'%s' is not played: there are %d providers already", names[i],
                     SLOTS_MAX);
    }
}

struct reloaded *reload(struct mock *mock, bool is_asked, struct arena *arena, size_t *count)
{
    pthread_mutex_lock(&mock->loading->reload);
    if (mock->options.finds_providers)
        find_new(mock, arena);
    *count = mock->played_count;
    struct reloaded *rows = arena_alloc(arena, (*count + 1) * sizeof *rows);
    for (size_t i = 0; i < *count; i++)
        rows[i] = look_at(mock, i, is_asked);
    pthread_mutex_unlock(&mock->loading->reload);
    return rows;
}
