/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What coverage learns from the exchanges themselves: members of the schemas that answers are
 * declared with, and faults that were asked for or told. Counted when the run is over.
 */
#include "runner/coverage_seen.h"

#include "core/base/str.h"
#include "runner/monitor/monitor.h"

#include <string.h>
#include <strings.h>

static const char components[] = "#/components/schemas/";

/* ---- what there is ---- */

struct declaring {
    struct coverage *coverage;
    const cJSON *schemas; /* of the document */
    struct map *done;     /* names of those that were walked */
    struct {
        VEC(const char *);
    } waiting;
};

static void declare_members(struct declaring *declaring, const char *name, const cJSON *schema)
{
    const cJSON *item;
    for (item = tree_get(schema, "properties") ? tree_get(schema, "properties")->child : NULL; item;
         item = item->next)
        if (!tree_is_true(tree_get(item, "writeOnly")))
            coverage_declare(declaring->coverage, COVERAGE_MEMBERS,
                             arena_printf(declaring->coverage->arena, "%s.%s", name, item->string));
    cJSON_ArrayForEach (item, tree_get(schema, "allOf"))
        declare_members(declaring, name, item);
}

/* All component schemas that are referred to below a node, at any depth. */
static void find_references(struct declaring *declaring, const cJSON *node, int depth)
{
    const char *reference = tree_get_text(node, "$ref");
    const char *name = reference ? strstr(reference, components) : NULL;
    if (name && !map_get(declaring->done, name + sizeof components - 1)) {
        name += sizeof components - 1;
        map_put(declaring->done, name, declaring);
        vec_push_arena(declaring->coverage->arena, &declaring->waiting, name);
    }
    if ((cJSON_IsObject(node) || cJSON_IsArray(node)) && depth < TREE_DEPTH_MAX)
        for (const cJSON *item = node->child; item; item = item->next)
            find_references(declaring, item, depth + 1);
}

/* The schema itself may be a component. */
static void declare_schema(struct declaring *declaring, const struct schema *schema)
{
    const char *name = schema ? schema_name(schema) : NULL;
    if (name && tree_get(declaring->schemas, name) && !map_get(declaring->done, name)) {
        map_put(declaring->done, name, declaring);
        vec_push_arena(declaring->coverage->arena, &declaring->waiting, name);
    } else if (schema) {
        find_references(declaring, schema_node(schema), 0);
    }
}

static void declare_operation(struct declaring *declaring, const struct operation *operation)
{
    const struct response *response;
    const struct media_type *media;
    const struct event_schema *event;
    vec_foreach (response, &operation->responses)
        vec_foreach (media, &response->content) {
            declare_schema(declaring, media->schema);
            declare_schema(declaring, media->item_schema);
            vec_foreach (event, &media->events)
                declare_schema(declaring, event->data);
        }
}

void coverage_declare_members(struct coverage *coverage, const struct provider *provider)
{
    struct declaring declaring = {
        .coverage = coverage,
        .schemas = tree_get(tree_get(provider->contract->root, "components"), "schemas"),
        .done = map_new()};
    for (size_t i = 0; i < provider->operation_count; i++)
        declare_operation(&declaring, provider->operations[i].operation);
    for (size_t i = 0; i < declaring.waiting.count; i++) { /* it grows meanwhile */
        const char *name = declaring.waiting.items[i];
        const cJSON *schema = tree_get(declaring.schemas, name);
        declare_members(&declaring, name, schema);
        find_references(&declaring, schema, 0);
    }
    map_free(declaring.done);
}

/* ---- what was met ---- */

/* How values of a schema looked last: they mostly show the same members in the same order. */
struct shape {
    const char *schema;
    struct {
        VEC(struct shape_member);
    } members;
};

struct shape_member {
    const char *name;             /* NULL: not declared */
    struct coverage_count *count; /* NULL: the same */
};

/* One provider's. */
struct meeting {
    struct arena *arena;
    struct coverage *coverage;
    struct {
        VEC(struct shape);
    } shapes;
};

struct meetings {
    struct run_result *result;
    struct meeting *of; /* by provider of the result's coverage */
};

/* A schema has one name, at one address. */
static struct shape *find_shape(struct meeting *meeting, const char *schema)
{
    struct shape *shape, made = {.schema = schema};
    vec_foreach (shape, &meeting->shapes)
        if (shape->schema == schema)
            return shape;
    vec_push_arena(meeting->arena, &meeting->shapes, made);
    return &meeting->shapes.items[meeting->shapes.count - 1];
}

static void meet_object(struct meeting *meeting, struct shape *shape, const cJSON *object)
{
    size_t at = 0;
    for (const cJSON *item = object->child; item; item = item->next, at++) {
        if (at >= shape->members.count || !text_is(shape->members.items[at].name, item->string)) {
            const char *const name[] = {shape->schema, ".", item->string};
            struct shape_member member = {
                NULL, coverage_find(meeting->coverage, COVERAGE_MEMBERS, name, 3)};
            if (member.count) /* the value goes before the count does */
                member.name = member.count->name + strlen(shape->schema) + 1;
            if (at < shape->members.count)
                shape->members.items[at] = member;
            else
                vec_push_arena(meeting->arena, &shape->members, member);
        }
        if (shape->members.items[at].count)
            shape->members.items[at].count->met++;
    }
}

static void meet_list(struct meeting *meeting, const struct observed_list *list)
{
    const struct observed *observed;
    vec_foreach (observed, list)
        if (cJSON_IsObject(observed->value))
            meet_object(meeting, find_shape(meeting, observed->schema), observed->value);
}

static struct run_fault *find_fault(struct run_result *result, const char *name, size_t len)
{
    struct arena *arena = result->verdicts.arena;
    for (size_t i = 0; i < result->faults.count; i++)
        if (str_is((struct str){name, len}, result->faults.items[i].name))
            return &result->faults.items[i];
    struct run_fault fault = {.name = arena_strndup(arena, name, len)};
    vec_push_arena(arena, &result->faults, fault);
    return &result->faults.items[result->faults.count - 1];
}

/* "status=503;retry_after=2s, delay=200ms": the names before '=', each after a comma. */
static void meet_asked(struct run_result *result, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "=;, ");
        bool is_quoted = false;
        if (len)
            find_fault(result, text, len)->asked++;
        for (; *text && (is_quoted || *text != ','); text++)
            is_quoted = is_quoted != (*text == '"');
        text += strspn(text, ", ");
    }
}

/* The name of the header; most of our mock's begin as it does. */
static bool is_fault(const char *name)
{
    static const char fault[] = "X-Dryrun-Fault";
    return strlen(name) == sizeof fault - 1 && strcasecmp(name, fault) == 0;
}

struct meetings *meetings_new(struct arena *arena, struct run_result *result)
{
    struct meetings *meetings = arena_alloc(arena, sizeof *meetings);
    meetings->result = result;
    meetings->of = arena_alloc(arena, (result->coverage.count + 1) * sizeof *meetings->of);
    for (size_t i = 0; i < result->coverage.count; i++)
        meetings->of[i] =
            (struct meeting){.arena = arena, .coverage = result->coverage.items[i].met};
    return meetings;
}

void meetings_add(struct meetings *meetings, const struct attempt *attempt)
{
    struct run_result *result = meetings->result;
    const struct http_header *header;
    const struct seen *seen = attempt->seen;
    vec_foreach (header, &attempt->sent.headers)
        if (is_fault(header->name))
            meet_asked(result, header->value);
    if (!seen)
        return;
    for (size_t i = 0; i < seen->response->headers.count; i++) {
        const struct header_field *field = &seen->response->headers.items[i];
        if (is_fault(field->name) && !strstr(field->value, "; nothing="))
            find_fault(result, field->value, strcspn(field->value, "; "))->told++;
    }
    for (size_t i = 0; i < result->coverage.count; i++) {
        if (result->coverage.items[i].contract != seen->provider)
            continue;
        meet_list(&meetings->of[i], &seen->observed);
        for (size_t j = 0; j < seen->events.count; j++)
            meet_list(&meetings->of[i], &seen->events.items[j].observed);
    }
}

void run_add_faults(struct run_result *into, const struct run_result *from)
{
    for (size_t i = 0; i < from->faults.count; i++) {
        const struct run_fault *fault = &from->faults.items[i];
        struct run_fault *known = find_fault(into, fault->name, strlen(fault->name));
        known->asked += fault->asked;
        known->told += fault->told;
    }
}

void run_meet_seen(struct run_result *result)
{
    struct arena *arena = arena_new();
    struct meetings *meetings = meetings_new(arena, result);
    for (size_t i = 0; i < result->workflows.count; i++) {
        const struct played_workflow *played = result->workflows.items[i];
        for (size_t j = 0; j < played->steps.count; j++)
            for (size_t k = 0; k < played->steps.items[j]->attempts.count; k++)
                meetings_add(meetings, played->steps.items[j]->attempts.items[k]);
    }
    arena_free(arena);
}
