/* SPDX-License-Identifier: Apache-2.0 */
/* Which named schemas apply to which parts of a value. */
#include "core/schema/run.h"

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
    for (size_t i = 0; i < sightings.count; i++) {
        const struct sighting *s = &sightings.items[i];
        bool again = false;

        for (size_t j = 0; j < i && !again; j++)
            again = sightings.items[j].schema == s->schema && sightings.items[j].value == s->value;
        if (!again)
            found(data, s->schema->name, s->schema, s->value, s->pointer);
    }
}
