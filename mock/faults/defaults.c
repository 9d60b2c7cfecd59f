/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/defaults.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "mock/faults/shipped.h"
#include "mock/loading.h"
#include "mock/state.h"

#include <string.h>

struct fault_defaults {
    pthread_mutex_t lock;
    struct {
        VEC(struct fault_plan *);
    } plans;
};

/* ---- reading ---- */

struct fault_plan *fault_plan_named(const char *name, struct findings *findings, struct error *err)
{
    if (strpbrk(name, "./") || (!is_shipped_plan(name) && file_exists(name)))
        return fault_plan_load(name, findings, err);
    struct arena *arena = arena_new();
    struct findings missing = {0};
    struct fault_plan *plan =
        shipped_plan(name, arena, is_shipped_plan(name) ? findings : &missing);
    if (missing.count)
        fail(err, ERROR_NOT_FOUND, "%s", missing.items[0].text);
    findings_release(&missing);
    arena_free(arena);
    return plan;
}

struct fault_defaults *fault_defaults_new(const char *const *names, size_t count,
                                          struct findings *findings, struct error *err)
{
    struct fault_defaults *defaults = mem_alloc(sizeof *defaults);
    size_t errors = findings->errors;
    bool failed = false;
    *defaults = (struct fault_defaults){0};
    pthread_mutex_init(&defaults->lock, NULL);
    for (size_t i = 0; i < count && !failed; i++) {
        struct fault_plan *plan = fault_plan_named(names[i], findings, err);
        if (plan)
            vec_push(&defaults->plans, plan);
        failed = !plan && findings->errors == errors; /* no file: `err` says it */
    }
    if (!failed && findings->errors == errors)
        return defaults;
    if (!failed)
        fail(err, ERROR_INVALID, "the fault plans have %zu error%s", findings->errors - errors,
             findings->errors - errors == 1 ? "" : "s");
    fault_defaults_free(defaults);
    return NULL;
}

static const char *name_of(void *data, size_t index)
{
    const struct mock *mock = data;
    return mock->played[index]->provider->name;
}

static const struct provider *get_provider(void *data, size_t index)
{
    const struct played *played = loading_get(data, index);
    return played->failure ? NULL : played->provider;
}

struct fault_providers fault_providers_of(struct mock *mock)
{
    return (struct fault_providers){mock->played_count, name_of, get_provider, mock};
}

int fault_defaults_check(const struct fault_defaults *defaults, struct mock *mock,
                         struct findings *findings, struct error *err)
{
    struct fault_providers providers = fault_providers_of(mock);
    size_t errors = findings->errors;
    for (size_t i = 0; i < defaults->plans.count; i++)
        fault_plan_check(defaults->plans.items[i], &providers, findings);
    if (findings->errors == errors)
        return 0;
    return fail(err, ERROR_INVALID, "the fault plans have %zu error%s", findings->errors - errors,
                findings->errors - errors == 1 ? "" : "s");
}

static void drop_plans(struct fault_defaults *defaults)
{
    for (size_t i = 0; i < defaults->plans.count; i++)
        fault_plan_unref(defaults->plans.items[i]);
    defaults->plans.count = 0;
}

void fault_defaults_free(struct fault_defaults *defaults)
{
    if (!defaults)
        return;
    drop_plans(defaults);
    vec_free(&defaults->plans);
    pthread_mutex_destroy(&defaults->lock);
    mem_free(defaults);
}

/* ---- sessions ---- */

void fault_defaults_give(struct fault_defaults *defaults, struct fault_set *set, nanos world_now)
{
    pthread_mutex_lock(&defaults->lock);
    for (size_t i = 0; i < defaults->plans.count; i++)
        fault_set_add(set, defaults->plans.items[i], world_now);
    pthread_mutex_unlock(&defaults->lock);
}

static void each_session(struct mock *mock, void (*act)(struct world *world, void *data),
                         void *data)
{
    char **names = sessions_names(mock->sessions);
    for (size_t i = 0; names[i]; i++) {
        struct world *world = sessions_find(mock->sessions, names[i]);
        if (world)
            act(world, data);
        world_unref(world);
        mem_free(names[i]);
    }
    mem_free(names);
}

static void add_to(struct world *world, void *plan)
{
    fault_set_add_once(&state_of(world)->faults, plan, world_ask_now(world));
}

/* To those to come first: whoever is made meanwhile has it already. */
void fault_defaults_add(struct mock *mock, struct fault_plan *plan)
{
    struct fault_defaults *defaults = mock->faults;
    pthread_mutex_lock(&defaults->lock);
    vec_push(&defaults->plans, fault_plan_ref(plan));
    pthread_mutex_unlock(&defaults->lock);
    each_session(mock, add_to, plan);
}

static void clear(struct world *world, void *removed)
{
    *(size_t *)removed += fault_set_remove(&state_of(world)->faults, 0);
}

size_t fault_defaults_clear(struct mock *mock)
{
    size_t removed = 0;
    pthread_mutex_lock(&mock->faults->lock);
    drop_plans(mock->faults);
    pthread_mutex_unlock(&mock->faults->lock);
    each_session(mock, clear, &removed);
    return removed;
}
