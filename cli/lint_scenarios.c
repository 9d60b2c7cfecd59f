/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint_scenarios.h"

#include "core/base/str.h"
#include "core/data/load.h"
#include "runner/arazzo/arazzo.h"

#include <glob.h>

/* A document of several services is checked when they are all played. */
static bool is_of_one_service(struct arena *arena, const char *path)
{
    struct findings ignored = {0};
    const cJSON *sources = tree_get(load_document(arena, path, &ignored), "sourceDescriptions");
    size_t services = 0;

    for (const cJSON *source = sources ? sources->child : NULL; source; source = source->next)
        services += !text_is(tree_get_text(source, "type"), "arazzo");
    findings_release(&ignored);
    return services <= 1;
}

void lint_scenarios(struct arena *arena, const struct provider *provider, const char *contracts,
                    struct findings *findings)
{
    glob_t found;
    const char *pattern =
        arena_printf(arena, "%s/%s/scenarios/*.arazzo.yaml", contracts, provider->name);

    if (glob(pattern, 0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = arena_strdup(arena, found.gl_pathv[i]);
        if (is_of_one_service(arena, path))
            arazzo_load(arena, path, &provider, 1, findings);
    }
    globfree(&found);
}
