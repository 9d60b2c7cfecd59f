/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/list_faults.h"

#include "core/base/arena.h"
#include "mock/faults/kind.h"
#include "mock/faults/shipped.h"
#include "mock/faults/tls.h"

#include <stdio.h>

static void print_parameter(const struct fault_parameter *parameter)
{
    struct strbuf takes = STRBUF_INIT(LIMIT_MESSAGE);
    fault_parameter_print(parameter, &takes);
    printf("  %-16s %s", parameter->name, takes.buf);
    if (parameter->fallback && *parameter->fallback)
        printf("; default %s", parameter->fallback);
    printf(": %s\n", parameter->help);
    strbuf_release(&takes);
}

void list_faults(void)
{
    const struct fault_kind *kind = NULL;
    while ((kind = next_fault_kind(kind))) {
        printf("%-18s %-10s %-16s %s\n", kind->name, fault_group_name(kind->group),
               kind->group == FAULT_OF_WEBHOOK ? "-" : fault_effect_name(kind->effect),
               kind->summary);
        for (size_t i = 0; kind->parameters && kind->parameters[i].name; i++)
            print_parameter(&kind->parameters[i]);
    }
    for (const struct tls_fault *fault = tls_faults; fault->name; fault++)
        printf("%-18s %-10s %-16s %s\n", fault->name, "tls", "-", fault->summary);
}

void list_plans(void)
{
    for (const struct shipped_plan *shipped = shipped_plans; shipped->name; shipped++) {
        struct arena *arena = arena_new();
        struct findings findings = {0};
        struct fault_plan *plan = shipped_plan(shipped->name, arena, &findings);
        printf("%-16s %s\n", shipped->name, plan && plan->summary ? plan->summary : "");
        fault_plan_unref(plan);
        findings_release(&findings);
        arena_free(arena);
    }
}
