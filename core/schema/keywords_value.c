/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords about values of any type: type, enum, const, format. */
#include "core/schema/keywords.h"
#include "core/schema/types.h"

static bool add_type(struct compiler *compiler, struct schema *schema, const cJSON *node)
{
    const char *text = tree_text(node);
    unsigned bit = text ? type_bit(text) : 0;
    const char *near = text && !bit ? type_nearest(text) : NULL;

    if (bit == SCHEMA_NULL && schema->resource->dialect == SCHEMA_OAS30)
        return compile_fails(compiler, node,
                             "'type' cannot be 'null' in OpenAPI 3.0; 'nullable' can");
    if (!bit)
        return compile_fails(compiler, node, "unknown type '%s'%s%s%s", text ? text : "",
                             near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    schema->types |= bit;
    return true;
}

/* Draft 4 (its section 3.5): an integer is a number without a fraction or exponent part; 1.0 is
 * none. */
enum { BY_SPELLING = SCHEMA_ANY_TYPE + 1 };

bool compile_type(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    const cJSON *one;
    bool right = true;

    schema->types = 0;
    if (cJSON_IsString(rule->value)) {
        right = add_type(compiler, schema, rule->value);
    } else if (cJSON_IsArray(rule->value) && rule->value->child &&
               schema->resource->dialect != SCHEMA_OAS30) {
        cJSON_ArrayForEach (one, rule->value)
            right &= add_type(compiler, schema, one);
    } else {
        right = compile_fails(compiler, rule->value, "'type' must name a type%s but is %s",
                              schema->resource->dialect == SCHEMA_OAS30 ? "" : " or list some",
                              tree_type_name(rule->value));
    }
    if (!right) {
        schema->types = SCHEMA_ANY_TYPE;
        return false;
    }
    if (schema->resource->dialect == SCHEMA_OAS30 &&
        tree_is_true(tree_get(schema->node, "nullable")))
        schema->types |= SCHEMA_NULL;
    rule->as.number = schema->types;
    if (schema->resource->dialect == SCHEMA_DRAFT4)
        rule->as.number |= BY_SPELLING;
    return true;
}

bool validate_type(struct run *run, const struct rule *rule, const cJSON *instance,
                   struct marks *marks)
{
    unsigned types = (unsigned)rule->as.number & SCHEMA_ANY_TYPE;
    unsigned found = type_of(instance);

    (void)marks;
    if (rule->as.number & BY_SPELLING && found == SCHEMA_INTEGER &&
        strpbrk(instance->valuestring, ".eE"))
        found = SCHEMA_NUMBER;
    if (found & types)
        return true;
    if (!run->errors)
        return false;
    return run_fail(run, rule, "expected %s but found %s", types_text(run->arena, types),
                    value_brief(run->arena, instance));
}

bool compile_nullable(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    return compile_flag(compiler, schema, rule);
}

struct enumeration {
    VEC(const cJSON *);
};

bool compile_enum(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct enumeration *values = arena_alloc(compiler->set->arena, sizeof *values);
    const cJSON *value;

    (void)schema;
    if (!cJSON_IsArray(rule->value))
        return compile_fails(compiler, rule->value, "'enum' must be an array but is %s",
                             tree_type_name(rule->value));
    cJSON_ArrayForEach (value, rule->value)
        vec_push_arena(compiler->set->arena, values, value);
    rule->as.data = values;
    return true;
}

static bool is_one_of(const struct enumeration *values, const cJSON *instance)
{
    for (size_t i = 0; i < values->count; i++) {
        const cJSON *value = values->items[i];

        if (cJSON_IsString(instance) && cJSON_IsString(value)) {
            if (!strcmp(instance->valuestring, value->valuestring))
                return true;
        } else if (tree_equal(value, instance)) {
            return true;
        }
    }
    return false;
}

enum { ENUM_SHOWN = 12 };

static const char *list_values(struct arena *arena, const struct enumeration *values)
{
    const char *text = "";

    for (size_t i = 0; i < values->count && i < ENUM_SHOWN; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "",
                            value_brief(arena, values->items[i]));
    if (values->count > ENUM_SHOWN)
        text = arena_printf(arena, "%s or %zu more", text, values->count - ENUM_SHOWN);
    return text;
}

static const char *nearest_value(struct arena *arena, const struct enumeration *values,
                                 const cJSON *instance)
{
    const char **texts = arena_alloc(arena, (values->count + 1) * sizeof *texts);
    size_t count = 0;

    if (!cJSON_IsString(instance))
        return NULL;
    for (size_t i = 0; i < values->count; i++)
        if (cJSON_IsString(values->items[i]))
            texts[count++] = values->items[i]->valuestring;
    return text_nearest_of(instance->valuestring, texts, count);
}

bool validate_enum(struct run *run, const struct rule *rule, const cJSON *instance,
                   struct marks *marks)
{
    const struct enumeration *values = rule->as.data;
    const char *near;

    (void)marks;
    if (is_one_of(values, instance))
        return true;
    if (!run->errors)
        return false;
    near = nearest_value(run->arena, values, instance);
    return run_fail(run, rule, "expected one of %s but found %s%s%s%s",
                    list_values(run->arena, values), value_brief(run->arena, instance),
                    near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

bool compile_const(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    (void)compiler;
    (void)schema;
    (void)rule;
    return true;
}

bool validate_const(struct run *run, const struct rule *rule, const cJSON *instance,
                    struct marks *marks)
{
    (void)marks;
    if (tree_equal(rule->value, instance))
        return true;
    if (!run->errors)
        return false;
    return run_fail(run, rule, "expected %s but found %s", value_brief(run->arena, rule->value),
                    value_brief(run->arena, instance));
}

struct format_rule {
    const struct schema_format *format;
    bool always; /* the vocabulary asserts it, whatever the options say */
};

bool compile_format(struct compiler *compiler, struct schema *schema, struct rule *rule)
{
    struct format_rule made = {NULL, schema->resource->vocabularies & VOCABULARY_FORMAT_ASSERTION};

    if (!cJSON_IsString(rule->value))
        return compile_fails(compiler, rule->value, "'format' must be a string but is %s",
                             tree_type_name(rule->value));
    made.format = schema_format_find(compiler->set, rule->value->valuestring);
    if (!made.format || !made.format->valid)
        return false; /* a name that we do not know is an annotation */
    rule->as.data = arena_copy(compiler->set->arena, &made, sizeof made);
    return true;
}

bool validate_format(struct run *run, const struct rule *rule, const cJSON *instance,
                     struct marks *marks)
{
    const struct format_rule *made = rule->as.data;

    (void)marks;
    if (run->options.ignore_formats && !made->always)
        return true;
    if (made->format->of_numbers ? !cJSON_IsNumber(instance) : !cJSON_IsString(instance))
        return true;
    if (made->format->valid(instance))
        return true;
    if (!run->errors)
        return false;
    return run_fail(run, rule, "expected format '%s' but found %s", made->format->name,
                    value_brief(run->arena, instance));
}

const struct schema_format *format_of_rule(const struct rule *rule)
{
    return ((const struct format_rule *)rule->as.data)->format;
}
