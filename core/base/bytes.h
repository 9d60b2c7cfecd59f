/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts of memory: how they are written, and how much the machine has. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* "4096", "64k", "512MB", "2GiB": powers of 1024 whatever the spelling. 0, or -1 when it is none or
 * does not fit. */
int bytes_parse(const char *text, int64_t *bytes);
/* What this process may use: the machine's memory, or less where its control group allows less. */
size_t bytes_of_machine(void);
