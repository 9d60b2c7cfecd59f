/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x-dryrun-...: what Arazzo lacks (docs/SCENARIOS.md). Their form is held against
 * contracts/schemas/scenario.schema.json first; here names are resolved and expressions compiled.
 */
#include "core/data/json.h"
#include "core/lifecycle/formats.h"
#include "core/lifecycle/machine.h"
#include "runner/arazzo/parts.h"

static const char prefix[] = "x-dryrun-";

/* ---- their form ---- */

/* The extensions of ours that an object has, under its name. */
static void collect(struct arazzo_loader *loader, cJSON *all, const char *name, const cJSON *node)
{
    cJSON *ours = tree_object(loader->arena);
    for (const cJSON *member = node->child; member; member = member->next)
        if (text_starts_with(member->string, prefix))
            tree_set(loader->arena, ours, member->string, tree_copy(loader->arena, member));
    tree_set_place(ours, tree_place(node));
    if (ours->child)
        tree_set(loader->arena, all, name, ours);
}

void arazzo_check_extensions(struct arazzo_loader *loader)
{
    struct arena *arena = loader->arena;
    cJSON *found = tree_object(arena), *workflows = tree_object(arena), *steps = tree_object(arena);
    const struct arazzo_workflow *workflow;
    vec_foreach (workflow, &loader->document->workflows) {
        collect(loader, workflows, workflow->id, workflow->node);
        const cJSON *list = tree_get(workflow->node, "steps");
        for (const cJSON *step = list->child; step; step = step->next)
            collect(loader, steps,
                    arena_printf(arena, "%s.%s", workflow->id, tree_get_text(step, "stepId")),
                    step);
    }
    tree_set(arena, found, "workflows", workflows);
    tree_set(arena, found, "steps", steps);
    if (workflows->child || steps->child)
        format_check(arena, "scenario", found, loader->findings);
}

/* What is none was found by the schema. */
static nanos read_duration(const cJSON *node, nanos fallback)
{
    nanos duration;
    return tree_text(node) && duration_parse(tree_text(node), &duration) == 0 ? duration : fallback;
}

static const struct criterion *read_criterion(struct arazzo_loader *loader, const cJSON *node)
{
    const struct criterion *criterion = criterion_compile(&loader->compiler, node);
    if (criterion)
        arazzo_check_uses(loader, criterion_uses(criterion));
    return criterion;
}

/* ---- x-dryrun-until ---- */

/* Some machine of the provider has it. */
static void check_state(struct arazzo_loader *loader, const struct provider *provider,
                        const cJSON *node)
{
    const struct lifecycle *lifecycle = provider ? provider->lifecycle : NULL;
    struct {
        VEC(const char *);
    } names = {0};
    for (size_t i = 0; lifecycle && i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];
        if (machine_states_named(machine, tree_text(node)))
            return;
        for (size_t j = 0; j < machine->state_count; j++)
            vec_push_arena(loader->arena, &names, machine->states[j].name);
    }
    if (lifecycle)
        findings_add(loader->findings, tree_place(node), "there is no state '%s'%s",
                     tree_text(node),
                     arazzo_hint(loader, tree_text(node),
                                 text_nearest_of(tree_text(node), names.items, names.count)));
}

static void read_by(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    struct arazzo_step *look;
    if (!tree_get_text(node, "operationId")) /* the schema says that it lacks */
        return;
    look = arena_alloc(loader->arena, sizeof *look);
    *look = (struct arazzo_step){.id = step->id, .index = step->index, .place = tree_place(node)};
    arazzo_read_operation(loader, tree_get(node, "operationId"), look);
    arazzo_read_parameters(loader, tree_get(node, "parameters"), &look->parameters);
    arazzo_check_parameters(loader, look);
    if (look->operation && look->provider != step->provider)
        findings_add(loader->findings, tree_place(node),
                     "'by' must be an operation of the step's own service");
    step->until.by = look->operation ? look : NULL;
}

static void read_until(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    struct arazzo_until *until = &step->until;
    const cJSON *states = tree_get(node, "states"), *backoff = tree_get(node, "backoff");
    const char **list = arena_alloc(loader->arena, (tree_count(states) + 1) * sizeof *list);
    size_t count = 0;
    if (!node)
        return;
    until->is_there = true;
    for (const cJSON *item = states ? states->child : NULL; item; item = item->next)
        if (tree_text(item)) {
            check_state(loader, step->provider, item);
            list[count++] = tree_text(item);
        }
    until->states = count ? list : NULL;
    if (tree_get(node, "condition"))
        until->condition = read_criterion(loader, tree_get(node, "condition"));
    until->every = read_duration(tree_get(node, "every"), NANOS_PER_SECOND);
    until->within = read_duration(tree_get(node, "within"), 300 * NANOS_PER_SECOND);
    until->most = read_duration(tree_get(node, "most"), until->within);
    until->backoff = cJSON_IsNumber(backoff) ? backoff->valuedouble : 1;
    if (step->workflow)
        findings_add(loader->findings, tree_key_place(node),
                     "'%s' is for a step that calls an operation", node->string);
    else
        read_by(loader, tree_get(node, "by"), step);
}

/* ---- x-dryrun-stream ---- */

static void read_stream(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    static const char *const names[] = {"event"};
    const struct root_names *outer = loader->compiler.roots;
    struct root_names roots = {names, 1, outer};
    const cJSON *until = tree_get(node, "until"), *most = tree_get(node, "maxEvents");
    if (!node)
        return;
    step->stream.is_there = true;
    loader->compiler.roots = &roots;
    if (until)
        step->stream.until = read_criterion(loader, until);
    loader->compiler.roots = outer;
    step->stream.until_text = tree_text(until) ? tree_text(until) : json_text(loader->arena, until);
    if (most)
        tree_as_int64(most, &step->stream.max_events);
    step->stream.has_last_id = tree_get(node, "lastEventId") != NULL;
    if (step->stream.has_last_id)
        step->stream.last_id = arazzo_read_value(loader, tree_get(node, "lastEventId"));
}

/* ---- x-dryrun-receive ---- */

static const struct callback *find_callback(struct arazzo_loader *loader, const cJSON *node,
                                            const struct arazzo_step *step)
{
    const char *name = tree_text(node);
    const struct contract *contract = step->provider->contract;
    const struct operation *operation;
    const struct callback *callback;
    struct {
        VEC(const char *);
    } names = {0};
    vec_foreach (callback, &step->operation->operation->callbacks)
        if (text_is(callback->name, name))
            return callback;
    vec_foreach (operation, &contract->operations)
        vec_foreach (callback, &operation->callbacks) {
            if (text_is(callback->name, name))
                return callback;
            vec_push_arena(loader->arena, &names, callback->name);
        }
    vec_foreach (callback, &contract->webhooks) {
        if (text_is(callback->name, name))
            return callback;
        vec_push_arena(loader->arena, &names, callback->name);
    }
    findings_add(loader->findings, tree_place(node), "there is no callback '%s'%s", name,
                 arazzo_hint(loader, name, text_nearest_of(name, names.items, names.count)));
    return NULL;
}

static void read_receive(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    struct arazzo_receive *receive = &step->receive;
    const cJSON *callback = tree_get(node, "callback");
    if (!node)
        return;
    receive->is_there = true;
    receive->within = read_duration(tree_get(node, "within"), 300 * NANOS_PER_SECOND);
    arazzo_read_criteria(loader, tree_get(node, "criteria"), &receive->criteria);
    if (!step->operation)
        findings_add(loader->findings, tree_key_place(node),
                     "'%s' is for a step that calls an operation", node->string);
    else if (tree_text(callback))
        receive->callback = find_callback(loader, callback, step);
}

/* ---- x-dryrun-expect-path ---- */

static void read_path_state(struct arazzo_loader *loader, const cJSON *node,
                            struct arazzo_path *path)
{
    const char *text = tree_text(node) ? tree_text(node) : "";
    size_t len = strlen(text);
    struct arazzo_path_state state = {.may_be_missed = len && text[len - 1] == '?'};
    state.name = arena_strndup(loader->arena, text, len - state.may_be_missed);
    vec_push_arena(loader->arena, &path->states, state);
}

/* All states of the path are its own. */
static bool has_states(const struct machine *machine, const struct arazzo_path *path)
{
    const struct arazzo_path_state *state;
    vec_foreach (state, &path->states)
        if (machine_state(machine, state->name) == STATE_NONE)
            return false;
    return true;
}

/* The machine that is named, or the only one with these states. */
static void find_machine(struct arazzo_loader *loader, const cJSON *node, const char *name,
                         struct arazzo_path *path)
{
    const struct arazzo_source *source;
    size_t fitting = 0;
    vec_foreach (source, &loader->document->sources) {
        const struct lifecycle *lifecycle = source->provider ? source->provider->lifecycle : NULL;
        for (size_t i = 0; lifecycle && i < lifecycle->machine_count; i++) {
            const struct machine *machine = &lifecycle->machines[i];
            if ((name && !text_is(machine->name, name)) || !has_states(machine, path))
                continue;
            path->machine = path->machine ? path->machine : machine;
            fitting++;
        }
    }
    if (!fitting)
        findings_add(loader->findings, tree_place(node), "no machine%s%s has all these states",
                     name ? " named " : "", name ? name : "");
    else if (fitting > 1 && !name)
        findings_add(loader->findings, tree_place(node),
                     "several machines have these states: say which in 'machine'");
}

static const struct arazzo_path *read_path(struct arazzo_loader *loader, const cJSON *node)
{
    const cJSON *states = cJSON_IsArray(node) ? node : tree_get(node, "states");
    struct arazzo_path *path;
    if (!node)
        return NULL;
    path = arena_alloc(loader->arena, sizeof *path);
    path->place = tree_place(node);
    path->text = json_text(loader->arena, states);
    for (const cJSON *item = states ? states->child : NULL; item; item = item->next)
        read_path_state(loader, item, path);
    find_machine(loader, node, tree_get_text(node, "machine"), path);
    path->has_id = tree_get(node, "id") != NULL;
    if (path->has_id)
        path->id = arazzo_read_value(loader, tree_get(node, "id"));
    return path;
}

/* ---- asked of our mock ---- */

/* What outcomes/signal of the admin API takes. */
static void read_signal(struct arazzo_loader *loader, const cJSON *node, struct arazzo_step *step)
{
    if (!node)
        return;
    step->signal = template_compile(&loader->compiler, node);
    arazzo_check_uses(loader, template_uses(step->signal));
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
    const cJSON *with = tree_get(node, "with"), *tries = tree_get(node, "tries"), *value;
    struct strbuf header = STRBUF_INIT(LIMIT_MESSAGE);
    step->fault_tries = 1;
    if (cJSON_IsString(node))
        strbuf_adds(&header, node->valuestring);
    else if (cJSON_IsObject(node) && tree_get_text(node, "fault"))
        strbuf_adds(&header, tree_get_text(node, "fault"));
    if (tries)
        tree_as_int64(tries, &step->fault_tries);
    cJSON_ArrayForEach (value, with) {
        strbuf_addf(&header, ";%s=", value->string);
        add_fault_value(loader, value, &header);
    }
    step->fault = header.len ? arena_strndup(loader->arena, header.buf, header.len) : NULL;
    strbuf_release(&header);
}

/* ---- all of them ---- */

void arazzo_read_limits(struct arazzo_loader *loader, struct arazzo_workflow *workflow)
{
    workflow->within = read_duration(tree_get(workflow->node, "x-dryrun-within"), 0);
    workflow->path = read_path(loader, tree_get(workflow->node, "x-dryrun-expect-path"));
}

void arazzo_read_extensions(struct arazzo_loader *loader, const cJSON *node,
                            struct arazzo_step *step)
{
    step->outcome = tree_get_text(node, "x-dryrun-outcome");
    step->is_always = tree_is_true(tree_get(node, "x-dryrun-always"));
    step->within = read_duration(tree_get(node, "x-dryrun-within"), 0);
    step->path = read_path(loader, tree_get(node, "x-dryrun-expect-path"));
    step->has_link = tree_get(node, "x-dryrun-link") != NULL;
    if (step->has_link)
        step->link = arazzo_read_value(loader, tree_get(node, "x-dryrun-link"));
    read_fault(loader, tree_get(node, "x-dryrun-fault"), step);
    read_until(loader, tree_get(node, "x-dryrun-until"), step);
    read_stream(loader, tree_get(node, "x-dryrun-stream"), step);
    read_receive(loader, tree_get(node, "x-dryrun-receive"), step);
    read_signal(loader, tree_get(node, "x-dryrun-signal"), step);
}
