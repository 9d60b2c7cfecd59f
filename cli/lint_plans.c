/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint_plans.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/provider/provider.h"
#include "mock/faults/defaults.h"

struct lint {
    struct arena *arena;
    const struct data_dirs *dirs;
    const char *const *names;
    const struct provider **loaded; /* NULL: not yet, or it cannot be */
    bool *is_tried;
};

static const char *name_of(void *data, size_t index)
{
    const struct lint *lint = data;
    return lint->names[index];
}

/* What is wrong with it was said, or is not asked for. */
static const struct provider *get_provider(void *data, size_t index)
{
    struct lint *lint = data;
    struct provider_options how = {.contracts_dir = lint->dirs->contracts,
                                   .fixtures_dir = lint->dirs->fixtures};
    struct findings unheard = {0};
    if (!lint->is_tried[index])
        lint->loaded[index] = provider_load(lint->arena, lint->names[index], &how, &unheard);
    if (unheard.errors)
        lint->loaded[index] = NULL;
    lint->is_tried[index] = true;
    findings_release(&unheard);
    return lint->loaded[index];
}

static int lint_plan(struct lint *lint, const char *name, struct findings *findings,
                     struct error *err)
{
    struct fault_providers providers = {0, name_of, get_provider, lint};
    size_t errors = findings->errors;
    while (lint->names[providers.count])
        providers.count++;
    struct fault_plan *plan = fault_plan_named(name, findings, err);
    if (plan)
        fault_plan_check(plan, &providers, findings);
    bool is_missing = !plan && findings->errors == errors;
    fault_plan_unref(plan);
    return is_missing ? -1 : 0;
}

int lint_plans(struct arena *arena, struct texts plans, const struct data_dirs *dirs,
               const char *const *providers, struct findings *findings, struct error *err)
{
    struct lint lint = {arena, dirs, providers, NULL, NULL};
    const char *folder = dirs->fixtures ? file_join(arena, dirs->fixtures, "faults") : "";
    size_t count = 0;
    while (providers[count])
        count++;
    lint.loaded = arena_alloc(arena, (count + 1) * sizeof *lint.loaded);
    lint.is_tried = arena_alloc(arena, (count + 1) * sizeof *lint.is_tried);
    for (size_t i = 0; i < plans.count; i++)
        if (lint_plan(&lint, plans.items[i], findings, err))
            return -1;
    if (plans.count || !file_is_directory(folder))
        return 0;
    const char **files = file_list(arena, folder, err);
    for (size_t i = 0; files && files[i]; i++)
        if (text_ends_with(files[i], ".yaml") &&
            lint_plan(&lint, file_join(arena, folder, files[i]), findings, err))
            return -1;
    return files ? 0 : -1;
}
