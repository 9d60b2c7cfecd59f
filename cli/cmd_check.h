/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* dryrun check [PROVIDER...]: plays scenarios and judges every exchange. Returns the exit code. */
int cmd_check(int argc, char **argv);
