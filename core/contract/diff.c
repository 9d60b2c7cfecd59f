/* SPDX-License-Identifier: Apache-2.0 */
/* Operations, parameters, bodies and responses of two contracts; schemas are diff_schema.c's. */
#include "core/contract/diff.h"

#include "core/base/str.h"
#include "core/contract/diff_parts.h"
#include "core/contract/media.h"

#include <stdarg.h>

/* ---- findings ---- */

static void push(struct diffing *diffing, struct difference difference,
                 const cJSON *const nodes[SIDES])
{
    difference.operation = diffing->operation;
    difference.part = diffing->part;
    difference.first = tree_place(nodes[FIRST]);
    difference.second = tree_place(nodes[SECOND]);
    vec_push_arena(diffing->arena, diffing->out, difference);
    diffing->out->breaking += difference.is_breaking;
}

void diff_add(struct diffing *diffing, const char *at, bool is_breaking, const char *code,
              const cJSON *const nodes[SIDES], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(diffing->arena, format, args);
    va_end(args);
    push(diffing,
         (struct difference){.at = at, .is_breaking = is_breaking, .code = code, .text = text},
         nodes);
}

void diff_limit(struct diffing *diffing, const char *at, bool narrows, const char *code,
                const cJSON *const nodes[SIDES], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(diffing->arena, format, args);
    va_end(args);
    push(diffing,
         (struct difference){.at = at,
                             .is_breaking = narrows == (diffing->facing == SENT),
                             .code = code,
                             .text = text},
         nodes);
}

static void enter(struct diffing *diffing, enum facing facing, const char *part)
{
    diffing->facing = facing;
    diffing->part = part;
    diffing->is_spelt = false;
}

/* ---- content ---- */

/* Before 3.2 the schema of a stream is that of its items. */
static bool is_stream(const struct media_type *media)
{
    return media->item_schema || media_is(media->name, "text/event-stream") ||
           media_is(media->name, "application/x-ndjson") ||
           media_is(media->name, "application/jsonl");
}

static void compare_content(struct diffing *diffing, const struct media_type *first,
                            const struct media_type *second)
{
    const struct schema *a = first->schema, *b = second->schema;
    if (is_stream(first) && is_stream(second)) {
        a = first->item_schema ? first->item_schema : a;
        b = second->item_schema ? second->item_schema : b;
    }
    diff_schemas(diffing, a, b);
}

static void compare_media(struct diffing *diffing, const struct media_types *first,
                          const struct media_types *second, const cJSON *const nodes[SIDES])
{
    const struct media_type *media;
    vec_foreach (media, first) {
        const struct media_type *other = media_types_find(second, media->name);
        if (!other) {
            diff_add(diffing, "", true, "media-type-removed", nodes, "is no longer '%s'",
                     media->name);
            continue;
        }
        compare_content(diffing, media, other);
    }
    vec_foreach (media, second)
        if (!media_types_find(first, media->name))
            diff_add(diffing, "", false, "media-type-added", nodes, "may be '%s'", media->name);
}

/* ---- parameters ---- */

static const struct schema *schema_of(const struct parameter *parameter)
{
    return parameter->content ? parameter->content->schema : parameter->schema;
}

/* Names in paths are only names; the place in the path tells which is which. */
static const struct parameter *find_parameter(const struct operation *operation,
                                              const struct parameter *like, size_t nth)
{
    const struct parameter *parameter;
    if (like->in != IN_PATH)
        return operation_parameter(operation, like->in, like->name);
    vec_foreach (parameter, &operation->parameters)
        if (parameter->in == IN_PATH && !nth--)
            return parameter;
    return NULL;
}

static const char *part_of(struct diffing *diffing, const struct parameter *parameter)
{
    return arena_printf(diffing->arena, "%s %s", parameter_in_names[parameter->in],
                        parameter->name);
}

static void compare_parameter(struct diffing *diffing, const struct parameter *first,
                              const struct parameter *second)
{
    const cJSON *const nodes[SIDES] = {first->node, second->node};
    if (first->required != second->required)
        diff_add(diffing, "", second->required,
                 second->required ? "parameter-required" : "parameter-optional", nodes,
                 second->required ? "must be sent" : "may be left out");
    if (first->style != second->style || first->explode != second->explode)
        diff_add(diffing, "", true, "parameter-style", nodes, "is spelt in another style");
    diffing->is_spelt = !first->content && !second->content;
    diff_schemas(diffing, schema_of(first), schema_of(second));
}

/* The names in a template, in order: path parameters as they stand. */
static size_t place_in_path(const struct operation *operation, const struct parameter *parameter)
{
    size_t place = 0;
    const struct parameter *other;
    vec_foreach (other, &operation->parameters) {
        if (other == parameter)
            break;
        place += other->in == IN_PATH;
    }
    return place;
}

static void compare_parameters(struct diffing *diffing, const struct operation *first,
                               const struct operation *second)
{
    const struct parameter *parameter;
    vec_foreach (parameter, &first->parameters) {
        const struct parameter *other =
            find_parameter(second, parameter, place_in_path(first, parameter));
        const cJSON *const nodes[SIDES] = {parameter->node, second->node};
        enter(diffing, SENT, part_of(diffing, parameter));
        if (other)
            compare_parameter(diffing, parameter, other);
        else
            diff_add(diffing, "", true, "parameter-removed", nodes, "is not there any more");
    }
    vec_foreach (parameter, &second->parameters) {
        const cJSON *const nodes[SIDES] = {first->node, parameter->node};
        if (find_parameter(first, parameter, place_in_path(second, parameter)))
            continue;
        enter(diffing, SENT, part_of(diffing, parameter));
        diff_add(diffing, "", parameter->required, "parameter-added", nodes, "is new%s",
                 parameter->required ? " and must be sent" : "");
    }
}

/* ---- bodies and responses ---- */

static void compare_bodies(struct diffing *diffing, const struct operation *first,
                           const struct operation *second)
{
    const struct request_body *a = first->body, *b = second->body;
    const cJSON *const nodes[SIDES] = {a ? a->node : first->node, b ? b->node : second->node};
    enter(diffing, SENT, "request body");
    if (a && !b)
        diff_add(diffing, "", true, "body-removed", nodes, "is not there any more");
    else if (!a && b)
        diff_add(diffing, "", b->required, "body-added", nodes, "is new%s",
                 b->required ? " and must be sent" : "");
    if (!a || !b)
        return;
    if (a->required != b->required)
        diff_add(diffing, "", b->required, b->required ? "body-required" : "body-optional", nodes,
                 b->required ? "must be sent" : "may be left out");
    compare_media(diffing, &a->content, &b->content, nodes);
}

static void compare_headers(struct diffing *diffing, const struct response *first,
                            const struct response *second)
{
    const struct parameter *header, *other;
    const char *part = diffing->part;
    vec_foreach (header, &first->headers) {
        const struct parameter *same = NULL;
        vec_foreach (other, &second->headers)
            if (text_is_any_case(other->name, header->name))
                same = other;
        const cJSON *const nodes[SIDES] = {header->node, same ? same->node : second->node};
        diffing->part = arena_printf(diffing->arena, "%s header %s", part, header->name);
        if (!same)
            diff_add(diffing, "", header->required, "header-removed", nodes,
                     "is not there any more");
        else if (header->required && !same->required)
            diff_add(diffing, "", true, "header-optional", nodes, "may be missing");
        if (same)
            diff_schemas(diffing, schema_of(header), schema_of(same));
    }
    diffing->part = part;
}

/* The first's statuses that the second does not list. Only a success is what clients wait for. */
static void lose_response(struct diffing *diffing, const struct response *response,
                          const struct operation *second)
{
    const cJSON *const nodes[SIDES] = {response->node, second->node};
    bool is_success = response->low / 100 == 2 || response->low / 100 == 3;
    diff_add(diffing, "", is_success, "status-removed", nodes, "is not documented any more");
}

static const struct response *same_status(const struct operation *operation,
                                          const struct response *like)
{
    const struct response *response;
    vec_foreach (response, &operation->responses)
        if (text_is_any_case(response->status, like->status))
            return response;
    return NULL;
}

static void compare_responses(struct diffing *diffing, const struct operation *first,
                              const struct operation *second)
{
    const struct response *response;
    vec_foreach (response, &first->responses) {
        const struct response *other = same_status(second, response);
        if (!other && response->low) /* perhaps a range or the default speaks for it */
            other = operation_response(second, response->low);
        enter(diffing, GOT, arena_printf(diffing->arena, "response %s", response->status));
        if (!other) {
            lose_response(diffing, response, second);
            continue;
        }
        const cJSON *const nodes[SIDES] = {response->node, other->node};
        compare_headers(diffing, response, other);
        compare_media(diffing, &response->content, &other->content, nodes);
    }
    vec_foreach (response, &second->responses) {
        const cJSON *const nodes[SIDES] = {first->node, response->node};
        bool is_known = same_status(first, response) ||
                        (response->low && operation_response(first, response->low));
        enter(diffing, GOT, arena_printf(diffing->arena, "response %s", response->status));
        if (!is_known) /* a success that no client of the first looks for */
            diff_add(diffing, "", response->low / 100 == 2, "status-added", nodes, "is new");
    }
}

/* ---- operations ---- */

static void compare_operations(struct diffing *diffing, const struct operation *first,
                               const struct operation *second)
{
    const cJSON *const nodes[SIDES] = {first->node, second->node};
    diffing->operation = first->key;
    enter(diffing, SENT, "");
    if (first->id && !text_is(first->id, second->id))
        diff_add(diffing, "", false, "operation-id", nodes, "is called '%s' instead of '%s'",
                 second->id ? second->id : "", first->id);
    if (first->anonymous && !second->anonymous)
        diff_add(diffing, "", true, "credential-required", nodes, "needs a credential");
    compare_parameters(diffing, first, second);
    compare_bodies(diffing, first, second);
    compare_responses(diffing, first, second);
}

static const struct operation *find(const struct contract *contract,
                                    const struct operation *operation)
{
    const char *name = operation->key;
    return contract_operation_like(contract, name);
}

static void start(struct diffing *diffing, int side, const struct contract *contract)
{
    diffing->sides[side] = *contract->loaded;
    diffing->sides[side].arena = diffing->arena;
    diffing->sides[side].findings = &diffing->ignored;
}

void contract_diff(struct arena *arena, const struct contract *first, const struct contract *second,
                   struct differences *out)
{
    struct diffing diffing = {.arena = arena, .out = out, .seen = map_new()};
    const struct operation *operation;
    start(&diffing, FIRST, first);
    start(&diffing, SECOND, second);
    vec_foreach (operation, &first->operations) {
        const struct operation *other = find(second, operation);
        const cJSON *const nodes[SIDES] = {operation->node, NULL};
        diffing.operation = operation->key;
        enter(&diffing, SENT, "");
        if (other)
            compare_operations(&diffing, operation, other);
        else
            diff_add(&diffing, "", true, "operation-removed", nodes, "is not there any more");
    }
    vec_foreach (operation, &second->operations) {
        const cJSON *const nodes[SIDES] = {NULL, operation->node};
        diffing.operation = operation->key;
        enter(&diffing, SENT, "");
        if (!find(first, operation))
            diff_add(&diffing, "", false, "operation-added", nodes, "is new");
    }
    map_free(diffing.seen);
    findings_release(&diffing.ignored);
}
