/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that drift's reports share; what is added is not masked unless it says so. */
#pragma once

#include "runner/drift/drift.h"

/* "type of /created_at", "states of run" */
const char *drift_subject(struct arena *arena, const struct drift_finding *finding);
/* All of it, lines behind `indent`. */
void drift_finding_text(const struct drift *drift, const struct drift_finding *finding,
                        struct arena *arena, const char *indent, struct strbuf *out);
/* Which sides the contract allows: "both", "left", "right", "neither"; NULL for notes. */
const char *drift_allows(const struct drift_finding *finding);
/* "same", "differs", "one side only", "not compared" */
const char *drift_operation_result(const struct drift_operation *row);
/* The same with numbers: "differs: 2 breaches; 4 steps played by mock only". */
void drift_operation_text(const struct drift *drift, const struct drift_operation *row,
                          struct strbuf *out);
/* The lines below everything: how much was compared, what was found, what the judge says. */
void drift_summary(const struct drift *drift, struct arena *arena, struct strbuf *out);
bool drift_is_of(const struct drift_finding *finding, const struct drift_operation *row);
/* Why nothing can be compared; NULL. */
const char *drift_unreachable(const struct drift *drift, struct arena *arena);
bool drift_differs(const struct drift_operation *row);
