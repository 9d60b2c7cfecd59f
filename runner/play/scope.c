/* SPDX-License-Identifier: Apache-2.0 */
/* What runtime expressions of a scenario read (Arazzo 1.1, "Runtime Expressions"). */
#include "core/base/str.h"
#include "core/data/jsonpath.h"
#include "core/data/pointer.h"
#include "core/expr/expr.h"
#include "core/net/url.h"
#include "runner/play/player.h"

#include <strings.h>

/* ---- $request, $response ... ---- */

static bool is_name(const char *name, struct str asked)
{
    return strlen(name) == asked.len && strncasecmp(name, asked.ptr, asked.len) == 0;
}

static const cJSON *sent_header(const struct attempt *attempt, struct str name, struct eval *eval)
{
    cJSON *all = name.len ? NULL : tree_object(eval->arena);
    for (size_t i = 0; i < attempt->sent.headers.count; i++) {
        const struct http_header *header = &attempt->sent.headers.items[i];
        if (all)
            tree_set_string(eval->arena, all, header->name, header->value);
        else if (is_name(header->name, name))
            return tree_string(eval->arena, header->value);
    }
    return all;
}

static const cJSON *fields(const struct header_fields *headers, struct str name, struct eval *eval)
{
    cJSON *all = name.len ? NULL : tree_object(eval->arena);
    for (size_t i = 0; i < headers->count; i++) {
        if (all)
            tree_set_string(eval->arena, all, headers->items[i].name, headers->items[i].value);
        else if (is_name(headers->items[i].name, name))
            return tree_string(eval->arena, headers->items[i].value);
    }
    return all;
}

/* A stream's body is the list of its events. */
static const cJSON *response_body(const struct seen *seen, struct eval *eval)
{
    const struct seen_event *event;
    cJSON *list;
    if (!seen->response->is_stream)
        return seen->answer;
    list = tree_array(eval->arena);
    vec_foreach (event, &seen->events) {
        cJSON *item = tree_object(eval->arena);
        if (event->id)
            tree_set_string(eval->arena, item, "id", event->id);
        if (event->event)
            tree_set_string(eval->arena, item, "event", event->event);
        tree_set(eval->arena, item, "data", tree_copy(eval->arena, event->data));
        tree_append(list, item);
    }
    return list;
}

static const cJSON *member_or_all(const cJSON *object, struct str name, struct eval *eval)
{
    return name.len ? tree_get(object, arena_strndup(eval->arena, name.ptr, name.len)) : object;
}

static const cJSON *answered(const struct attempt *attempt, enum http_part part, struct str name,
                             struct eval *eval)
{
    if (!attempt->seen)
        return NULL;
    if (part == HTTP_STATUS)
        return tree_integer(eval->arena, attempt->seen->response->status);
    if (part == HTTP_RESPONSE_HEADER)
        return fields(&attempt->seen->response->headers, name, eval);
    return part == HTTP_RESPONSE_BODY ? response_body(attempt->seen, eval) : NULL;
}

/* The call that x-dryrun-receive took. */
static const cJSON *message(const struct scene *scene, enum http_part part, struct str name,
                            struct eval *eval)
{
    if (!scene->message || part == HTTP_MESSAGE_PAYLOAD)
        return scene->message ? scene->message_body : NULL;
    return fields(&scene->message->headers, name, eval);
}

static const cJSON *read_http(void *data, enum http_part part, struct str name, struct eval *eval)
{
    const struct scene *scene = data;
    const struct attempt *attempt = scene->attempt;
    const struct seen *seen = attempt ? attempt->seen : NULL;
    if (part == HTTP_MESSAGE_HEADER || part == HTTP_MESSAGE_PAYLOAD)
        return message(scene, part, name, eval);
    if (!attempt)
        return NULL;
    switch (part) {
    case HTTP_URL:
        return tree_string(eval->arena, attempt->sent.url);
    case HTTP_METHOD:
        return tree_string(eval->arena, attempt->sent.method);
    case HTTP_REQUEST_HEADER:
        return sent_header(attempt, name, eval);
    case HTTP_REQUEST_QUERY:
        return member_or_all(seen && seen->query ? seen->query
                                                 : tree_get(attempt->sent.values, "query"),
                             name, eval);
    case HTTP_REQUEST_PATH:
        return member_or_all(
            seen && seen->path ? seen->path : tree_get(attempt->sent.values, "path"), name, eval);
    case HTTP_REQUEST_BODY:
    case HTTP_REQUEST_SENT:
        return seen ? seen->sent : NULL;
    default:
        return answered(attempt, part, name, eval);
    }
}

/* ---- names ---- */

struct eval scene_eval(const struct scene *scene, struct scope_names *names)
{
    const struct arazzo *document = scene->workflow->document;
    const struct binding bindings[] = {
        {"inputs", scene->inputs},
        {"steps", scene->steps},
        {"workflows", tree_get(scene->talk->workflows, document->file)},
        {"outputs", scene->outputs},
        {"components", document->components},
        {"sourceDescriptions", document->descriptions},
        {"self", document->self_node},
        {"message", NULL},
        {"dryrun", scene->ours},
        {"event", scene->event},
        {"selected", scene->selected}};
    enum { COUNT = sizeof bindings / sizeof *bindings };
    memcpy(names->bindings, bindings, sizeof bindings);
    names->scope = (struct scope){
        .bindings = names->bindings, .count = COUNT, .http = read_http, .data = (void *)scene};
    return (struct eval){.arena = scene->arena, .scope = &names->scope, .now = instant_real_now()};
}

static const cJSON *select_value(const struct arazzo_value *value, struct eval *eval)
{
    const cJSON *context = expr_eval(value->context, eval), **found;
    size_t count = 0;
    if (!value->path)
        return context ? pointer_get(context, value->pointer) : NULL;
    found = context ? jsonpath_select(eval->arena, value->path, context, &count) : NULL;
    if (count <= 1)
        return count ? found[0] : NULL;
    cJSON *list = tree_array(eval->arena);
    for (size_t i = 0; i < count; i++)
        tree_append(list, tree_copy(eval->arena, found[i]));
    return list;
}

cJSON *scene_value(const struct scene *scene, const struct arazzo_value *value)
{
    struct scope_names names;
    struct eval eval = scene_eval(scene, &names);
    if (value->template)
        return template_eval(value->template, &eval);
    const cJSON *found = value->context ? select_value(value, &eval) : NULL;
    return found ? tree_copy(eval.arena, found) : NULL;
}

cJSON *scene_outputs(const struct scene *scene, const struct arazzo_outputs *outputs)
{
    struct arena *arena = scene->talk->runner->arena;
    cJSON *all = tree_object(arena);
    const struct arazzo_output *output;
    vec_foreach (output, outputs) {
        cJSON *value = scene_value(scene, &output->value);
        if (value)
            tree_set(arena, all, output->name, value);
    }
    return all;
}

bool scene_criteria(const struct scene *scene, const struct arazzo_criteria *criteria)
{
    struct scope_names names;
    struct eval eval = scene_eval(scene, &names);
    const struct arazzo_criterion *criterion;
    eval.arena = attempt_arena(scene->talk->runner, scene->attempt);
    vec_foreach (criterion, criteria)
        if (criterion_eval(criterion->criterion, &eval) != TRUTH_TRUE)
            return false;
    return true;
}
