/* SPDX-License-Identifier: Apache-2.0 */
/* $ref and $dynamicRef (2020-12 core section 8.2.3). */
#include "core/schema/keywords.h"

static const struct schema *find_target(struct compiler *compiler, const struct schema *schema,
                                        const struct rule *rule, struct target *target)
{
    const char *reference = tree_text(rule->value);
    struct error err;

    if (!reference) {
        compile_fails(compiler, rule->value, "'%s' must be a string but is %s", rule->keyword->name,
                      tree_type_name(rule->value));
        return NULL;
    }
    if (!reference_resolve(compiler->set, schema->resource, reference, target, &err)) {
        compile_fails(compiler, rule->value, "%s", err.text);
        return NULL;
    }
    return compile_target(compiler, target);
}

bool compile_ref(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct target target;

    rule->as.schema = find_target(compiler, schema, rule, &target);
    if (rule->as.schema)
        schema->ref = rule->as.schema;
    return rule->as.schema != NULL;
}

bool validate_ref(struct run *run, const struct rule *rule, const cJSON *instance,
                  struct marks *marks)
{
    return run_apply(run, rule->as.schema, instance, STEP_SAME, marks);
}

struct dynamic_ref {
    const struct schema *schema; /* where it leads when nobody overrides it */
    const char *name;            /* of the dynamic anchor, NULL: a plain reference */
};

bool compile_dynamic_ref(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct target target;
    struct dynamic_ref made = {find_target(compiler, schema, rule, &target), NULL};

    if (!made.schema)
        return false;
    if (target.anchor && target.anchor->dynamic)
        made.name = target.anchor->name;
    else if (!schema->ref)
        schema->ref = made.schema;
    rule->as.data = arena_copy(compiler->set->arena, &made, sizeof made);
    return true;
}

static const struct schema *find_dynamic(const struct resource *resource, const char *name)
{
    for (const struct anchor *a = resource->dynamics; a; a = a->next)
        if (text_is(a->name, name))
            return a->schema;
    return NULL;
}

bool validate_dynamic_ref(struct run *run, const struct rule *rule, const cJSON *instance,
                          struct marks *marks)
{
    const struct dynamic_ref *ref = rule->as.data;
    const struct schema *schema = ref->schema, *found;
    const struct resource *last = NULL;

    /* the outermost resource on the way here that has the anchor decides */
    for (const struct frame *f = ref->name ? run->frame : NULL; f; f = f->outer) {
        if (f->schema->resource == last)
            continue;
        last = f->schema->resource;
        found = find_dynamic(last, ref->name);
        if (found)
            schema = found;
    }
    return run_apply(run, schema, instance, STEP_SAME, marks);
}

const struct schema *dynamic_ref_schema(const struct rule *rule)
{
    return ((const struct dynamic_ref *)rule->as.data)->schema;
}
