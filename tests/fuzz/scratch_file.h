/* SPDX-License-Identifier: Apache-2.0 */
/* For loaders that read a file: one file of this process, filled anew for each input. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In memory where there is such a place: thousands of inputs, one after the other. */
static char scratch_path[32] = "/dev/shm/dryrun-fuzz-XXXXXX";
static int scratch = -1;

static void scratch_remove(void)
{
    unlink(scratch_path);
}

static const char *scratch_fill(const uint8_t *data, size_t size)
{
    if (scratch < 0) {
        scratch = mkstemp(scratch_path);
        if (scratch < 0) {
            memcpy(scratch_path, "/tmp/dryrun-fuzz-XXXXXX", sizeof "/tmp/dryrun-fuzz-XXXXXX");
            scratch = mkstemp(scratch_path);
        }
        atexit(scratch_remove);
    }
    if (scratch < 0 || ftruncate(scratch, 0) || pwrite(scratch, data, size, 0) != (ssize_t)size)
        abort();
    return scratch_path;
}
