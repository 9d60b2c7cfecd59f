/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a lifecycle.yaml: findings or a lifecycle, never a crash; then its machines are
 * asked. */
#include "core/data/yaml.h"
#include "core/lifecycle/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct arena *arena, const struct machine *machine)
{
    int i, last = (int)machine->state_count - 1;

    for (i = 0; i <= last; i++) {
        machine_step(machine, STATE_BIT(i));
        machine_path(arena, machine, i, last);
    }
    state_set_text(arena, machine,
                   machine_forced(machine, machine_closure(machine, machine->initial)));
    machine_states_of(machine, tree_object(arena), NULL, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    const cJSON *document = yaml_parse(arena, (const char *)data, size, "fuzz.yaml", &findings);
    size_t i;

    if (document) {
        const struct lifecycle *lifecycle =
            lifecycle_from_document(arena, "fuzz.yaml", document, NULL, 0, &findings);

        for (i = 0; i < lifecycle->machine_count; i++)
            ask(arena, &lifecycle->machines[i]);
    }
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
