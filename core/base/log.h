/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chatter for people, on standard error: one line and one write(2) each, so lines of several
 * threads do not mix. Quiet at first (errors and warnings only). Not for a program's primary
 * output, and never for secrets. Line breaks and control characters in a text are escaped: a
 * request cannot forge a line.
 */
#pragma once

#include <stdbool.h>

/* LOG_... belongs to syslog.h. */
enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

/* The names of the levels (error warning info debug), ended by NULL: the choices of an option. */
extern const char *const log_level_names[];

void log_set_level(enum log_level level); /* may be called at any time, from any thread */
bool log_is_on(enum log_level level);     /* to save the work for a line that nobody sees */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((cold, format(printf, 2, 3)));
