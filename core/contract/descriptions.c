/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/descriptions.h"

#include "core/contract/media.h"

#include <stdlib.h>

const char *const parameter_in_names[PARAMETER_INS] = {
    [IN_PATH] = "path",
    [IN_QUERY] = "query",
    [IN_HEADER] = "header",
    [IN_COOKIE] = "cookie",
    [IN_QUERYSTRING] = "querystring",
};

enum {
    PATH = 1 << IN_PATH,
    QUERY = 1 << IN_QUERY,
    HEADER = 1 << IN_HEADER,
    COOKIE = 1 << IN_COOKIE
};

static const struct {
    const char *name;
    enum parameter_style style;
    unsigned ins; /* where it may stand */
} styles[] = {
    {"simple", STYLE_SIMPLE, PATH | HEADER},
    {"label", STYLE_LABEL, PATH},
    {"matrix", STYLE_MATRIX, PATH},
    {"form", STYLE_FORM, QUERY | COOKIE},
    {"cookie", STYLE_FORM, COOKIE},
    {"spaceDelimited", STYLE_SPACE_DELIMITED, QUERY},
    {"pipeDelimited", STYLE_PIPE_DELIMITED, QUERY},
    {"deepObject", STYLE_DEEP_OBJECT, QUERY},
};

/* ---- media types ---- */

static void read_event_branch(struct reader *reader, const struct spot *spot,
                              struct media_type *media)
{
    struct loaded *loaded = reader->loaded;
    struct spot branch = spot_follow(loaded, *spot);
    struct spot properties = spot_child(loaded, &branch, "properties");
    struct spot data = spot_child(loaded, &properties, "data");
    data = spot_follow(loaded, data);
    struct spot content = spot_child(loaded, &data, "contentSchema");
    if (!content.node)
        return;
    struct event_schema event = {spot_schema(loaded, &branch), spot_schema(loaded, &content)};
    if (event.event && event.data)
        vec_push_arena(reader->arena, &media->events, event);
}

static void read_events(struct reader *reader, const struct spot *item_schema,
                        struct media_type *media)
{
    static const char *const lists[] = {"oneOf", "anyOf"};
    struct loaded *loaded = reader->loaded;
    struct spot whole = spot_follow(loaded, *item_schema);
    read_event_branch(reader, &whole, media);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct spot list = spot_child(loaded, &whole, lists[i]);
        const cJSON *item;
        size_t index = 0;
        cJSON_ArrayForEach (item, list.node) {
            struct spot spot = spot_item(loaded, &list, item, index++);
            read_event_branch(reader, &spot, media);
        }
    }
}

void read_media_types(struct reader *reader, const struct spot *map, struct media_types *out)
{
    struct loaded *loaded = reader->loaded;
    const cJSON *member;
    cJSON_ArrayForEach (member, map->node) {
        if (text_starts_with(member->string, "x-"))
            continue;
        struct spot spot = spot_member(loaded, map, member);
        spot = spot_follow_to(loaded, spot, OBJECT_MEDIA_TYPE);
        struct spot schema = spot_child(loaded, &spot, "schema");
        struct spot item = spot_child(loaded, &spot, "itemSchema");
        struct media_type media = {.name = member->string,
                                   .schema = spot_schema(loaded, &schema),
                                   .item_schema = spot_schema(loaded, &item),
                                   .node = spot.node};
        if (!strchr(member->string, '/') && !text_is(member->string, "*"))
            soft_finding(reader)(reader->findings, tree_key_place(member), "'%s' is no media type",
                                 member->string);
        if (media.item_schema && media_is(media.name, "text/event-stream"))
            read_events(reader, &item, &media);
        vec_push_arena(reader->arena, out, media);
    }
}

/* ---- parameters and headers ---- */

static void read_style(struct reader *reader, const struct spot *spot, struct parameter *parameter)
{
    const cJSON *style = tree_get(spot->node, "style");
    bool in_query = parameter->in == IN_QUERY || parameter->in == IN_COOKIE;
    parameter->style = in_query ? STYLE_FORM : STYLE_SIMPLE;
    for (size_t i = 0; style && i <= sizeof styles / sizeof *styles; i++) {
        if (i == sizeof styles / sizeof *styles) {
            findings_add(reader->findings, tree_place(style), "'style' has no value '%s' in %s",
                         style->valuestring, parameter_in_names[parameter->in]);
            break;
        }
        if (text_is(style->valuestring, styles[i].name) &&
            (styles[i].ins & (1u << parameter->in))) {
            parameter->style = styles[i].style;
            break;
        }
    }
    const cJSON *explode = tree_get(spot->node, "explode");
    parameter->explode = explode ? tree_is_true(explode) : parameter->style == STYLE_FORM;
}

static const cJSON *initial_value(struct reader *reader, struct spot schema)
{
    const cJSON *own = tree_get(schema.node, "default");
    struct spot end =
        own || !tree_get(schema.node, "$ref") ? schema : spot_follow(reader->loaded, schema);
    return own ? own : tree_get(end.node, "default");
}

static void read_value(struct reader *reader, const struct spot *spot, struct parameter *parameter)
{
    struct loaded *loaded = reader->loaded;
    struct spot schema = spot_child(loaded, spot, "schema");
    struct spot content = spot_child(loaded, spot, "content");
    struct media_types types = {0};
    parameter->node = spot->node;
    parameter->required = tree_is_true(tree_get(spot->node, "required"));
    parameter->deprecated = tree_is_true(tree_get(spot->node, "deprecated"));
    parameter->allow_empty = tree_is_true(tree_get(spot->node, "allowEmptyValue"));
    parameter->allow_reserved = tree_is_true(tree_get(spot->node, "allowReserved"));
    if (tree_get(spot->node, "allowReserved") && parameter->in != IN_QUERY &&
        reader->loaded->minor == 1)
        findings_add(reader->findings, tree_place(tree_get(spot->node, "allowReserved")),
                     "'allowReserved' has a meaning only in a query");
    read_style(reader, spot, parameter);
    if (!schema.node == !content.node) {
        soft_finding(reader)(reader->findings, tree_place(spot->node),
                             "'%s' needs either 'schema' or 'content'%s", parameter->name,
                             schema.node ? ", not both" : "");
        return;
    }
    parameter->schema = spot_schema(loaded, &schema);
    if (parameter->schema)
        parameter->initial = initial_value(reader, schema);
    read_media_types(reader, &content, &types);
    if (content.node && types.count != 1)
        findings_add(reader->findings, tree_place(content.node),
                     "'content' of '%s' needs exactly one media type", parameter->name);
    parameter->content = types.items;
}

static bool read_in(struct reader *reader, const struct spot *spot, enum parameter_in *in)
{
    const cJSON *node = tree_get(spot->node, "in");
    size_t last = reader->loaded->minor < 2 ? IN_QUERYSTRING : PARAMETER_INS;
    for (size_t i = 0; i < last; i++)
        if (text_is(tree_text(node), parameter_in_names[i])) {
            *in = (enum parameter_in)i;
            return true;
        }
    findings_add(reader->findings, tree_place(node), "'in' has no value '%s'", tree_text(node));
    return false;
}

static bool same_name(const struct parameter *a, const struct parameter *b)
{
    return a->in == b->in &&
           (a->in == IN_HEADER ? text_is_any_case(a->name, b->name) : text_is(a->name, b->name));
}

bool read_parameter(struct reader *reader, const struct spot *spot, struct parameter *out)
{
    struct spot end = spot_follow_to(reader->loaded, *spot, OBJECT_PARAMETER);
    if (!end.node || !read_in(reader, &end, &out->in))
        return false;
    out->name = tree_get_text(end.node, "name");
    read_value(reader, &end, out);
    if (out->in == IN_PATH && !out->required)
        soft_finding(reader)(reader->findings, tree_place(end.node),
                             "path parameter '%s' must have 'required: true'", out->name);
    out->required |= out->in == IN_PATH;
    return true;
}

void read_parameters(struct reader *reader, const struct spot *list, struct parameters *out)
{
    const cJSON *item;
    size_t index = 0;
    cJSON_ArrayForEach (item, list->node) {
        struct spot spot = spot_item(reader->loaded, list, item, index++);
        struct parameter parameter = {0};
        if (!read_parameter(reader, &spot, &parameter))
            continue;
        bool is_new = true;
        for (size_t i = 0; i < out->count && is_new; i++)
            is_new = !same_name(&out->items[i], &parameter);
        if (is_new)
            vec_push_arena(reader->arena, out, parameter);
        else
            findings_add(reader->findings, tree_place(item), "%s parameter '%s' is there twice",
                         parameter_in_names[parameter.in], parameter.name);
    }
}

void read_headers(struct reader *reader, const struct spot *map, struct parameters *out)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, map->node) {
        struct spot spot = spot_member(reader->loaded, map, member);
        struct parameter header = {.name = member->string, .in = IN_HEADER};
        spot = spot_follow_to(reader->loaded, spot, OBJECT_HEADER);
        if (!spot.node)
            continue;
        read_value(reader, &spot, &header);
        vec_push_arena(reader->arena, out, header);
    }
}

/* ---- bodies and responses ---- */

const struct request_body *read_request_body(struct reader *reader, const struct spot *spot)
{
    struct spot body = spot_follow_to(reader->loaded, *spot, OBJECT_REQUEST_BODY);
    if (!body.node)
        return NULL;
    struct request_body *out = arena_alloc(reader->arena, sizeof *out);
    struct spot content = spot_child(reader->loaded, &body, "content");
    out->node = body.node;
    out->required = tree_is_true(tree_get(body.node, "required"));
    read_media_types(reader, &content, &out->content);
    return out;
}

static void read_status(struct response *response)
{
    const char *text = response->status;
    if (text_is(text, "default"))
        return;
    response->low = (text[0] - '0') * 100;
    response->high = response->low + 99;
    if (text[1] != 'X')
        response->low = response->high = response->low + (text[1] - '0') * 10 + (text[2] - '0');
}

void read_named_responses(struct reader *reader, const struct spot *map, struct responses *out)
{
    struct loaded *loaded = reader->loaded;
    const cJSON *member;
    cJSON_ArrayForEach (member, map->node) {
        if (text_starts_with(member->string, "x-"))
            continue;
        struct spot spot = spot_member(loaded, map, member);
        spot = spot_follow_to(loaded, spot, OBJECT_RESPONSE);
        if (!spot.node)
            continue;
        struct response response = {.status = member->string,
                                    .description = tree_get_text(spot.node, "description"),
                                    .node = spot.node};
        struct spot headers = spot_child(loaded, &spot, "headers");
        struct spot content = spot_child(loaded, &spot, "content");
        if (!response.description && loaded->minor < 2)
            soft_finding(reader)(reader->findings, tree_place(spot.node),
                                 "a response needs the member 'description'");
        read_headers(reader, &headers, &response.headers);
        read_media_types(reader, &content, &response.content);
        vec_push_arena(reader->arena, out, response);
    }
}

void read_responses(struct reader *reader, const struct spot *map, struct responses *out)
{
    struct response *response;
    read_named_responses(reader, map, out);
    vec_foreach (response, out)
        read_status(response);
}
