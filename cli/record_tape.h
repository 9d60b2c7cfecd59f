/* SPDX-License-Identifier: Apache-2.0 */
/* The tape while it is recorded: entries from many threads, written by one. */
#pragma once

#include "core/tape/har.h"
#include "core/tape/tokens.h"

struct record_tape;

struct record_tape_options {
    const char *file;
    struct tokens *tokens;
    bool is_reduced;
    size_t every; /* entries after which `full` is called */
    void (*full)(void);
};

struct record_tape *record_tape_new(const struct record_tape_options *options);
void record_tape_free(struct record_tape *tape);
/* From any thread. The entry lives in `arena`, which becomes the tape's. */
void record_tape_add(struct record_tape *tape, struct arena *arena, const struct har_entry *entry);
/* Writes all that came so far: the file is the old one or the new one. By one thread at a time. 0,
 * or -1 and `err`; `*count` = entries written. */
int record_tape_save(struct record_tape *tape, size_t *count, struct error *err);
