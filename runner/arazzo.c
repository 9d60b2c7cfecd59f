/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/arazzo.h"

#include "core/base/file.h"
#include "core/data/jsonpath.h"
#include "core/data/load.h"
#include "core/data/pointer.h"
#include "runner/arazzo_internal.h"
#include "runner/arazzo_structure.h"

#include <limits.h>
#include <stdlib.h>

const char *arazzo_hint(struct arazzo_loader *loader, const char *given, const char *near)
{
    (void)given;
    return near ? arena_printf(loader->arena, " (did you mean '%s'?)", near) : "";
}

/* ---- sources ---- */

static bool is_same_file(const char *a, const char *b)
{
    char real_a[PATH_MAX], real_b[PATH_MAX];
    if (text_is(a, b))
        return true;
    return realpath(a, real_a) && realpath(b, real_b) && text_is(real_a, real_b);
}

static const struct provider *find_provider(struct arazzo_loader *loader, const char *url)
{
    const char *directory = file_directory(loader->arena, loader->document->file);
    const char *path = file_join(loader->arena, directory, url);
    for (size_t i = 0; i < loader->provider_count; i++)
        if (is_same_file(path, loader->providers[i]->contract->file))
            return loader->providers[i];
    return NULL;
}

static void read_source(struct arazzo_loader *loader, const cJSON *node)
{
    struct arazzo_source source = {.name = tree_get_text(node, "name"),
                                   .url = tree_get_text(node, "url")};
    const char *type = tree_get_text(node, "type");
    const struct arazzo_source *other;
    vec_foreach (other, &loader->document->sources)
        if (text_is(other->name, source.name))
            findings_add(loader->findings, tree_place(tree_get(node, "name")),
                         "source '%s' is there twice", source.name);
    if (type && !text_is(type, "openapi"))
        findings_add(loader->findings, tree_place(tree_get(node, "type")),
                     "sources of type '%s' are not played here, only 'openapi'", type);
    else if (!(source.provider = find_provider(loader, source.url)))
        findings_add(loader->findings, tree_place(tree_get(node, "url")),
                     "'%s' is the document of no provider that was loaded", source.url);
    vec_push_arena(loader->arena, &loader->document->sources, source);
}

/* ---- names ---- */

const cJSON *arazzo_follow(struct arazzo_loader *loader, const cJSON *node, const char *kind)
{
    const cJSON *reference = tree_get(node, "reference");
    const char *text = tree_text(reference), *prefix;
    if (!reference)
        return node;
    prefix = arena_printf(loader->arena, "$components.%s.", kind);
    if (!text_starts_with(text, prefix)) {
        findings_add(loader->findings, tree_place(reference), "expected '%sNAME' but found '%s'",
                     prefix, text);
        return NULL;
    }
    const cJSON *all = tree_get(tree_get(loader->document->root, "components"), kind);
    const cJSON *found = tree_get(all, text + strlen(prefix));
    if (!found) {
        const char *names[64];
        size_t count = 0;
        for (const cJSON *one = all ? all->child : NULL; one && count < 64; one = one->next)
            names[count++] = one->string;
        findings_add(
            loader->findings, tree_place(reference), "there is no '%s'%s", text,
            arazzo_hint(loader, text, text_nearest_of(text + strlen(prefix), names, count)));
    }
    return found;
}

const struct arazzo_workflow *arazzo_find_workflow(struct arazzo_loader *loader, const cJSON *id)
{
    const char *text = tree_text(id);
    struct arazzo_workflow *workflow;
    struct {
        VEC(const char *);
    } names = {0};
    if (!text)
        return NULL;
    vec_foreach (workflow, &loader->document->workflows) {
        if (text_is(workflow->id, text)) {
            if (workflow != loader->reading)
                workflow->is_used = true;
            return workflow;
        }
        vec_push_arena(loader->arena, &names, workflow->id);
    }
    if (text_starts_with(text, "$sourceDescriptions."))
        findings_add(loader->findings, tree_place(id),
                     "workflows of other documents are not played here");
    else
        findings_add(loader->findings, tree_place(id), "there is no workflow '%s'%s", text,
                     arazzo_hint(loader, text, text_nearest_of(text, names.items, names.count)));
    return NULL;
}

/* The first token of a pointer, and what follows it. */
static const char *first_token(struct arazzo_loader *loader, const char *pointer)
{
    size_t len = *pointer == '/' ? strcspn(pointer + 1, "/") : 0;
    return len ? arena_strndup(loader->arena, pointer + 1, len) : NULL;
}

static void check_name(struct arazzo_loader *loader, const struct use *use, const cJSON *list,
                       const char *id_member)
{
    const char *name = first_token(loader, expr_pointer(use->expr));
    struct {
        VEC(const char *);
    } names = {0};
    if (!name)
        return;
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        const char *id = id_member ? tree_get_text(item, id_member) : item->string;
        if (text_is(id, name))
            return;
        if (id)
            vec_push_arena(loader->arena, &names, id);
    }
    findings_add(loader->findings, use->place, "'%s': there is no '%s'%s", expr_text(use->expr),
                 name, arazzo_hint(loader, name, text_nearest_of(name, names.items, names.count)));
}

void arazzo_check_uses(struct arazzo_loader *loader, const struct uses *uses)
{
    for (size_t i = 0; uses && i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        const char *root = use->expr ? expr_root(use->expr) : "";
        const cJSON *properties = tree_get(tree_get(loader->workflow, "inputs"), "properties");
        if (text_is(root, "steps"))
            check_name(loader, use, tree_get(loader->workflow, "steps"), "stepId");
        else if (text_is(root, "workflows"))
            check_name(loader, use, tree_get(loader->document->root, "workflows"), "workflowId");
        else if (text_is(root, "sourceDescriptions"))
            check_name(loader, use, tree_get(loader->document->root, "sourceDescriptions"), "name");
        else if (text_is(root, "inputs") && properties)
            check_name(loader, use, properties, NULL);
        else if (text_is(root, "message"))
            findings_add(loader->findings, use->place,
                         "'%s': messages of AsyncAPI are not played here", expr_text(use->expr));
    }
}

/* ---- values ---- */

static struct arazzo_value read_selector(struct arazzo_loader *loader, const cJSON *node)
{
    struct arazzo_value value = {0};
    const cJSON *type = tree_get(node, "type"), *selector = tree_get(node, "selector");
    const char *name = tree_text(cJSON_IsObject(type) ? tree_get(type, "type") : type);
    const char *text = tree_text(selector);
    struct error err;
    value.context = expr_compile(&loader->compiler, tree_get_text(node, "context"),
                                 tree_place(tree_get(node, "context")));
    if (text_is(name, "jsonpath")) {
        value.path = jsonpath_compile(loader->arena, text, &err);
        if (!value.path)
            findings_add(loader->findings, tree_place(selector), "bad jsonpath: %s", err.text);
    } else if (text_is(name, "jsonpointer")) {
        value.pointer = text;
        if (!pointer_is_valid(text))
            findings_add(loader->findings, tree_place(selector), "'%s' is no JSON Pointer", text);
    } else {
        findings_add(loader->findings, tree_place(type),
                     "selectors of type '%s' are not done here: use jsonpath or jsonpointer",
                     name ? name : "?");
    }
    return value;
}

struct arazzo_value arazzo_read_value(struct arazzo_loader *loader, const cJSON *node)
{
    struct arazzo_value value = {0};
    if (arazzo_is_selector(node))
        return read_selector(loader, node);
    value.template = template_compile(&loader->compiler, node);
    arazzo_check_uses(loader, template_uses(value.template));
    return value;
}

void arazzo_read_outputs(struct arazzo_loader *loader, const cJSON *node,
                         struct arazzo_outputs *out)
{
    for (const cJSON *item = node ? node->child : NULL; item; item = item->next) {
        struct arazzo_output output = {item->string, arazzo_read_value(loader, item)};
        vec_push_arena(loader->arena, out, output);
    }
}

void arazzo_read_parameters(struct arazzo_loader *loader, const cJSON *list,
                            struct arazzo_parameters *out)
{
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        const cJSON *node = arazzo_follow(loader, item, "parameters");
        const cJSON *value = tree_get(item, "value");
        struct arazzo_parameter parameter = {.place = tree_place(item)};
        if (!node)
            continue;
        parameter.name = tree_get_text(node, "name");
        parameter.in = tree_get_text(node, "in");
        parameter.value = arazzo_read_value(loader, value ? value : tree_get(node, "value"));
        if (text_is(parameter.in, "channel") || text_is(parameter.in, "body"))
            findings_add(loader->findings, tree_place(tree_get(node, "in")),
                         "a parameter in '%s' is not sent to an operation of OpenAPI",
                         parameter.in);
        vec_push_arena(loader->arena, out, parameter);
    }
}

/* ---- workflows ---- */

static void read_inputs(struct arazzo_loader *loader, struct arazzo_workflow *workflow)
{
    size_t index = (size_t)(workflow - loader->document->workflows.items);
    if (tree_get(workflow->node, "inputs"))
        workflow->inputs = schema_compile_at(
            loader->schemas, loader->document->file,
            arena_printf(loader->arena, "/workflows/%zu/inputs", index), loader->findings);
}

static void read_dependencies(struct arazzo_loader *loader, struct arazzo_workflow *workflow)
{
    const cJSON *list = tree_get(workflow->node, "dependsOn");
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        const struct arazzo_workflow *other = arazzo_find_workflow(loader, item);
        if (other == workflow)
            findings_add(loader->findings, tree_place(item), "a workflow cannot depend on itself");
        else if (other)
            vec_push_arena(loader->arena, &workflow->depends_on, other);
    }
}

static void read_workflow(struct arazzo_loader *loader, struct arazzo_workflow *workflow)
{
    const cJSON *steps = tree_get(workflow->node, "steps");
    struct arazzo_step *step;
    size_t count = 0;
    loader->workflow = workflow->node;
    loader->reading = workflow;
    read_inputs(loader, workflow);
    read_dependencies(loader, workflow);
    for (const cJSON *node = steps->child; node; node = node->next) {
        struct arazzo_step empty = {
            .id = tree_get_text(node, "stepId"), .index = (int)count++, .place = tree_place(node)};
        vec_foreach (step, &workflow->steps)
            if (text_is(step->id, empty.id))
                findings_add(loader->findings, tree_place(tree_get(node, "stepId")),
                             "step '%s' is there twice", empty.id);
        vec_push_arena(loader->arena, &workflow->steps, empty);
    }
    step = workflow->steps.items;
    for (const cJSON *node = steps->child; node; node = node->next)
        arazzo_read_step(loader, node, step++);
    arazzo_read_outputs(loader, tree_get(workflow->node, "outputs"), &workflow->outputs);
}

static void read_workflows(struct arazzo_loader *loader)
{
    struct arazzo *document = loader->document;
    const cJSON *list = tree_get(document->root, "workflows");
    struct arazzo_workflow *workflow;
    for (const cJSON *node = list->child; node; node = node->next) {
        struct arazzo_workflow empty = {.id = tree_get_text(node, "workflowId"),
                                        .document = document,
                                        .node = node,
                                        .place = tree_place(node)};
        vec_foreach (workflow, &document->workflows)
            if (text_is(workflow->id, empty.id))
                findings_add(loader->findings, tree_place(tree_get(node, "workflowId")),
                             "workflow '%s' is there twice", empty.id);
        vec_push_arena(loader->arena, &document->workflows, empty);
    }
    vec_foreach (workflow, &document->workflows)
        read_workflow(loader, workflow);
}

const struct arazzo *arazzo_load(struct arena *arena, const char *path,
                                 const struct provider *const *providers, size_t count,
                                 struct findings *findings)
{
    static const char *const names[] = {
        "inputs", "outputs", "steps", "workflows", "self", "sourceDescriptions", "components"};
    static const struct root_names roots = {names, sizeof names / sizeof *names, NULL};
    size_t errors = findings->errors;
    struct arazzo *document = arena_alloc(arena, sizeof *document);
    struct arazzo_loader loader = {
        .arena = arena,
        .findings = findings,
        .document = document,
        .providers = providers,
        .provider_count = count,
        .compiler = {
            .arena = arena, .findings = findings, .roots = &roots, .flags = COMPILER_ARAZZO}};
    const cJSON *root = load_document(arena, path, findings);
    if (findings->errors > errors)
        return NULL;
    document->file = arena_strdup(arena, path);
    document->root = root;
    document->minor = arazzo_structure_check(root, path, findings);
    if (document->minor < 0)
        return NULL;
    document->title = tree_get_text(tree_get(root, "info"), "title");
    loader.schemas = schema_set_new(arena);
    schema_set_add(loader.schemas, document->file, root, SCHEMA_2020_12, findings);
    for (const cJSON *node = tree_get(root, "sourceDescriptions")->child; node; node = node->next)
        read_source(&loader, node);
    if (findings->errors == errors)
        read_workflows(&loader);
    return findings->errors == errors ? document : NULL;
}
