/* SPDX-License-Identifier: Apache-2.0 */
/* What `dryrun mock` plays, for mock_settings.c alone. */
#pragma once

#include "core/base/options.h"
#include "mock/mock.h"

/* The providers that are named, or all that are found; documents of --openapi; variants. 0, or -1
 * and `err`. */
int mock_providers_read(struct arena *arena, const struct options *options,
                        struct mock_options *mock, struct error *err);
