/* SPDX-License-Identifier: Apache-2.0 */
/* Where two trees differ, for people. */
#pragma once

#include "core/base/strbuf.h"
#include "core/data/tree.h"

/*
 * Two lines for each place that differs, members in the order of `expected`: "- /a/0/b: 1" and
 * "+ /a/0/b: 2"; one line where only one side has it. Each line begins with `indent` and ends with
 * a newline; long values are cut; after `most` places "... and N more". Gives the number of places
 * (0: the trees are equal).
 */
size_t tree_difference(const cJSON *expected, const cJSON *found, const char *indent, size_t most,
                       struct strbuf *out);
