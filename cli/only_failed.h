/* SPDX-License-Identifier: Apache-2.0 */
/* --only-failed FILE: the workflows that an earlier run's JSON report says were broken. */
#pragma once

#include "core/base/error.h"
#include "runner/arazzo/arazzo.h"

struct only_failed;

/* NULL and `err` when the file is no report of ours. */
struct only_failed *only_failed_read(struct arena *arena, const char *file, struct error *err);
size_t only_failed_count(const struct only_failed *only);
/* For jobs_add; `data` is a struct only_failed. */
bool only_failed_wants(void *data, const struct arazzo_workflow *workflow);
