/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters out of a query: repeated keys, brackets, lists in one value. */
#include "core/contract/coerce.h"
#include "core/contract/decoding.h"
#include "core/contract/percent.h"

enum { NESTING_MAX = 16 }; /* of brackets in a name */

/* "name[a][b]" against "name": the brackets, or NULL. */
static const char *brackets_of(const char *text, const char *name)
{
    size_t len = strlen(name);
    return !strncmp(text, name, len) && text[len] == '[' ? text + len : NULL;
}

/* Puts a text where "[a][b][]" says; what cannot be read is a member by its own spelling. */
static void put_nested(struct arena *arena, cJSON *root, const char *brackets, const char *text)
{
    cJSON *at = root;
    for (int depth = 0; depth < NESTING_MAX; depth++) {
        const char *close = *brackets == '[' ? strchr(brackets, ']') : NULL;
        bool is_last = !close || !close[1];
        const char *key =
            close ? arena_strndup(arena, brackets + 1, (size_t)(close - brackets - 1)) : brackets;
        bool is_list = close && close[1] && text_is(close + 1, "[]");
        cJSON *next = (cJSON *)tree_get(at, key);
        if (is_last) {
            tree_set_string(arena, at, key, text);
            return;
        }
        if (is_list) {
            if (!cJSON_IsArray(next))
                tree_set(arena, at, key, next = tree_array(arena));
            tree_append(next, tree_string(arena, text));
            return;
        }
        if (!cJSON_IsObject(next))
            tree_set(arena, at, key, next = tree_object(arena));
        at = next;
        brackets = close + 1;
    }
}

/* name[k]=v as an object; NULL when no pair is written so. */
static cJSON *collect_brackets(struct decoding *decoding, const struct parameter *parameter)
{
    cJSON *object = NULL;
    struct pair *pair;
    vec_foreach (pair, &decoding->query) {
        const char *brackets = brackets_of(pair->name, parameter->name);
        if (pair->used || !brackets || text_is(brackets, "[]"))
            continue;
        pair->used = true;
        if (!object)
            object = tree_object(decoding->arena);
        put_nested(decoding->arena, object, brackets, pair->value);
    }
    return object;
}

/* The names of an exploded object's members stand alone in the query. */
static cJSON *collect_members(struct decoding *decoding, const struct parameter *parameter)
{
    cJSON *object = NULL;
    struct pair *pair;
    vec_foreach (pair, &decoding->query) {
        if (pair->used || !schema_property(parameter->schema, pair->name) ||
            operation_parameter(decoding->operation, IN_QUERY, pair->name))
            continue;
        pair->used = true;
        if (!object)
            object = tree_object(decoding->arena);
        tree_set_string(decoding->arena, object, pair->name, pair->value);
    }
    return object;
}

static char separator_of(const struct parameter *parameter)
{
    return parameter->style == STYLE_SPACE_DELIMITED  ? ' '
           : parameter->style == STYLE_PIPE_DELIMITED ? '|'
                                                      : ',';
}

/* Commas that were sent as they are separate; escaped ones only when there are no others. */
static cJSON *type_list_pair(struct decoding *decoding, const struct parameter *parameter,
                             const struct pair *pair)
{
    struct arena *arena = decoding->arena;
    char separator = separator_of(parameter);
    if (separator != ',' || !pair->raw.len || !memchr(pair->raw.ptr, ',', pair->raw.len) ||
        !parameter_takes_only(parameter, SCHEMA_ARRAY))
        return type_delimited(decoding, parameter, pair->value, separator);
    cJSON *list = split_text(arena, arena_strndup(arena, pair->raw.ptr, pair->raw.len), ',');
    cJSON *decoded = tree_array(arena);
    for (const cJSON *item = list->child; item; item = item->next)
        tree_append(decoded,
                    tree_string(arena, percent_decode(arena, str_from(item->valuestring), true)));
    return coerce_tree(arena, parameter->schema, decoded);
}

static cJSON *type_single(struct decoding *decoding, const struct parameter *parameter,
                          const struct pair *pair, bool is_list)
{
    struct arena *arena = decoding->arena;
    if (!is_list && !parameter->explode)
        return type_list_pair(decoding, parameter, pair);
    if (!is_list && !parameter_takes_only(parameter, SCHEMA_ARRAY)) {
        cJSON *scalar = text_coerce(arena, parameter->schema, pair->value);
        if (!parameter_takes(parameter, SCHEMA_ARRAY) ||
            parameter_fits(decoding, parameter, scalar))
            return scalar;
    }
    cJSON *texts = tree_array(arena);
    tree_append(texts, tree_string(arena, pair->value));
    cJSON *list = coerce_tree(arena, parameter->schema, texts);
    if (parameter_fits(decoding, parameter, list))
        return list;
    if (!*pair->value)
        return tree_array(arena);
    return is_list || parameter_takes_only(parameter, SCHEMA_ARRAY)
               ? list
               : text_coerce(arena, parameter->schema, pair->value);
}

cJSON *type_pairs(struct decoding *decoding, const struct parameter *parameter, struct pairs *pairs)
{
    struct arena *arena = decoding->arena;
    const struct pair *first = NULL;
    struct pair *pair;
    bool is_list = false;
    cJSON *texts = NULL; /* most parameters are not there */
    vec_foreach (pair, pairs) {
        const char *brackets = brackets_of(pair->name, parameter->name);
        bool listed = brackets && text_is(brackets, "[]");
        if (pair->used || !(listed || text_is(pair->name, parameter->name)))
            continue;
        pair->used = true;
        is_list = is_list || listed;
        if (!first) {
            first = pair;
            texts = tree_array(arena);
        }
        tree_append(texts, tree_string(arena, pair->value));
    }
    if (!first)
        return NULL;
    if (!texts->child->next)
        return type_single(decoding, parameter, first, is_list);
    return coerce_tree(arena, parameter->schema, texts);
}

static cJSON *decode_content(struct decoding *decoding, const struct parameter *parameter)
{
    const char *text = NULL;
    struct pair *pair;
    vec_foreach (pair, &decoding->query) {
        if (!text_is(pair->name, parameter->name))
            continue;
        pair->used = true;
        text = text ? text : pair->value;
    }
    return text ? read_content(decoding->arena, parameter, text) : NULL;
}

/* Whether some pair's name begins with the parameter's. */
static bool is_mentioned(const struct pairs *pairs, const char *name)
{
    const struct pair *pair;
    size_t len = 0;
    vec_foreach (pair, pairs) {
        if (pair->name[0] != name[0])
            continue;
        len = len ? len : strlen(name);
        if (!strncmp(pair->name, name, len))
            return true;
    }
    return false;
}

enum spread { SPREAD_UNKNOWN, SPREAD_NO, SPREAD_YES };

static enum spread find_spread(const struct parameter *parameter)
{
    bool spreads = parameter->explode && parameter->style == STYLE_FORM &&
                   parameter_takes_only(parameter, SCHEMA_OBJECT);
    return spreads ? SPREAD_YES : SPREAD_NO;
}

bool query_may_hold(const struct decoding *decoding, const struct parameter *parameter)
{
    atomic_uchar *kept = &((struct parameter *)parameter)->spreads; /* a memory of its own */
    enum spread spread = atomic_load_explicit(kept, memory_order_relaxed);
    if (spread == SPREAD_UNKNOWN) {
        spread = find_spread(parameter);
        atomic_store_explicit(kept, (unsigned char)spread, memory_order_relaxed);
    }
    return spread == SPREAD_YES || is_mentioned(&decoding->query, parameter->name);
}

cJSON *decode_query(struct decoding *decoding, const struct parameter *parameter)
{
    if (!decoding->query.count)
        return NULL;
    bool mentioned = is_mentioned(&decoding->query, parameter->name);
    if (parameter->content)
        return mentioned ? decode_content(decoding, parameter) : NULL;
    cJSON *value = mentioned ? type_pairs(decoding, parameter, &decoding->query) : NULL;
    if (value)
        return value;
    if (!parameter->schema || parameter_takes(parameter, SCHEMA_OBJECT)) {
        cJSON *object = mentioned ? collect_brackets(decoding, parameter) : NULL;
        if (!object && parameter->explode && parameter_takes_only(parameter, SCHEMA_OBJECT) &&
            parameter->style == STYLE_FORM)
            object = collect_members(decoding, parameter);
        if (object)
            return coerce_tree(decoding->arena, parameter->schema, object);
    }
    return NULL;
}
