/* SPDX-License-Identifier: Apache-2.0 */
/* `dryrun lint`: fault plans. */
#pragma once

#include "cli/data_dirs.h"
#include "core/base/findings.h"
#include "core/base/options.h"

/*
 * Reads the plans named (files, or names of those that come along), or when none is named
 * every one in `faults` of the fixtures; names in them are looked up in the providers. -1 and
 * `err`: a plan is not there.
 */
int lint_plans(struct arena *arena, struct texts plans, const struct data_dirs *dirs,
               const char *const *providers, struct findings *findings, struct error *err);
