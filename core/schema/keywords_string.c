/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths (counted in code points) and patterns; and counts of anything. */
#include "core/data/pattern.h"
#include "core/schema/keywords.h"

bool compile_count(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    int64_t count = 0;

    (void)schema;
    if (!cJSON_IsNumber(rule->value) || !tree_is_integer(rule->value) ||
        rule->value->valuedouble < 0)
        return compile_fails(compiler, rule->value, "'%s' must be a count, 0 or more, but is %s",
                             rule->keyword->name, value_brief(compiler->set->arena, rule->value));
    if (!tree_as_int64(rule->value, &count))
        count = INT64_MAX;
    rule->as.number = (uint64_t)count;
    return true;
}

static uint64_t count_code_points(const char *text)
{
    uint64_t count = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        count += (*c & 0xc0) != 0x80;
    return count;
}

bool validate_min_length(struct run *run, const struct rule *rule, const cJSON *instance,
                         struct marks *marks)
{
    uint64_t count;

    (void)marks;
    if (!cJSON_IsString(instance) || !rule->as.number)
        return true;
    count = count_code_points(instance->valuestring);
    return count >= rule->as.number ||
           run_fail(run, rule, "expected at least %llu characters but found %llu",
                    (unsigned long long)rule->as.number, (unsigned long long)count);
}

bool validate_max_length(struct run *run, const struct rule *rule, const cJSON *instance,
                         struct marks *marks)
{
    uint64_t count;

    (void)marks;
    if (!cJSON_IsString(instance))
        return true;
    count = count_code_points(instance->valuestring);
    return count <= rule->as.number ||
           run_fail(run, rule, "expected at most %llu characters but found %llu",
                    (unsigned long long)rule->as.number, (unsigned long long)count);
}

bool compile_pattern(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct error err;

    (void)schema;
    if (!cJSON_IsString(rule->value))
        return compile_fails(compiler, rule->value, "'pattern' must be a string but is %s",
                             tree_type_name(rule->value));
    rule->as.data =
        pattern_compile(compiler->set->arena, rule->value->valuestring, PATTERN_ECMA, &err);
    return rule->as.data || compile_fails(compiler, rule->value, "'pattern' %s", err.text);
}

bool validate_pattern(struct run *run, const struct rule *rule, const cJSON *instance,
                      struct marks *marks)
{
    (void)marks;
    if (!cJSON_IsString(instance) ||
        pattern_matches(rule->as.data, str_from(instance->valuestring)))
        return true;
    if (!run->errors)
        return false;
    return run_fail(run, rule, "expected a match of /%s/ but found %s", rule->value->valuestring,
                    value_brief(run->arena, instance));
}
