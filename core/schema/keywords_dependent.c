/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords about the names of an object's members, and about what one member asks of the others. */
#include "core/schema/keywords.h"

bool compile_property_names(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_one(compiler, schema, rule);
}

bool validate_property_names(struct run *run, const struct rule *rule, const cJSON *instance,
                             struct marks *marks)
{
    bool valid = true;

    (void)marks;
    if (!cJSON_IsObject(instance))
        return true;
    for (const cJSON *member = instance->child; member; member = member->next) {
        const cJSON *name = tree_string(run->arena, member->string);

        if (run_probe(run, rule->as.schema, name, STEP_SAME, NULL))
            continue;
        valid = run_fail_at(run, rule, member, STEP_MEMBER, "the name '%s' is not allowed",
                            member->string);
        if (!run_goes_on(run))
            return false;
    }
    return valid;
}

struct dependency {
    const char *name;
    const struct schema *schema; /* or */
    const struct required_rule *others;
};

struct dependencies {
    VEC(struct dependency);
};

bool compile_dependencies(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct arena *arena = compiler->set->arena;
    struct dependencies *made = arena_alloc(arena, sizeof *made);
    const char *keyword = rule->keyword->name;
    const cJSON *member;

    if (!cJSON_IsObject(rule->value))
        return compile_fails(compiler, rule->value, "'%s' must be an object but is %s", keyword,
                             tree_type_name(rule->value));
    cJSON_ArrayForEach (member, rule->value) {
        struct dependency row = {member->string, NULL, NULL};

        if (cJSON_IsArray(member) || rule->keyword->children == CHILDREN_NONE)
            row.others = compile_names(compiler, schema, member, keyword);
        else
            row.schema = compile_sibling(compiler, schema, keyword, member->string);
        if (row.others || row.schema)
            vec_push_arena(arena, made, row);
    }
    rule->as.data = made;
    return made->count > 0;
}

bool compile_dependent_required(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_dependencies(compiler, schema, rule);
}

bool compile_dependent_schemas(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_dependencies(compiler, schema, rule);
}

static bool validate_others(struct run *run, const struct rule *rule, const cJSON *instance,
                            const struct dependency *row)
{
    bool valid = true;

    for (size_t i = 0; i < row->others->count; i++)
        if (!tree_get(instance, row->others->items[i].name))
            valid = run_fail(run, rule, "expected member '%s' beside '%s'",
                             row->others->items[i].name, row->name);
    return valid;
}

bool validate_dependencies(struct run *run, const struct rule *rule, const cJSON *instance,
                           struct marks *marks)
{
    const struct dependencies *made = rule->as.data;
    bool valid = true;

    if (!cJSON_IsObject(instance))
        return true;
    for (size_t i = 0; i < made->count; i++) {
        const struct dependency *row = &made->items[i];

        if (!tree_get(instance, row->name))
            continue;
        if (row->others ? !validate_others(run, rule, instance, row)
                        : !run_apply(run, row->schema, instance, STEP_SAME, marks))
            valid = false;
        if (!valid && !run_goes_on(run))
            return false;
    }
    return valid;
}

bool validate_dependent_required(struct run *run, const struct rule *rule, const cJSON *instance,
                                 struct marks *marks)
{
    return validate_dependencies(run, rule, instance, marks);
}

bool validate_dependent_schemas(struct run *run, const struct rule *rule, const cJSON *instance,
                                struct marks *marks)
{
    return validate_dependencies(run, rule, instance, marks);
}

const char *dependent_name(const struct rule *rule, const cJSON *object, size_t *from)
{
    const struct dependencies *made = rule->as.data;

    for (; *from < made->count; (*from)++) {
        const struct dependency *row = &made->items[*from];

        if (!row->others || !tree_get(object, row->name))
            continue;
        for (size_t i = 0; i < row->others->count; i++)
            if (!tree_get(object, row->others->items[i].name))
                return row->others->items[i].name;
    }
    return NULL;
}
