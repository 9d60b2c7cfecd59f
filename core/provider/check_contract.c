/* SPDX-License-Identifier: Apache-2.0 */
/* The lifecycle held against the OpenAPI document: names, states, statuses. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <string.h>

static void check_schema_name(struct builder *builder, const char *name, struct place place)
{
    const char *const *names = contract_component_names(builder->contract), *near;
    size_t count = 0;

    if (!name || contract_component_schema(builder->contract, name))
        return;
    while (names && names[count])
        count++;
    near = text_nearest_of(name, names, count);
    if (near)
        findings_add(builder->findings, place, "unknown schema '%s' (did you mean '%s'?)", name,
                     near);
    else
        findings_add(builder->findings, place, "unknown schema '%s'", name);
}

/* ---- states against the schema's enum ---- */

/* The schema of the member at a pointer; NULL when it is not said. */
static const struct schema *schema_at(struct builder *builder, const struct schema *schema,
                                      const char *pointer)
{
    while (schema && pointer && *pointer == '/') {
        size_t len = strcspn(pointer + 1, "/");

        schema = schema_property(schema, arena_strndup(builder->arena, pointer + 1, len));
        pointer += len + 1;
    }
    return schema;
}

static void check_enum_covered(struct builder *builder, const struct machine *machine,
                               const struct observation *seen, const cJSON *values)
{
    const cJSON *value;
    size_t i;

    cJSON_ArrayForEach (value, values) {
        for (i = 1; i < machine->state_count; i++)
            if (tree_equal(machine->states[i].value, value))
                break;
        if (i == machine->state_count && !cJSON_IsNull(value))
            findings_warn(builder->findings, seen->place,
                          "'%s' may show '%s' at '%s', and no state of '%s' has that value",
                          seen->schema, value_text(builder->arena, value), seen->state_at,
                          machine->name);
    }
}

static void check_states_of(struct builder *builder, const struct machine *machine,
                            const struct observation *seen)
{
    const struct schema *whole = contract_component_schema(builder->contract, seen->schema);
    const struct schema *member = schema_at(builder, whole, seen->state_at);
    const cJSON *values = member ? tree_get(schema_node(schema_target(member)), "enum") : NULL;
    const char **names = arena_alloc(builder->arena, (tree_count(values) + 1) * sizeof *names);
    const cJSON *value;
    size_t count = 0, i;

    if (!whole || !seen->state_at || machine->is_stateless)
        return;
    if (!member) {
        findings_warn(builder->findings, seen->place, "'%s' describes no member at '%s'",
                      seen->schema, seen->state_at);
        return;
    }
    cJSON_ArrayForEach (value, values)
        if (tree_text(value))
            names[count++] = tree_text(value);
    for (i = 1; i < machine->state_count; i++) {
        const struct state *state = &machine->states[i];
        const char *text = value_text(builder->arena, state->value);
        const char *near = text_nearest_of(text, names, count);

        if (schema_valid(member, state->value, NULL, builder->arena))
            continue;
        if (near)
            findings_add(builder->findings, state->place,
                         "'%s' is no value of '%s' in '%s' (did you mean '%s'?)", text,
                         seen->state_at, seen->schema, near);
        else
            findings_add(builder->findings, state->place, "'%s' is no value of '%s' in '%s'", text,
                         seen->state_at, seen->schema);
    }
    if (values && !seen->partial)
        check_enum_covered(builder, machine, seen, values);
}

static void check_machine(struct builder *builder, const struct machine *machine)
{
    size_t i;

    for (i = 0; i < machine->observe_count; i++) {
        const struct observation *seen = &machine->observe[i];

        check_schema_name(builder, seen->schema, seen->place);
        if (seen->schema)
            check_states_of(builder, machine, seen);
        if (seen->operation)
            builder_operations_named(builder, seen->operation, seen->place);
    }
    for (i = 0; i < machine->block_count; i++)
        builder_operations_named(builder, machine->blocks[i].name, machine->blocks[i].place);
    if (!machine->is_stateless && machine->first_initial == STATE_NONE)
        findings_add(builder->findings, machine->place, "no state of '%s' is initial",
                     machine->name);
}

/* ---- statuses ---- */

static void check_status(struct builder *builder, const struct provider_operation *operation,
                         int status, struct place place)
{
    if (status && !operation_response(operation->operation, status))
        findings_warn(builder->findings, place,
                      "'%s' does not document the status %d, which this row may answer",
                      operation->name, status);
}

static void check_operation(struct builder *builder, const struct provider_operation *operation)
{
    size_t i, j;

    for (i = 0; i < builder->lifecycle->timeout_count; i++)
        if (operation->timeout_status == builder->lifecycle->timeouts[i].status)
            check_status(builder, operation, operation->timeout_status,
                         builder->lifecycle->timeouts[i].place);
    for (i = 0; i < operation->rule_count; i++)
        check_status(builder, operation, operation->rules[i]->row.status,
                     operation->rules[i]->row.place);
    for (i = 0; i < operation->participant_count; i++) {
        const struct participant *part = &operation->participants[i];

        for (j = 0; j < part->rows.count; j++)
            check_status(builder, operation, part->rows.items[j]->status,
                         part->rows.items[j]->place);
        if (part->by_path && !part->has_absent_row && !part->machine->missing)
            findings_add(builder->findings, part->machine->place,
                         "what '%s' answers for a '%s' that is not there is said nowhere: name an "
                         "error under 'missing'",
                         operation->name, part->machine->name);
    }
}

void check_contract(struct builder *builder)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    size_t i;

    for (i = 0; i < lifecycle->machine_count; i++)
        check_machine(builder, &lifecycle->machines[i]);
    for (i = 0; i < lifecycle->callback_count; i++)
        check_schema_name(builder, lifecycle->callbacks[i].schema, lifecycle->callbacks[i].place);
    for (i = 0; i < lifecycle->group_count; i++)
        builder_operations_named(builder, lifecycle->groups[i].name, lifecycle->groups[i].place);
    for (i = 0; i < builder->provider->operation_count; i++)
        check_operation(builder, &builder->operations[i]);
}
