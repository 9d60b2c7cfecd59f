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

enum { LINKS_MAX = 40 };

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

/* What the process has open already, by whatever name: to put another file in the place of this
 * name would take it from the machine (/dev/stdout), or fail (/proc). */
static bool is_descriptor(const char *path)
{
    return text_is(path, "/dev/stdout") || text_is(path, "/dev/stderr") ||
           text_starts_with(path, "/dev/fd/") || text_starts_with(path, "/proc/self/fd/");
}

bool file_is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && (!S_ISREG(status.st_mode) || is_descriptor(path));
}

/* `name`, as it is meant in a link at `path`, in the place of `path`. */
static int go_on(char path[FILE_NAME_MAX], const char *name)
{
    char *slash = strrchr(path, '/');
    size_t kept = name[0] == '/' || !slash ? 0 : (size_t)(slash + 1 - path);
    if (kept + strlen(name) >= FILE_NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path + kept, name, strlen(name) + 1);
    return 0;
}

int file_follow(const char *path, char target[FILE_NAME_MAX])
{
    char name[FILE_NAME_MAX];
    target[0] = '\0';
    int result = go_on(target, path);
    for (int i = 0; !result; i++) {
        ssize_t len = readlink(target, name, sizeof name - 1);
        if (len < 0)
            return 0; /* no link, or nothing yet */
        name[len] = '\0';
        errno = ELOOP;
        result = i < LINKS_MAX ? go_on(target, name) : -1;
    }
    return result;
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

int file_sink_begin(struct file_sink *sink, const char *path, struct error *err)
{
    *sink = (struct file_sink){.path = path, .is_special = file_is_special(path)};
    if (sink->is_special) {
        sink->descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    } else {
        if (file_follow(path, sink->target))
            return fail_errno(err, "cannot write '%s'", path);
        int size = snprintf(sink->temporary, sizeof sink->temporary, "%s.XXXXXX", sink->target);
        if (size < 0 || (size_t)size >= sizeof sink->temporary)
            return fail(err, ERROR_IO, "cannot write '%s': the name is too long", path);
        sink->descriptor = mkstemp(sink->temporary);
    }
    return sink->descriptor < 0 ? fail_errno(err, "cannot write '%s'", path) : 0;
}

void file_sink_add(void *data, const char *bytes, size_t len)
{
    struct file_sink *sink = data;
    if (!sink->trouble && write_bytes(sink->descriptor, bytes, len))
        sink->trouble = errno;
}

int file_sink_end(struct file_sink *sink, struct error *err)
{
    if (!sink->is_special && !sink->trouble &&
        (fsync(sink->descriptor) || fchmod(sink->descriptor, 0644)))
        sink->trouble = errno;
    if (close(sink->descriptor) && !sink->trouble)
        sink->trouble = errno;
    if (!sink->is_special && !sink->trouble && rename(sink->temporary, sink->target))
        sink->trouble = errno;
    if (!sink->trouble)
        return 0;
    if (!sink->is_special)
        unlink(sink->temporary);
    errno = sink->trouble;
    return fail_errno(err, "cannot write '%s'", sink->path);
}

int file_check_writable(const char *path, struct error *err)
{
    struct file_sink sink;
    if (file_is_special(path)) { /* not opened: who reads a pipe would take the close for its end */
        errno = file_is_directory(path) ? EISDIR : 0;
        return errno || access(path, W_OK) ? fail_errno(err, "cannot write '%s'", path) : 0;
    }
    if (file_sink_begin(&sink, path, err))
        return -1;
    close(sink.descriptor);
    unlink(sink.temporary);
    return 0;
}

int file_write(const char *path, const void *bytes, size_t len, struct error *err)
{
    struct file_sink sink;
    if (file_sink_begin(&sink, path, err))
        return -1;
    file_sink_add(&sink, bytes, len);
    return file_sink_end(&sink, err);
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
