/* SPDX-License-Identifier: Apache-2.0 */
/* The request of a step: parameters in their places, the payload with its replacements, headers. */
#include "core/base/str.h"
#include "core/contract/parameters.h"
#include "core/data/json.h"
#include "core/data/jsonpath.h"
#include "core/data/pointer.h"
#include "core/net/url.h"
#include "runner/play/player.h"

#define BOUNDARY "dryrun-boundary-7d1f0c"

struct building {
    const struct scene *scene;
    const struct arazzo_step *step;
    struct arena *arena;
    cJSON *values;
    const char *querystring; /* of a parameter in `querystring`; NULL */
    struct sent_request *out;
};

/* A whole query as it is given; only what may not stand in a URL is encoded. Of another media type
 * than a form it is one value: then everything is. */
static const char *query_text(const struct building *building, const cJSON *value)
{
    const struct parameters *described = &building->step->operation->operation->parameters;
    const struct parameter *parameter;
    const char *text = value_text(building->arena, value);
    const char *keep = "!$&'()*+,;=:@/?%[]";
    struct strbuf out = STRBUF_INIT(LIMIT_BODY);
    vec_foreach (parameter, described)
        if (parameter->in == IN_QUERYSTRING && parameter->content &&
            !text_starts_with(parameter->content->name, "application/x-www-form-urlencoded"))
            keep = "";
    url_encode(&out, str_from(text), keep);
    const char *encoded = arena_strndup(building->arena, out.buf, out.len);
    strbuf_release(&out);
    return encoded;
}

static void collect_values(struct building *building)
{
    static const char *const places[] = {"path", "query", "header", "cookie"};
    struct arena *arena = building->arena;
    const struct arazzo_parameter *parameter;
    building->values = tree_object(arena);
    for (size_t i = 0; i < 4; i++)
        tree_set(arena, building->values, places[i], tree_object(arena));
    vec_foreach (parameter, &building->step->parameters) {
        cJSON *value = scene_value(building->scene, &parameter->value);
        if (!value)
            continue; /* nothing: left out */
        if (text_is(parameter->in, "querystring"))
            building->querystring = query_text(building, value);
        else
            tree_set(arena, (cJSON *)tree_get(building->values, parameter->in), parameter->name,
                     value);
    }
}

/* ---- the body ---- */

/* Gives a node that a JSONPath found another value, where it stands. */
static void overwrite(cJSON *node, const cJSON *value)
{
    node->type = (node->type & ~0xFF) | (value->type & 0xFF);
    node->child = value->child;
    node->valuestring = value->valuestring;
    node->valueint = value->valueint;
    node->valuedouble = value->valuedouble;
}

/* A JSON payload written as a text: what it holds, so that a place in it can be found. */
static cJSON *read_text(struct arena *arena, cJSON *payload)
{
    const char *text = tree_text(payload);
    struct error err;
    cJSON *inside = text && (*text == '{' || *text == '[')
                        ? json_parse(arena, text, strlen(text), NULL, &err)
                        : NULL;
    return inside ? inside : payload;
}

static int replace_one(struct building *building, const struct arazzo_replacement *replacement,
                       cJSON *value, cJSON **payload, struct error *err)
{
    struct arena *arena = building->arena;
    size_t count = 0;
    if (replacement->path) {
        const cJSON **found = jsonpath_select(arena, replacement->path, *payload, &count);
        for (size_t i = 0; i < count; i++)
            overwrite((cJSON *)found[i], tree_copy(arena, value));
        return count ? 0
                     : fail(err, ERROR_INVALID, "the replacement's target '%s' selects nothing",
                            replacement->text);
    }
    if (!*replacement->pointer) {
        *payload = value;
        return 0;
    }
    return pointer_set(arena, *payload, replacement->pointer, value, err);
}

static int replace(struct building *building, cJSON **payload, struct error *err)
{
    const struct arazzo_replacement *replacement;
    if (building->step->body->replacements.count)
        *payload = *payload ? read_text(building->arena, *payload) : tree_object(building->arena);
    vec_foreach (replacement, &building->step->body->replacements) {
        cJSON *value = scene_value(building->scene, &replacement->value);
        if (value && replace_one(building, replacement, value, payload, err))
            return -1;
    }
    return 0;
}

static void write_form(struct arena *arena, const cJSON *payload, struct strbuf *out)
{
    for (const cJSON *member = payload->child; member; member = member->next) {
        const cJSON *item = cJSON_IsArray(member) ? member->child : member;
        for (; item; item = cJSON_IsArray(member) ? item->next : NULL)
            url_add_pair(out, str_from(member->string), str_from(value_text(arena, item)));
    }
}

/* What the document calls binary is sent as a file, named as its part. */
static bool is_file(const struct media_type *media, const cJSON *member)
{
    const struct schema *schema =
        media && media->schema ? schema_property(media->schema, member->string) : NULL;
    return schema && text_is(tree_get_text(schema_node(schema), "format"), "binary");
}

static void write_part(struct building *building, const cJSON *member,
                       const struct media_type *media, struct strbuf *out)
{
    const char *type = cJSON_IsObject(member) || cJSON_IsArray(member) ? "application/json" : NULL;
    strbuf_addf(out, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"",
                member->string);
    if (is_file(media, member)) {
        type = "application/octet-stream";
        strbuf_addf(out, "; filename=\"%s\"", member->string);
    }
    if (type)
        strbuf_addf(out, "\r\nContent-Type: %s", type);
    strbuf_addf(out, "\r\n\r\n%s\r\n", value_text(building->arena, member));
}

static void write_multipart(struct building *building, const cJSON *payload, struct strbuf *out)
{
    const struct request_body *described = building->step->operation->operation->body;
    const struct media_type *media =
        described ? media_types_find(&described->content, "multipart/form-data") : NULL;
    for (const cJSON *member = payload->child; member; member = member->next)
        write_part(building, member, media, out);
    strbuf_adds(out, "--" BOUNDARY "--\r\n");
}

/* A text that is JSON itself (a payload written as a template) goes out as it is. */
static void write_json(struct arena *arena, const cJSON *payload, struct strbuf *out)
{
    const char *text = tree_text(payload);
    struct error err;
    const cJSON *inside = text && (*text == '{' || *text == '[')
                              ? json_parse(arena, text, strlen(text), NULL, &err)
                              : NULL;
    if (inside)
        strbuf_adds(out, text);
    else
        json_print(payload, JSON_COMPACT, out);
}

static const char *write_body(struct building *building, const char *type, const cJSON *payload,
                              struct strbuf *out)
{
    if (text_starts_with(type, "application/x-www-form-urlencoded") && cJSON_IsObject(payload)) {
        write_form(building->arena, payload, out);
    } else if (text_starts_with(type, "multipart/form-data") && cJSON_IsObject(payload)) {
        write_multipart(building, payload, out);
        return "multipart/form-data; boundary=" BOUNDARY;
    } else if (strstr(type, "json")) {
        write_json(building->arena, payload, out);
    } else {
        strbuf_adds(out, value_text(building->arena, payload));
    }
    return type;
}

static const char *body_type(const struct arazzo_step *step)
{
    const struct request_body *described = step->operation->operation->body;
    const struct media_type *media = described ? media_types_preferred(&described->content) : NULL;
    if (step->body->content_type)
        return step->body->content_type;
    return media && !strchr(media->name, '*') ? media->name : "application/json";
}

static void add_header(struct building *building, const char *name, const char *value)
{
    struct http_header header = {name, value};
    vec_push_arena(building->arena, &building->out->headers, header);
}

static bool has_header(const struct building *building, const char *name)
{
    const struct http_header *header;
    vec_foreach (header, &building->out->headers)
        if (text_is_any_case(header->name, name))
            return true;
    return false;
}

/* Selector Objects in it are $selected#/0 and so on. */
static cJSON *fill_payload(const struct building *building, const struct arazzo_body *body)
{
    struct scene scene = *building->scene;
    struct scope_names names;
    cJSON *selected = tree_object(building->arena);
    for (size_t i = 0; i < body->selected.count; i++) {
        cJSON *value = scene_value(building->scene, &body->selected.items[i]);
        if (value)
            tree_set(building->arena, selected, arena_printf(building->arena, "%zu", i), value);
    }
    scene.selected = selected;
    struct eval eval = scene_eval(&scene, &names);
    return template_eval(body->payload, &eval);
}

static int add_body(struct building *building, struct error *err)
{
    const struct arazzo_body *body = building->step->body;
    struct strbuf text = STRBUF_INIT(LIMIT_BODY);
    cJSON *payload = body ? fill_payload(building, body) : NULL;
    int result = body ? replace(building, &payload, err) : 0;
    if (payload && result == 0) {
        const char *type = write_body(building, body_type(building->step), payload, &text);
        if (!has_header(building, "Content-Type"))
            add_header(building, "Content-Type", type);
        building->out->body =
            (struct str){arena_strndup(building->arena, text.buf, text.len), text.len};
    }
    strbuf_release(&text);
    return result;
}

/* ---- headers ---- */

/* The scenario's own first; then those of the command line; then what our mock is content with. An
 * empty one from the scenario keeps the others away and is not sent. */
static void add_headers(struct building *building, const struct target *target,
                        const struct encoded *encoded)
{
    const struct runner *runner = building->scene->talk->runner;
    const struct header_field *field;
    vec_foreach (field, &encoded->headers)
        add_header(building, field->name, field->value);
    for (size_t i = 0; i < runner->options->header_count; i++)
        if (!has_header(building, runner->options->headers[i].name))
            add_header(building, runner->options->headers[i].name,
                       runner->options->headers[i].value);
    if (target->is_mock) {
        struct http_header credential;
        if (target_credential(building->step->operation->operation, &credential) &&
            !has_header(building, credential.name))
            add_header(building, credential.name, credential.value);
    }
    if (!has_header(building, "Accept"))
        add_header(building, "Accept", "*/*");
}

static void add_own_headers(struct building *building, const struct target *target)
{
    if (building->scene->talk->played->session)
        add_header(building, "X-Dryrun-Session", building->scene->talk->played->session);
    if (target->is_mock && building->step->outcome)
        add_header(building, "X-Dryrun-Outcome", building->step->outcome);
    if (building->step->stream.has_last_id) {
        cJSON *id = scene_value(building->scene, &building->step->stream.last_id);
        if (id)
            add_header(building, "Last-Event-ID", value_text(building->arena, id));
    }
}

static void drop_empty(struct building *building)
{
    size_t kept = 0;
    for (size_t i = 0; i < building->out->headers.count; i++)
        if (*building->out->headers.items[i].value)
            building->out->headers.items[kept++] = building->out->headers.items[i];
    building->out->headers.count = kept;
}

/* What operations are found by; NULL: it leads to no operation. Links of our mock name their
 * session: ORIGIN/~SESSION/BASE/.. */
static const char *behind_base(const char *link, const struct target *target, size_t origin)
{
    const char *base = target->base + origin, *path = link + origin;
    if (target->is_mock && text_starts_with(path, "/~"))
        path += 1 + strcspn(path + 1, "/?");
    return text_starts_with(path, base) ? path + strlen(base) : NULL;
}

/* An absolute URL of the target's own origin, or a path there: credentials go nowhere else. */
static int follow_link(struct building *building, const struct target *target, struct error *err)
{
    struct sent_request *out = building->out;
    cJSON *value = scene_value(building->scene, &building->step->link);
    const char *link = tree_text(value), *base = target->base;
    size_t origin =
        strcspn(strstr(base, "://") + 3, "/") + (size_t)(strstr(base, "://") + 3 - base);
    if (!link)
        return fail(err, ERROR_INVALID, "'x-dryrun-link' came to nothing: expected a URL");
    if (*link == '/')
        link = arena_printf(building->arena, "%.*s%s", (int)origin, base, link);
    if (strncmp(link, base, origin) != 0 || !strchr("/?", link[origin]))
        return fail(err, ERROR_INVALID, "the link leads away from '%.*s': '%.200s'", (int)origin,
                    base, link);
    out->url = link;
    out->query = link + strcspn(link, "?");
    out->query += *out->query == '?';
    const char *path = behind_base(link, target, origin);
    out->is_elsewhere = !path;
    if (path)
        out->path = arena_strndup(building->arena, path, strcspn(path, "?"));
    return 0;
}

int request_build(const struct scene *scene, struct arena *arena, const struct arazzo_step *step,
                  const struct target *target, struct sent_request *out, struct error *err)
{
    struct scene own = *scene;
    struct building building = {.scene = &own, .step = step, .arena = arena, .out = out};
    struct encoded encoded;
    own.arena = arena;
    *out = (struct sent_request){.method = step->operation->operation->method};
    collect_values(&building);
    out->values = building.values;
    if (parameters_encode(building.arena, step->operation->operation, building.values, &encoded,
                          err))
        return -1;
    add_headers(&building, target, &encoded);
    if (add_body(&building, err))
        return -1;
    add_own_headers(&building, target);
    drop_empty(&building);
    out->path = encoded.path;
    out->query = building.querystring ? building.querystring : encoded.query;
    const char *const parts[] = {target->base, out->path, *out->query ? "?" : "", out->query};
    out->url = arena_join(building.arena, parts, 4);
    return step->has_link ? follow_link(&building, target, err) : 0;
}
