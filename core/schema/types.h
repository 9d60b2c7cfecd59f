/* SPDX-License-Identifier: Apache-2.0 */
/* The names of JSON Schema's types and their bits (enum schema_type); private to core/schema. */
#pragma once

#include "core/schema/schema.h"

unsigned type_of(const cJSON *value); /* one bit */
unsigned type_bit(const char *name);  /* "number" has two bits; 0 = no type's name */
const char *type_nearest(const char *name);
const char *types_text(struct arena *arena, unsigned types); /* "string or null" */
