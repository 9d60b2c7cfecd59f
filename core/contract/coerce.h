/* SPDX-License-Identifier: Apache-2.0 */
/* Texts into the types that a schema takes; private to core/contract. */
#pragma once

#include "core/data/tree.h"
#include "core/schema/schema.h"

/* A tree whose leaves are texts, typed by the schema; a new tree. What fits no type stays text. */
cJSON *coerce_tree(struct arena *arena, const struct schema *schema, const cJSON *texts);
