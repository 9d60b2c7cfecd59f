/* SPDX-License-Identifier: Apache-2.0 */
/* What no other keyword of the schema, nor of those applied to the same value, has looked at. */
#include "core/schema/keywords.h"

bool compile_unevaluated_items(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    schema->tracks = true;
    return compile_one(compiler, schema, rule);
}

bool compile_unevaluated_properties(struct compiler *compiler, struct schema *schema,
                                    struct rule *rule)
{
    return compile_unevaluated_items(compiler, schema, rule);
}

static bool validate_rest(struct run *run, const struct rule *rule, const cJSON *instance,
                          struct marks *marks)
{
    const struct schema *schema = rule->as.schema;
    bool of_items = cJSON_IsArray(instance), valid = true;
    size_t index = 0;

    for (const cJSON *child = instance->child; child; child = child->next, index++) {
        long step = of_items ? (long)index : STEP_MEMBER;

        if (marks_has(marks, index))
            continue;
        if (schema->is_boolean && !schema->boolean)
            valid = of_items
                        ? run_fail_at(run, rule, child, step, "unexpected item")
                        : run_fail_at(run, rule, child, step, "unknown member '%s'", child->string);
        else if (!run_apply(run, schema, child, step, NULL))
            valid = false;
        if (!valid && !run_goes_on(run))
            return false;
    }
    marks_set_all(marks);
    return valid;
}

bool validate_unevaluated_items(struct run *run, const struct rule *rule, const cJSON *instance,
                                struct marks *marks)
{
    return !cJSON_IsArray(instance) || validate_rest(run, rule, instance, marks);
}

bool validate_unevaluated_properties(struct run *run, const struct rule *rule,
                                     const cJSON *instance, struct marks *marks)
{
    return !cJSON_IsObject(instance) || validate_rest(run, rule, instance, marks);
}
