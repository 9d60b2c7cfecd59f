/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of Arazzo 1.0 and 1.1 and the members each may have. What is legal is decided here,
 * for all kinds of sources; what is played is decided by runner/arazzo/arazzo.h.
 */
#pragma once

#include "core/base/findings.h"
#include "core/data/tree.h"

/*
 * Everything wrong with the document's structure as findings: unknown members, wrong types, missing
 * ones, items twice. Extensions (x-...) are not looked at. The minor version (0 or 1), or -1 when
 * there were errors.
 */
int arazzo_structure_check(const cJSON *document, const char *file, struct findings *findings);

/* True for a Selector Object: { context, selector, type }. */
bool arazzo_is_selector(const cJSON *node);
