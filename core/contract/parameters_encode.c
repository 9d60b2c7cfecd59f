/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/media.h"
#include "core/contract/parameters.h"
#include "core/contract/percent.h"
#include "core/contract/template.h"
#include "core/data/json.h"

/* How a style writes several values (RFC 6570 section 3.2.1's table, and OpenAPI's own three). */
static const struct style_row {
    const char *first;    /* before everything */
    const char *exploded; /* between exploded values */
    const char *joined;   /* between others */
    bool named;           /* each exploded value has its name */
} style_rows[PARAMETER_STYLES] = {
    [STYLE_SIMPLE] = {"", ",", ",", false},
    [STYLE_LABEL] = {".", ".", ",", false},
    [STYLE_MATRIX] = {";", ";", ",", true},
    [STYLE_FORM] = {"", "&", ",", true},
    [STYLE_SPACE_DELIMITED] = {"", "&", "%20", true},
    [STYLE_PIPE_DELIMITED] = {"", "&", "%7C", true},
    [STYLE_DEEP_OBJECT] = {"", "&", ",", true},
};

struct encoding {
    struct arena *arena;
    const char *name;
    const struct style_row *row;
    enum parameter_style style;
    enum parameter_in in;
    bool explode, allow_reserved;
    struct strbuf out;
};

static void add_text(struct encoding *encoding, const char *text)
{
    if (encoding->in == IN_HEADER)
        strbuf_adds(&encoding->out, text);
    else
        percent_encode(str_from(text),
                       encoding->allow_reserved ? PERCENT_RESERVED : PERCENT_UNRESERVED,
                       &encoding->out);
}

static void add_value(struct encoding *encoding, const cJSON *value)
{
    if (cJSON_IsString(value))
        add_text(encoding, value->valuestring);
    else if (!cJSON_IsNull(value))
        add_text(encoding, json_text(encoding->arena, value));
}

static void add_name(struct encoding *encoding, const char *name)
{
    add_text(encoding, name);
    strbuf_addch(&encoding->out, '=');
}

static void encode_list(struct encoding *encoding, const cJSON *list)
{
    const cJSON *item;
    if (encoding->row->named && !encoding->explode)
        add_name(encoding, encoding->name);
    cJSON_ArrayForEach (item, list) {
        if (item->prev && item != list->child)
            strbuf_adds(&encoding->out,
                        encoding->explode ? encoding->row->exploded : encoding->row->joined);
        if (encoding->row->named && encoding->explode)
            add_name(encoding, encoding->name);
        add_value(encoding, item);
    }
}

static void encode_deep(struct encoding *encoding, const cJSON *object, const char *name, int depth)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        bool is_object = cJSON_IsObject(object);
        const char *below =
            arena_printf(encoding->arena, "%s[%s]", name, is_object ? member->string : "");
        if ((cJSON_IsObject(member) || cJSON_IsArray(member)) && depth < TREE_DEPTH_MAX) {
            encode_deep(encoding, member, below, depth + 1);
            continue;
        }
        if (encoding->out.len)
            strbuf_addch(&encoding->out, '&');
        add_name(encoding, below);
        add_value(encoding, member);
    }
}

static void encode_object(struct encoding *encoding, const cJSON *object)
{
    const cJSON *member;
    if (encoding->style == STYLE_DEEP_OBJECT) {
        encode_deep(encoding, object, encoding->name, 0);
        return;
    }
    if (encoding->row->named && !encoding->explode)
        add_name(encoding, encoding->name);
    cJSON_ArrayForEach (member, object) {
        if (member != object->child)
            strbuf_adds(&encoding->out,
                        encoding->explode ? encoding->row->exploded : encoding->row->joined);
        add_text(encoding, member->string);
        strbuf_adds(&encoding->out, encoding->explode ? "=" : encoding->row->joined);
        add_value(encoding, member);
    }
}

/* The whole text of a parameter, its name included where its style has it; "" = nothing to send. */
static const char *encode(struct arena *arena, const struct parameter *parameter,
                          const cJSON *value)
{
    struct encoding encoding = {.arena = arena,
                                .name = parameter->name,
                                .row = &style_rows[parameter->style],
                                .style = parameter->style,
                                .in = parameter->in,
                                .explode = parameter->explode,
                                .allow_reserved = parameter->allow_reserved,
                                .out = STRBUF_INIT(LIMIT_BODY)};
    bool is_text =
        parameter->content && cJSON_IsString(value) && !media_is_json(parameter->content->name);
    if (parameter->content && !is_text)
        value = tree_string(arena, json_text(arena, value));
    if (parameter->style != STYLE_DEEP_OBJECT)
        strbuf_adds(&encoding.out, encoding.row->first);
    if (cJSON_IsArray(value) && value->child)
        encode_list(&encoding, value);
    else if (cJSON_IsObject(value) && value->child)
        encode_object(&encoding, value);
    else if (!cJSON_IsArray(value) && !cJSON_IsObject(value)) {
        if (encoding.row->named)
            add_name(&encoding, encoding.name);
        add_value(&encoding, value);
    }
    const char *text = arena_strdup(arena, encoding.out.buf);
    strbuf_release(&encoding.out);
    return text;
}

static const struct parameter *described(const struct operation *operation, enum parameter_in in,
                                         const char *name, struct parameter *other)
{
    const struct parameter *parameter = operation_parameter(operation, in, name);
    bool is_form = in == IN_QUERY || in == IN_COOKIE;
    *other = (struct parameter){
        .name = name, .in = in, .style = is_form ? STYLE_FORM : STYLE_SIMPLE, .explode = is_form};
    return parameter ? parameter : other;
}

static int encode_path(struct arena *arena, const struct operation *operation, const cJSON *values,
                       struct encoded *out, struct error *err)
{
    struct template template = {0};
    const struct template *pieces = operation->pieces ? &operation->pieces->template : &template;
    char room[256];
    struct strbuf path = strbuf_over(room, sizeof room, LIMIT_BODY);
    const struct segment *segment;
    int result = pieces == &template ? template_parse(arena, operation->path, &template, err) : 0;
    vec_foreach (segment, &pieces->segments) {
        strbuf_addch(&path, '/');
        for (size_t i = 0; i < segment->pieces.count && !result; i++) {
            const struct piece *piece = &segment->pieces.items[i];
            const cJSON *value = piece->name ? tree_get(values, piece->name) : NULL;
            struct parameter other;
            const char *text = piece->literal;
            if (piece->name && (!value || cJSON_IsNull(value)))
                result = fail(err, ERROR_INVALID, "'%s' needs a value for '%s'", operation->key,
                              piece->name);
            else if (piece->name)
                text = encode(arena, described(operation, IN_PATH, piece->name, &other), value);
            if (!result && piece->name && !*text)
                result =
                    fail(err, ERROR_INVALID, "path parameter '%s' must not be empty", piece->name);
            if (!result)
                strbuf_adds(&path, text);
        }
    }
    out->path = arena_strdup(arena, path.len ? path.buf : "/");
    strbuf_release(&path);
    return result;
}

/* All values of one place, joined. */
static const char *encode_all(struct arena *arena, const struct operation *operation,
                              enum parameter_in in, const cJSON *values, const char *between)
{
    struct strbuf text = STRBUF_INIT(LIMIT_BODY);
    const cJSON *member;
    cJSON_ArrayForEach (member, values) {
        struct parameter other;
        const char *one = encode(arena, described(operation, in, member->string, &other), member);
        if (text.len && *one)
            strbuf_adds(&text, between);
        strbuf_adds(&text, one);
    }
    const char *all = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return all;
}

static int encode_headers(struct arena *arena, const struct operation *operation,
                          const cJSON *values, struct encoded *out, struct error *err)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, values) {
        struct parameter other;
        const struct parameter *parameter = described(operation, IN_HEADER, member->string, &other);
        const char *text = encode(arena, parameter, member);
        if (strpbrk(text, "\r\n") || strpbrk(member->string, "\r\n:"))
            return fail(err, ERROR_INVALID, "header '%s' must not hold a line break",
                        member->string);
        struct header_field field = {parameter->name, text};
        vec_push_arena(arena, &out->headers, field);
    }
    return 0;
}

int parameters_encode(struct arena *arena, const struct operation *operation, const cJSON *values,
                      struct encoded *out, struct error *err)
{
    *out = (struct encoded){0};
    if (encode_path(arena, operation, tree_get(values, "path"), out, err) ||
        encode_headers(arena, operation, tree_get(values, "header"), out, err))
        return -1;
    out->query = encode_all(arena, operation, IN_QUERY, tree_get(values, "query"), "&");
    const char *cookies = encode_all(arena, operation, IN_COOKIE, tree_get(values, "cookie"), "; ");
    if (*cookies) {
        struct header_field field = {"Cookie", cookies};
        vec_push_arena(arena, &out->headers, field);
    }
    return 0;
}
