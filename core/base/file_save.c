/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/file_save.h"

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, PRIVATE = 0600 };

struct file_save {
    struct arena *arena;
    const char *path, *temporary;
    int descriptor;
    int failed; /* errno of the first thing that failed; 0 */
};

/* What is locked is still what the name means: else somebody has renamed it meanwhile. */
static bool is_still_there(int descriptor, const char *name)
{
    struct stat own, named;
    return fstat(descriptor, &own) == 0 && stat(name, &named) == 0 && own.st_ino == named.st_ino &&
           own.st_dev == named.st_dev;
}

/* Locked, for as long as it is open, and empty. -1: errno says why. */
static int open_locked(const char *name, mode_t mode)
{
    for (int i = 0; i < TRIES; i++) {
        int descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
        if (descriptor < 0)
            return -1;
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            if (is_still_there(descriptor, name) && ftruncate(descriptor, 0) == 0 &&
                fchmod(descriptor, mode) == 0)
                return descriptor;
        } else if (errno == EWOULDBLOCK) {
            close(descriptor);
            errno = EBUSY;
            return -1;
        }
        close(descriptor);
    }
    errno = EBUSY;
    return -1;
}

struct file_save *file_save_begin(const char *path, struct error *err)
{
    if (file_is_special(path)) {
        fail(err, ERROR_IO, "cannot save '%s': it is no regular file", path);
        return NULL;
    }
    char target[FILE_NAME_MAX];
    if (file_follow(path, target)) {
        fail_errno(err, "cannot save '%s'", path);
        return NULL;
    }
    struct arena *arena = arena_new();
    struct file_save *save = arena_alloc(arena, sizeof *save);
    struct stat old;
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 0777 : PRIVATE;
    save->arena = arena;
    save->path = arena_strdup(arena, target);
    save->temporary = arena_printf(arena, "%s.saving", target);
    save->descriptor = open_locked(save->temporary, mode);
    if (save->descriptor >= 0)
        return save;
    if (errno == EBUSY)
        fail(err, ERROR_CONFLICT, "cannot save '%s': another process saves it just now", path);
    else
        fail_errno(err, "cannot save '%s'", path);
    arena_free(arena);
    return NULL;
}

int file_save_write(struct file_save *save, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len && !save->failed) {
        ssize_t written = write(save->descriptor, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            save->failed = errno;
            break;
        }
        at += written;
        len -= (size_t)written;
    }
    return save->failed ? -1 : 0;
}

static int sync_directory(struct arena *arena, const char *path)
{
    int directory = open(file_directory(arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -1;
    int result = fsync(directory);
    if (result && (errno == EINVAL || errno == ENOTSUP))
        result = 0; /* this file system cannot, and need not */
    int problem = errno;
    close(directory);
    errno = problem;
    return result;
}

/* The lock is kept until the name is the file's: nobody empties it in between. */
static int put_in_place(struct file_save *save)
{
    if (save->failed) {
        errno = save->failed;
        return -1;
    }
    return fsync(save->descriptor) || rename(save->temporary, save->path) ? -1 : 0;
}

int file_save_end(struct file_save *save, struct error *err)
{
    int result = put_in_place(save);
    if (result) {
        fail_errno(err, "cannot save '%s'", save->path);
        file_save_abandon(save);
        return -1;
    }
    if (sync_directory(save->arena, save->path))
        result = fail_errno(err, "cannot sync the directory of '%s'", save->path);
    if (close(save->descriptor) && !result)
        result = fail_errno(err, "cannot save '%s'", save->path);
    arena_free(save->arena);
    return result;
}

void file_save_abandon(struct file_save *save)
{
    if (!save)
        return;
    unlink(save->temporary);
    close(save->descriptor);
    arena_free(save->arena);
}
