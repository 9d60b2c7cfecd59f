/* SPDX-License-Identifier: Apache-2.0 */
/* The journal, for the files that it is made of. */
#pragma once

#include "mock/world/journal.h"

#include <pthread.h>
#include <stdalign.h>
#include <stddef.h>

/* Entries one behind the other; counted by them, and by the journal while it fills it. */
struct sheet {
    _Atomic uint32_t references;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct journal_entry {
    _Atomic uint32_t references;
    struct sheet *sheet;
    size_t bytes;                       /* charged */
    struct journal_entry *dropped_next; /* once it is out of the ring */
    struct journal_record record;
    char texts[];
};

struct journal {
    pthread_mutex_t lock;
    struct sheet *sheet; /* where the next entries go; NULL before the first */
    struct journal_entry **ring;
    size_t first, count, cap;
    size_t bytes;
    _Atomic size_t limit, memory; /* read without the lock */
    uint64_t added;               /* entries in the ring so far */
    uint64_t dropped;
    uint64_t dropped_last; /* the newest number among them, and the newest instant */
    nanos dropped_at;
    _Atomic uint64_t numbers; /* taken by every request: without the lock */
};

void journal_entry_unref(struct journal_entry *entry);
