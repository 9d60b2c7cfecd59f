/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/terminal.h"

#include "core/base/str.h"

#include <stdlib.h>
#include <unistd.h>

bool terminal_colour(int fd)
{
    const char *refused = getenv("NO_COLOR");
    if (refused && *refused)
        return false;
    return isatty(fd) && !text_is(getenv("TERM"), "dumb");
}
