/* SPDX-License-Identifier: Apache-2.0 */
/* Where the conformance suites are, for the programs of this folder. */
#pragma once

#include "core/base/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_SKIPPED = 77, FILE_MAX = 16 * 1024 * 1024 };

/* The folder under $DRYRUN_SHARED, else ../shared; ends the program as skipped when it is not
 * there. */
static inline const char *shared_folder(struct arena *arena, const char *name)
{
    const char *shared = getenv("DRYRUN_SHARED");
    const char *path = file_join(arena, shared ? shared : SOURCE_DIR "/../shared", name);

    if (file_is_directory(path))
        return path;
    printf("skipped: '%s' is not there (set DRYRUN_SHARED)\n", path);
    exit(EXIT_SKIPPED);
}
