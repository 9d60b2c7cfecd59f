/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/check.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <fnmatch.h>

/* What was looked at so far, for hints. */
struct names {
    VEC(const char *);
};

struct check {
    const struct fault_providers *providers;
    struct findings *findings;
    struct arena *arena;
};

static bool add_until(struct check *check, struct names *names, const char *name,
                      const char *wanted)
{
    vec_push_arena(check->arena, names, name);
    return text_is(name, wanted);
}

/* ---- what a provider has; true as soon as the wanted name came by ---- */

typedef bool lookup_fn(struct check *check, const struct provider *provider, const char *wanted,
                       struct names *names);

static bool has_operation(struct check *check, const struct provider *provider, const char *wanted,
                          struct names *names)
{
    bool found = false;
    for (size_t i = 0; !found && i < provider->operation_count; i++)
        found = add_until(check, names, provider->operations[i].name, wanted);
    for (size_t i = 0; !found && i < provider->service.callback_count; i++)
        found = add_until(check, names, provider->service.callbacks[i].name, wanted);
    return found;
}

static bool has_state(struct check *check, const struct provider *provider, const char *wanted,
                      struct names *names)
{
    bool found = text_is(wanted, "absent");
    for (size_t i = 0; !found && i < provider->lifecycle->machine_count; i++) {
        const struct machine *machine = &provider->lifecycle->machines[i];
        for (size_t j = 1; !found && j < machine->state_count; j++)
            found = add_until(check, names, machine->states[j].name, wanted);
    }
    return found;
}

static bool has_error(struct check *check, const struct provider *provider, const char *wanted,
                      struct names *names)
{
    bool found = false;
    for (size_t i = 0; !found && i < provider->lifecycle->refusal_count; i++)
        found = add_until(check, names, provider->lifecycle->refusals[i].name, wanted);
    return found;
}

/* ---- the names of a rule ---- */

static bool is_pattern(const char *glob)
{
    return strpbrk(glob, "*?[\\") != NULL;
}

static bool fits(const struct fault_globs *globs, const char *name)
{
    for (size_t i = 0; i < globs->count; i++)
        if (fnmatch(globs->items[i], name, 0) == 0)
            return true;
    return !globs->count;
}

static void refuse(struct check *check, struct place place, const char *what, const char *name,
                   const struct names *known)
{
    const char *near = text_nearest_of(name, known->items, known->count);
    findings_add(check->findings, place, "no %s '%s'%s%s%s", what, name,
                 near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* Of the providers that the rule is about. */
static void look_for(struct check *check, const struct fault *fault, const char *what,
                     const char *wanted, struct place place, lookup_fn *lookup)
{
    const struct fault_providers *providers = check->providers;
    struct names names = {0};
    for (size_t i = 0; i < providers->count; i++) {
        if (!fits(&fault->match.providers, providers->name(providers->data, i)))
            continue;
        const struct provider *provider = providers->get(providers->data, i);
        if (provider && lookup(check, provider, wanted, &names))
            return;
    }
    if (names.count) /* else there is nothing to look in, which is told */
        refuse(check, place, what, wanted, &names);
}

static struct place place_of(const struct fault *fault, const char *member, size_t index)
{
    const cJSON *node = tree_get(tree_get(fault->node, "match"), member);
    return tree_place(cJSON_IsArray(node) ? tree_at(node, index) : node);
}

static void check_globs(struct check *check, const struct fault *fault,
                        const struct fault_globs *globs, const char *what, lookup_fn *lookup)
{
    for (size_t i = 0; i < globs->count; i++)
        if (!is_pattern(globs->items[i]))
            look_for(check, fault, what, globs->items[i], place_of(fault, what, i), lookup);
}

static void check_providers(struct check *check, const struct fault *fault)
{
    const struct fault_globs *globs = &fault->match.providers;
    for (size_t i = 0; i < globs->count; i++) {
        struct names names = {0};
        bool found = is_pattern(globs->items[i]);
        for (size_t j = 0; !found && j < check->providers->count; j++)
            found = add_until(check, &names, check->providers->name(check->providers->data, j),
                              globs->items[i]);
        if (!found)
            refuse(check, place_of(fault, "provider", i), "provider", globs->items[i], &names);
    }
}

static void check_methods(struct check *check, const struct fault *fault)
{
    static const char *const known[] = {"GET",    "HEAD",    "POST",  "PUT",
                                        "DELETE", "OPTIONS", "PATCH", "TRACE"};
    const struct fault_globs *globs = &fault->match.methods;
    for (size_t i = 0; i < globs->count; i++) {
        struct names names = {0};
        bool found = is_pattern(globs->items[i]);
        for (size_t j = 0; j < sizeof known / sizeof *known; j++) {
            vec_push_arena(check->arena, &names, known[j]);
            found |= text_is_any_case(known[j], globs->items[i]);
        }
        if (!found)
            refuse(check, place_of(fault, "method", i), "method", globs->items[i], &names);
    }
}

static void check_errors(struct check *check, const struct fault *fault)
{
    const struct fault_parameter *parameter = fault->kind->parameters;
    for (size_t i = 0; parameter && parameter[i].name; i++)
        if (parameter[i].type == FAULT_ERROR && fault->values[i].is_given)
            look_for(check, fault, "error", fault->values[i].text,
                     tree_place(tree_get(tree_get(fault->node, "with"), parameter[i].name)),
                     has_error);
}

void fault_plan_check(const struct fault_plan *plan, const struct fault_providers *providers,
                      struct findings *findings)
{
    struct check check = {providers, findings, arena_new()};
    for (size_t i = 0; i < plan->count; i++) {
        const struct fault *fault = &plan->faults[i];
        check_providers(&check, fault);
        check_globs(&check, fault, &fault->match.operations, "operation", has_operation);
        check_globs(&check, fault, &fault->match.states, "state", has_state);
        check_methods(&check, fault);
        check_errors(&check, fault);
    }
    arena_free(check.arena);
}
