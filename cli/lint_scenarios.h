/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/provider/provider.h"

/* Loads the provider's scenarios as `dryrun check` would; what is wrong becomes findings. */
void lint_scenarios(struct arena *arena, const struct provider *provider, const char *contracts,
                    struct findings *findings);
