/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test: kills it at one of the calls by which it changes a file (and
 * what belongs to it), in the place of that call. KILL_FILE is what the file's name has in it,
 * KILL_AT the number of the call from 1; KILL_PART says how much of a write is done before, in
 * hundredths. KILL_LOG gets a line for each call, so that whoever asks learns how many there are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { FILES = 4096, KILLED = 99 };

static atomic_bool is_ours[FILES]; /* by descriptor */
static atomic_int calls;

static int setting(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text ? (int)strtol(text, NULL, 10) : otherwise;
}

static bool is_meant(const char *path)
{
    const char *file = getenv("KILL_FILE");
    return file && path && strstr(path, file);
}

static bool is_meant_folder(const char *path)
{
    const char *folder = getenv("KILL_FOLDER");
    return folder && path && strcmp(path, folder) == 0;
}

/* True: this is the one. */
static bool count(const char *what)
{
    const char *log = getenv("KILL_LOG");
    int number = atomic_fetch_add(&calls, 1) + 1;
    if (log) {
        char line[64];
        int len = snprintf(line, sizeof line, "%d %s\n", number, what);
        int out = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (out >= 0) {
            syscall(SYS_write, out, line, (size_t)len);
            syscall(SYS_close, out);
        }
    }
    return number == setting("KILL_AT", 0);
}

static void note(int descriptor, bool ours)
{
    if (descriptor >= 0 && descriptor < FILES)
        atomic_store(&is_ours[descriptor], ours);
}

static bool ours(int descriptor)
{
    return descriptor >= 0 && descriptor < FILES && atomic_load(&is_ours[descriptor]);
}

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static int open_it(const char *path, int flags, mode_t mode)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY && is_meant(path);
    bool syncs = (flags & O_ACCMODE) == O_RDONLY && is_meant_folder(path);
    if ((writes || syncs) && count("open"))
        _exit(KILLED);
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    note(descriptor, writes || syncs);
    return descriptor;
}

/* The library names its parameters otherwise. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_it(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_it(path, flags, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t len)
{
    ssize_t (*next)(int, const void *, size_t) = real("write");
    if (ours(descriptor) && count("write")) {
        size_t part = len * (size_t)setting("KILL_PART", 0) / 100;
        if (part)
            next(descriptor, bytes, part);
        _exit(KILLED);
    }
    return next(descriptor, bytes, len);
}

int ftruncate(int descriptor, off_t size)
{
    int (*next)(int, off_t) = real("ftruncate");
    if (ours(descriptor) && count("ftruncate"))
        _exit(KILLED);
    return next(descriptor, size);
}

int fchmod(int descriptor, mode_t mode)
{
    int (*next)(int, mode_t) = real("fchmod");
    if (ours(descriptor) && count("fchmod"))
        _exit(KILLED);
    return next(descriptor, mode);
}

int fsync(int descriptor)
{
    int (*next)(int) = real("fsync");
    if (ours(descriptor) && count("fsync"))
        _exit(KILLED);
    return next(descriptor);
}

int close(int descriptor)
{
    int (*next)(int) = real("close");
    if (ours(descriptor) && count("close"))
        _exit(KILLED);
    note(descriptor, false);
    return next(descriptor);
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = real("rename");
    if (is_meant(to) && count("rename"))
        _exit(KILLED);
    return next(from, to);
}

int unlink(const char *path)
{
    int (*next)(const char *) = real("unlink");
    if (is_meant(path) && count("unlink"))
        _exit(KILLED);
    return next(path);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
