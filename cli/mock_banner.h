/* SPDX-License-Identifier: Apache-2.0 */
/* What `dryrun mock` prints when it listens: where, how to look inside, what to try. */
#pragma once

#include "cli/mock_settings.h"

void mock_banner(const struct mock *mock, const struct mock_settings *settings);
