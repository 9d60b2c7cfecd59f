/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/reads.h"

#include "core/expr/criterion.h"
#include "core/expr/template.h"

enum { DEPTH_MAX = 16 };

struct reading {
    const char *root;
    unsigned depth;
};

static bool in_template(const struct reading *reading, const struct template *template)
{
    return template && uses_root(template_uses(template), reading->root);
}

static bool in_criterion(const struct reading *reading, const struct criterion *criterion)
{
    return criterion && uses_root(criterion_uses(criterion), reading->root);
}

static bool in_assignments(const struct reading *reading, const struct assignments *assignments)
{
    for (size_t i = 0; i < assignments->count; i++)
        if (in_template(reading, assignments->items[i].value))
            return true;
    return false;
}

static bool in_delay(const struct reading *reading, const struct delay *delay)
{
    return delay->kind == DELAY_TEMPLATE && in_template(reading, delay->value);
}

static bool in_steps(struct reading *reading, const struct steps *steps);

static bool in_change(const struct reading *reading, const struct change *change)
{
    return in_template(reading, change->to.value) || in_assignments(reading, &change->set) ||
           in_template(reading, change->set_all) || in_template(reading, change->merge) ||
           in_template(reading, change->replace);
}

static bool in_create(const struct reading *reading, const struct create *create)
{
    return in_template(reading, create->id) || in_template(reading, create->given) ||
           in_template(reading, create->to.value) || in_assignments(reading, &create->set) ||
           in_template(reading, create->start.outcome) ||
           in_template(reading, create->start.queue) ||
           in_assignments(reading, &create->kind->fresh) ||
           in_template(reading, create->kind->fresh_all);
}

static bool in_run(struct reading *reading, const struct run_steps *run)
{
    return in_assignments(reading, &run->with) ||
           in_steps(reading, run->script ? &run->script->steps : &run->steps);
}

static bool in_verb(struct reading *reading, const struct step *step)
{
    switch (step->verb) {
    case VERB_CHANGE:
        return in_change(reading, &step->change);
    case VERB_CREATE:
        return in_create(reading, &step->create);
    case VERB_COPY:
        return in_template(reading, step->copy.of) || in_assignments(reading, &step->copy.set);
    case VERB_EMIT:
        return in_template(reading, step->emit.name_value) || in_template(reading, step->emit.data);
    case VERB_LET:
        return in_assignments(reading, &step->let);
    case VERB_EACH:
        return in_template(reading, step->each.in) || in_delay(reading, &step->each.every) ||
               in_steps(reading, &step->each.steps);
    case VERB_DO:
        return in_run(reading, &step->run);
    case VERB_REPEAT:
        return in_template(reading, step->repeat.times) ||
               in_criterion(reading, step->repeat.while_) || in_steps(reading, &step->repeat.steps);
    default: /* starting another outcome, calling a webhook: these may read anything */
        return true;
    }
}

static bool in_steps(struct reading *reading, const struct steps *steps)
{
    bool found = reading->depth >= DEPTH_MAX; /* too deep to look: say yes */
    reading->depth++;
    for (size_t i = 0; i < steps->count && !found; i++) {
        const struct step *step = &steps->items[i];
        found = in_criterion(reading, step->when) || in_criterion(reading, step->unless) ||
                in_delay(reading, &step->after) || in_template(reading, step->subject) ||
                in_steps(reading, &step->otherwise) || in_verb(reading, step);
    }
    reading->depth--;
    return found;
}

bool steps_read(const struct steps *steps, const char *root)
{
    struct reading reading = {root, 0};
    return in_steps(&reading, steps);
}

bool hook_reads(const struct hook *hook, const char *root)
{
    struct reading reading = {root, 0};
    return in_criterion(&reading, hook->when) || in_criterion(&reading, hook->unless) ||
           in_change(&reading, &hook->change) || in_steps(&reading, &hook->steps);
}
