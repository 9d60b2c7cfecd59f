/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/coerce.h"
#include "core/contract/decoding.h"
#include "core/contract/media.h"
#include "core/data/json.h"

#include <ctype.h>

/* ---- texts to trees of texts ---- */

bool parameter_takes_only(const struct parameter *parameter, unsigned types)
{
    unsigned taken = parameter->schema ? schema_types(parameter->schema) : SCHEMA_ANY_TYPE;
    return (taken & types) && !(taken & ~(types | SCHEMA_NULL));
}

bool parameter_takes(const struct parameter *parameter, unsigned types)
{
    return parameter->schema && (schema_types(parameter->schema) & types);
}

bool parameter_fits(struct decoding *decoding, const struct parameter *parameter,
                    const cJSON *value)
{
    return !parameter->schema || schema_valid(parameter->schema, value, NULL, decoding->arena);
}

cJSON *split_text(struct arena *arena, const char *text, char separator)
{
    cJSON *list = tree_array(arena);
    for (const char *at = text;; at++) {
        while (separator == ',' && *at == ' ')
            at++;
        const char *end = strchr(at, separator);
        size_t len = end ? (size_t)(end - at) : strlen(at);
        tree_append(list, tree_string_n(arena, at, len));
        if (!end)
            return list;
        at = end;
    }
}

/* [k, v, k, v], or with `exploded` [k=v, k=v], as an object. */
static cJSON *pair_up(struct arena *arena, const cJSON *list, bool exploded)
{
    cJSON *object = tree_object(arena);
    for (const cJSON *item = list->child; item; item = item->next) {
        const char *text = item->valuestring, *equals = strchr(text, '=');
        if (exploded) {
            const char *key = equals ? arena_strndup(arena, text, (size_t)(equals - text)) : text;
            tree_set_string(arena, object, key, equals ? equals + 1 : "");
            continue;
        }
        tree_set_string(arena, object, text, item->next ? item->next->valuestring : "");
        if (item->next)
            item = item->next;
    }
    return object;
}

/* One text that may hold several values, between separators. */
cJSON *type_delimited(struct decoding *decoding, const struct parameter *parameter,
                      const char *text, char separator)
{
    struct arena *arena = decoding->arena;
    cJSON *whole = tree_string(arena, text);
    if (parameter->schema && schema_types(parameter->schema) == SCHEMA_STRING)
        return whole; /* whether it fits is told later */
    if (!parameter_takes(parameter, SCHEMA_ARRAY | SCHEMA_OBJECT))
        return coerce_tree(arena, parameter->schema, whole);
    cJSON *list = split_text(arena, text, separator);
    if (parameter_takes_only(parameter, SCHEMA_OBJECT))
        return coerce_tree(arena, parameter->schema, pair_up(arena, list, parameter->explode));
    if (!parameter_takes_only(parameter, SCHEMA_ARRAY)) {
        cJSON *scalar = coerce_tree(arena, parameter->schema, whole);
        if (parameter_fits(decoding, parameter, scalar))
            return scalar;
    }
    cJSON *typed = coerce_tree(arena, parameter->schema, list);
    if (!*text && !parameter_fits(decoding, parameter, typed))
        return tree_array(arena);
    return typed;
}

cJSON *read_content(struct arena *arena, const struct parameter *parameter, const char *text)
{
    cJSON *value = NULL;
    if (media_is_json(parameter->content->name))
        value = json_parse(arena, text, strlen(text), NULL, NULL);
    return value ? value : tree_string(arena, text);
}

/* ---- one parameter from each place: its value, or NULL when it is not there ---- */

static cJSON *decode_path(struct decoding *decoding, const struct parameter *parameter)
{
    const char *text = tree_get_text(decoding->path, parameter->name);
    char separator = ',';
    if (!text)
        return NULL;
    if (parameter->style == STYLE_LABEL && *text == '.') {
        text++;
        separator = parameter->explode ? '.' : ',';
    }
    if (parameter->style == STYLE_MATRIX && *text == ';') {
        const char *start = arena_printf(decoding->arena, ";%s=", parameter->name);
        struct strbuf plain = STRBUF_INIT(LIMIT_MESSAGE);
        if (!parameter->explode || !parameter_takes_only(parameter, SCHEMA_ARRAY))
            strbuf_adds(&plain, text + (text_starts_with(text, start) ? strlen(start) : 1));
        else
            for (const char *at = text; at && *at;) { /* ;x=1;x=2 */
                const char *end = strchr(at + 1, ';');
                if (text_starts_with(at, start))
                    at += strlen(start);
                strbuf_add(&plain, at, end ? (size_t)(end - at) : strlen(at));
                if (end)
                    strbuf_addch(&plain, ';');
                at = end;
            }
        text = arena_strdup(decoding->arena, plain.buf);
        separator = parameter->explode ? ';' : ',';
        strbuf_release(&plain);
    }
    return parameter->content ? read_content(decoding->arena, parameter, text)
                              : type_delimited(decoding, parameter, text, separator);
}

/* All lines of one name are one list (RFC 9110 section 5.3). */
const char *header_join(struct arena *arena, const struct header_fields *headers, const char *name)
{
    const char *text = NULL;
    for (size_t i = 0; i < headers->count; i++)
        if (text_is_any_case(headers->items[i].name, name))
            text = text ? arena_printf(arena, "%s, %s", text, headers->items[i].value)
                        : headers->items[i].value;
    return text;
}

static cJSON *decode_header(struct decoding *decoding, const struct parameter *parameter)
{
    const char *text = header_join(decoding->arena, decoding->headers, parameter->name);
    if (!text)
        return NULL;
    return parameter->content ? read_content(decoding->arena, parameter, text)
                              : type_delimited(decoding, parameter, text, ',');
}

static cJSON *decode_cookie(struct decoding *decoding, const struct parameter *parameter)
{
    if (parameter->content) {
        const char *text = pairs_find(&decoding->cookies, parameter->name);
        return text ? read_content(decoding->arena, parameter, text) : NULL;
    }
    return type_pairs(decoding, parameter, &decoding->cookies);
}

/* The whole query as one value (3.2). */
static cJSON *decode_querystring(struct decoding *decoding, const struct parameter *parameter)
{
    cJSON *object = tree_object(decoding->arena);
    struct pair *pair;
    vec_foreach (pair, &decoding->query) {
        pair->used = true;
        tree_set_string(decoding->arena, object, pair->name, pair->value);
    }
    const struct schema *schema = parameter->content ? parameter->content->schema : NULL;
    return object->child ? coerce_tree(decoding->arena, schema, object) : NULL;
}

static cJSON *(*const decoders[PARAMETER_INS])(struct decoding *, const struct parameter *) = {
    [IN_PATH] = decode_path,
    [IN_QUERY] = decode_query,
    [IN_HEADER] = decode_header,
    [IN_COOKIE] = decode_cookie,
    [IN_QUERYSTRING] = decode_querystring,
};

/* ---- all of them ---- */

static cJSON *object_for(struct decoded *out, enum parameter_in in)
{
    return in == IN_PATH     ? out->path
           : in == IN_HEADER ? out->header
           : in == IN_COOKIE ? out->cookie
                             : out->query;
}

/* OpenAPI leaves these to other parts of the document. */
static bool is_ignored_header(const struct parameter *parameter)
{
    return parameter->in == IN_HEADER && (text_is_any_case(parameter->name, "Accept") ||
                                          text_is_any_case(parameter->name, "Content-Type") ||
                                          text_is_any_case(parameter->name, "Authorization"));
}

static void check_value(struct decoding *decoding, const struct parameter *parameter,
                        const cJSON *value)
{
    const struct schema *schema =
        parameter->content ? parameter->content->schema : parameter->schema;
    struct schema_options options = {.direction = SCHEMA_REQUEST};
    struct schema_report report;
    if (!schema || schema_validate(schema, value, &options, decoding->arena, &report))
        return;
    problems_add_report(decoding->arena, decoding->problems, parameter_in_names[parameter->in],
                        parameter->name,
                        &(struct problem_source){decoding->operation->contract, value, &report});
}

/* A client writes null as nothing ("a="): as good as absent where no text may stand. */
static bool is_void(const struct parameter *parameter, const cJSON *value)
{
    return cJSON_IsString(value) && !*value->valuestring && !parameter->required &&
           (parameter->allow_empty || !parameter_takes(parameter, SCHEMA_STRING)) &&
           parameter->schema;
}

static void decode_one(struct decoding *decoding, const struct parameter *parameter)
{
    if (is_ignored_header(parameter))
        return;
    cJSON *value = decoders[parameter->in](decoding, parameter);
    if (value && is_void(parameter, value) && !parameter_fits(decoding, parameter, value))
        value = NULL;
    if (value) {
        check_value(decoding, parameter, value);
        tree_set(decoding->arena, object_for(decoding->out, parameter->in), parameter->name, value);
    } else if (parameter->required)
        problem_add(decoding->arena, decoding->problems,
                    (struct problem){.in = parameter_in_names[parameter->in],
                                     .name = parameter->name,
                                     .keyword = "required",
                                     .message = "required but missing",
                                     .place = tree_place(parameter->node)});
}

static bool is_credential(const struct operation *operation, const char *name)
{
    for (size_t i = 0; i < operation->security.count; i++) {
        const struct security_need *need;
        vec_foreach (need, &operation->security.items[i])
            if (need->scheme->in == IN_QUERY && text_is(need->scheme->parameter_name, name))
                return true;
    }
    return false;
}

/* What is left of some pairs, by name: a text, or all of them. */
static void add_left(struct arena *arena, struct pairs *pairs, cJSON *object)
{
    struct pair *pair;
    vec_foreach (pair, pairs) {
        cJSON *old = (cJSON *)tree_get(object, pair->name);
        if (pair->used)
            continue;
        cJSON *text = tree_string(arena, pair->value);
        if (!old)
            tree_set(arena, object, pair->name, text);
        else if (cJSON_IsArray(old))
            tree_append(old, text);
        else {
            cJSON *list = tree_array(arena);
            tree_append(list, tree_copy(arena, old));
            tree_append(list, text);
            tree_set(arena, object, pair->name, list);
        }
    }
}

static void note_unknown(struct decoding *decoding)
{
    struct decoded *out = decoding->out;
    const struct pair *pair;
    vec_foreach (pair, &decoding->query) {
        bool known = pair->used || is_credential(decoding->operation, pair->name);
        for (size_t i = 0; i < out->unknown.count && !known; i++)
            known = text_is(out->unknown.items[i], pair->name);
        if (!known)
            vec_push_arena(decoding->arena, &out->unknown, pair->name);
    }
}

static void add_left_headers(struct decoding *decoding)
{
    struct arena *arena = decoding->arena;
    for (size_t i = 0; i < decoding->headers->count; i++) {
        char *name = arena_strdup(arena, decoding->headers->items[i].name);
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j++)
            is_first = !text_is_any_case(decoding->headers->items[j].name, name);
        const struct parameter *parameter =
            operation_parameter(decoding->operation, IN_HEADER, name);
        if (!is_first || (parameter && !is_ignored_header(parameter)))
            continue;
        const char *text = header_join(arena, decoding->headers, name);
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        tree_set_string(arena, decoding->out->header, name, text);
    }
}

static void read_cookies(struct decoding *decoding)
{
    const char *line = header_find(decoding->headers, "Cookie");
    for (const char *at = line; at && *at;) {
        const char *end = strchr(at, ';');
        while (*at == ' ')
            at++;
        pairs_parse(decoding->arena, (struct str){at, end ? (size_t)(end - at) : strlen(at)},
                    &decoding->cookies);
        at = end ? end + 1 : NULL;
    }
}

/* What was not sent has the value that the document gives it. */
static void fill_default(struct decoding *decoding, const struct parameter *parameter)
{
    cJSON *objects[PARAMETER_INS] = {[IN_QUERY] = decoding->out->query,
                                     [IN_HEADER] = decoding->out->header,
                                     [IN_COOKIE] = decoding->out->cookie};
    cJSON *object = objects[parameter->in];
    if (object && !tree_get(object, parameter->name))
        tree_set(decoding->arena, object, parameter->name,
                 tree_copy(decoding->arena, parameter->initial));
}

void parameters_decode(struct arena *arena, const struct operation *operation,
                       const struct sent_parameters *sent, struct decoded *out,
                       struct problems *problems)
{
    static const struct header_fields no_headers = {0};
    struct decoding decoding = {.arena = arena,
                                .operation = operation,
                                .headers = sent->headers ? sent->headers : &no_headers,
                                .path = sent->path,
                                .out = out,
                                .problems = problems};
    *out = (struct decoded){.path = sent->path ? sent->path : tree_object(arena),
                            .query = tree_object(arena),
                            .header = tree_object(arena),
                            .cookie = tree_object(arena)};
    pairs_parse(arena, sent->query, &decoding.query);
    read_cookies(&decoding);
    const struct parameter *parameter;
    vec_foreach (parameter, &operation->parameters)
        if (parameter->in != IN_QUERY || parameter->required ||
            (decoding.query.count && query_may_hold(&decoding, parameter)))
            decode_one(&decoding, parameter);
    note_unknown(&decoding);
    add_left(arena, &decoding.query, out->query);
    add_left(arena, &decoding.cookies, out->cookie);
    if (!sent->described_headers_only)
        add_left_headers(&decoding);
    vec_foreach (parameter, &operation->parameters)
        if (parameter->initial)
            fill_default(&decoding, parameter);
}

cJSON *parameter_decode_text(struct arena *arena, const struct parameter *parameter,
                             const char *text)
{
    struct decoding decoding = {.arena = arena};
    return parameter->content ? read_content(arena, parameter, text)
                              : type_delimited(&decoding, parameter, text, ',');
}
