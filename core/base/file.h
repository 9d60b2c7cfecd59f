/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, read and written. Sizes in bytes. */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { FILE_NAME_MAX = 4096 }; /* bytes of a path, with its end */

/* The file's bytes, terminated (not counted in `len`), in the arena; NULL and `err` when it fails.
 */
char *file_read(struct arena *arena, const char *path, size_t max, size_t *len, struct error *err);
/* Written to a temporary file beside it, synced and renamed: a reader sees the old or the new. A
 * device or a pipe (/dev/null) stays what it is and is written into; /dev/stdout is added to,
 * wherever it leads. Symbolic links are followed. */
int file_write(const char *path, const void *bytes, size_t len, struct error *err);
/* The same, piece by piece; `sink` is the caller's. A piece that cannot be written is told by
 * file_sink_end, which leaves what was there then. */
struct file_sink {
    const char *path;
    int descriptor;
    bool is_special;
    int trouble; /* errno of the first piece that could not be written */
    char target[FILE_NAME_MAX], temporary[FILE_NAME_MAX];
};
int file_sink_begin(struct file_sink *sink, const char *path, struct error *err);
void file_sink_add(void *data, const char *bytes, size_t len); /* as strbuf's `spill` takes it */
int file_sink_end(struct file_sink *sink, struct error *err);
/* 0: file_write and file_sink_begin would find a place there. Nothing is left behind. */
int file_check_writable(const char *path, struct error *err);
bool file_exists(const char *path);
/* There, and no regular file of its own: a directory, device, pipe, or what this process has open.
 */
bool file_is_special(const char *path);
/* The name that is left when symbolic links have been followed, also where they lead to a file that
 * is not there yet. -1 and errno when there is none: they go round, or it is too long. */
int file_follow(const char *path, char target[FILE_NAME_MAX]);
bool file_is_directory(const char *path);
/* Names in a directory, sorted by byte order, without those that begin with a dot; NULL-terminated.
 */
const char **file_list(struct arena *arena, const char *directory, struct error *err);
/* "a/b" and "c" give "a/b/c"; an absolute `name` is itself. */
const char *file_join(struct arena *arena, const char *directory, const char *name);
/* What comes before the last slash, "." when there is none. */
const char *file_directory(struct arena *arena, const char *path);
