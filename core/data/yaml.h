/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML 1.2 core schema, through libyaml, to the same tree as JSON. Refused with file:line:column:
 * bare on/off/yes/no/y/n (YAML 1.1 readers take them as booleans), merge keys `<<`, tags other than
 * the core ones, duplicate keys, keys that are not scalars, more than one document, aliases that
 * expand to more than YAML_NODES_MAX nodes. Aliases are copied.
 */
#pragma once

#include "core/base/findings.h"
#include "core/data/tree.h"

enum { YAML_NODES_MAX = 2000000 };

/* NULL when there were errors; all that could be found are in `findings`. */
cJSON *yaml_parse(struct arena *arena, const char *bytes, size_t len, const char *file,
                  struct findings *findings);
/* A document that was not written for us: bare on, off, yes and the like are texts, `<<` merges. */
cJSON *yaml_parse_foreign(struct arena *arena, const char *bytes, size_t len, const char *file,
                          struct findings *findings);
