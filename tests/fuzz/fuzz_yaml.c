/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: a document without findings is a value that JSON can hold; one with findings is none.
 */
#include "core/data/json.h"
#include "core/data/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    const cJSON *node = yaml_parse(arena, (const char *)bytes, len, "f.yaml", &findings);
    require((node == NULL) == (findings.errors > 0));
    for (size_t i = 0; i < findings.count; i++)
        require(findings.items[i].place.line > 0 && findings.items[i].place.column > 0);
    if (node) {
        const char *text = json_text(arena, node);
        const cJSON *again = json_parse(arena, text, strlen(text), NULL, NULL);
        require(again && tree_equal(node, again));
        require(strcmp(text, json_text(arena, again)) == 0);
    }
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
