/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/shipped.h"

#include "core/base/str.h"
#include "core/data/yaml.h"

static const char *next_name(void *state)
{
    const struct shipped_plan **at = state;
    return (*at)->name ? (*at)++->name : NULL;
}

struct fault_plan *shipped_plan(const char *name, struct arena *arena, struct findings *findings)
{
    const struct shipped_plan *plan = shipped_plans;
    while (plan->name && !text_is(plan->name, name))
        plan++;
    if (plan->name) {
        const char *text = (const char *)plan->text;
        cJSON *document = yaml_parse(arena, text, strlen(text), name, findings);
        return document ? fault_plan_read(document, name, findings) : NULL;
    }
    const struct shipped_plan *first = shipped_plans;
    const char *near = text_nearest(name, next_name, &first);
    findings_add(findings, (struct place){0}, "no fault plan '%s' (%s%s%s)", name,
                 near ? "did you mean '" : "they are: flaky, slow, rate-limited, ...",
                 near ? near : "", near ? "'?" : "");
    return NULL;
}
