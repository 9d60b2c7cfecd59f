/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of a workflow: what they call, what they send, what they expect, what follows. */
#include "core/data/json.h"
#include "core/data/jsonpath.h"
#include "core/data/pointer.h"
#include "core/net/url.h"
#include "runner/arazzo_internal.h"
#include "runner/arazzo_structure.h"

#include <math.h>

/* ---- which operation ---- */

static const struct arazzo_source *find_source(struct arazzo_loader *loader, const char *name,
                                               size_t len)
{
    const struct arazzo_source *source;
    vec_foreach (source, &loader->document->sources)
        if (strlen(source->name) == len && memcmp(source->name, name, len) == 0)
            return source;
    return NULL;
}

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
static void read_operation_id(struct arazzo_loader *loader, const cJSON *node,
                              struct arazzo_step *step)
{
    static const char prefix[] = "$sourceDescriptions.";
    const char *id = tree_text(node);
    const struct arazzo_source *source = loader->document->sources.items;
    if (text_starts_with(id, prefix)) {
        const char *name = id + strlen(prefix);
        size_t len = strcspn(name, ".");
        source = find_source(loader, name, len);
        if (!source || !name[len]) {
            findings_add(loader->findings, tree_place(node),
                         "'%s' names no operation of a source: $sourceDescriptions.NAME.ID", id);
            return;
        }
        id = name + len + 1;
    } else if (loader->document->sources.count > 1) {
        findings_add(loader->findings, tree_place(node),
                     "with several sources an operation is named $sourceDescriptions.NAME.%s", id);
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
        source = find_source(loader, name, strcspn(name, ".#}"));
    }
    if (!source || slash <= hash + strlen(paths) - 1) {
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
        read_operation_id(loader, tree_get(node, "operationId"), step);
    else if (tree_get(node, "operationPath"))
        read_operation_path(loader, tree_get(node, "operationPath"), step);
    else
        step->workflow = arazzo_find_workflow(loader, tree_get(node, "workflowId"));
}

/* ---- what is sent ---- */

/* The step's own parameters hide those of the workflow that have the same name and place. */
static void merge_parameters(struct arazzo_loader *loader, struct arazzo_step *step)
{
    struct arazzo_parameters shared = {0};
    const struct arazzo_parameter *outer, *own;
    if (step->workflow)
        return;
    arazzo_read_parameters(loader, tree_get(loader->workflow, "parameters"), &shared);
    vec_foreach (outer, &shared) {
        bool is_hidden = false;
        vec_foreach (own, &step->parameters)
            if (text_is(own->name, outer->name) && text_is(own->in, outer->in))
                is_hidden = true;
        if (!is_hidden)
            vec_push_arena(loader->arena, &step->parameters, *outer);
    }
}

static void check_parameters(struct arazzo_loader *loader, const struct arazzo_step *step)
{
    const struct arazzo_parameter *own;
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
    const char *name = tree_text(cJSON_IsObject(type) ? tree_get(type, "type") : type);
    struct error err;
    if (text_is(name, "jsonpath")) {
        replacement.path = jsonpath_compile(loader->arena, tree_text(target), &err);
        if (!replacement.path)
            findings_add(loader->findings, tree_place(target), "bad jsonpath: %s", err.text);
    } else if (text_is(name, "xpath") || !pointer_is_valid(tree_text(target))) {
        findings_add(loader->findings, tree_place(target),
                     "'%s' is no JSON Pointer, and XPath is not done here", tree_text(target));
    } else {
        replacement.pointer = tree_text(target);
    }
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
    if (tree_get(node, "payload")) {
        body->payload = template_compile(&loader->compiler, tree_get(node, "payload"));
        arazzo_check_uses(loader, template_uses(body->payload));
    }
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

static void read_criteria(struct arazzo_loader *loader, const cJSON *list,
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

static int find_step(struct arazzo_loader *loader, const cJSON *id)
{
    const struct arazzo_step *step;
    struct {
        VEC(const char *);
    } names = {0};
    if (!id)
        return -1;
    vec_foreach (step, &loader->reading->steps) {
        if (text_is(step->id, tree_text(id)))
            return step->index;
        vec_push_arena(loader->arena, &names, step->id);
    }
    findings_add(loader->findings, tree_place(id), "there is no step '%s'%s", tree_text(id),
                 arazzo_hint(loader, tree_text(id),
                             text_nearest_of(tree_text(id), names.items, names.count)));
    return -1;
}

static void read_action(struct arazzo_loader *loader, const cJSON *node, struct arazzo_actions *out)
{
    const char *type = tree_get_text(node, "type");
    const cJSON *after = tree_get(node, "retryAfter"), *limit = tree_get(node, "retryLimit");
    struct arazzo_action action = {.name = tree_get_text(node, "name"),
                                   .step = find_step(loader, tree_get(node, "stepId")),
                                   .place = tree_place(node),
                                   .retry_limit = 1};
    const struct arazzo_action *other;
    vec_foreach (other, out)
        if (text_is(other->name, action.name))
            return; /* hidden */
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
    read_criteria(loader, tree_get(node, "criteria"), &action.criteria);
    vec_push_arena(loader->arena, out, action);
}

/* The step's actions, then those of the workflow that no action of the step has the name of. */
static void read_actions(struct arazzo_loader *loader, const cJSON *own, const cJSON *shared,
                         const char *kind, struct arazzo_actions *out)
{
    const cJSON *lists[] = {own, shared};
    for (size_t i = 0; i < 2; i++)
        for (const cJSON *item = lists[i] ? lists[i]->child : NULL; item; item = item->next) {
            const cJSON *node = arazzo_follow(loader, item, kind);
            if (node)
                read_action(loader, node, out);
        }
}

/* ---- our extensions ---- */

static nanos read_duration(struct arazzo_loader *loader, const cJSON *node, nanos fallback)
{
    nanos duration = fallback;
    if (node && (!tree_text(node) || duration_parse(tree_text(node), &duration) || duration < 0))
        findings_add(loader->findings, tree_place(node), "expected a duration such as '2s'");
    return duration;
}

/* Members that are none of an extension's names. */
static void refuse_others(struct arazzo_loader *loader, const cJSON *node, const char *const *names,
                          size_t count)
{
    for (const cJSON *member = node->child; member; member = member->next) {
        const char *near = text_nearest_of(member->string, names, count);
        bool is_known = false;
        for (size_t i = 0; i < count; i++)
            is_known = is_known || text_is(names[i], member->string);
        if (!is_known)
            findings_add(loader->findings, tree_key_place(member), "'%s' has no member '%s'%s",
                         node->string, member->string, arazzo_hint(loader, member->string, near));
    }
}

static void read_until(struct arazzo_loader *loader, const cJSON *node, struct arazzo_until *until)
{
    static const char *const names[] = {"states", "condition", "every", "within"};
    const cJSON *states = tree_get(node, "states");
    const char **list = arena_alloc(loader->arena, (tree_count(states) + 1) * sizeof *list);
    size_t count = 0;
    if (!node)
        return;
    until->is_there = true;
    refuse_others(loader, node, names, 4);
    for (const cJSON *item = states ? states->child : NULL; item; item = item->next)
        if (tree_text(item))
            list[count++] = tree_text(item);
    until->states = count ? list : NULL;
    if (tree_get(node, "condition"))
        until->condition = criterion_compile(&loader->compiler, tree_get(node, "condition"));
    until->every = read_duration(loader, tree_get(node, "every"), NANOS_PER_SECOND);
    until->within = read_duration(loader, tree_get(node, "within"), 300 * NANOS_PER_SECOND);
    if (!until->states && !tree_get(node, "condition"))
        findings_add(loader->findings, tree_place(node),
                     "'x-dryrun-until' needs 'states' or 'condition'");
}

/* What outcomes/signal of the admin API takes. */
static void read_signal(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    static const char *const names[] = {"signal", "id", "provider", "data"};
    if (!node)
        return;
    refuse_others(loader, node, names, 4);
    if (!tree_get_text(node, "signal"))
        findings_add(loader->findings, tree_place(node), "'x-dryrun-signal' needs 'signal'");
    step->signal = template_compile(&loader->compiler, node);
}

/* A value behind '=' of X-Dryrun-Fault. */
static void add_fault_value(struct arazzo_loader *loader, const cJSON *value, struct strbuf *out)
{
    const char *text = tree_text(value) ? tree_text(value) : json_text(loader->arena, value);
    bool is_plain = !strpbrk(text, ",;\" ");
    if (strchr(text, '"') || tree_count(value))
        findings_add(loader->findings, tree_place(value),
                     "a parameter of a fault is a text without quotes, a number, true or false");
    strbuf_addf(out, is_plain ? "%s" : "\"%s\"", text);
}

/* The header's spelling as it is, or { fault, with, tries }. */
static void read_fault(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    static const char *const names[] = {"fault", "with", "tries"};
    const cJSON *with = tree_get(node, "with"), *tries = tree_get(node, "tries"), *value;
    struct strbuf header = STRBUF_INIT(LIMIT_MESSAGE);
    step->fault_tries = 1;
    if (cJSON_IsString(node))
        strbuf_adds(&header, node->valuestring);
    else if (cJSON_IsObject(node) && tree_get_text(node, "fault"))
        strbuf_adds(&header, tree_get_text(node, "fault"));
    else if (node)
        findings_add(loader->findings, tree_place(node),
                     "'x-dryrun-fault' is a text such as 'status=503', or { fault, with, tries }");
    if (cJSON_IsObject(node))
        refuse_others(loader, node, names, 3);
    if (tries && (!tree_as_int64(tries, &step->fault_tries) || step->fault_tries < 1))
        findings_add(loader->findings, tree_place(tries), "'tries' is a number from 1");
    cJSON_ArrayForEach (value, with) {
        strbuf_addf(&header, ";%s=", value->string);
        add_fault_value(loader, value, &header);
    }
    step->fault = header.len ? arena_strndup(loader->arena, header.buf, header.len) : NULL;
    strbuf_release(&header);
}

/* dependsOn (1.1) is about steps that do not block: ours all do, so it must name an earlier one. */
static void check_depends_on(struct arazzo_loader *loader, const cJSON *list,
                             const struct arazzo_step *step)
{
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        if (text_starts_with(tree_text(item), "$")) {
            findings_add(loader->findings, tree_place(item),
                         "waiting for steps of other workflows is not done here");
            continue;
        }
        if (find_step(loader, item) >= step->index)
            findings_add(loader->findings, tree_place(item),
                         "step '%s' does not come before this one", tree_text(item));
    }
}

void arazzo_read_step(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    const cJSON *timeout = tree_get(node, "timeout");
    int64_t milliseconds = 0;
    read_target(loader, node, step);
    arazzo_read_parameters(loader, tree_get(node, "parameters"), &step->parameters);
    merge_parameters(loader, step);
    check_parameters(loader, step);
    check_depends_on(loader, tree_get(node, "dependsOn"), step);
    read_body(loader, tree_get(node, "requestBody"), step);
    read_criteria(loader, tree_get(node, "successCriteria"), &step->criteria);
    read_actions(loader, tree_get(node, "onSuccess"), tree_get(loader->workflow, "successActions"),
                 "successActions", &step->on_success);
    read_actions(loader, tree_get(node, "onFailure"), tree_get(loader->workflow, "failureActions"),
                 "failureActions", &step->on_failure);
    arazzo_read_outputs(loader, tree_get(node, "outputs"), &step->outputs);
    if (timeout && tree_as_int64(timeout, &milliseconds))
        step->timeout = milliseconds * NANOS_PER_MS;
    step->outcome = tree_get_text(node, "x-dryrun-outcome");
    read_fault(loader, tree_get(node, "x-dryrun-fault"), step);
    read_until(loader, tree_get(node, "x-dryrun-until"), &step->until);
    step->has_link = tree_get(node, "x-dryrun-link") != NULL;
    if (step->has_link)
        step->link = arazzo_read_value(loader, tree_get(node, "x-dryrun-link"));
    read_signal(loader, tree_get(node, "x-dryrun-signal"), step);
}
