/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario out of what was recorded: an Arazzo document (as JSON) that does it again. A workflow
 * for each world, a step for each exchange; the status recorded is its criterion. Values that an
 * answer gave and a later request sent are threaded through outputs; looks at one resource in a
 * row become one step that is tried again until it shows what the last one showed.
 */
#pragma once

#include "runner/result.h"

/* Of a run that judged a tape. How many steps. */
size_t tape_scenario(struct arena *arena, const struct run_result *result, struct strbuf *out);
