/* SPDX-License-Identifier: Apache-2.0 */
/* What `dryrun mock` prints when it listens: where, how to look inside, what to try. */
#pragma once

#include "cli/mock_settings.h"

void mock_banner(const struct mock *mock, const struct mock_settings *settings);
/* Two lines that work as they are; loads the provider that one of them asks. */
void mock_banner_try(struct mock *mock, const struct mock_settings *settings);
