/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without libFuzzer: over every file of the directories named (one that is
 * missing counts as empty), and over beginnings of each, since a text cut short is what parsers get
 * wrong most. Each input is a heap block of just its size, so that AddressSanitizer sees a read
 * beyond it.
 */
#include "core/base/mem.h"
#include "core/base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEGINNINGS = 64, PATH_SIZE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct paths {
    VEC(char *);
};

static size_t inputs;

static void run_one(const uint8_t *bytes, size_t len)
{
    uint8_t *exact = mem_alloc(len ? len : 1);
    memcpy(exact, bytes, len);
    LLVMFuzzerTestOneInput(exact, len);
    mem_free(exact);
    inputs++;
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return -1;
    }
    size_t len = 0, cap = 64 * 1024, got;
    uint8_t *bytes = mem_alloc(cap);
    while ((got = fread(bytes + len, 1, cap - len, file)) > 0) {
        len += got;
        if (len == cap)
            bytes = mem_realloc(bytes, cap *= 2);
    }
    fclose(file);
    run_one(bytes, len);
    size_t step = len / BEGINNINGS + 1;
    for (size_t cut = 0; cut < len; cut += step)
        run_one(bytes, cut);
    mem_free(bytes);
    return 0;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int run_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT ? 0 : -1;
    struct paths paths = {0};
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        char full[PATH_SIZE];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        vec_push(&paths, mem_strdup(full));
    }
    closedir(directory);
    if (paths.count)
        qsort(paths.items, paths.count, sizeof *paths.items, compare_paths);
    int failed = 0;
    for (size_t i = 0; i < paths.count; i++) {
        failed |= run_file(paths.items[i]);
        mem_free(paths.items[i]);
    }
    vec_free(&paths);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_directory(argv[i]);
    printf("replay: %zu inputs\n", inputs);
    if (!inputs)
        fprintf(stderr, "replay: no input: a target needs a corpus\n");
    return failed || !inputs;
}
