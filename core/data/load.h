/* SPDX-License-Identifier: Apache-2.0 */
/* A document from a file: JSON when its name ends in .json or .har, YAML otherwise. */
#pragma once

#include "core/base/findings.h"
#include "core/data/tree.h"

cJSON *load_document(struct arena *arena, const char *path, struct findings *findings);
/* The same of a document that was not written for us (yaml_parse_foreign). */
cJSON *load_foreign(struct arena *arena, const char *path, struct findings *findings);
