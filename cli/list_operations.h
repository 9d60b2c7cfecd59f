/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `dryrun list scenarios`: the workflows. `dryrun list operations`: what each one does in the mock,
 * and what reaches it: workflows of the provider's scenarios, and tests of the services' own
 * clients (contracts/NAME/clients.yaml).
 */
#pragma once

#include "core/base/findings.h"
#include "core/provider/provider.h"

struct listing {
    struct arena *arena;
    const char *contracts_dir;
    bool only_unreached;
    size_t unreached; /* so far: by no workflow, or by no client test without a reason */
    struct findings *findings;
};

void list_operations(struct listing *listing, const struct provider *provider);
void list_scenarios(struct listing *listing, const struct provider *provider);
