/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/arazzo/arazzo.h"

#include "runner/arazzo/parts.h"

const char *arazzo_hint(struct arazzo_loader *loader, const char *given, const char *near)
{
    (void)given;
    return near ? arena_printf(loader->arena, " (did you mean '%s'?)", near) : "";
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

static const struct arazzo_workflow *find_in(struct arazzo_loader *loader, struct arazzo *document,
                                             const char *name, const cJSON *id)
{
    struct arazzo_workflow *workflow;
    struct {
        VEC(const char *);
    } names = {0};
    vec_foreach (workflow, &document->workflows) {
        if (text_is(workflow->id, name)) {
            if (workflow != loader->reading)
                workflow->is_used = true;
            return workflow;
        }
        vec_push_arena(loader->arena, &names, workflow->id);
    }
    findings_add(loader->findings, tree_place(id), "there is no workflow '%s'%s", tree_text(id),
                 arazzo_hint(loader, name, text_nearest_of(name, names.items, names.count)));
    return NULL;
}

const struct arazzo_workflow *arazzo_find_workflow(struct arazzo_loader *loader, const cJSON *id)
{
    static const char prefix[] = "$sourceDescriptions.";
    const char *text = tree_text(id);
    if (!text)
        return NULL;
    if (!text_starts_with(text, prefix))
        return find_in(loader, loader->document, text, id);
    const char *name = text + strlen(prefix);
    size_t len = strcspn(name, ".");
    const struct arazzo_source *source = arazzo_find_source(loader->document, name, len);
    if (source && source->document && name[len])
        return find_in(loader, source->document, name + len + 1, id);
    findings_add(loader->findings, tree_place(id),
                 "'%s' names no workflow of a source of type 'arazzo'", text);
    return NULL;
}

/* The first token of a pointer, and what follows it. */
static const char *first_token(struct arazzo_loader *loader, const char *pointer)
{
    size_t len = *pointer == '/' ? strcspn(pointer + 1, "/") : 0;
    return len ? arena_strndup(loader->arena, pointer + 1, len) : NULL;
}

/* A finding, unless the list has an item (or member) of that name. */
static int check_name(struct arazzo_loader *loader, const struct use *use, const cJSON *list,
                      const char *id_member)
{
    const char *name = first_token(loader, expr_pointer(use->expr));
    struct {
        VEC(const char *);
    } names = {0};
    int index = 0;
    if (!name)
        return -1;
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next, index++) {
        const char *id = id_member ? tree_get_text(item, id_member) : item->string;
        if (text_is(id, name))
            return index;
        if (id)
            vec_push_arena(loader->arena, &names, id);
    }
    findings_add(loader->findings, use->place, "'%s': there is no '%s'%s", expr_text(use->expr),
                 name, arazzo_hint(loader, name, text_nearest_of(name, names.items, names.count)));
    return -1;
}

/* What is not described may be given all the same, unless the schema forbids it: then it is nothing
 * for sure. */
static void check_input(struct arazzo_loader *loader, const struct use *use)
{
    const cJSON *inputs = tree_get(loader->workflow, "inputs");
    const cJSON *properties = tree_get(inputs, "properties");
    const char *text = expr_pointer(use->expr);
    struct {
        VEC(const char *);
    } names = {0};
    text += *text == '/';
    for (const cJSON *item = properties ? properties->child : NULL; item; item = item->next) {
        size_t len = strlen(item->string);
        if (strncmp(text, item->string, len) == 0 && (!text[len] || text[len] == '/'))
            return;
        vec_push_arena(loader->arena, &names, item->string);
    }
    const char *name = first_token(loader, expr_pointer(use->expr));
    if (!properties || !name)
        return;
    const char *hint = arazzo_hint(loader, name, text_nearest_of(name, names.items, names.count));
    if (cJSON_IsFalse(tree_get(inputs, "additionalProperties")))
        findings_add(loader->findings, use->place, "'%s': there is no '%s'%s", expr_text(use->expr),
                     name, hint);
    else
        findings_warn(loader->findings, use->place, "'%s': input '%s' is not described%s",
                      expr_text(use->expr), name, hint);
}

static void check_step_use(struct arazzo_loader *loader, const struct use *use)
{
    struct arazzo_read read = {.place = use->place};
    read.step = check_name(loader, use, tree_get(loader->workflow, "steps"), "stepId");
    if (loader->step && read.step >= 0)
        vec_push_arena(loader->arena, &loader->step->reads, read);
}

/* $dryrun.receivers.STEP */
static void check_receiver(struct arazzo_loader *loader, const struct use *use)
{
    const char *pointer = expr_pointer(use->expr);
    const cJSON *steps = tree_get(loader->workflow, "steps");
    for (const cJSON *step = steps ? steps->child : NULL; step; step = step->next)
        if (tree_get(step, "x-dryrun-receive") && text_starts_with(pointer, "/receivers/") &&
            text_is(tree_get_text(step, "stepId"), pointer + strlen("/receivers/")))
            return;
    findings_add(loader->findings, use->place,
                 "'%s': expected $dryrun.receivers.STEP of a step with 'x-dryrun-receive'",
                 expr_text(use->expr));
}

void arazzo_check_uses(struct arazzo_loader *loader, const struct uses *uses)
{
    const cJSON *root = loader->document->root;
    for (size_t i = 0; uses && i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        const char *name = use->expr ? expr_root(use->expr) : "";
        if (text_is(name, "steps"))
            check_step_use(loader, use);
        else if (text_is(name, "workflows"))
            check_name(loader, use, tree_get(root, "workflows"), "workflowId");
        else if (text_is(name, "sourceDescriptions"))
            check_name(loader, use, tree_get(root, "sourceDescriptions"), "name");
        else if (text_is(name, "inputs"))
            check_input(loader, use);
        else if (text_is(name, "dryrun"))
            check_receiver(loader, use);
        else if (text_is(name, "message") && !loader->has_message)
            findings_add(loader->findings, use->place,
                         "'%s': messages of AsyncAPI are not played here; those that come to "
                         "'x-dryrun-receive' are there in its own step",
                         expr_text(use->expr));
    }
}

/* ---- values ---- */

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
    const struct arazzo_parameter *other;
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
        vec_foreach (other, out)
            if (text_is(other->name, parameter.name) && text_is(other->in, parameter.in))
                findings_add(loader->findings, parameter.place, "parameter '%s' is there twice",
                             parameter.name);
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
    loader->step = NULL;
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
    for (const cJSON *node = steps->child; node; node = node->next) {
        loader->step = step;
        arazzo_read_step(loader, node, step++);
    }
    loader->step = NULL;
    arazzo_order_steps(loader, workflow);
    arazzo_read_outputs(loader, tree_get(workflow->node, "outputs"), &workflow->outputs);
    arazzo_read_limits(loader, workflow);
}

/* The document with its schemas where a schema has them, too, so that their anchors are found. */
static void add_schemas(struct arazzo_loader *loader)
{
    struct arena *arena = loader->arena;
    const cJSON *root = loader->document->root, *item;
    const cJSON *inputs = tree_get(tree_get(root, "components"), "inputs");
    cJSON *document = tree_object(arena), *schemas = tree_object(arena);
    const struct arazzo_workflow *workflow;
    cJSON_ArrayForEach (item, root)
        tree_set(arena, document, item->string, tree_share(arena, item));
    cJSON_ArrayForEach (item, inputs)
        tree_set(arena, schemas, arena_printf(arena, "components.%s", item->string),
                 tree_share(arena, item));
    vec_foreach (workflow, &loader->document->workflows)
        if (tree_get(workflow->node, "inputs"))
            tree_set(arena, schemas, arena_printf(arena, "workflows.%s", workflow->id),
                     tree_share(arena, tree_get(workflow->node, "inputs")));
    tree_set(arena, document, "$defs", schemas);
    loader->schemas = schema_set_new(arena);
    schema_set_add(loader->schemas, loader->document->file, document, SCHEMA_2020_12,
                   loader->findings);
}

/* Without one, every name that it describes would be a finding. */
static bool has_sources(const struct arazzo_documents *documents)
{
    struct arazzo **document;
    const struct arazzo_source *source;
    vec_foreach (document, documents)
        vec_foreach (source, &(*document)->sources)
            if (!source->provider && !source->document)
                return false;
    return true;
}

const struct arazzo *arazzo_load(struct arena *arena, const char *path,
                                 const struct provider *const *providers, size_t count,
                                 struct findings *findings)
{
    /* Arazzo's, and one of ours. */
    static const char *const names[] = {"inputs",     "outputs", "steps",
                                        "workflows",  "self",    "sourceDescriptions",
                                        "components", "dryrun"};
    static const struct root_names roots = {names, sizeof names / sizeof *names, NULL};
    size_t errors = findings->errors;
    struct arazzo_documents documents = {0};
    struct arazzo_loader loader = {
        .arena = arena,
        .documents = &documents,
        .findings = findings,
        .providers = providers,
        .provider_count = count,
        .compiler = {
            .arena = arena, .findings = findings, .roots = &roots, .flags = COMPILER_ARAZZO}};
    struct arazzo *document = arazzo_open(&loader, path), **each;
    struct arazzo_workflow *workflow;
    if (!document || !has_sources(&documents))
        return NULL;
    vec_foreach (each, &documents) {
        loader.document = *each;
        add_schemas(&loader);
        arazzo_check_extensions(&loader);
        vec_foreach (workflow, &(*each)->workflows)
            read_workflow(&loader, workflow);
    }
    arazzo_check_circles(&loader);
    return findings->errors == errors ? document : NULL;
}
