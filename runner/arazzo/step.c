/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of a workflow: what they call, what they send, what they expect, what follows. */
#include "core/data/json.h"
#include "core/data/jsonpath.h"
#include "core/data/pointer.h"
#include "core/net/url.h"
#include "runner/arazzo/parts.h"
#include "runner/arazzo/structure.h"

#include <math.h>

/* ---- which operation ---- */

static void use_operation(struct arazzo_loader *loader, struct arazzo_step *step,
                          const struct provider *provider, const char *name, struct place place)
{
    struct error err = {0};
    const struct operation *operation = contract_find_operation(provider->contract, name, &err);
    if (!operation) {
        findings_add(loader->findings, place, "%s", err.text);
        return;
    }
    step->provider = provider;
    step->operation = &provider->operations[operation->index];
}

/* `$sourceDescriptions.NAME.ID`, or ID alone where one source has it. */
void arazzo_read_operation(struct arazzo_loader *loader, const cJSON *node,
                           struct arazzo_step *step)
{
    static const char prefix[] = "$sourceDescriptions.";
    const char *id = tree_text(node);
    const struct arazzo_source *source = NULL, *each;
    size_t services = 0;
    vec_foreach (each, &loader->document->sources)
        if (each->provider) {
            source = each;
            services++;
        }
    if (text_starts_with(id, prefix)) {
        const char *name = id + strlen(prefix);
        size_t len = strcspn(name, ".");
        source = arazzo_find_source(loader->document, name, len);
        if (!source || !source->provider || !name[len]) {
            findings_add(loader->findings, tree_place(node),
                         "'%s' names no operation of a source: $sourceDescriptions.NAME.ID", id);
            return;
        }
        id = name + len + 1;
    } else if (services > 1) {
        findings_add(loader->findings, tree_place(node),
                     "with several sources an operation is named $sourceDescriptions.NAME.%s", id);
        return;
    }
    if (!source) {
        findings_add(loader->findings, tree_place(node), "'%s': no source describes operations",
                     id);
        return;
    }
    use_operation(loader, step, source->provider, id, tree_place(node));
}

/* `{$sourceDescriptions.NAME.url}#/paths/~1runs/get` */
static void read_operation_path(struct arazzo_loader *loader, const cJSON *node,
                                struct arazzo_step *step)
{
    static const char prefix[] = "$sourceDescriptions.", paths[] = "#/paths/";
    const char *text = tree_text(node), *hash = strstr(text, paths);
    const char *name = *text == '{' ? text + 1 : text;
    const struct arazzo_source *source = NULL;
    const char *slash = hash ? strrchr(hash, '/') : NULL;
    if (hash && text_starts_with(name, prefix)) {
        name += strlen(prefix);
        source = arazzo_find_source(loader->document, name, strcspn(name, ".#}"));
    }
    if (!source || !source->provider || slash <= hash + strlen(paths) - 1) {
        findings_add(loader->findings, tree_place(node),
                     "expected {$sourceDescriptions.NAME.url}#/paths/~1PATH/METHOD but found '%s'",
                     text);
        return;
    }
    char *method = arena_strdup(loader->arena, slash + 1);
    const char *token = hash + strlen(paths);
    char *path =
        url_decode(loader->arena, (struct str){token, (size_t)(slash - token)}, false, NULL);
    char *to = path ? path : method;
    for (const char *from = to; *from; from++) {
        bool is_escape = from[0] == '~' && (from[1] == '0' || from[1] == '1');
        *to++ = !is_escape ? *from : from[1] == '1' ? '/' : '~';
        from += is_escape;
    }
    *to = '\0';
    for (char *at = method; *at; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    use_operation(loader, step, source->provider,
                  arena_printf(loader->arena, "%s %s", method, path ? path : ""), tree_place(node));
}

static void read_target(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    static const char *const unplayed[] = {"channelPath", "action", "correlationId"};
    for (size_t i = 0; i < 3; i++)
        if (tree_get(node, unplayed[i]))
            findings_add(loader->findings, tree_key_place(tree_get(node, unplayed[i])),
                         "'%s' belongs to AsyncAPI, which is not played here", unplayed[i]);
    if (tree_get(node, "operationId"))
        arazzo_read_operation(loader, tree_get(node, "operationId"), step);
    else if (tree_get(node, "operationPath"))
        read_operation_path(loader, tree_get(node, "operationPath"), step);
    else
        step->workflow = arazzo_find_workflow(loader, tree_get(node, "workflowId"));
}

/* ---- what is sent ---- */

/* The step's own parameters hide those of the workflow that have the same name and place; what is
 * given to a workflow has no place ("then all parameters map to workflow inputs"). */
static void merge_parameters(struct arazzo_loader *loader, struct arazzo_step *step)
{
    struct arazzo_parameters shared = {0};
    const struct arazzo_parameter *outer, *own;
    arazzo_read_parameters(loader, tree_get(loader->workflow, "parameters"), &shared);
    vec_foreach (outer, &shared) {
        bool is_hidden = false;
        vec_foreach (own, &step->parameters)
            if (text_is(own->name, outer->name) && (step->workflow || text_is(own->in, outer->in)))
                is_hidden = true;
        if (!is_hidden)
            vec_push_arena(loader->arena, &step->parameters, *outer);
    }
}

void arazzo_check_parameters(struct arazzo_loader *loader, const struct arazzo_step *step)
{
    const struct arazzo_parameter *own, *whole = NULL;
    bool has_query = false;
    vec_foreach (own, &step->parameters) {
        whole = step->operation && text_is(own->in, "querystring") ? own : whole;
        has_query = has_query || text_is(own->in, "query");
    }
    if (whole && has_query)
        findings_add(loader->findings, whole->place,
                     "a parameter in 'querystring' cannot stand beside those in 'query'");
    vec_foreach (own, &step->parameters) {
        if (step->operation && !own->in)
            findings_add(loader->findings, own->place, "a parameter of an operation needs 'in'");
        if (!step->operation || !text_is(own->in, "path"))
            continue;
        if (!operation_parameter(step->operation->operation, IN_PATH, own->name))
            findings_add(loader->findings, own->place, "the path of '%s' has no parameter '%s'",
                         step->operation->name, own->name);
    }
}

static void read_replacement(struct arazzo_loader *loader, const cJSON *node,
                             struct arazzo_body *body)
{
    struct arazzo_replacement replacement = {.place = tree_place(node)};
    const cJSON *type = tree_get(node, "targetSelectorType"), *target = tree_get(node, "target");
    bool is_xml = body->content_type && strstr(body->content_type, "xml");
    const char *name = type ? arazzo_selector_type(loader, type) : is_xml ? NULL : "jsonpointer";
    struct error err;
    if (!type && is_xml)
        findings_add(loader->findings, tree_place(target),
                     "in a payload of XML a target is XPath, which is not done here");
    if (text_is(name, "jsonpath")) {
        replacement.path = jsonpath_compile(loader->arena, tree_text(target), &err);
        if (!replacement.path)
            findings_add(loader->findings, tree_place(target), "bad jsonpath: %s", err.text);
    } else if (name && !pointer_is_valid(tree_text(target))) {
        findings_add(loader->findings, tree_place(target),
                     "'%s' is no JSON Pointer, and XPath is not done here", tree_text(target));
    } else {
        replacement.pointer = tree_text(target);
    }
    replacement.text = tree_text(target);
    replacement.value = arazzo_read_value(loader, tree_get(node, "value"));
    vec_push_arena(loader->arena, &body->replacements, replacement);
}

static void read_body(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    struct arazzo_body *body;
    const cJSON *list = tree_get(node, "replacements");
    if (!node)
        return;
    body = arena_alloc(loader->arena, sizeof *body);
    body->content_type = tree_get_text(node, "contentType");
    arazzo_read_payload(loader, tree_get(node, "payload"), body);
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next)
        read_replacement(loader, item, body);
    step->body = body;
}

/* ---- what is expected, what follows ---- */

static const char *criterion_text(struct arazzo_loader *loader, const cJSON *node)
{
    const cJSON *condition = tree_get(node, "condition"), *type = tree_get(node, "type");
    const char *text =
        tree_text(condition) ? tree_text(condition) : json_text(loader->arena, condition);
    const char *name = tree_text(cJSON_IsObject(type) ? tree_get(type, "type") : type);
    if (!name || text_is(name, "simple"))
        return text;
    return arena_printf(loader->arena, "%s of %s: %s", name, tree_get_text(node, "context"), text);
}

void arazzo_read_criteria(struct arazzo_loader *loader, const cJSON *list,
                          struct arazzo_criteria *out)
{
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        struct arazzo_criterion criterion = {criterion_compile(&loader->compiler, item),
                                             criterion_text(loader, item), tree_place(item)};
        if (criterion.criterion)
            arazzo_check_uses(loader, criterion_uses(criterion.criterion));
        vec_push_arena(loader->arena, out, criterion);
    }
}

int arazzo_find_step(struct arazzo_loader *loader, const struct arazzo_workflow *workflow,
                     const cJSON *id, const char *name)
{
    const struct arazzo_step *step;
    struct {
        VEC(const char *);
    } names = {0};
    if (!id || !name)
        return -1;
    vec_foreach (step, &workflow->steps) {
        if (text_is(step->id, name))
            return step->index;
        vec_push_arena(loader->arena, &names, step->id);
    }
    findings_add(loader->findings, tree_place(id), "there is no step '%s'%s", name,
                 arazzo_hint(loader, name, text_nearest_of(name, names.items, names.count)));
    return -1;
}

static void read_action(struct arazzo_loader *loader, const cJSON *node, struct arazzo_actions *out)
{
    const char *type = tree_get_text(node, "type");
    const cJSON *after = tree_get(node, "retryAfter"), *limit = tree_get(node, "retryLimit");
    struct arazzo_action action = {.name = tree_get_text(node, "name"),
                                   .step = -1,
                                   .place = tree_place(node),
                                   .retry_limit = 1};
    const struct arazzo_action *other;
    const struct arazzo_parameter *parameter;
    vec_foreach (other, out)
        if (text_is(other->name, action.name))
            return; /* hidden */
    action.step = arazzo_find_step(loader, loader->reading, tree_get(node, "stepId"),
                                   tree_get_text(node, "stepId"));
    action.type = text_is(type, "goto")    ? ACTION_GOTO
                  : text_is(type, "retry") ? ACTION_RETRY
                                           : ACTION_END;
    if (tree_get(node, "workflowId"))
        action.workflow = arazzo_find_workflow(loader, tree_get(node, "workflowId"));
    if (after)
        action.retry_after = (nanos)llround(after->valuedouble * (double)NANOS_PER_SECOND);
    if (limit && !tree_as_int64(limit, &action.retry_limit))
        findings_add(loader->findings, tree_place(limit), "'retryLimit' is too large");
    arazzo_read_parameters(loader, tree_get(node, "parameters"), &action.parameters);
    vec_foreach (parameter, &action.parameters)
        if (parameter->in)
            findings_add(loader->findings, parameter->place,
                         "a parameter of an action has no 'in': it is an input of the workflow");
    arazzo_read_criteria(loader, tree_get(node, "criteria"), &action.criteria);
    vec_push_arena(loader->arena, out, action);
}

/* "The list MUST NOT include duplicate ... actions." */
static void refuse_twins(struct arazzo_loader *loader, const cJSON *list, const char *kind)
{
    const char *name, *other;
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next)
        for (const cJSON *before = list->child; before != item; before = before->next) {
            name = tree_get_text(arazzo_follow(loader, item, kind), "name");
            other = tree_get_text(arazzo_follow(loader, before, kind), "name");
            if (name && other && text_is(name, other))
                findings_add(loader->findings, tree_place(item), "action '%s' is there twice",
                             name);
        }
}

/* The step's actions, then those of the workflow that no action of the step has the name of. */
static void read_actions(struct arazzo_loader *loader, const cJSON *own, const cJSON *shared,
                         const char *kind, struct arazzo_actions *out)
{
    const cJSON *lists[] = {own, shared};
    for (size_t i = 0; i < 2; i++) {
        refuse_twins(loader, lists[i], kind);
        for (const cJSON *item = lists[i] ? lists[i]->child : NULL; item; item = item->next) {
            const cJSON *node = arazzo_follow(loader, item, kind);
            if (node)
                read_action(loader, node, out);
        }
    }
}

void arazzo_read_step(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    const cJSON *timeout = tree_get(node, "timeout");
    int64_t milliseconds = 0;
    loader->has_message = tree_get(node, "x-dryrun-receive") != NULL;
    read_target(loader, node, step);
    arazzo_read_extensions(loader, node, step);
    arazzo_read_parameters(loader, tree_get(node, "parameters"), &step->parameters);
    merge_parameters(loader, step);
    arazzo_check_parameters(loader, step);
    arazzo_read_depends_on(loader, tree_get(node, "dependsOn"), step);
    read_body(loader, tree_get(node, "requestBody"), step);
    arazzo_read_criteria(loader, tree_get(node, "successCriteria"), &step->criteria);
    read_actions(loader, tree_get(node, "onSuccess"), tree_get(loader->workflow, "successActions"),
                 "successActions", &step->on_success);
    read_actions(loader, tree_get(node, "onFailure"), tree_get(loader->workflow, "failureActions"),
                 "failureActions", &step->on_failure);
    arazzo_read_outputs(loader, tree_get(node, "outputs"), &step->outputs);
    if (timeout && tree_as_int64(timeout, &milliseconds))
        step->timeout = milliseconds * NANOS_PER_MS;
    loader->has_message = false;
}
