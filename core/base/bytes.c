/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/bytes.h"

#include "core/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct unit {
    const char *name;
    unsigned shift;
} units[] = {
    {"", 0},     {"b", 0},  {"k", 10},  {"kb", 10},  {"kib", 10}, {"m", 20},  {"mb", 20},
    {"mib", 20}, {"g", 30}, {"gb", 30}, {"gib", 30}, {"t", 40},   {"tb", 40}, {"tib", 40},
};

int bytes_parse(const char *text, int64_t *bytes)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno)
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!text_is_any_case(end, units[i].name))
            continue;
        return __builtin_mul_overflow(number, INT64_C(1) << units[i].shift, bytes) ? -1 : 0;
    }
    return -1;
}

/* The number in a file of one line; SIZE_MAX when it has none ("max") or is not there. */
static size_t read_limit(const char *file)
{
    char line[32] = "";
    int64_t bytes;
    FILE *stream = fopen(file, "re");
    if (!stream)
        return SIZE_MAX;
    if (!fgets(line, sizeof line, stream))
        line[0] = '\0';
    fclose(stream);
    line[strcspn(line, "\n")] = '\0';
    return bytes_parse(line, &bytes) ? SIZE_MAX : (size_t)bytes;
}

size_t bytes_of_machine(void)
{
    static const char *const limits[] = {"/sys/fs/cgroup/memory.max",
                                         "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    size_t least = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        size_t limit = read_limit(limits[i]);
        least = limit < least ? limit : least;
    }
    return least;
}
