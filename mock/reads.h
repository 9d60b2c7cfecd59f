/* SPDX-License-Identifier: Apache-2.0 */
/* What steps read, found once at load: an outcome that never looks at the request needs no copy of
 * it. */
#pragma once

#include "core/provider/provider.h"

/* Whether some expression in the steps, or in scripts that they run, has this root ("request"). */
bool steps_read(const struct steps *steps, const char *root);
bool hook_reads(const struct hook *hook, const char *root);
