/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "runner/coverage_seen.h"
#include "runner/monitor/monitor.h"

#include <stdlib.h>
#include <string.h>

const char *const coverage_names[COVERAGE_KINDS] = {
    [COVERAGE_OPERATIONS] = "operations", [COVERAGE_ANSWERS] = "answers",
    [COVERAGE_STATES] = "states",         [COVERAGE_MOVES] = "moves",
    [COVERAGE_CELLS] = "cells",           [COVERAGE_MEMBERS] = "members",
};

void coverage_declare(struct coverage *coverage, enum coverage_kind kind, const char *name)
{
    struct coverage_count *count;

    if (map_get(coverage->counts[kind], name))
        return;
    count = arena_alloc(coverage->arena, sizeof *count);
    count->name = arena_strdup(coverage->arena, name);
    map_put(coverage->counts[kind], name, count);
}

/* A birth has one cell; what a request can name has all. */
static state_set cells_of(const struct participant *part)
{
    if (part->by_path || part->named_by_count)
        return part->machine->present | STATE_BIT(STATE_ABSENT);
    return part->has_absent_row ? STATE_BIT(STATE_ABSENT) : 0;
}

static void declare_cells(struct coverage *coverage, const struct provider_operation *operation,
                          const struct participant *part)
{
    state_set cells = cells_of(part);

    for (size_t i = 0; i < part->machine->state_count; i++)
        if (cells & STATE_BIT(i))
            coverage_declare(coverage, COVERAGE_CELLS,
                             arena_printf(coverage->arena, "%s %s %s", part->machine->name,
                                          operation->name, part->machine->states[i].name));
}

static void declare_arrows(struct coverage *coverage, const struct machine *machine, state_set from,
                           state_set to)
{
    for (size_t i = 0; i < machine->state_count; i++)
        for (size_t j = 0; from & STATE_BIT(i) && j < machine->state_count; j++)
            if (to & STATE_BIT(j) && i != j)
                coverage_declare(coverage, COVERAGE_MOVES,
                                 arena_printf(coverage->arena, "%s %s -> %s", machine->name,
                                              machine->states[i].name, machine->states[j].name));
}

static void declare_operation(struct coverage *coverage, const struct provider_operation *operation)
{
    const struct response *response;

    coverage_declare(coverage, COVERAGE_OPERATIONS, operation->name);
    vec_foreach (response, &operation->operation->responses)
        if (response->low && response->low == response->high)
            coverage_declare(
                coverage, COVERAGE_ANSWERS,
                arena_printf(coverage->arena, "%s %d", operation->name, response->low));
    for (size_t i = 0; i < operation->participant_count; i++) {
        const struct participant *part = &operation->participants[i];

        declare_cells(coverage, operation, part);
        for (size_t j = 0; j < part->rows.count; j++)
            if (!part->rows.items[j]->each && !part->rows.items[j]->error)
                declare_arrows(coverage, part->machine, part->rows.items[j]->tests.in,
                               part->rows.items[j]->to_any);
    }
}

static void release_counts(void *data)
{
    struct coverage *coverage = data;

    for (size_t i = 0; i < COVERAGE_KINDS; i++)
        map_free(coverage->counts[i]);
}

struct coverage *coverage_new(struct arena *arena, const struct provider *provider)
{
    struct coverage *coverage = arena_alloc(arena, sizeof *coverage);
    const struct lifecycle *lifecycle = provider->lifecycle;

    coverage->arena = arena;
    for (size_t i = 0; i < COVERAGE_KINDS; i++)
        coverage->counts[i] = map_new();
    arena_defer(arena, release_counts, coverage);
    for (size_t i = 0; i < provider->operation_count; i++)
        declare_operation(coverage, &provider->operations[i]);
    coverage_declare_members(coverage, provider);
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];

        for (size_t j = 1; j < machine->state_count; j++)
            coverage_declare(coverage, COVERAGE_STATES,
                             arena_printf(arena, "%s %s", machine->name, machine->states[j].name));
        for (size_t j = 0; j < machine->move_count; j++)
            declare_arrows(coverage, machine, STATE_BIT(machine->moves[j].from),
                           STATE_BIT(machine->moves[j].to));
    }
    return coverage;
}

struct coverage_count *coverage_find(const struct coverage *coverage, enum coverage_kind kind,
                                     const char *const *parts, size_t count)
{
    char room[256];
    struct strbuf name = strbuf_over(room, sizeof room, LIMIT_MESSAGE);
    struct coverage_count *found;

    for (size_t i = 0; i < count; i++)
        strbuf_adds(&name, parts[i]);
    found = map_get_n(coverage->counts[kind], name.buf, name.len);
    strbuf_release(&name);
    return found;
}

void coverage_meet_parts(struct coverage *coverage, enum coverage_kind kind,
                         const char *const *parts, size_t count)
{
    struct coverage_count *found = coverage_find(coverage, kind, parts, count);

    if (found)
        found->met++;
}

/* What a coverage holds for a name. */
static const struct coverage_count *coverage_count_of(const struct map_entry *entry)
{
    return entry->value;
}

void coverage_add(struct coverage *into, const struct coverage *from)
{
    for (size_t i = 0; i < COVERAGE_KINDS; i++)
        for (const struct map_entry *entry = map_first(from->counts[i]); entry;
             entry = entry->next) {
            struct coverage_count *count = map_get(into->counts[i], entry->key);

            if (count)
                count->met += coverage_count_of(entry)->met;
        }
}

struct coverage_name *coverage_all(const struct coverage *coverage, enum coverage_kind kind)
{
    struct coverage_name *names =
        arena_alloc(coverage->arena, (map_count(coverage->counts[kind]) + 1) * sizeof *names);
    size_t count = 0;

    for (const struct map_entry *entry = map_first(coverage->counts[kind]); entry;
         entry = entry->next)
        names[count++] = (struct coverage_name){entry->key, coverage_count_of(entry)};
    return names;
}

size_t coverage_met(const struct coverage *coverage, enum coverage_kind kind)
{
    size_t met = 0;

    for (const struct map_entry *entry = map_first(coverage->counts[kind]); entry;
         entry = entry->next)
        met += coverage_count_of(entry)->met > 0 && !coverage_count_of(entry)->excuse;
    return met;
}

size_t coverage_declared(const struct coverage *coverage, enum coverage_kind kind)
{
    size_t declared = 0;

    for (const struct map_entry *entry = map_first(coverage->counts[kind]); entry;
         entry = entry->next)
        declared += !coverage_count_of(entry)->excuse;
    return declared;
}

void coverage_line(const struct coverage *coverage, struct strbuf *out)
{
    for (size_t i = 0; i < COVERAGE_KINDS; i++)
        strbuf_addf(out, "%s%s %zu of %zu", i ? ", " : "", coverage_names[i],
                    coverage_met(coverage, (enum coverage_kind)i),
                    coverage_declared(coverage, (enum coverage_kind)i));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **coverage_unmet(const struct coverage *coverage, enum coverage_kind kind)
{
    const char **names =
        arena_alloc(coverage->arena, (coverage_declared(coverage, kind) + 1) * sizeof *names);
    size_t count = 0;

    for (const struct map_entry *entry = map_first(coverage->counts[kind]); entry;
         entry = entry->next)
        if (!coverage_count_of(entry)->met && !coverage_count_of(entry)->excuse)
            names[count++] = entry->key;
    qsort(names, count, sizeof *names, compare_names);
    return names;
}
