/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/request_check.h"

#include "core/contract/body.h"
#include "core/contract/media.h"

#include <strings.h>

struct checking {
    struct arena *arena;
    const struct operation *operation;
    const struct raw_request *request;
    const struct request_options *options;
    struct checked_request *out;
};

static void add_body_problem(struct checking *checking, const char *keyword, const char *message,
                             const char *found)
{
    const struct request_body *body = checking->operation->body;
    problem_add(checking->arena, &checking->out->problems,
                (struct problem){.in = "body",
                                 .keyword = keyword,
                                 .message = message,
                                 .found = found,
                                 .place = body ? tree_place(body->node) : (struct place){0}});
}

/* 'a', 'b' or 'c' */
static const char *list_types(struct arena *arena, const struct media_types *types)
{
    const char *text = "";
    for (size_t i = 0; i < types->count; i++)
        text = arena_printf(arena, "%s%s'%s'", text,
                            !i                      ? ""
                            : i + 1 == types->count ? " or "
                                                    : ", ",
                            types->items[i].name);
    return text;
}

static void refuse_media(struct checking *checking)
{
    struct checked_request *out = checking->out;
    const struct media_types *types = &checking->operation->body->content;
    const char *type = out->content_type;
    out->unsupported_media = true;
    add_body_problem(checking, "media_type",
                     arena_printf(checking->arena, "expected the content type %s but found %s%s%s",
                                  list_types(checking->arena, types), type ? "'" : "none",
                                  type ? type : "", type ? "'" : ""),
                     type);
}

/* Bodies come as they are: one that is packed is told as such, not as one that is no JSON. */
static bool is_packed(struct checking *checking)
{
    const char *coding = header_find(&checking->request->headers, "Content-Encoding");
    if (!coding || !*coding || strcasecmp(coding, "identity") == 0)
        return false;
    checking->out->unsupported_media = true;
    add_body_problem(checking, "media_type",
                     arena_printf(checking->arena,
                                  "expected no Content-Encoding but found '%s': send it unpacked",
                                  coding),
                     coding);
    return true;
}

static void check_value(struct checking *checking, const struct schema *schema)
{
    struct checked_request *out = checking->out;
    struct schema_options options = {.direction = SCHEMA_REQUEST,
                                     .refuse_wrong_way =
                                         checking->options && checking->options->refuse_wrong_way};
    struct schema_report report;
    if (!schema_validate(schema, out->sent, &options, checking->arena, &report))
        problems_add_report(
            checking->arena, &out->problems, "body", NULL,
            &(struct problem_source){checking->operation->contract, out->sent, &report});
    out->body = schema_fill_defaults(schema, checking->arena, out->sent);
}

static void check_body(struct checking *checking)
{
    struct checked_request *out = checking->out;
    const struct request_body *body = checking->operation->body;
    struct error err;
    out->content_type = header_find(&checking->request->headers, "Content-Type");
    out->media = body ? media_types_find(&body->content, out->content_type) : NULL;
    const struct schema *schema = out->media ? out->media->schema : NULL;
    struct sent_body sent = {out->content_type, checking->request->body};
    out->sent = body_read(checking->arena, sent, schema, &out->parts, &out->kind, &err);
    out->body = out->sent;
    if (out->kind == BODY_NONE) {
        if (body && body->required)
            add_body_problem(checking, "required", "a body is required but missing", NULL);
        return;
    }
    if (is_packed(checking))
        out->unreadable = true;
    else if (body && body->content.count && !out->media)
        refuse_media(checking);
    else if (err.kind) {
        out->unreadable = true;
        add_body_problem(checking, "syntax",
                         arena_printf(checking->arena, "the body cannot be read: %s", err.text),
                         NULL);
    } else if (schema && out->sent)
        check_value(checking, schema);
}

static void check_unknown(struct checking *checking)
{
    const struct decoded *parameters = &checking->out->parameters;
    if (!checking->options || !checking->options->refuse_unknown_query)
        return;
    for (size_t i = 0; i < parameters->unknown.count; i++)
        problem_add(checking->arena, &checking->out->problems,
                    (struct problem){.in = "query",
                                     .name = parameters->unknown.items[i],
                                     .keyword = "unknown",
                                     .message = "there is no such parameter"});
}

void request_check(struct arena *arena, const struct operation *operation,
                   const struct route_match *match, const struct raw_request *request,
                   const struct request_options *options, struct checked_request *out)
{
    struct checking checking = {arena, operation, request, options, out};
    *out = (struct checked_request){0};
    struct sent_parameters sent = {match ? route_match_values(match, arena) : NULL, request->query,
                                   &request->headers, options && options->described_headers_only};
    parameters_decode(arena, operation, &sent, &out->parameters, &out->problems);
    check_unknown(&checking);
    check_body(&checking);
}
