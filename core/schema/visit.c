/* SPDX-License-Identifier: Apache-2.0 */
/* Which schemas apply to which parts of a value. */
#include "core/schema/run.h"

/* Each once, in the order met. */
static void tell(const struct sightings *sightings, schema_found *found, void *data)
{
    for (size_t i = 0; i < sightings->count; i++) {
        const struct sighting *s = &sightings->items[i];
        bool again = false;

        for (size_t j = 0; j < i && !again; j++)
            again =
                sightings->items[j].value == s->value && sightings->items[j].schema == s->schema;
        if (!again)
            found(data, s->schema->name, s->schema, s->value, s->pointer);
    }
}

void schema_visit(const struct schema *schema, const cJSON *instance, bool lenient,
                  struct arena *scratch, schema_found *found, void *data)
{
    struct schema_options options = {.ignore_formats = lenient};
    struct sightings sightings = {NULL, 0, 0};
    struct run run;
    bool valid;

    schema_ready(schema);
    run_init(&run, &options, scratch);
    run.sightings = &sightings;
    run.lenient = lenient;
    valid = run_apply(&run, schema, instance, STEP_SAME, NULL);
    if (run.gave_up || (!valid && !lenient))
        return;
    tell(&sightings, found, data);
}

bool schema_validate_visit(const struct schema *schema, const cJSON *instance,
                           const struct schema_options *options, struct arena *arena,
                           struct schema_report *report, const struct schema_visitor *visitor)
{
    struct sightings sightings = {NULL, 0, 0};
    struct run run;
    bool valid;

    schema_ready(schema);
    run_init(&run, options, arena);
    run.sightings = &sightings;
    *report = (struct schema_report){NULL, 0, false};
    if (run_apply(&run, schema, instance, STEP_SAME, NULL) && !run.gave_up) {
        tell(&sightings, visitor->found, visitor->data);
        return true;
    }
    valid = schema_validate(schema, instance, options, arena, report);
    schema_visit(schema, instance, true, arena, visitor->found, visitor->data);
    return valid;
}

void schema_visit_all(const struct schema *schema, const cJSON *instance, struct arena *scratch,
                      schema_found *found, void *data)
{
    struct schema_options options = {.ignore_formats = true};
    struct sightings sightings = {NULL, 0, 0};
    struct run run;

    schema_ready(schema);
    run_init(&run, &options, scratch);
    run.sightings = &sightings;
    run.lenient = true;
    run.sees_all = true;
    run_apply(&run, schema, instance, STEP_SAME, NULL);
    if (!run.gave_up)
        tell(&sightings, found, data);
}
