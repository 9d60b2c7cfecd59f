/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/branch.h"

#include "core/schema/keywords.h"

enum { BRANCH_ERRORS_MAX = 12, WRONG_TYPE = 100000, WRONG_TAG = 1000, WRONG_MEMBER = 1 };

bool compile_discriminator(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)schema;
    return tree_get_text(rule->value, "propertyName") ||
           compile_fails(compiler, rule->value, "'discriminator' must name a 'propertyName'");
}

/* ---- compiling ---- */

static void add_tag(struct compiler *compiler, struct branches *branches, const char *value,
                    size_t branch)
{
    struct branch_tag tag = {value, branch};

    vec_push_arena(compiler->set->arena, &branches->tags, tag);
}

/* Which branch a mapping's value speaks of: a reference, or the bare name of a component. */
static void add_mapping(struct compiler *compiler, struct schema *schema, const cJSON *entry,
                        const cJSON *const *targets, struct branches *branches)
{
    const char *text = tree_text(entry);
    struct target target;

    if (!text)
        return;
    if (!reference_resolve(compiler->set, schema->resource, text, &target, NULL) &&
        !reference_resolve(compiler->set, schema->resource,
                           arena_printf(compiler->set->arena, "#/components/schemas/%s", text),
                           &target, NULL)) {
        compile_fails(compiler, entry, "'%s' leads nowhere", text);
        return;
    }
    for (size_t i = 0; i < branches->count; i++)
        if (targets[i] == target.node)
            add_tag(compiler, branches, entry->string, i);
}

static bool is_mapped(const struct branches *branches, size_t branch)
{
    for (size_t i = 0; i < branches->tags.count; i++)
        if (branches->tags.items[i].branch == branch)
            return true;
    return false;
}

static void compile_tags(struct compiler *compiler, struct schema *schema,
                         struct branches *branches)
{
    const cJSON *discriminator = tree_get(schema->node, "discriminator"), *entry;
    const cJSON **targets = arena_alloc(compiler->set->arena, branches->count * sizeof *targets);
    const char **names = arena_alloc(compiler->set->arena, branches->count * sizeof *names);
    struct target target;

    branches->tag = tree_get_text(discriminator, "propertyName");
    if (!branches->tag || !(schema->resource->dialect & (SCHEMA_OAS31 | SCHEMA_OAS30)))
        return;
    for (size_t i = 0; i < branches->count; i++) {
        const struct schema *branch = branches->items[i];
        const char *ref = tree_get_text(branch->node, "$ref");

        targets[i] = branch->node;
        names[i] = branch->name;
        if (ref && reference_resolve(compiler->set, branch->resource, ref, &target, NULL)) {
            targets[i] = target.node;
            names[i] = compile_target(compiler, &target)->name;
        }
    }
    cJSON_ArrayForEach (entry, tree_get(discriminator, "mapping"))
        add_mapping(compiler, schema, entry, targets, branches);
    for (size_t i = 0; i < branches->count; i++)
        if (names[i] && !is_mapped(branches, i))
            add_tag(compiler, branches, names[i], i);
}

bool branches_compile(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct branches *branches = arena_alloc(compiler->set->arena, sizeof *branches);

    if (!compile_list(compiler, schema, rule))
        return false;
    branches->items = rule->as.list.items;
    branches->count = rule->as.list.count;
    rule->as.data = branches;
    compile_tags(compiler, schema, branches);
    return true;
}

const char *branch_title(struct arena *arena, const struct branches *branches, size_t index)
{
    const struct schema *schema = schema_target(branches->items[index]);
    const char *title = cJSON_IsObject(schema->node) ? tree_get_text(schema->node, "title") : NULL;

    if (schema->name || title)
        return arena_printf(arena, "'%s'", schema->name ? schema->name : title);
    return arena_printf(arena, "branch %zu", index + 1);
}

/* ---- the nearest branch ---- */

/* How far away a branch is: a wrong type is farther than a wrong tag, that than wrong members. */
static size_t distance(const struct run *run, const struct error_list *errors)
{
    const char *here = run_pointer(run, run->frame);
    size_t len = strlen(here), sum = 0;

    for (const struct schema_error *e = errors->first; e; e = e->next) {
        bool direct = strlen(e->instance) > len && !strchr(e->instance + len + 1, '/');
        bool tag = text_is(e->keyword, "const") || text_is(e->keyword, "enum");

        if (text_is(e->instance, here) && (text_is(e->keyword, "type") || !*e->keyword))
            sum += WRONG_TYPE;
        else if (tag && (direct || text_is(e->instance, here)))
            sum += WRONG_TAG;
        else
            sum += WRONG_MEMBER;
    }
    return sum;
}

static struct error_list look_into(struct run *run, const struct schema *branch,
                                   const cJSON *instance)
{
    struct error_list found = {NULL, &found.first, 0, BRANCH_ERRORS_MAX, false};
    struct error_list *outer = run->errors;

    run->errors = &found;
    run_apply(run, branch, instance, STEP_SAME, NULL);
    run->errors = outer;
    return found;
}

/* The branch that the discriminating member names, or none: count. */
static size_t find_tagged(const struct branches *branches, const char *value)
{
    for (size_t i = 0; value && i < branches->tags.count; i++)
        if (text_is(branches->tags.items[i].value, value))
            return branches->tags.items[i].branch;
    return branches->count;
}

static bool fail_tag(struct run *run, const struct rule *rule, const struct branches *branches,
                     const cJSON *instance)
{
    const cJSON *member = tree_get(instance, branches->tag);
    const char **values = arena_alloc(run->arena, (branches->tags.count + 1) * sizeof *values);
    const char *text = "", *near;

    for (size_t i = 0; i < branches->tags.count; i++) {
        values[i] = branches->tags.items[i].value;
        text = arena_printf(run->arena, "%s%s'%s'", text, i ? ", " : "", values[i]);
    }
    if (!member)
        return run_fail(run, rule, "expected member '%s' (one of %s), which is missing",
                        branches->tag, text);
    near =
        tree_text(member) ? text_nearest_of(tree_text(member), values, branches->tags.count) : NULL;
    return run_fail_at(run, rule, member, STEP_MEMBER, "expected one of %s but found %s%s%s%s",
                       text, value_brief(run->arena, member), near ? " (did you mean '" : "",
                       near ? near : "", near ? "'?)" : "");
}

static size_t find_nearest(struct run *run, const struct branches *branches, const cJSON *instance,
                           struct error_list *best)
{
    size_t nearest = 0, shortest = SIZE_MAX;

    for (size_t i = 0; i < branches->count; i++) {
        struct error_list found = look_into(run, branches->items[i], instance);
        size_t far = distance(run, &found);

        if (far >= shortest)
            continue;
        shortest = far;
        nearest = i;
        *best = found;
    }
    return nearest;
}

bool branches_fail(struct run *run, const struct rule *rule, const cJSON *instance)
{
    const struct branches *branches = rule->as.data;
    struct error_list best = {NULL, NULL, 0, 0, false};
    size_t nearest;

    if (!run->errors || run->gave_up)
        return false;
    if (branches->tags.count && cJSON_IsObject(instance)) {
        nearest = find_tagged(branches, tree_get_text(instance, branches->tag));
        if (nearest == branches->count)
            return fail_tag(run, rule, branches, instance);
        best = look_into(run, branches->items[nearest], instance);
    } else {
        nearest = find_nearest(run, branches, instance, &best);
    }
    run_fail(run, rule, "fits none of %zu branches; the nearest is %s", branches->count,
             branch_title(run->arena, branches, nearest));
    run_add_causes(run, best.first);
    return false;
}
