/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas applied to the same value: all, any, one or none of them, or by a condition. */
#include "core/schema/branch.h"
#include "core/schema/keywords.h"

bool compile_all_of(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_list(compiler, schema, rule);
}

bool validate_all_of(struct run *run, const struct rule *rule, const cJSON *instance,
                     struct marks *marks)
{
    bool valid = true;

    for (size_t i = 0; i < rule->as.list.count; i++) {
        if (run_apply(run, rule->as.list.items[i], instance, STEP_SAME, marks))
            continue;
        valid = false;
        if (!run_goes_on(run))
            return false;
    }
    return valid;
}

bool compile_any_of(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return branches_compile(compiler, schema, rule);
}

bool validate_any_of(struct run *run, const struct rule *rule, const cJSON *instance,
                     struct marks *marks)
{
    const struct branches *branches = rule->as.data;
    bool all = marks || run->sightings, fits = false;

    for (size_t i = 0; i < branches->count && (all || !fits) && !run->gave_up; i++)
        fits |= run_probe(run, branches->items[i], instance, STEP_SAME, marks);
    return fits || branches_fail(run, rule, instance);
}

bool compile_one_of(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return branches_compile(compiler, schema, rule);
}

bool validate_one_of(struct run *run, const struct rule *rule, const cJSON *instance,
                     struct marks *marks)
{
    const struct branches *branches = rule->as.data;
    size_t fits = branches->count, other = branches->count;

    for (size_t i = 0; i < branches->count && other == branches->count && !run->gave_up; i++) {
        if (!run_probe(run, branches->items[i], instance, STEP_SAME, marks))
            continue;
        if (fits == branches->count)
            fits = i;
        else
            other = i;
    }
    if (other < branches->count)
        return run_fail(run, rule, "expected to fit one branch but fits two: %s and %s",
                        branch_title(run->arena, branches, fits),
                        branch_title(run->arena, branches, other));
    return fits < branches->count || branches_fail(run, rule, instance);
}

bool compile_not(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_one(compiler, schema, rule);
}

bool validate_not(struct run *run, const struct rule *rule, const cJSON *instance,
                  struct marks *marks)
{
    struct sightings *sightings = run->sightings;
    bool fits;

    (void)marks;
    run->sightings = NULL;
    fits = run_probe(run, rule->as.schema, instance, STEP_SAME, NULL);
    run->sightings = sightings;
    if (run->gave_up)
        return false;
    return !fits || run_fail(run, rule, "expected not to fit the schema in 'not'");
}

bool compile_if(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct condition made = {NULL, compile_sibling(compiler, schema, "then", NULL),
                             compile_sibling(compiler, schema, "else", NULL)};

    compile_one(compiler, schema, rule);
    made.when = rule->as.schema;
    rule->as.data = arena_copy(compiler->set->arena, &made, sizeof made);
    return true;
}

bool validate_if(struct run *run, const struct rule *rule, const cJSON *instance,
                 struct marks *marks)
{
    const struct condition *made = rule->as.data;
    const struct schema *next =
        run_probe(run, made->when, instance, STEP_SAME, marks) ? made->then : made->otherwise;

    return !next || run_apply(run, next, instance, STEP_SAME, marks);
}
