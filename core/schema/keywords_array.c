/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/keywords.h"

#include <stdlib.h>

static uint64_t count_items(const cJSON *array)
{
    uint64_t count = 0;

    for (const cJSON *item = array->child; item; item = item->next)
        count++;
    return count;
}

bool validate_min_items(struct run *run, const struct rule *rule, const cJSON *instance,
                        struct marks *marks)
{
    uint64_t count = cJSON_IsArray(instance) ? count_items(instance) : UINT64_MAX;

    (void)marks;
    return count >= rule->as.number ||
           run_fail(run, rule, "expected at least %llu items but found %llu",
                    (unsigned long long)rule->as.number, (unsigned long long)count);
}

bool validate_max_items(struct run *run, const struct rule *rule, const cJSON *instance,
                        struct marks *marks)
{
    uint64_t count = cJSON_IsArray(instance) ? count_items(instance) : 0;

    (void)marks;
    return count <= rule->as.number ||
           run_fail(run, rule, "expected at most %llu items but found %llu",
                    (unsigned long long)rule->as.number, (unsigned long long)count);
}

bool compile_unique_items(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_flag(compiler, schema, rule) && cJSON_IsTrue(rule->value);
}

struct hashed {
    uint64_t hash;
    size_t index;
    const cJSON *item;
};

static int compare_hashes(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

bool validate_unique_items(struct run *run, const struct rule *rule, const cJSON *instance,
                           struct marks *marks)
{
    size_t count = cJSON_IsArray(instance) ? (size_t)count_items(instance) : 0, i = 0;
    struct hashed small[16], *items = small;

    (void)marks;
    if (count < 2)
        return true;
    if (count > sizeof small / sizeof *small)
        items = arena_alloc(run->arena, count * sizeof *items);
    for (const cJSON *item = instance->child; item; item = item->next, i++)
        items[i] = (struct hashed){tree_hash(item), i, item};
    qsort(items, count, sizeof *items, compare_hashes);
    for (i = 1; i < count; i++)
        for (size_t j = i; j-- > 0 && items[j].hash == items[i].hash;)
            if (tree_equal(items[i].item, items[j].item))
                return run_fail(run, rule, "expected no two equal items but items %zu and %zu are",
                                items[j].index, items[i].index);
    return true;
}

bool compile_prefix_items(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_list(compiler, schema, rule);
}

bool validate_prefix_items(struct run *run, const struct rule *rule, const cJSON *instance,
                           struct marks *marks)
{
    bool valid = true;
    long index = 0;

    if (!cJSON_IsArray(instance))
        return true;
    for (const cJSON *item = instance->child; item && (size_t)index < rule->as.list.count;
         item = item->next, index++) {
        if (!run_apply(run, rule->as.list.items[index], item, index, NULL)) {
            valid = false;
            if (!run_goes_on(run))
                return false;
        }
        marks_set(marks, (size_t)index);
    }
    return valid;
}

/* Items from `start` on are held against one schema. */
struct items_rule {
    const struct schema *schema;
    size_t start;
};

const struct schema *items_schema(const struct rule *rule)
{
    return cJSON_IsArray(rule->value) ? NULL : ((const struct items_rule *)rule->as.data)->schema;
}

static bool validate_rest(struct run *run, const struct schema *schema, size_t start,
                          const cJSON *instance, struct marks *marks)
{
    bool valid = true;
    long index = 0;

    for (const cJSON *item = instance->child; item; item = item->next, index++) {
        if ((size_t)index < start)
            continue;
        if (!run_apply(run, schema, item, index, NULL)) {
            valid = false;
            if (!run_goes_on(run))
                return false;
        }
        marks_set(marks, (size_t)index);
    }
    return valid;
}

bool compile_items(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct items_rule made = {NULL, 0};

    if (cJSON_IsArray(rule->value))
        return compile_fails(compiler, rule->value,
                             "'items' must be one schema; a list of them is called 'prefixItems'");
    if (schema->resource->dialect & DIALECTS_2020)
        made.start = tree_count(tree_get(schema->node, "prefixItems"));
    compile_one(compiler, schema, rule);
    made.schema = rule->as.schema;
    rule->as.data = arena_copy(compiler->set->arena, &made, sizeof made);
    return true;
}

bool validate_items(struct run *run, const struct rule *rule, const cJSON *instance,
                    struct marks *marks)
{
    const struct items_rule *made = rule->as.data;

    return !cJSON_IsArray(instance) ||
           validate_rest(run, made->schema, made->start, instance, marks);
}

/* Draft 4: one schema for all items, or a list of them for the first ones. */
bool compile_old_items(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    if (cJSON_IsArray(rule->value))
        return rule->value->child && compile_list(compiler, schema, rule);
    return compile_items(compiler, schema, rule);
}

bool validate_old_items(struct run *run, const struct rule *rule, const cJSON *instance,
                        struct marks *marks)
{
    if (cJSON_IsArray(rule->value))
        return validate_prefix_items(run, rule, instance, marks);
    return validate_items(run, rule, instance, marks);
}

/* Draft 4: only beside a list in `items`. */
bool compile_additional_items(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    const cJSON *items = tree_get(schema->node, "items");
    struct items_rule made = {NULL, tree_count(items)};

    if (!cJSON_IsArray(items) || cJSON_IsTrue(rule->value))
        return false;
    if (!cJSON_IsFalse(rule->value)) {
        compile_one(compiler, schema, rule);
        made.schema = rule->as.schema;
    }
    rule->as.data = arena_copy(compiler->set->arena, &made, sizeof made);
    return true;
}

bool validate_additional_items(struct run *run, const struct rule *rule, const cJSON *instance,
                               struct marks *marks)
{
    const struct items_rule *made = rule->as.data;

    if (!cJSON_IsArray(instance))
        return true;
    if (made->schema)
        return validate_rest(run, made->schema, made->start, instance, marks);
    return count_items(instance) <= made->start ||
           run_fail(run, rule, "expected at most %zu items but found %llu", made->start,
                    (unsigned long long)count_items(instance));
}

struct contains_rule {
    const struct schema *schema;
    uint64_t least, most;
};

bool compile_contains(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct contains_rule made = {NULL, 1, UINT64_MAX};
    const cJSON *least = tree_get(schema->node, "minContains");
    const cJSON *most = tree_get(schema->node, "maxContains");

    if (!(schema->resource->vocabularies & VOCABULARY_VALIDATION))
        least = most = NULL;
    if (cJSON_IsNumber(least) && least->valuedouble >= 0)
        made.least = least->valuedouble > 1e15 ? UINT64_MAX : (uint64_t)least->valuedouble;
    if (cJSON_IsNumber(most) && most->valuedouble >= 0 && most->valuedouble < 1e15)
        made.most = (uint64_t)most->valuedouble;
    compile_one(compiler, schema, rule);
    made.schema = rule->as.schema;
    rule->as.data = arena_copy(compiler->set->arena, &made, sizeof made);
    return true;
}

const struct schema *contains_schema(const struct rule *rule)
{
    return ((const struct contains_rule *)rule->as.data)->schema;
}

uint64_t contains_least(const struct rule *rule)
{
    return ((const struct contains_rule *)rule->as.data)->least;
}

bool validate_contains(struct run *run, const struct rule *rule, const cJSON *instance,
                       struct marks *marks)
{
    const struct contains_rule *made = rule->as.data;
    uint64_t found = 0;
    long index = 0;

    if (!cJSON_IsArray(instance))
        return true;
    for (const cJSON *item = instance->child; item; item = item->next, index++) {
        if (run_probe(run, made->schema, item, index, NULL)) {
            found++;
            marks_set(marks, (size_t)index);
        }
    }
    if (found < made->least)
        return run_fail(run, rule, "expected at least %llu fitting items but found %llu",
                        (unsigned long long)made->least, (unsigned long long)found);
    return found <= made->most ||
           run_fail(run, rule, "expected at most %llu fitting items but found %llu",
                    (unsigned long long)made->most, (unsigned long long)found);
}
