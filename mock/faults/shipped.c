/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/shipped.h"

#include "core/base/str.h"
#include "core/data/yaml.h"

static const char *next_name(void *state)
{
    const struct shipped_plan **at = state;
    return (*at)->name ? (*at)++->name : NULL;
}

static const struct shipped_plan *find(const char *name)
{
    const struct shipped_plan *plan = shipped_plans;
    while (plan->name && !text_is(plan->name, name))
        plan++;
    return plan->name ? plan : NULL;
}

bool is_shipped_plan(const char *name)
{
    return find(name) != NULL;
}

struct fault_plan *shipped_plan(const char *name, struct arena *arena, struct findings *findings)
{
    const struct shipped_plan *plan = find(name);
    if (plan) {
        const char *text = (const char *)plan->text;
        cJSON *document = yaml_parse(arena, text, strlen(text), name, findings);
        return document ? fault_plan_read(document, name, findings) : NULL;
    }
    const struct shipped_plan *first = shipped_plans;
    const char *near = text_nearest(name, next_name, &first);
    findings_add(findings, (struct place){0}, "no fault plan '%s' (%s%s%s)", name,
                 near ? "did you mean '" : "'dryrun list plans' has all", near ? near : "",
                 near ? "'?" : "");
    return NULL;
}
