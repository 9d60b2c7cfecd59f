/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own file formats as JSON Schemas (contracts/schemas/, built into the program), the first pass
 * of loading; and the two formats of texts that our schemas know beside JSON Schema's own.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/findings.h"
#include "core/data/tree.h"

struct schema_set;
struct schema_format;

/*
 * Holds a document against the schema of the format ("lifecycle", "service", "resources",
 * "outcomes", "scenario" ...): what is wrong becomes findings at its place, unknown keys with the
 * nearest known one. True when all is well.
 */
bool format_check(struct arena *arena, const char *format, const cJSON *document,
                  struct findings *findings);
/* The schema's text, as it stands in contracts/schemas; NULL when there is no such format. */
const char *format_schema_text(const char *format);

/* Makes `cron` and `time-zone` known to a set; before it compiles anything. */
const struct schema_format *formats_of_texts(size_t *count);
void formats_register(struct schema_set *set);
