/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that end a command which serves until it is told to stop. */
#pragma once

#include <signal.h>

/* SIGINT, SIGTERM, and SIGHUP (its terminal was closed) unless it is ignored, as nohup has it:
 * what is blocked and waited for would come all the same. To be blocked before the first thread. */
sigset_t stop_signals(void);
