/* SPDX-License-Identifier: Apache-2.0 */
/* A contract from a text, for tests. */
#pragma once

#include "core/contract/openapi.h"
#include "core/data/yaml.h"

static inline struct contract *contract_from_text(struct arena *arena, const char *text,
                                                  struct findings *findings)
{
    cJSON *tree = yaml_parse(arena, text, strlen(text), "test.yaml", findings);
    return tree ? contract_from_tree(arena, "test.yaml", tree, NULL, 0, findings) : NULL;
}
