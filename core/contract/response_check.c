/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/response_check.h"

#include "core/contract/body.h"
#include "core/contract/media.h"
#include "core/data/json.h"

struct checking {
    struct arena *arena;
    const struct contract *contract;
    struct problems *problems;
    schema_found *found;
    void *data;
};

static void check_value(struct checking *checking, const char *in, const char *name,
                        const struct schema *schema, const cJSON *value)
{
    struct schema_options options = {.direction = SCHEMA_RESPONSE};
    struct schema_report report;
    if (!schema || !value)
        return;
    struct schema_visitor visitor = {checking->found, checking->data};
    bool valid =
        checking->found
            ? schema_validate_visit(schema, value, &options, checking->arena, &report, &visitor)
            : schema_validate(schema, value, &options, checking->arena, &report);
    if (!valid)
        problems_add_report(checking->arena, checking->problems, in, name,
                            &(struct problem_source){checking->contract, value, &report});
}

static void add_problem(struct checking *checking, struct problem problem)
{
    problem_add(checking->arena, checking->problems, problem);
}

/* ---- headers ---- */

static void check_headers(struct checking *checking, const struct response *response,
                          const struct header_fields *fields)
{
    const struct parameter *header;
    vec_foreach (header, &response->headers) {
        const char *text = header_join(checking->arena, fields, header->name);
        if (text_is_any_case(header->name, "Content-Type"))
            continue;
        if (!text && header->required)
            add_problem(checking, (struct problem){.in = "header",
                                                   .name = header->name,
                                                   .keyword = "required",
                                                   .message = "required but missing",
                                                   .place = tree_place(header->node)});
        if (text)
            check_value(checking, "header", header->name,
                        header->content ? header->content->schema : header->schema,
                        parameter_decode_text(checking->arena, header, text));
    }
}

/* ---- bodies ---- */

static void check_syntax(struct checking *checking, const struct raw_response *raw,
                         const char *content_type, struct checked_response *out)
{
    enum body_kind kind;
    struct error err;
    const struct schema *schema = out->media ? out->media->schema : NULL;
    struct sent_body sent = {content_type, raw->body};
    out->body = body_read(checking->arena, sent, schema, NULL, &kind, &err);
    if (err.kind)
        add_problem(checking, (struct problem){
                                  .in = "body",
                                  .keyword = "syntax",
                                  .message = arena_printf(
                                      checking->arena, "the body cannot be read: %s", err.text)});
}

/* No bytes are bytes, too, where a text or any bytes are documented. */
static bool may_be_empty(const struct media_types *content, const char *type)
{
    const struct media_type *media = type ? media_types_find(content, type) : NULL;
    return media && !media_is_json(media->name);
}

static void check_body(struct checking *checking, const struct raw_response *raw,
                       struct checked_response *out)
{
    const struct media_types *content = &out->documented->content;
    const char *type = header_find(&raw->headers, "Content-Type");
    struct place place = tree_place(out->documented->node);
    bool is_empty = !raw->body.len && !raw->is_stream && !may_be_empty(content, type);
    if (is_empty) {
        if (content->count && raw->status != 204) /* whatever the document says: RFC 9110 15.3.5 */
            add_problem(checking, (struct problem){.in = "body",
                                                   .keyword = "required",
                                                   .message = "a body is documented but missing",
                                                   .place = place});
        return;
    }
    out->media = media_types_find(content, type);
    if (!content->count)
        add_problem(checking, (struct problem){.in = "body",
                                               .keyword = "unknown",
                                               .message = "a body where none is documented",
                                               .place = place});
    else if (!out->media)
        add_problem(checking,
                    (struct problem){
                        .in = "body",
                        .keyword = "media_type",
                        .message = arena_printf(checking->arena,
                                                "expected the content type '%s' but found %s%s%s",
                                                content->items->name, type ? "'" : "none",
                                                type ? type : "", type ? "'" : ""),
                        .found = type,
                        .place = place});
    if (raw->is_stream)
        return;
    check_syntax(checking, raw, type, out);
    if (out->media && out->body)
        check_value(checking, "body", NULL, out->media->schema, out->body);
}

static const char *list_statuses(struct arena *arena, const struct operation *operation)
{
    const char *text = "none";
    for (size_t i = 0; i < operation->responses.count; i++)
        text = arena_printf(arena, "%s%s%s", i ? text : "", i ? ", " : "",
                            operation->responses.items[i].status);
    return text;
}

void response_check(struct arena *arena, const struct operation *operation,
                    const struct raw_response *raw, schema_found *found, void *data,
                    struct checked_response *out)
{
    struct checking checking = {arena, operation->contract, &out->problems, found, data};
    *out = (struct checked_response){.documented = operation_response(operation, raw->status)};
    if (!out->documented) {
        const char *type = header_find(&raw->headers, "Content-Type");
        add_problem(&checking, (struct problem){.in = "status",
                                                .keyword = "status",
                                                .message = arena_printf(
                                                    arena, "status %d is not documented for '%s'",
                                                    raw->status, operation->key),
                                                .expected = list_statuses(arena, operation),
                                                .found = arena_printf(arena, "%d", raw->status),
                                                .place = tree_place(operation->node)});
        if (!raw->is_stream && media_is_json(type))
            out->body = json_parse(arena, raw->body.ptr, raw->body.len, NULL, NULL);
        return;
    }
    check_headers(&checking, out->documented, &raw->headers);
    if (!raw->is_head)
        check_body(&checking, raw, out);
}

/* ---- events ---- */

static cJSON *event_object(struct arena *arena, const struct raw_event *raw)
{
    cJSON *event = tree_object(arena);
    if (raw->event)
        tree_set_string(arena, event, "event", raw->event);
    if (raw->id)
        tree_set_string(arena, event, "id", raw->id);
    tree_set(arena, event, "data", tree_string_n(arena, raw->text.ptr, raw->text.len));
    return event;
}

void event_check(struct arena *arena, const struct media_type *media, const struct raw_event *raw,
                 schema_found *found, void *data, struct checked_event *out)
{
    struct checking checking = {arena, NULL, &out->problems, found, data};
    *out = (struct checked_event){0};
    out->data = json_parse(arena, raw->text.ptr, raw->text.len, NULL, NULL);
    if (!out->data)
        out->data = tree_string_n(arena, raw->text.ptr, raw->text.len);
    if (!media->item_schema) {
        check_value(&checking, "body", NULL, media->schema, out->data);
        return;
    }
    if (!media_is(media->name, "text/event-stream")) {
        check_value(&checking, "body", NULL, media->item_schema, out->data);
        return;
    }
    cJSON *event = event_object(arena, raw);
    const struct event_schema *branch;
    check_value(&checking, "body", NULL, media->item_schema, event);
    vec_foreach (branch, &media->events)
        if (schema_valid(branch->event, event, NULL, arena))
            check_value(&checking, "body", "data", branch->data, out->data);
}
