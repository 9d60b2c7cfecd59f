/* SPDX-License-Identifier: Apache-2.0 */
/* `dryrun list faults` and `dryrun list plans`: what can go wrong on demand. */
#pragma once

void list_faults(void); /* a line a kind, and an indented one for each of its parameters */
void list_plans(void);
