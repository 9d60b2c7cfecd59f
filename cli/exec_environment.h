/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of a command that is run beside a mock: where the services are, and the variables
 * that their clients read by themselves (`environment` of contracts/NAME/clients.yaml).
 * docs/EXEC.md
 */
#pragma once

#include "cli/mock_settings.h"
#include "core/base/options.h"

/*
 * NAME=value texts, NULL-terminated, in the arena: our own environment with what the mock needs put
 * in or taken out, but for the names in `kept`. Secrets that the user had set and that are not
 * passed on are told on standard error. NULL: `findings` or `err` say why.
 */
char **exec_environment(struct arena *arena, const struct mock *mock,
                        const struct mock_settings *settings, struct texts kept,
                        struct findings *findings, struct error *err);
/* Removes what was written for it; before mock_settings_clean. */
void exec_environment_clean(struct arena *arena, const struct mock_settings *settings);
