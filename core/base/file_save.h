/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A large file written piece by piece, whole or not at all: into FILE.saving beside it, synced,
 * renamed, and the directory synced. Whenever the process or the machine stops, FILE is the old one
 * or the new one. A FILE.saving that is left over is used again; two processes that save the same
 * file at once are told so.
 */
#pragma once

#include "core/base/error.h"

#include <stddef.h>

struct file_save;

/* NULL and `err`: it cannot be written there, or somebody else does so right now. */
struct file_save *file_save_begin(const char *path, struct error *err);
int file_save_write(struct file_save *save, const void *bytes,
                    size_t len); /* -1: told at the end */
/* 0: the new file is there. -1 and `err`: the old one is. Frees it. */
int file_save_end(struct file_save *save, struct error *err);
void file_save_abandon(struct file_save *save); /* the old one stays; NULL is fine */
