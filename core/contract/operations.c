/* SPDX-License-Identifier: Apache-2.0 */
/* Path items, operations and their callbacks. */
#include "core/contract/descriptions.h"
#include "core/contract/router.h"
#include "core/contract/template.h"

enum { CALLBACKS_DEPTH_MAX = 4 }; /* references may lead a callback to itself */

static const struct {
    const char *member, *method;
} methods[] = {
    {"get", "GET"},       {"put", "PUT"},         {"post", "POST"},
    {"delete", "DELETE"}, {"options", "OPTIONS"}, {"head", "HEAD"},
    {"patch", "PATCH"},   {"trace", "TRACE"},     {"query", "QUERY"},
};

static bool same_parameter(const struct parameter *a, const struct parameter *b)
{
    return a->in == b->in && text_is(a->name, b->name);
}

/* What the path says holds for each of its operations, unless that says otherwise. */
static void merge_parameters(struct reader *reader, const struct parameters *shared,
                             struct parameters *own)
{
    const struct parameter *parameter;
    vec_foreach (parameter, shared) {
        bool is_said = false;
        for (size_t i = 0; i < own->count && !is_said; i++)
            is_said = same_parameter(&own->items[i], parameter);
        if (!is_said)
            vec_push_arena(reader->arena, own, *parameter);
    }
}

static bool has_name(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (text_is(*names, name))
            return true;
    return false;
}

static void check_template(struct reader *reader, struct operation *operation)
{
    struct error err;
    struct place place = tree_key_place(operation->node);
    const char *const *names = route_template_names(reader->arena, operation->path, &err);
    if (!names) {
        findings_add(reader->findings, place, "path '%s': %s", operation->path, err.text);
        return;
    }
    for (size_t i = 0; names[i]; i++)
        if (!operation_parameter(operation, IN_PATH, names[i]))
            findings_warn(reader->findings, place, "'%s' does not describe the parameter '%s'",
                          operation->key, names[i]);
    struct parameter *parameter;
    vec_foreach (parameter, &operation->parameters)
        if (parameter->in == IN_PATH && !has_name(names, parameter->name)) {
            parameter->required = false; /* nobody could send it */
            soft_finding(reader)(reader->findings, tree_place(parameter->node),
                                 "path parameter '%s' does not stand in '%s'", parameter->name,
                                 operation->path);
        }
}

static void add_callback(struct reader *reader, void *data, const struct operation *operation)
{
    struct callback *like = data;
    struct callback callback = {like->name, like->expression, NULL};
    struct operation *copy = arena_copy(reader->arena, operation, sizeof *operation);
    struct operation *owner = (struct operation *)like->operation;
    copy->index = owner->callbacks.count;
    callback.operation = copy;
    vec_push_arena(reader->arena, &owner->callbacks, callback);
}

static void read_callbacks(struct reader *reader, const struct spot *map,
                           struct operation *operation)
{
    struct loaded *loaded = reader->loaded;
    const cJSON *named, *member;
    cJSON_ArrayForEach (named, map->node) {
        struct spot spot = spot_member(loaded, map, named);
        spot = spot_follow_to(loaded, spot, OBJECT_CALLBACK);
        cJSON_ArrayForEach (member, spot.node) {
            if (text_starts_with(member->string, "x-"))
                continue;
            struct spot item = spot_member(loaded, &spot, member);
            struct callback like = {named->string, member->string, operation};
            read_path_item(reader, member->string, &item, add_callback, &like);
        }
    }
    reader->depth--;
}

static void read_tags(struct reader *reader, const cJSON *list, struct operation *operation)
{
    const cJSON *tag;
    cJSON_ArrayForEach (tag, list)
        if (cJSON_IsString(tag))
            vec_push_arena(reader->arena, &operation->tags, tag->valuestring);
}

static struct operation read_operation(struct reader *reader, const char *path, const char *method,
                                       const struct spot *spot, const struct parameters *shared)
{
    struct loaded *loaded = reader->loaded;
    const cJSON *node = spot->node, *security = tree_get(node, "security");
    struct operation operation = {.id = tree_get_text(node, "operationId"),
                                  .key = arena_printf(reader->arena, "%s %s", method, path),
                                  .method = method,
                                  .path = path,
                                  .summary = tree_get_text(node, "summary"),
                                  .deprecated = tree_is_true(tree_get(node, "deprecated")),
                                  .contract = reader->contract,
                                  .node = node};
    struct spot parameters = spot_child(loaded, spot, "parameters");
    struct spot body = spot_child(loaded, spot, "requestBody");
    struct spot responses = spot_child(loaded, spot, "responses");
    read_tags(reader, tree_get(node, "tags"), &operation);
    read_parameters(reader, &parameters, &operation.parameters);
    merge_parameters(reader, shared, &operation.parameters);
    operation.body = body.node ? read_request_body(reader, &body) : NULL;
    if (!responses.node && !loaded->minor)
        soft_finding(reader)(reader->findings, tree_place(node),
                             "an operation needs the member 'responses'");
    read_responses(reader, &responses, &operation.responses);
    read_security(reader, security ? security : tree_get(reader->contract->root, "security"),
                  &operation);
    return operation;
}

static struct operation read_whole(struct reader *reader, const char *path, const char *method,
                                   const struct spot *spot, const struct parameters *shared)
{
    struct operation operation = read_operation(reader, path, method, spot, shared);
    struct spot callbacks = spot_child(reader->loaded, spot, "callbacks");
    read_callbacks(reader, &callbacks, &operation);
    if (*path == '/') {
        struct path_template *pieces = arena_alloc(reader->arena, sizeof *pieces);
        struct error err;
        operation.pieces =
            template_parse(reader->arena, path, &pieces->template, &err) ? NULL : pieces;
        check_template(reader, &operation);
    }
    return operation;
}

void read_path_item(struct reader *reader, const char *path, const struct spot *spot,
                    operation_sink *sink, void *data)
{
    struct loaded *loaded = reader->loaded;
    struct spot item = spot_follow_to(loaded, *spot, OBJECT_PATH_ITEM);
    struct spot list = spot_child(loaded, &item, "parameters");
    struct parameters shared = {0};
    read_parameters(reader, &list, &shared);
    const cJSON *member;
    cJSON_ArrayForEach (member, item.node) {
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
            if (!text_is(methods[i].member, member->string))
                continue;
            struct spot child = spot_member(loaded, &item, member);
            struct operation operation =
                read_whole(reader, path, methods[i].method, &child, &shared);
            sink(reader, data, &operation);
        }
    }
    struct spot others = spot_child(loaded, &item, "additionalOperations");
    cJSON_ArrayForEach (member, others.node) {
        struct spot child = spot_member(loaded, &others, member);
        struct operation operation = read_whole(reader, path, member->string, &child, &shared);
        sink(reader, data, &operation);
    }
}
