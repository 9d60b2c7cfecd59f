/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order steps follow each other (Arazzo 1.1, "Step Dependencies and Execution Order"): the
 * document's, unless `dependsOn` asks for another one; and which workflows need which.
 */
#include "runner/arazzo/parts.h"

#include <assert.h>

/* ---- dependsOn of a step ---- */

/* `WORKFLOW.steps.STEP` of a document. */
static void find_elsewhere(struct arazzo_loader *loader, const struct arazzo *document,
                           const char *name, const cJSON *node, struct arazzo_dependency *out)
{
    const char *steps = strstr(name, ".steps.");
    size_t len = steps ? (size_t)(steps - name) : strlen(name);
    const struct arazzo_workflow *workflow;
    vec_foreach (workflow, &document->workflows)
        if (strlen(workflow->id) == len && memcmp(workflow->id, name, len) == 0)
            out->workflow = workflow;
    if (!steps || !out->workflow) {
        findings_add(loader->findings, tree_place(node), "'%s': there is no workflow '%.*s'",
                     tree_text(node), (int)len, name);
        return;
    }
    /* Its steps may not be read yet: the document's own list has them all. */
    const cJSON *list = tree_get(out->workflow->node, "steps");
    int index = 0;
    for (const cJSON *step = list ? list->child : NULL; step; step = step->next, index++)
        if (text_is(tree_get_text(step, "stepId"), steps + strlen(".steps.")))
            out->step = index;
    if (out->step < 0)
        findings_add(loader->findings, tree_place(node), "'%s': workflow '%s' has no step '%s'",
                     tree_text(node), out->workflow->id, steps + strlen(".steps."));
}

void arazzo_read_depends_on(struct arazzo_loader *loader, const cJSON *list,
                            struct arazzo_step *step)
{
    static const char workflows[] = "$workflows.", sources[] = "$sourceDescriptions.";
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        const char *text = tree_text(item);
        struct arazzo_dependency needed = {.step = -1, .text = text};
        if (text_starts_with(text, workflows)) {
            find_elsewhere(loader, loader->document, text + strlen(workflows), item, &needed);
        } else if (text_starts_with(text, sources)) {
            const char *name = text + strlen(sources);
            size_t len = strcspn(name, ".");
            const struct arazzo_source *source = arazzo_find_source(loader->document, name, len);
            if (source && source->document && name[len])
                find_elsewhere(loader, source->document, name + len + 1, item, &needed);
            else
                findings_add(loader->findings, tree_place(item),
                             "'%s': there is no source of type 'arazzo' of that name", text);
        } else {
            needed.workflow = loader->reading;
            needed.step = arazzo_find_step(loader, loader->reading, item, text);
            if (needed.step == step->index)
                findings_add(loader->findings, tree_place(item), "a step cannot wait for itself");
        }
        if (needed.workflow && needed.step >= 0)
            vec_push_arena(loader->arena, &step->depends_on, needed);
    }
}

/* ---- the order of steps ---- */

static bool jumps(const struct arazzo_actions *actions)
{
    const struct arazzo_action *action;
    vec_foreach (action, actions)
        if (action->step >= 0)
            return true;
    return false;
}

/* "implementations SHOULD produce an error": an output of a step that comes later. Where actions
 * jump, it may be there all the same. */
static void refuse_early_reads(struct arazzo_loader *loader, const struct arazzo_workflow *workflow)
{
    const struct arazzo_step *step;
    const struct arazzo_read *read;
    vec_foreach (step, &workflow->steps)
        if (jumps(&step->on_success) || jumps(&step->on_failure))
            return;
    vec_foreach (step, &workflow->steps)
        vec_foreach (read, &step->reads)
            if (read->step > step->index)
                findings_add(loader->findings, read->place,
                             "step '%s' comes after this one: its outputs are not there yet",
                             workflow->steps.items[read->step].id);
}

static bool is_ready(const struct arazzo_workflow *workflow, const struct arazzo_step *step,
                     const bool *placed)
{
    const struct arazzo_dependency *needed;
    const struct arazzo_read *read;
    vec_foreach (needed, &step->depends_on)
        if (needed->workflow == workflow && !placed[needed->step])
            return false;
    vec_foreach (read, &step->reads)
        if (read->step != step->index && !placed[read->step])
            return false;
    return true;
}

/* The first in the document's order that waits for nobody, again and again. */
static void order_by_need(struct arazzo_loader *loader, struct arazzo_workflow *workflow)
{
    size_t count = workflow->steps.count;
    bool *placed = arena_alloc(loader->arena, (count + 1) * sizeof *placed);
    struct arazzo_step *last = NULL;
    for (size_t done = 0; done < count; done++) {
        struct arazzo_step *step, *found = NULL, *stuck = NULL;
        vec_foreach (step, &workflow->steps) {
            if (placed[step->index])
                continue;
            stuck = stuck ? stuck : step;
            if (!found && is_ready(workflow, step, placed))
                found = step;
        }
        if (!found) {
            assert(stuck); /* not all are placed */
            findings_add(loader->findings, stuck->place,
                         "step '%s' waits for steps that wait for it", stuck->id);
            return;
        }
        placed[found->index] = true;
        if (last)
            last->next = found->index;
        else
            workflow->first = found->index;
        found->next = -1;
        last = found;
    }
}

void arazzo_order_steps(struct arazzo_loader *loader, struct arazzo_workflow *workflow)
{
    bool is_asked = false;
    struct arazzo_step *step;
    const struct arazzo_dependency *needed;
    vec_foreach (step, &workflow->steps) {
        step->next = step->index + 1 < (int)workflow->steps.count ? step->index + 1 : -1;
        vec_foreach (needed, &step->depends_on)
            is_asked = is_asked || needed->workflow == workflow;
    }
    if (is_asked)
        order_by_need(loader, workflow);
    else
        refuse_early_reads(loader, workflow);
}

/* ---- workflows ---- */

static bool leads_to(const struct arazzo_workflow *from, const struct arazzo_workflow *to,
                     int depth)
{
    for (size_t i = 0; depth < 64 && i < from->depends_on.count; i++)
        if (from->depends_on.items[i] == to || leads_to(from->depends_on.items[i], to, depth + 1))
            return true;
    return false;
}

void arazzo_check_circles(struct arazzo_loader *loader)
{
    struct arazzo **document;
    const struct arazzo_workflow *workflow;
    vec_foreach (document, loader->documents)
        vec_foreach (workflow, &(*document)->workflows)
            if (leads_to(workflow, workflow, 0))
                findings_add(loader->findings, workflow->place,
                             "workflow '%s' depends on workflows that depend on it", workflow->id);
}
