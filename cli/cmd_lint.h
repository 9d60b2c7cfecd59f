/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* dryrun lint [PROVIDER...]: all that is wrong with the data of providers. Returns the exit code.
 */
int cmd_lint(int argc, char **argv);
