/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun mock --tape FILE: what answers is a recording. */
#pragma once

#include "cli/mock_settings.h"

#include <signal.h>

/* 0, or -1 and `err`: an option that says nothing of a recording. */
int mock_tape_check(const struct options *options, struct error *err);
/* Loads, listens, and waits for one of the signals, which are blocked. The exit code. */
int mock_tape_play(struct arena *arena, const struct mock_settings *settings, const sigset_t *set);
