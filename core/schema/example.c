/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/example.h"

#include "core/schema/types.h"

#include <stdarg.h>

/* Which branches are taken on this attempt: a number in a mixed base, a digit for each choice. */
struct choices {
    unsigned left;
    bool exhausted; /* every way has been tried */
};

void say_why(struct maker *maker, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    maker->why = arena_vprintf(maker->arena, format, args);
    va_end(args);
}

void add_part(struct maker *maker, struct parts *parts, const struct schema *schema)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->items[i] == schema)
            return;
    vec_push_arena(maker->arena, parts, schema);
}

const struct rule *part_rule(const struct parts *parts, size_t index, const char *keyword)
{
    return schema_rule(parts->items[index], keyword);
}

uint64_t largest_count(const struct parts *parts, const char *keyword, uint64_t other)
{
    uint64_t found = other;

    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, keyword);

        if (rule && (found == other || rule->as.number > found))
            found = rule->as.number;
    }
    return found;
}

uint64_t smallest_count(const struct parts *parts, const char *keyword, uint64_t other)
{
    uint64_t found = other;

    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, keyword);

        if (rule && (found == other || rule->as.number < found))
            found = rule->as.number;
    }
    return found;
}

cJSON *example_accept(struct maker *maker, const struct parts *wanted, cJSON *value)
{
    if (!value || (maker->lenient && (cJSON_IsObject(value) || cJSON_IsArray(value))))
        return value;
    for (size_t i = 0; i < wanted->count; i++)
        if (!schema_valid(wanted->items[i], value, &maker->options, maker->arena))
            return NULL;
    return value;
}

/* ---- parts ---- */

static unsigned choose(struct choices *choices, size_t count)
{
    unsigned taken = choices->left % (unsigned)count;

    choices->left /= (unsigned)count;
    return taken;
}

static void add_parts_of(struct maker *maker, struct parts *parts, const struct rule *rule,
                         struct choices *choices)
{
    const char *keyword = rule->keyword->name;

    if (text_is(keyword, "$ref")) {
        add_part(maker, parts, rule->as.schema);
    } else if (text_is(keyword, "$dynamicRef")) {
        add_part(maker, parts, dynamic_ref_schema(rule));
    } else if (text_is(keyword, "allOf")) {
        for (size_t i = 0; i < rule->as.list.count; i++)
            add_part(maker, parts, rule->as.list.items[i]);
    } else if (text_is(keyword, "oneOf") || text_is(keyword, "anyOf")) {
        const struct branches *branches = rule->as.data;

        add_part(maker, parts, branches->items[choose(choices, branches->count)]);
    } else if (text_is(keyword, "if")) {
        const struct condition *condition = rule->as.data;

        if (!choose(choices, 2)) {
            add_part(maker, parts, condition->when);
            if (condition->then)
                add_part(maker, parts, condition->then);
        } else if (condition->otherwise) {
            add_part(maker, parts, condition->otherwise);
        }
    }
}

static struct parts flatten(struct maker *maker, const struct parts *wanted,
                            struct choices *choices)
{
    struct parts parts = {NULL, 0, 0};

    for (size_t i = 0; i < wanted->count; i++)
        add_part(maker, &parts, wanted->items[i]);
    for (size_t i = 0; i < parts.count; i++) /* grows meanwhile */
        for (size_t r = 0; r < parts.items[i]->rules.count; r++)
            add_parts_of(maker, &parts, &parts.items[i]->rules.items[r], choices);
    choices->exhausted = choices->left > 0;
    return parts;
}

/* ---- values that the documents give ---- */

static cJSON *try_given(struct maker *maker, const struct parts *wanted, const cJSON *given)
{
    return given ? example_accept(maker, wanted, tree_copy(maker->arena, given)) : NULL;
}

static cJSON *try_each(struct maker *maker, const struct parts *wanted, const cJSON *list,
                       size_t start)
{
    size_t count = cJSON_IsArray(list) ? tree_count(list) : 0;
    cJSON *made = NULL;

    for (size_t i = 0; i < count && !made; i++)
        made = try_given(maker, wanted, tree_at(list, (start + i) % count));
    return made;
}

static cJSON *make_given(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                         uint64_t key)
{
    cJSON *made = NULL;

    for (size_t i = 0; i < parts->count && !made; i++) {
        const cJSON *node = parts->items[i]->node;
        const cJSON *usual = tree_get(node, "default"), *values = tree_get(node, "enum");
        bool simple = !cJSON_IsObject(usual) && !cJSON_IsArray(usual) && !cJSON_IsNull(usual);

        bool invented = maker->flags & SCHEMA_EXAMPLE_INVENTED;

        if (!invented)
            made = try_given(maker, wanted, tree_get(node, "example"));
        if (!made && !invented)
            made = try_each(maker, wanted, tree_get(node, "examples"), 0);
        if (!made)
            made = try_given(maker, wanted, tree_get(node, "const"));
        if (!made && !invented && simple)
            made = try_given(maker, wanted, usual);
        if (!made)
            made = try_each(maker, wanted, values, (size_t)(key % 97));
    }
    return made;
}

/* ---- types ---- */

static bool any_has(const struct parts *parts, const char *const *keywords)
{
    for (size_t i = 0; i < parts->count; i++)
        for (const char *const *k = keywords; *k; k++)
            if (schema_rule(parts->items[i], *k))
                return true;
    return false;
}

/* What a schema without a type seems to speak of comes first. */
static unsigned guess_types(const struct parts *parts)
{
    static const char *const of_objects[] = {"properties",           "required",
                                             "additionalProperties", "patternProperties",
                                             "minProperties",        NULL};
    static const char *const of_arrays[] = {"items", "prefixItems", "minItems", "contains", NULL};
    static const char *const of_texts[] = {"pattern", "format", "minLength", "maxLength", NULL};
    static const char *const of_numbers[] = {"minimum",          "maximum",          "multipleOf",
                                             "exclusiveMinimum", "exclusiveMaximum", NULL};

    if (any_has(parts, of_objects))
        return SCHEMA_OBJECT;
    if (any_has(parts, of_arrays))
        return SCHEMA_ARRAY;
    if (any_has(parts, of_texts))
        return SCHEMA_STRING;
    return any_has(parts, of_numbers) ? SCHEMA_INTEGER | SCHEMA_NUMBER : 0;
}

static cJSON *make_boolean(struct maker *maker, const struct parts *wanted, uint64_t key)
{
    cJSON *made = example_accept(maker, wanted, tree_bool(maker->arena, key & 1));

    return made ? made : example_accept(maker, wanted, tree_bool(maker->arena, !(key & 1)));
}

static cJSON *make_of_types(struct maker *maker, const struct parts *wanted,
                            const struct parts *parts, unsigned types, uint64_t key)
{
    cJSON *made = NULL;

    if (types & SCHEMA_OBJECT)
        made = make_object(maker, wanted, parts, key);
    if (!made && types & SCHEMA_ARRAY)
        made = make_array(maker, wanted, parts, key);
    if (!made && types & SCHEMA_STRING)
        made = make_text(maker, wanted, parts, key);
    if (!made && types & (SCHEMA_INTEGER | SCHEMA_NUMBER))
        made = make_number(maker, wanted, parts, key);
    if (!made && types & SCHEMA_BOOLEAN)
        made = make_boolean(maker, wanted, key);
    if (!made && types & SCHEMA_NULL)
        made = example_accept(maker, wanted, tree_null(maker->arena));
    return made;
}

static cJSON *make_from(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                        uint64_t key)
{
    unsigned types = SCHEMA_ANY_TYPE, guess;
    cJSON *made = make_given(maker, wanted, parts, key);

    for (size_t i = 0; i < parts->count; i++)
        types &= parts->items[i]->types;
    if (made)
        return made;
    if (!types)
        say_why(maker, "'%s' allows no type", parts->items[0]->pointer);
    if (types != SCHEMA_ANY_TYPE)
        return make_of_types(maker, wanted, parts, types, key);
    guess = guess_types(parts);
    made = make_of_types(maker, wanted, parts, guess ? guess : SCHEMA_STRING, key);
    return made ? made : make_of_types(maker, wanted, parts, types & ~guess, key);
}

cJSON *make_value(struct maker *maker, const struct parts *wanted, uint64_t key)
{
    cJSON *made = NULL;

    if (++maker->steps > MAKE_STEPS_MAX || maker->depth >= MAKE_DEPTH_MAX) {
        say_why(maker, "'%s' nests without end", wanted->count ? wanted->items[0]->pointer : "");
        return NULL;
    }
    maker->depth++;
    for (unsigned attempt = 0; attempt < MAKE_ATTEMPTS_MAX && !made; attempt++) {
        struct choices choices = {attempt, false};
        struct parts parts = flatten(maker, wanted, &choices);

        if (choices.exhausted)
            break;
        made = make_from(maker, wanted, &parts, draw_hash(key, &attempt, sizeof attempt));
    }
    maker->depth--;
    return made;
}

cJSON *schema_example(const struct schema *schema, struct arena *arena, uint64_t key,
                      unsigned flags, struct error *err)
{
    struct maker maker = {.arena = arena, .flags = flags};
    struct parts wanted = {NULL, 0, 0};
    const char *why;
    cJSON *made;

    maker.options.direction = flags & SCHEMA_EXAMPLE_REQUEST    ? SCHEMA_REQUEST
                              : flags & SCHEMA_EXAMPLE_RESPONSE ? SCHEMA_RESPONSE
                                                                : SCHEMA_BOTH_WAYS;
    schema_ready(schema);
    add_part(&maker, &wanted, schema);
    made = make_value(&maker, &wanted, key);
    if (!made && flags & SCHEMA_EXAMPLE_OPTIONAL) { /* perhaps the optional members contradict */
        maker.flags &= ~(unsigned)SCHEMA_EXAMPLE_OPTIONAL;
        maker.steps = 0;
        made = make_value(&maker, &wanted, key);
    }
    why = maker.why ? maker.why : "nothing that was tried fits";
    if (made)
        return made;
    if (flags & SCHEMA_EXAMPLE_NEAREST) {
        maker.lenient = true;
        maker.flags = flags;
        maker.steps = 0;
        made = make_value(&maker, &wanted, key);
    }
    if (err || !made)
        fail(err, ERROR_UNSUPPORTED, "no example of '%s#%s' could be made%s%s",
             schema->resource->document, schema->pointer, ": ", why);
    return made;
}
