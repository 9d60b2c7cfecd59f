/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/base/strbuf.h"
#include "runner/play/jobs.h"

/*
 * --dry-run: what the workflows would send, step by step; nothing is sent. Inputs and literals are
 * filled in, what only an answer can tell stands there as it is written. Secrets are masked.
 */
void preview_jobs(struct runner *runner, const struct jobs *jobs, struct strbuf *out);
