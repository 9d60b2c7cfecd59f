/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked of a mock while a command ran, over all its sessions (also those that are gone):
 * how often each operation was answered how, and what fitted no operation. Bounded: beyond
 * SEEN_MAX different ones only the totals go on. Safe from any thread.
 */
#pragma once

#include "core/base/error.h"
#include "mock/world/journal.h"

enum { SEEN_MAX = 1000 };

struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *seen);
void seen_request(const struct journal_record *record, void *data); /* data: the seen */
/* How many requests fitted no operation. */
uint64_t seen_unmatched(struct seen *seen);
/* They, and what is nearest to each, on standard error; nothing when there are none. */
void seen_print(struct seen *seen);

struct seen_end { /* how the command ended */
    char *const *argv;
    int exit_code;
};
/* All of it as JSON (docs/EXEC.md). 0, or -1 and `err`. */
int seen_write(struct seen *seen, const struct seen_end *end, const char *file, struct error *err);
