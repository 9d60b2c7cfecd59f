/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pattern.h"
#include "core/schema/keywords.h"

static uint64_t count_members(const cJSON *object)
{
    uint64_t count = 0;

    for (const cJSON *member = object->child; member; member = member->next)
        count++;
    return count;
}

bool validate_min_properties(struct run *run, const struct rule *rule, const cJSON *instance,
                             struct marks *marks)
{
    uint64_t count = cJSON_IsObject(instance) ? count_members(instance) : UINT64_MAX;

    (void)marks;
    return count >= rule->as.number ||
           run_fail(run, rule, "expected at least %llu members but found %llu",
                    (unsigned long long)rule->as.number, (unsigned long long)count);
}

bool validate_max_properties(struct run *run, const struct rule *rule, const cJSON *instance,
                             struct marks *marks)
{
    uint64_t count = cJSON_IsObject(instance) ? count_members(instance) : 0;

    (void)marks;
    return count <= rule->as.number ||
           run_fail(run, rule, "expected at most %llu members but found %llu",
                    (unsigned long long)rule->as.number, (unsigned long long)count);
}

/* ---- required ---- */

struct required_rule *compile_names(struct compiler *compiler, const struct schema *schema,
                                    const cJSON *list, const char *keyword)
{
    struct required_rule *made = arena_alloc(compiler->set->arena, sizeof *made);
    const cJSON *name;

    if (!cJSON_IsArray(list)) {
        compile_fails(compiler, list, "'%s' must be a list of names but is %s", keyword,
                      tree_type_name(list));
        return NULL;
    }
    cJSON_ArrayForEach (name, list) {
        struct named_schema row = {tree_text(name), NULL};

        if (!row.name) {
            compile_fails(compiler, name, "'%s' must be a list of names", keyword);
            return NULL;
        }
        row.schema = compile_sibling(compiler, schema, "properties", row.name);
        vec_push_arena(compiler->set->arena, made, row);
    }
    return made;
}

bool compile_required(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct required_rule *made = compile_names(compiler, schema, rule->value, "required");

    rule->as.data = made;
    if (made && !made->count && schema->resource->dialect & DIALECTS_4)
        return compile_fails(compiler, rule->value, "'required' must have at least one name");
    return made && made->count;
}

static bool may_be_missing(const struct run *run, const struct schema *schema)
{
    enum schema_direction direction = run->options.direction;

    for (unsigned hops = 0; schema && hops < 16; hops++, schema = schema->ref)
        if ((direction == SCHEMA_REQUEST && schema->read_only) ||
            (direction == SCHEMA_RESPONSE && schema->write_only))
            return true;
    return false;
}

bool validate_required(struct run *run, const struct rule *rule, const cJSON *instance,
                       struct marks *marks)
{
    const struct required_rule *made = rule->as.data;
    bool valid = true;

    (void)marks;
    if (!cJSON_IsObject(instance))
        return true;
    for (size_t i = 0; i < made->count; i++) {
        if (tree_get(instance, made->items[i].name) || may_be_missing(run, made->items[i].schema))
            continue;
        valid = run_fail(run, rule, "expected member '%s', which is missing", made->items[i].name);
        if (!run_goes_on(run))
            return false;
    }
    return valid;
}

/* ---- properties ---- */

bool compile_properties(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_map(compiler, schema, rule);
}

static bool is_wrong_way(const struct run *run, const struct schema *schema)
{
    return run->options.refuse_wrong_way && may_be_missing(run, schema);
}

bool validate_properties(struct run *run, const struct rule *rule, const cJSON *instance,
                         struct marks *marks)
{
    bool valid = true;
    size_t index = 0;

    if (!cJSON_IsObject(instance))
        return true;
    for (const cJSON *member = instance->child; member; member = member->next, index++) {
        const struct schema *schema = map_find(rule, member->string);

        if (!schema)
            continue;
        marks_set(marks, index);
        if (is_wrong_way(run, schema))
            valid = run_fail_at(run, rule, member, STEP_MEMBER, "expected no such member in a %s",
                                run->options.direction == SCHEMA_REQUEST ? "request" : "response");
        else if (!run_apply(run, schema, member, STEP_MEMBER, NULL))
            valid = false;
        if (!valid && !run_goes_on(run))
            return false;
    }
    return valid;
}

struct pattern_row {
    const struct pattern *pattern;
    const struct schema *schema;
};

struct pattern_rows {
    VEC(struct pattern_row);
};

static bool compile_patterns(struct compiler *compiler, struct schema *schema, const cJSON *value,
                             struct pattern_rows *rows)
{
    struct arena *arena = compiler->set->arena;
    const cJSON *member;
    bool right = true;
    struct error err;

    cJSON_ArrayForEach (member, value) {
        struct pattern_row row = {
            pattern_compile(arena, member->string, PATTERN_ECMA, &err),
            compile_sibling(compiler, schema, "patternProperties", member->string)};

        if (!row.pattern)
            right = compile_fails(compiler, member, "pattern '%s' %s", member->string, err.text);
        else
            vec_push_arena(arena, rows, row);
    }
    return right;
}

bool compile_pattern_properties(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct pattern_rows *rows = arena_alloc(compiler->set->arena, sizeof *rows);

    if (!cJSON_IsObject(rule->value))
        return compile_fails(compiler, rule->value,
                             "'patternProperties' must be an object of schemas but is %s",
                             tree_type_name(rule->value));
    rule->as.data = rows;
    return compile_patterns(compiler, schema, rule->value, rows);
}

bool validate_pattern_properties(struct run *run, const struct rule *rule, const cJSON *instance,
                                 struct marks *marks)
{
    const struct pattern_rows *rows = rule->as.data;
    bool valid = true;
    size_t index = 0;

    if (!cJSON_IsObject(instance))
        return true;
    for (const cJSON *member = instance->child; member; member = member->next, index++) {
        for (size_t i = 0; i < rows->count; i++) {
            if (!pattern_matches(rows->items[i].pattern, str_from(member->string)))
                continue;
            marks_set(marks, index);
            if (run_apply(run, rows->items[i].schema, member, STEP_MEMBER, NULL))
                continue;
            valid = false;
            if (!run_goes_on(run))
                return false;
        }
    }
    return valid;
}

/* ---- additionalProperties ---- */

struct additional_rule {
    const struct schema *schema; /* NULL: none are allowed */
    const cJSON *properties;
    struct rule names; /* of `properties` */
    struct pattern_rows patterns;
};

bool compile_additional_properties(struct compiler *compiler, struct schema *schema,
                                   struct rule *rule)
{
    struct additional_rule *made = arena_alloc(compiler->set->arena, sizeof *made);
    const cJSON *patterns = tree_get(schema->node, "patternProperties");
    bool is_old = schema->resource->dialect & DIALECTS_4;

    if (is_old && cJSON_IsTrue(rule->value))
        return false;
    if (!cJSON_IsFalse(rule->value)) {
        compile_one(compiler, schema, rule);
        made->schema = rule->as.schema;
    }
    made->properties = tree_get(schema->node, "properties");
    if (cJSON_IsObject(made->properties)) {
        made->names = (struct rule){.keyword = keyword_find("properties", SCHEMA_2020_12),
                                    .value = made->properties};
        compile_map(compiler, schema, &made->names);
    }
    if (cJSON_IsObject(patterns) && schema->resource->dialect != SCHEMA_OAS30)
        compile_patterns(compiler, schema, patterns, &made->patterns);
    rule->as.data = made;
    return true;
}

static bool is_additional(const struct additional_rule *made, const char *name)
{
    if (made->names.as.map.count && map_find(&made->names, name))
        return false;
    for (size_t i = 0; i < made->patterns.count; i++)
        if (pattern_matches(made->patterns.items[i].pattern, str_from(name)))
            return false;
    return true;
}

static bool fail_additional(struct run *run, const struct rule *rule, const cJSON *member)
{
    const struct additional_rule *made = rule->as.data;
    const char **names, *near;

    if (!run->errors)
        return false;
    names = arena_alloc(run->arena, (made->names.as.map.count + 1) * sizeof *names);
    for (size_t i = 0; i < made->names.as.map.count; i++)
        names[i] = made->names.as.map.items[i].name;
    near = text_nearest_of(member->string, names, made->names.as.map.count);
    return run_fail_at(run, rule, member, STEP_MEMBER, "unknown member '%s'%s%s%s", member->string,
                       near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

bool validate_additional_properties(struct run *run, const struct rule *rule, const cJSON *instance,
                                    struct marks *marks)
{
    const struct additional_rule *made = rule->as.data;
    bool valid = true;
    size_t index = 0;

    if (!cJSON_IsObject(instance))
        return true;
    for (const cJSON *member = instance->child; member; member = member->next, index++) {
        if (!is_additional(made, member->string))
            continue;
        marks_set(marks, index);
        if (!made->schema)
            valid = fail_additional(run, rule, member);
        else if (!run_apply(run, made->schema, member, STEP_MEMBER, NULL))
            valid = false;
        if (!valid && !run_goes_on(run))
            return false;
    }
    return valid;
}

/* ---- for making examples ---- */

const struct schema *matching_schema(const struct rule *rule, const char *name, size_t *from)
{
    const struct pattern_rows *rows = rule->as.data;

    while (*from < rows->count) {
        const struct pattern_row *row = &rows->items[(*from)++];

        if (pattern_matches(row->pattern, str_from(name)))
            return row->schema;
    }
    return NULL;
}

const struct pattern *first_pattern(const struct rule *rule)
{
    const struct pattern_rows *rows = rule->as.data;

    return rows->count ? rows->items[0].pattern : NULL;
}

bool is_additional_to(const struct rule *rule, const char *name)
{
    return is_additional(rule->as.data, name);
}

const struct schema *additional_schema(const struct rule *rule)
{
    return ((const struct additional_rule *)rule->as.data)->schema;
}
