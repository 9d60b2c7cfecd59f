/* SPDX-License-Identifier: Apache-2.0 */
/* The value of X-Dryrun-Fault when the first byte is '#', else a plan in YAML. */
#include "core/base/mem.h"
#include "core/data/yaml.h"
#include "mock/faults/set.h"

#include <stdint.h>
#include <string.h>

static void choose(struct fault_plan *plan)
{
    const struct fault_subject subject = {
        .provider = "p", .operation = "o", .method = "GET", .path = "/", .session = ""};
    struct arena *arena = arena_new();
    struct fault_set set;
    struct fault_hit *hits;
    fault_set_init(&set);
    fault_set_add(&set, plan, 0);
    for (int i = 0; i < 3; i++)
        fault_set_choose(&set, &subject, ~0U, arena, &hits);
    fault_set_release(&set);
    arena_free(arena);
}

static struct fault_plan *read_header(const uint8_t *data, size_t size)
{
    char *header = mem_alloc(size + 1);
    struct error err = {0};
    memcpy(header, data, size);
    header[size] = '\0';
    struct fault_plan *plan = fault_plan_of_header(header, &err);
    mem_free(header);
    return plan;
}

static struct fault_plan *read_plan(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    const cJSON *document = yaml_parse(arena, (const char *)data, size, "fuzz.yaml", &findings);
    struct fault_plan *plan = document ? fault_plan_read(document, "fuzz", &findings) : NULL;
    findings_release(&findings);
    arena_free(arena);
    return plan;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault_plan *plan =
        size && *data == '#' ? read_header(data + 1, size - 1) : read_plan(data, size);
    if (plan)
        choose(plan);
    fault_plan_unref(plan);
    return 0;
}
