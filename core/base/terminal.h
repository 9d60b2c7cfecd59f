/* SPDX-License-Identifier: Apache-2.0 */
/* What may be assumed of the thing that a descriptor writes to. */
#pragma once

#include <stdbool.h>

/* Colour is wanted: a terminal, not a dumb one, and NO_COLOR is unset or empty (no-color.org). */
bool terminal_colour(int fd);
