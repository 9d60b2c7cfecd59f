/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds and multiples, exact for numbers of any length. */
#include "core/schema/keywords.h"

static bool is_number(struct compiler *compiler, const struct rule *rule)
{
    return cJSON_IsNumber(rule->value) ||
           compile_fails(compiler, rule->value, "'%s' must be a number but is %s",
                         rule->keyword->name, tree_type_name(rule->value));
}

bool compile_limit(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)schema;
    return is_number(compiler, rule);
}

static bool fail_limit(struct run *run, const struct rule *rule, const cJSON *instance,
                       const char *relation)
{
    if (!run->errors)
        return false;
    return run_fail(run, rule, "expected a number %s %s but found %s", relation,
                    value_brief(run->arena, rule->value), value_brief(run->arena, instance));
}

bool validate_minimum(struct run *run, const struct rule *rule, const cJSON *instance,
                      struct marks *marks)
{
    (void)marks;
    return !cJSON_IsNumber(instance) || tree_compare_numbers(instance, rule->value) >= 0 ||
           fail_limit(run, rule, instance, "not below");
}

bool validate_maximum(struct run *run, const struct rule *rule, const cJSON *instance,
                      struct marks *marks)
{
    (void)marks;
    return !cJSON_IsNumber(instance) || tree_compare_numbers(instance, rule->value) <= 0 ||
           fail_limit(run, rule, instance, "not above");
}

bool validate_exclusive_minimum(struct run *run, const struct rule *rule, const cJSON *instance,
                                struct marks *marks)
{
    (void)marks;
    return !cJSON_IsNumber(instance) || tree_compare_numbers(instance, rule->value) > 0 ||
           fail_limit(run, rule, instance, "above");
}

bool validate_exclusive_maximum(struct run *run, const struct rule *rule, const cJSON *instance,
                                struct marks *marks)
{
    (void)marks;
    return !cJSON_IsNumber(instance) || tree_compare_numbers(instance, rule->value) < 0 ||
           fail_limit(run, rule, instance, "below");
}

/* Draft 4: a boolean beside the bound makes it exclusive. */
bool compile_exclusive_flag(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_flag(compiler, schema, rule);
}

bool compile_old_minimum(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    rule->as.number = tree_is_true(tree_get(schema->node, "exclusiveMinimum"));
    return is_number(compiler, rule);
}

bool validate_old_minimum(struct run *run, const struct rule *rule, const cJSON *instance,
                          struct marks *marks)
{
    return rule->as.number ? validate_exclusive_minimum(run, rule, instance, marks)
                           : validate_minimum(run, rule, instance, marks);
}

bool compile_old_maximum(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    rule->as.number = tree_is_true(tree_get(schema->node, "exclusiveMaximum"));
    return is_number(compiler, rule);
}

bool validate_old_maximum(struct run *run, const struct rule *rule, const cJSON *instance,
                          struct marks *marks)
{
    return rule->as.number ? validate_exclusive_maximum(run, rule, instance, marks)
                           : validate_maximum(run, rule, instance, marks);
}

bool compile_multiple_of(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)schema;
    if (!is_number(compiler, rule))
        return false;
    return rule->value->valuedouble > 0 ||
           compile_fails(compiler, rule->value, "'multipleOf' must be above 0 but is %s",
                         value_brief(compiler->set->arena, rule->value));
}

bool validate_multiple_of(struct run *run, const struct rule *rule, const cJSON *instance,
                          struct marks *marks)
{
    (void)marks;
    if (!cJSON_IsNumber(instance) || tree_is_multiple(instance, rule->value))
        return true;
    return fail_limit(run, rule, instance, "that is a multiple of");
}
