/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/file.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static char *read_all(struct arena *arena, FILE *file, const char *path, size_t max, size_t *len,
                      struct error *err)
{
    size_t cap = 64 * 1024, used = 0;
    char *bytes = arena_alloc(arena, cap + 1);
    size_t got;
    while ((got = fread(bytes + used, 1, cap - used, file)) > 0) {
        used += got;
        if (used > max) {
            fail(err, ERROR_TOO_LARGE, "'%s' is larger than %zu bytes", path, max);
            return NULL;
        }
        if (used == cap) {
            char *larger = arena_alloc(arena, cap * 2 + 1);
            memcpy(larger, bytes, used);
            bytes = larger;
            cap *= 2;
        }
    }
    if (ferror(file)) {
        fail_errno(err, "cannot read '%s'", path);
        return NULL;
    }
    bytes[used] = '\0';
    *len = used;
    return bytes;
}

char *file_read(struct arena *arena, const char *path, size_t max, size_t *len, struct error *err)
{
    if (file_is_directory(path)) {
        fail(err, ERROR_IO, "cannot read '%s': it is a directory", path);
        return NULL;
    }
    FILE *file = fopen(path, "rbe");
    if (!file) {
        fail_errno(err, "cannot read '%s'", path);
        return NULL;
    }
    char *bytes = read_all(arena, file, path, max, len, err);
    fclose(file);
    return bytes;
}

bool file_is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static int write_bytes(int descriptor, const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(descriptor, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        len -= (size_t)written;
    }
    return 0;
}

static int write_into(const char *path, const void *bytes, size_t len, struct error *err)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_errno(err, "cannot write '%s'", path);
    int written =
        write_bytes(descriptor, bytes, len) ? fail_errno(err, "cannot write '%s'", path) : 0;
    close(descriptor);
    return written;
}

int file_write(const char *path, const void *bytes, size_t len, struct error *err)
{
    if (file_is_special(path))
        return write_into(path, bytes, len, err);
    char temporary[4096];
    int size = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (size < 0 || (size_t)size >= sizeof temporary)
        return fail(err, ERROR_IO, "cannot write '%s': the name is too long", path);
    int descriptor = mkstemp(temporary);
    if (descriptor < 0)
        return fail_errno(err, "cannot write '%s'", path);
    int written =
        write_bytes(descriptor, bytes, len) || fsync(descriptor) || fchmod(descriptor, 0644);
    int closed = close(descriptor);
    if (written || closed || rename(temporary, path)) {
        fail_errno(err, "cannot write '%s'", path);
        unlink(temporary);
        return -1;
    }
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **file_list(struct arena *arena, const char *directory, struct error *err)
{
    struct {
        VEC(const char *);
    } names = {0};
    DIR *open = opendir(directory);
    if (!open) {
        fail_errno(err, "cannot read the directory '%s'", directory);
        return NULL;
    }
    for (struct dirent *entry = readdir(open); entry; entry = readdir(open))
        if (entry->d_name[0] != '.')
            vec_push_arena(arena, &names, arena_strdup(arena, entry->d_name));
    closedir(open);
    if (names.count)
        qsort(names.items, names.count, sizeof *names.items, compare_names);
    vec_push_arena(arena, &names, NULL);
    return names.items;
}

const char *file_join(struct arena *arena, const char *directory, const char *name)
{
    if (name[0] == '/' || text_is(directory, "") || text_is(directory, "."))
        return arena_strdup(arena, name);
    const char *slash = text_ends_with(directory, "/") ? "" : "/";
    return arena_printf(arena, "%s%s%s", directory, slash, name);
}

const char *file_directory(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}
