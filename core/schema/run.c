/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a value against a schema: rule after rule, within limits of depth and of work. */
#include "core/schema/run.h"

enum { STEPS_USUAL = 20 * 1000 * 1000, ERRORS_USUAL = 100 };

/* ---- marks ---- */

void marks_init(struct marks *marks, const cJSON *instance, struct arena *arena)
{
    *marks = (struct marks){0, &marks->small, 0};
    if (cJSON_IsArray(instance) || cJSON_IsObject(instance))
        for (const cJSON *child = instance->child; child; child = child->next)
            marks->count++;
    if (marks->count > MARKS_INLINE)
        marks->bits = arena_alloc(arena, (marks->count + 63) / 64 * sizeof *marks->bits);
}

void marks_set(struct marks *marks, size_t index)
{
    if (marks && index < marks->count)
        marks->bits[index / 64] |= UINT64_C(1) << index % 64;
}

bool marks_has(const struct marks *marks, size_t index)
{
    return marks && index < marks->count && marks->bits[index / 64] >> index % 64 & 1;
}

void marks_set_all(struct marks *marks)
{
    for (size_t i = 0; marks && i < marks->count; i++)
        marks_set(marks, i);
}

void marks_merge(struct marks *into, const struct marks *from)
{
    if (into && into->count == from->count)
        for (size_t i = 0; i * 64 < into->count; i++)
            into->bits[i] |= from->bits[i];
}

/* ---- applying ---- */

void run_init(struct run *run, const struct schema_options *options, struct arena *arena)
{
    *run = (struct run){.arena = arena};
    if (options)
        run->options = *options;
    if (!run->options.max_errors)
        run->options.max_errors = ERRORS_USUAL;
    if (!run->options.max_steps)
        run->options.max_steps = STEPS_USUAL;
}

bool run_goes_on(const struct run *run)
{
    if (run->gave_up)
        return false;
    if (run->errors)
        return run->errors->count < run->errors->max;
    return run->sightings && run->lenient && !run->in_branch;
}

static bool give_up(struct run *run, const char *why)
{
    if (!run->gave_up) {
        run->gave_up = true;
        if (run->errors)
            run_fail(run, NULL, "gave up: %s", why);
    }
    return false;
}

/* The same schema is at the same value already: it would go on for ever. */
static bool is_loop(const struct frame *frame)
{
    const struct frame *at = frame;

    while (at->step == STEP_SAME && at->outer) {
        at = at->outer;
        if (at->schema == frame->schema && at->instance == frame->instance)
            return true;
    }
    return false;
}

static bool apply_rules(struct run *run, const struct schema *schema, const cJSON *instance,
                        struct marks *marks)
{
    bool valid = true;

    if (schema->is_boolean)
        return schema->boolean || run_fail(run, NULL, "nothing is allowed here");
    for (size_t i = 0; i < schema->rules.count; i++) {
        const struct rule *rule = &schema->rules.items[i];

        if (rule->keyword->validate(run, rule, instance, marks))
            continue;
        valid = false;
        if (!run_goes_on(run))
            break;
    }
    return valid;
}

static void add_sighting(struct run *run, const struct frame *frame)
{
    struct sighting made = {frame->schema, frame->instance, NULL};

    made.pointer = run_pointer(run, frame);
    vec_push_arena(run->arena, run->sightings, made);
}

bool run_apply(struct run *run, const struct schema *schema, const cJSON *instance, long step,
               struct marks *marks)
{
    struct frame frame = {schema, instance, run->frame, step};
    struct marks own;
    bool asked = marks || schema->tracks, valid;
    size_t seen = run->sightings ? run->sightings->count : 0;

    if (run->gave_up)
        return false;
    if (++run->steps > run->options.max_steps)
        return give_up(run, "this value and its schema ask for too much work");
    if (run->depth >= RUN_DEPTH_MAX)
        return give_up(run, "schemas are nested too deeply here");
    if (is_loop(&frame))
        return give_up(run, "a schema refers to itself without end");
    run->depth++;
    run->frame = &frame;
    if (asked)
        marks_init(&own, instance, run->arena);
    if (run->sightings && (schema->name || run->sees_all))
        add_sighting(run, &frame);
    valid = apply_rules(run, schema, instance, asked ? &own : NULL) && !run->gave_up;
    if (!valid && run->sightings && !(run->lenient && !run->in_branch))
        run->sightings->count = seen;
    if (marks && (valid || run->errors))
        marks_merge(marks, &own);
    run->frame = frame.outer;
    run->depth--;
    return valid;
}

bool run_probe(struct run *run, const struct schema *schema, const cJSON *instance, long step,
               struct marks *marks)
{
    struct error_list *errors = run->errors;
    bool in_branch = run->in_branch, valid;

    run->errors = NULL;
    run->in_branch = true;
    valid = run_apply(run, schema, instance, step, marks);
    run->errors = errors;
    run->in_branch = in_branch;
    return valid;
}

bool schema_valid(const struct schema *schema, const cJSON *instance,
                  const struct schema_options *options, struct arena *scratch)
{
    struct run run;

    schema_ready(schema);
    run_init(&run, options, scratch);
    return run_apply(&run, schema, instance, STEP_SAME, NULL);
}

bool schema_validate(const struct schema *schema, const cJSON *instance,
                     const struct schema_options *options, struct arena *arena,
                     struct schema_report *report)
{
    struct error_list errors = {NULL, &errors.first, 0, 0, false};
    struct run run;
    bool valid;

    *report = (struct schema_report){NULL, 0, false};
    if (schema_valid(schema, instance, options, arena))
        return true;
    run_init(&run, options, arena);
    errors.max = run.options.max_errors;
    run.errors = &errors;
    valid = run_apply(&run, schema, instance, STEP_SAME, NULL);
    if (run.gave_up && !errors.count) {
        run.gave_up = false;
        run.frame = &(struct frame){schema, instance, NULL, STEP_SAME};
        run_fail(&run, NULL, "gave up: too deep, or too much work");
    }
    *report = (struct schema_report){errors.first, errors.count, errors.more};
    return valid && !errors.count;
}
